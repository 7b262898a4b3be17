# SPDX-License-Identifier: GPL-3.0-or-later
"""Drafts, over embedded servers: nothing is sent twice, from the wrong account, or lost."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.ui.harness import account_of
from tuimail.accounts.secrets import SecretStore
from tuimail.demo.servers import DemoServers
from tuimail.engine.accounts import OpenAccount
from tuimail.engine.engine import Engine
from tuimail.mime.reply import MAX_QUOTED_LINES
from tuimail.model.account import Account, ServerAddress
from tuimail.model.address import Address
from tuimail.model.draft import Draft
from tuimail.model.errors import InputWrong
from tuimail.model.folder import FolderRole
from tuimail.model.ids import MessageId
from tuimail.model.notice import ActionFailed, Notice
from tuimail.model.rendered import MAX_LINES
from tuimail.servers import Servers
from tuimail.start import open_engine


@dataclass
class World:
    """Two accounts on the same servers: ``home``, which takes mail for work's address as well, and ``work``."""

    engine: Engine
    servers: DemoServers

    def account(self, key: str) -> OpenAccount:
        found = self.engine.accounts.named(key)
        assert found is not None
        return found

    def draft(self, key: str = "work", **fields: str) -> Draft:
        return self.engine.composer.new(self.account(key).id, to="ada@example.org", **fields)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    with DemoServers(20) as servers:
        at = servers.addresses

        async def password(account: Account, server: ServerAddress) -> str:
            return at.password

        work = account_of(at, "work")
        aliases = (work.identity.email, "*@robin.example")
        home = replace(account_of(at, "home"), identity=Address("Robin", "robin@home.example"), aliases=aliases)
        engine = open_engine(tmp_path, (home, work), Servers(SecretStore(password)), undo_send=3600)
        engine.start()
        for account in engine.accounts:
            await account.loop.settled()
        yield World(engine, servers)
        await engine.stop()
        engine.close()


async def test_a_draft_that_is_sent_twice_at_once_goes_out_once(world: World) -> None:
    draft = world.draft(body="once")
    answers = await asyncio.gather(*(world.engine.composer.send(draft) for _ in range(3)), return_exceptions=True)
    assert sorted(isinstance(answer, InputWrong) for answer in answers) == [False, True, True]
    assert len(world.engine.outbox.all()) == 1


async def test_a_draft_that_is_kept_while_it_is_sent_is_not_kept_as_well(world: World) -> None:
    draft = world.draft(body="once")
    composer = world.engine.composer
    answers = await asyncio.gather(composer.send(draft), composer.keep_on_server(draft), return_exceptions=True)
    assert sum(isinstance(answer, InputWrong) for answer in answers) == 1
    assert len(world.engine.outbox.all()) + world.engine.pages.waiting() == 1


@pytest.mark.parametrize(
    ("key", "sender", "owner"),
    [
        ("home", "robin@example.org", "home"),  # its alias, although it is another account's own address
        ("work", "robin@example.org", "work"),
        ("work", "robin@home.example", "home"),
        ("work", "shop@robin.example", "home"),
        ("work", "stranger@example.net", "work"),
        ("work", "no address", "work"),
    ],
)
async def test_a_draft_belongs_to_the_account_of_its_from(world: World, key: str, sender: str, owner: str) -> None:
    draft = replace(world.draft(key), from_=sender)
    assert world.engine.composer.account_for(draft) == world.account(owner).id


async def test_an_address_belongs_first_to_the_account_whose_own_it_is(world: World) -> None:
    assert world.engine.accounts.owner_of("Robin@example.org") == world.account("work")


async def test_a_draft_of_the_server_is_taken_up_once(world: World) -> None:
    drafts = world.engine.pages.with_role(world.account("work").id, FolderRole.DRAFTS)
    assert drafts is not None
    message = world.engine.pages.messages(drafts.id).key_at(0)
    first, second = await asyncio.gather(*(world.engine.composer.edit_stored(message) for _ in range(2)))
    assert first.id == second.id == (await world.engine.composer.edit_stored(message)).id
    assert len(world.engine.pages.drafts()) == 1


async def test_a_draft_that_the_server_refuses_to_keep_is_open_again(world: World) -> None:
    heard: list[Notice] = []
    world.engine.notices.subscribe(heard.append)
    world.servers.faults.refuse["APPEND"] = "NO [CANNOT] No drafts here"
    draft = world.draft(subject="Precious", body="words")
    await world.engine.composer.keep_on_server(draft)
    assert not world.engine.pages.drafts()
    await world.account("work").loop.settled()
    (left,) = world.engine.pages.drafts()
    assert (left.subject, left.body) == ("Precious", draft.body)
    (failed,) = [notice for notice in heard if isinstance(notice, ActionFailed)]
    assert "Precious" in failed.text


async def test_a_draft_that_the_server_has_is_gone_here(world: World, tmp_path: Path) -> None:
    (file := tmp_path / "plan.txt").write_text("a plan")
    draft = await world.engine.composer.attach(world.draft(subject="Kept"), file)
    await world.engine.composer.keep_on_server(draft)
    await world.account("work").loop.settled()
    assert world.engine.composer.get(draft.id) is None
    assert len(world.servers.snapshot()["Drafts"]) == 2


