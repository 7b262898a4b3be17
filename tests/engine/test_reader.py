# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading messages, over embedded servers."""

import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.ui.harness import account_of
from tuimail.accounts.secrets import SecretStore
from tuimail.demo.servers import DemoServers
from tuimail.engine.attachments import Attachments
from tuimail.engine.engine import Engine
from tuimail.engine.reader import OpenMessage
from tuimail.engine.rendering import View, joined
from tuimail.mime import parse
from tuimail.model.account import Account, ServerAddress
from tuimail.model.errors import Offline
from tuimail.model.folder import FolderRole
from tuimail.model.ids import MessageId
from tuimail.model.notice import ConnectionState, Notice, Progress
from tuimail.model.rendered import MAX_TEXT, TOO_LONG, Line, Rendered
from tuimail.render import port
from tuimail.servers import Servers
from tuimail.start import open_engine


@pytest.fixture
def servers() -> list[DemoServers]:
    return [DemoServers(20), DemoServers(20)]


@pytest.fixture
async def engine(tmp_path: Path, servers: list[DemoServers]) -> AsyncIterator[Engine]:
    """Two accounts, on servers of their own."""
    with servers[0], servers[1]:
        at = {key: running.addresses for key, running in zip(("one", "two"), servers, strict=True)}

        async def password(account: Account, server: ServerAddress) -> str:
            return at[account.key].password

        accounts = tuple(account_of(where, key) for key, where in at.items())
        opened = open_engine(tmp_path, accounts, Servers(SecretStore(password)))
        opened.start()
        for account in opened.accounts:
            await account.loop.settled()
        yield opened
        await opened.stop()
        opened.close()


def inbox(engine: Engine, key: str) -> list[MessageId]:
    account = engine.accounts.named(key)
    assert account is not None
    folder = engine.pages.with_role(account.id, FolderRole.INBOX)
    assert folder is not None
    listed = engine.pages.messages(folder.id)
    return [listed.key_at(index) for index in range(len(listed))]


async def delivered(engine: Engine, servers: DemoServers, subject: str, content: str) -> MessageId:
    """Deliver a message, its header fields after the subject and its text given, and wait for it."""
    raw = f"From: Ada <ada@example.org>\nSubject: {subject}\nMIME-Version: 1.0\n{content}".replace("\n", "\r\n")
    servers.deliver(raw.encode())
    account = engine.accounts.named("one")
    assert account is not None
    account.loop.sync_now()
    await account.loop.settled()
    return next(key for key in inbox(engine, "one") if (row := engine.pages.row(key)) and row.envelope.subject == subject)


async def fetch_ahead(engine: Engine, messages: list[MessageId]) -> None:
    """Let their texts be fetched, and wait for them."""
    engine.reader.prefetch(messages)
    for message in messages:
        if (row := engine.pages.row(message)) is not None:
            await engine.accounts.get(row.account).loop.arrival(message)


def text(opened: OpenMessage) -> str:
    return "\n".join(line.text for line in opened.body.lines)


@pytest.mark.parametrize(
    ("kind", "words"), [("text/html", "<p>Hello"), ("text/calendar", "BEGIN:VCALENDAR"), ("text/plain", "many words " * 1000)]
)
async def test_what_may_take_long_is_not_rendered_on_the_event_loop(
    engine: Engine, servers: list[DemoServers], monkeypatch: pytest.MonkeyPatch, kind: str, words: str
) -> None:
    threads: set[threading.Thread] = set()
    renderer = port.RENDERERS[kind]

    def noting(content: str, width: int, params: port.Params) -> object:
        threads.add(threading.current_thread())
        return renderer(content, width, params)

    monkeypatch.setattr(port, "RENDERERS", {**port.RENDERERS, kind: noting})
    message = await delivered(engine, servers[0], "Slow", f"Content-Type: {kind}\n\n{words}\n")
    await engine.reader.open(message, width=72)
    assert threads
    assert threading.main_thread() not in threads


async def test_texts_of_several_accounts_are_fetched_ahead_each_from_its_own(
    engine: Engine, servers: list[DemoServers]
) -> None:
    first, second = inbox(engine, "one")[:3], inbox(engine, "two")[:3]
    await fetch_ahead(engine, [first[0], second[0], first[1], second[1], first[2], second[2]])
    for running in servers:
        running.go_offline()
    for message in (*first, *second):
        assert text(await engine.reader.open(message, width=72))


async def test_ahead_of_a_message_that_is_gone_others_are_fetched(engine: Engine, servers: list[DemoServers]) -> None:
    message = inbox(engine, "one")[0]
    await fetch_ahead(engine, [MessageId(1_000_000), message])
    servers[0].go_offline()
    assert text(await engine.reader.open(message, width=72))


def test_bodies_are_parted_by_one_blank_line() -> None:
    bodies = [Rendered((Line("a"), Line(""))), Rendered((Line("b"),)), Rendered((Line("c"),))]
    assert [line.text for line in joined(bodies).lines] == ["a", "", "b", "", "c"]


INVITATION = """Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain

Do come.
--b
Content-Type: text/calendar; method=REQUEST

BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VEVENT
SUMMARY:Small-tools evening
DTSTART:20261201T170000Z
LOCATION:Old Customs House
END:VEVENT
END:VCALENDAR
--b--
"""


async def test_an_invitation_is_shown_beside_its_text(engine: Engine, servers: list[DemoServers], tmp_path: Path) -> None:
    message = await delivered(engine, servers[0], "Come", INVITATION)
    opened = await engine.reader.open(message, width=72)
    for words in ("Invitation", "Small-tools evening", "1 December 2026", "Old Customs House", "Do come."):
        assert words in text(opened)
    assert text(await engine.reader.open(message, width=72, view=View.PLAIN)).strip() == "Do come."
    (part,) = opened.attachments
    saved = await engine.attachments.save(message, part, tmp_path)
    assert saved.suffix == ".ics"
    assert "BEGIN:VEVENT" in saved.read_text()


async def test_an_answer_names_the_real_address_of_a_sender_who_pretends(engine: Engine, servers: list[DemoServers]) -> None:
    raw = b'From: "boss@bank.example" <service@mallory.example>\r\nSubject: Pay\r\n\r\nNow.\r\n'
    servers[0].deliver(raw)
    await delivered(engine, servers[0], "Later", "\nx\n")
    rows = {row.envelope.subject: row.id for key in inbox(engine, "one") if (row := engine.pages.row(key))}
    draft = await engine.composer.reply(rows["Pay"])
    assert "service@mallory.example wrote:" in draft.body
    assert "service@mallory.example" in draft.to


async def test_a_short_text_that_is_here_is_at_hand(engine: Engine, servers: list[DemoServers]) -> None:
    message = await delivered(engine, servers[0], "Short", "Content-Type: text/plain\n\nHello there\n")
    assert engine.reader.at_hand(message, width=72) is None
    await fetch_ahead(engine, [message])
    opened = engine.reader.at_hand(message, width=72)
    assert opened is not None
    assert text(opened).strip() == "Hello there"


async def test_what_takes_long_is_at_hand_once_it_was_prepared(engine: Engine, servers: list[DemoServers]) -> None:
    message = await delivered(engine, servers[0], "Rich", "Content-Type: text/html\n\n<p>Hello there\n")
    await fetch_ahead(engine, [message])
    assert engine.reader.at_hand(message, width=72) is None
    await engine.reader.prepare([message, MessageId(1_000_000)], width=72)
    opened = engine.reader.at_hand(message, width=72)
    assert opened is not None
    assert opened.body == (await engine.reader.open(message, width=72)).body
    assert engine.reader.at_hand(message, width=40) is None


async def test_what_is_very_long_is_not_prepared(engine: Engine, servers: list[DemoServers]) -> None:
    message = await delivered(engine, servers[0], "Log", "Content-Type: text/plain\n\n" + "a line of a log\n" * 80_000)
    await engine.reader.open(message, width=72)
    await engine.reader.prepare([message], width=72)
    assert engine.reader.at_hand(message, width=72) is None


async def test_nothing_is_at_hand_of_a_message_that_is_gone(engine: Engine) -> None:
    assert engine.reader.at_hand(MessageId(1_000_000), width=72) is None


async def test_a_message_is_not_taken_apart_for_each_of_its_parts(
    engine: Engine, servers: list[DemoServers], monkeypatch: pytest.MonkeyPatch
) -> None:
    part = "--b\nContent-Type: application/octet-stream\nContent-Disposition: attachment; filename=f\n\nx\n"
    content = f"From: boss@bank.example\nContent-Type: multipart/mixed; boundary=b\n\n{part * 3000}--b--\n"
    message = await delivered(engine, servers[0], "Many parts", content)
    parsed: list[int] = []
    take_apart = parse.parse

    def counting(raw: bytes) -> parse.ParsedMessage:
        parsed.append(len(raw))
        return take_apart(raw)

    monkeypatch.setattr(parse, "parse", counting)
    opened = await engine.reader.open(message, width=80)
    for part_ in opened.attachments[:20]:
        assert await engine.reader.content(message, part_) == b"x"
    assert len(opened.attachments) >= 1900
    assert len(parsed) < 5  # the index takes it apart as well
    assert "2 From fields" in opened.notes[0]