async def kept(world: World, draft: Draft) -> Draft:
    """The draft as it is taken up again, when the server has it."""
    await world.engine.composer.keep_on_server(draft)
    account = world.account("work")
    await account.loop.settled()
    account.loop.sync_now()
    await account.loop.settled()
    drafts = world.engine.pages.with_role(account.id, FolderRole.DRAFTS)
    assert drafts is not None
    listed = world.engine.pages.messages(drafts.id)
    rows = filter(None, (world.engine.pages.row(listed.key_at(at)) for at in range(len(listed))))
    return await world.engine.composer.edit_stored(next(row.id for row in rows if row.envelope.subject == draft.subject))


async def test_a_draft_of_the_server_is_taken_up_with_all_that_are_to_get_it(world: World) -> None:
    draft = world.draft(subject="To all", cc='"Doe, Jo" <jo@example.net>', bcc="eve@example.net, Mallory <mal@example.net>")
    again = await kept(world, draft)
    assert (again.to, again.cc, again.bcc) == (draft.to, draft.cc, draft.bcc)


@pytest.mark.parametrize("end", ["-- \nRobin\n07 1234", "no signature"])
async def test_a_draft_of_the_server_has_the_text_that_was_written(world: World, end: str) -> None:
    body = "\n".join(
        [
            "make:\n  cc -o x",
            ">     quoted",
            ">",
            "> > deeper",
            "",
            "  code",
            "From here",
            "word " * 30 + "end",
            "\xa0wide",
            "é\U0001f468\u200d\U0001f469",
            end,
        ]
    )
    again = await kept(world, replace(world.draft(subject="Text"), body=body))
    assert again.body == body


async def test_a_draft_with_an_unfinished_address_is_not_put_where_it_would_lack_that(world: World) -> None:
    draft = replace(world.draft(), cc="ada@example.org, bo")
    with pytest.raises(InputWrong, match="bo"):
        await world.engine.composer.keep_on_server(draft)
    assert [left.cc for left in world.engine.pages.drafts()] == [draft.cc]


async def arrived(world: World, text: str, head: str = "") -> MessageId:
    """A message to both accounts, whose text is given; ``head`` holds further fields."""
    octets = f"From: ada@example.org\nSubject: Long\n{head}\n{text}".encode().replace(b"\n", b"\r\n")
    world.servers.deliver(octets)
    account = world.account("work")
    account.loop.sync_now()
    await account.loop.settled()
    inbox = world.engine.pages.with_role(account.id, FolderRole.INBOX)
    assert inbox is not None
    listed = world.engine.pages.messages(inbox.id)
    keys = [listed.key_at(at) for at in range(len(listed))]
    return next(key for key in keys if (row := world.engine.pages.row(key)) and row.envelope.subject == "Long")


async def test_a_text_too_long_to_be_written_in_is_passed_on_as_a_file(world: World) -> None:
    text = "line\n" * (MAX_QUOTED_LINES + 1)
    message = await arrived(world, text)
    draft = await world.engine.composer.forward(message)
    assert "line" not in draft.body
    (file,) = draft.attachments
    assert file.content_type == "message/rfc822"
    assert file.size > len(text)
    answer = await world.engine.composer.reply(message)
    assert answer.body.rstrip().endswith("[… The rest is not quoted.]")
    assert (await world.engine.composer.edit_stored(message)).body.count("line") == MAX_QUOTED_LINES + 1


async def test_a_draft_of_which_not_all_is_here_is_not_edited(world: World) -> None:
    message = await arrived(world, "line\n" * (MAX_LINES + 1))
    with pytest.raises(InputWrong, match="too long"):
        await world.engine.composer.edit_stored(message)
    assert not world.engine.pages.drafts()


@pytest.mark.parametrize(
    "pieces", [("text/html", "text/plain"), ("text/plain", "image/png", "text/plain"), ("text/plain", "text/html")]
)
async def test_text_in_several_pieces_is_answered_and_passed_on_whole(world: World, pieces: tuple[str, ...]) -> None:
    parts = "".join(f"--=x\nContent-Type: {kind}\n\npiece {number}\n" for number, kind in enumerate(pieces))
    message = await arrived(world, f"{parts}--=x--\n", 'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="=x"\n')
    composer = world.engine.composer
    for draft in (await composer.reply(message), await composer.forward(message), await composer.edit_stored(message)):
        assert [f"piece {number}" in draft.body for number in range(len(pieces))] == [kind != "image/png" for kind in pieces]


async def test_ones_own_copy_is_passed_on_as_a_file_without_bcc(world: World) -> None:
    message = await arrived(world, "words", "Bcc: eve@example.net,\n mal@example.net\nX-Last: yes\n")
    draft = replace(await world.engine.composer.forward(message, as_attachment=True), to="ada@example.org")
    await world.engine.composer.send(draft, delay=0)
    await world.account("work").loop.settled()
    (sent,) = world.servers.sent
    assert b"X-Last: yes" in sent.raw
    assert b"example.net" not in sent.raw


async def test_files_passed_on_can_be_read_as_before(world: World) -> None:
    kinds = ("text/csv; charset=iso-8859-1", "text/calendar; charset=utf-8; method=REQUEST", "application/pdf; x=y")
    parts = "".join(f"--=x\nContent-Type: {kind}\nContent-Disposition: attachment\n\n1\n" for kind in kinds)
    message = await arrived(world, f"{parts}--=x--\n", 'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="=x"\n')
    for draft in (await world.engine.composer.forward(message), await world.engine.composer.edit_stored(message)):
        assert [file.content_type for file in draft.attachments] == [*kinds[:2], "application/pdf"]