async def test_several_from_fields_are_told_once_the_header_is_there(engine: Engine, servers: list[DemoServers]) -> None:
    message = await delivered(engine, servers[0], "From whom?", "From: boss@bank.example\nSender: eve@example.com\n\nx\n")
    first = await engine.reader.open(message, width=80)
    assert [address.email for address in first.row.envelope.sender] == ["eve@example.com"]
    assert first.notes == ()
    (told,) = (await engine.reader.open(message, width=80, all_headers=True)).notes
    assert "2 From fields" in told
    assert "boss@bank.example" in told
    assert (await engine.reader.open(message, width=80)).notes == (told,)
    honest = await delivered(engine, servers[0], "From one", "\nFrom: not a field\nFrom: neither\n")
    assert (await engine.reader.open(honest, width=80, all_headers=True)).notes == ()


def asked(servers: DemoServers) -> list[str]:
    """What was asked of texts."""
    return [line for line in servers.log if "BODY.PEEK[" in line and "HEADER" not in line]


async def test_of_a_huge_text_the_beginning_is_fetched_once_for_all_views(
    engine: Engine, servers: list[DemoServers], tmp_path: Path
) -> None:
    words = "Grüße an alle " * 300_000
    head = "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain"
    head += "\nContent-Disposition: inline; filename=f.txt\n\n"
    message = await delivered(engine, servers[0], "Huge", f"{head}{words}\n--b--\n")
    servers[0].clear_log()
    opened = await engine.reader.open(message, width=80)
    assert opened.body.warnings == (TOO_LONG,)
    assert text(opened).startswith("Grüße an alle Grüße")
    assert len(text(opened)) <= MAX_TEXT
    pieces = len(asked(servers[0]))
    assert pieces <= 20
    for view in (View.FULL, View.PLAIN):
        assert (await engine.reader.open(message, width=72, view=view)).body.cut
    assert len(asked(servers[0])) == pieces
    (part,) = opened.attachments
    saved = await engine.attachments.save(message, part, tmp_path)
    assert saved.read_text() == words


async def test_of_a_huge_source_the_beginning_is_fetched(engine: Engine, servers: list[DemoServers]) -> None:
    message = await delivered(engine, servers[0], "Huge", "Content-Type: image/png\n\n" + "x" * 3 * MAX_TEXT)
    servers[0].clear_log()
    opened = await engine.reader.open(message, width=80, view=View.SOURCE)
    assert opened.body.warnings == (TOO_LONG,)
    assert len(asked(servers[0])) <= 5


_EMPTY_HTML = """Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain

The words.
--b
Content-Type: text/html

<html><head><title>x</title></head><body><img src="https://example.com/1.png"></body></html>
--b--
"""


async def test_html_without_words_gives_way_to_plain_text(engine: Engine, servers: list[DemoServers]) -> None:
    message = await delivered(engine, servers[0], "Images only", _EMPTY_HTML)
    await fetch_ahead(engine, [message])
    await engine.reader.prepare([message], width=72)
    assert engine.reader.at_hand(message, width=72) is None
    opened = await engine.reader.open(message, width=72)
    assert text(opened) == "The words."
    assert opened.body.blocked_images == 1


async def test_offline_html_without_words_stays(engine: Engine, servers: list[DemoServers]) -> None:
    message = await delivered(engine, servers[0], "Images only", _EMPTY_HTML)
    await fetch_ahead(engine, [message])
    servers[0].go_offline()
    assert text(await engine.reader.open(message, width=72)) == ""


async def test_online_again_the_plain_text_is_shown(engine: Engine, servers: list[DemoServers]) -> None:
    """Also for HTML so long that what was laid out is kept."""
    content = _EMPTY_HTML.replace("<img", f"<!--{'x' * 60_000}--><img")
    message = await delivered(engine, servers[0], "Images only", content)
    await fetch_ahead(engine, [message])
    servers[0].go_offline()
    assert text(await engine.reader.open(message, width=72)) == ""
    servers[0].go_online()
    account = engine.accounts.named("one")
    assert account is not None
    while account.loop.state is not ConnectionState.ONLINE:
        with suppress(Offline):  # an attempt was under way while nobody listened
            await account.loop.settled()
    assert text(await engine.reader.open(message, width=72)) == "The words."


async def test_that_the_text_is_sealed_is_told(engine: Engine, servers: list[DemoServers]) -> None:
    content = "Content-Type: application/pkcs7-mime; name=smime.p7m\nContent-Transfer-Encoding: base64\n\nMIAG\n"
    opened = await engine.reader.open(await delivered(engine, servers[0], "Sealed", content), width=72)
    assert "S/MIME" in " ".join(opened.notes)


async def test_saving_a_message_tells_how_far_it_is(engine: Engine, tmp_path: Path) -> None:
    told: list[Notice] = []
    await Attachments(engine.reader, told.append).save_message(inbox(engine, "one")[0], tmp_path, "one")
    assert {(each.text, each.done <= each.total) for each in told if isinstance(each, Progress)} == {("Fetching one.eml", True)}
