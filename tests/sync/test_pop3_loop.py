# SPDX-License-Identifier: GPL-3.0-or-later
"""A POP3 account as its loop keeps it: mail is worked with as with any other, and exists here only."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.servers.maildrop import EmbeddedMaildrop
from tests.sync.test_pop3_collect import mail
from tuimail.backends.imap.wire.bodystructure import parse_bodystructure
from tuimail.model.account import Account
from tuimail.model.action import Action, Append, CreateFolder, DeleteFolder, Expunge, Move, RenameFolder, SetFlags
from tuimail.model.address import Address
from tuimail.model.errors import Offline, ServerRefused, SignInNeeded, TuimailError
from tuimail.model.flags import FLAGGED, SEEN
from tuimail.model.folder import Folder, FolderRole
from tuimail.model.ids import MessageId
from tuimail.model.notice import ActionFailed, ConnectionChanged, ConnectionState, NewMail, Notice
from tuimail.model.query import parse_query
from tuimail.store.store import Store
from tuimail.sync.pop3_loop import Pop3Loop
from tuimail.sync.unasked import Reach


class Desk:
    """One account, its store and its loop."""

    def __init__(self, folder: Path, maildrop: EmbeddedMaildrop) -> None:
        self.folder, self.maildrop = folder, maildrop
        self.notices: list[Notice] = []
        self.secret: str | None = None
        self._heard = asyncio.Event()
        self._open()

    def _open(self) -> None:
        self.store = Store.open(self.folder)
        self.account = self.store.accounts.ensure("pop")
        account = Account("pop", Address("Robin", "robin@example.org"), pop3=self.maildrop.address())
        self.loop = Pop3Loop(
            account,
            self.account,
            self.store,
            lambda: self.maildrop.drop(secret=self.secret),
            None,
            self._hear,
            reach=Reach(parse_bodystructure, "text"),
        )
        self.loop.start()

    async def close(self) -> None:
        """The program ends."""
        await self.loop.stop()
        self.store.close(clean=True)

    async def start_again(self, *, without_cache: bool = False) -> None:
        """The program ends and begins again, perhaps without the cache."""
        await self.close()
        if without_cache:
            for file in self.folder.glob("cache.sqlite*"):
                file.unlink()
        self._open()

    async def do(self, *actions: Action) -> None:
        """What the user does, carried."""
        self.store.actions.perform(actions, "a gesture")
        self.loop.ring()
        await self.loop.settled(deep=False)

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for notices until a condition holds."""
        async with asyncio.timeout(60):
            while not condition():
                self._heard.clear()
                await self._heard.wait()

    def _hear(self, notice: Notice) -> None:
        self.notices.append(notice)
        self._heard.set()

    def named(self, name: str) -> Folder:
        """A folder."""
        found = self.store.folders.by_name(self.account, name)
        assert found is not None, name
        return found

    def listed(self, name: str = "INBOX") -> dict[str, MessageId]:
        """Subject → id of what is shown in a folder."""
        ids = [MessageId(number) for number in self.store.messages.order(self.named(name).id)]
        return {row.envelope.subject: row.id for row in self.store.messages.rows(ids) if row is not None}


@pytest.fixture
async def desk(tmp_path: Path, embedded_maildrop: EmbeddedMaildrop) -> AsyncIterator[Desk]:
    for number in range(3):
        embedded_maildrop.deliver(mail(number))
    made = Desk(tmp_path / "store", embedded_maildrop)
    await made.loop.settled()
    yield made
    await made.close()


async def test_mail_is_in_the_inbox_beside_folders_of_our_own(desk: Desk) -> None:
    assert desk.listed().keys() == {"mail 0", "mail 1", "mail 2"}
    roles = {folder.role for folder in desk.store.folders.all(desk.account)}
    assert roles == set(FolderRole) - {FolderRole.ALL, FolderRole.FLAGGED}
    assert desk.loop.state is ConnectionState.ONLINE
    assert not [notice for notice in desk.notices if isinstance(notice, NewMail)], "the first mail is no news"
    assert await desk.loop.fetch_section(desk.listed()["mail 1"], "") == mail(1)


async def test_who_waits_is_told_of_a_mistake_of_ours(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def mistaken(**_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(desk.maildrop, "drop", mistaken)
    with pytest.raises(TuimailError, match="mistake of tuimail's own"):
        await desk.loop.settled()
    assert desk.loop.state is ConnectionState.OFFLINE


async def test_what_is_done_survives_the_cache(desk: Desk) -> None:
    listed = desk.listed()
    archive, trash = desk.named("Archive").id, desk.named("Trash").id
    await desk.do(SetFlags((listed["mail 0"],), frozenset({SEEN, FLAGGED})), Move((listed["mail 1"],), archive))
    await desk.do(Move((listed["mail 2"],), trash))
    await desk.do(Expunge((listed["mail 2"],)))
    for without_cache in (False, True):
        await desk.start_again(without_cache=without_cache)
        await desk.loop.settled()
        shown = {name: set(desk.listed(name)) for name in ("INBOX", "Archive", "Trash")}
        assert shown == {"INBOX": {"mail 0"}, "Archive": {"mail 1"}, "Trash": set()}
        row = desk.store.messages.row(desk.listed()["mail 0"])
        assert row is not None
        assert row.flags == {SEEN, FLAGGED}
        assert await desk.loop.fetch_section(desk.listed("Archive")["mail 1"], "") == mail(1)
    assert sorted(desk.maildrop.left()) == [mail(number) for number in range(3)], "on the server everything stays"


async def test_what_a_killed_program_left_goes_when_it_is_surely_needed_by_nobody(desk: Desk) -> None:
    files, ours = desk.folder / "mail", f"{desk.account}-"
    kept = {path.name for path in files.iterdir()}
    left = {
        f"{ours}header-{'0' * 32}": b"Subject: never finished\r\n\r\n",
        f"{ours}{'1' * 32}": mail(1),
    }
    stays = {
        f"{ours}{'2' * 32}": b"Subject: nowhere else\r\n\r\n",
        f"{ours}{'3' * 32}": mail(1),
        f"{desk.account + 1}-{'4' * 32}": mail(1),
    }
    for name, content in {**left, **stays}.items():
        (files / name).write_bytes(content)
        if name[-1] != "3":  # that one was written just now
            os.utime(files / name, (0, 0))
    await desk.start_again()
    await desk.loop.settled()
    async with asyncio.timeout(60):
        while left.keys() & {path.name for path in files.iterdir()}:  # noqa: ASYNC110 nothing tells
            await asyncio.sleep(0.01)
    assert {path.name for path in files.iterdir()} == kept | stays.keys()


async def test_mail_can_be_worked_with_while_the_server_is_away(desk: Desk) -> None:
    desk.maildrop.servers.go_offline()
    desk.loop.sync_now()
    with pytest.raises(Offline):
        await desk.loop.settled()
    await desk.do(Move((desk.listed()["mail 0"],), desk.named("Archive").id))
    assert desk.store.actions.count(desk.account) == 0
    assert desk.listed("Archive").keys() == {"mail 0"}
    assert desk.loop.state is ConnectionState.OFFLINE
    desk.maildrop.servers.go_online()
    desk.maildrop.deliver(mail(3))
    desk.loop.retry()
    await desk.loop.settled()
    assert "mail 3" in desk.listed()
    await desk.until(lambda: [notice for notice in desk.notices if isinstance(notice, NewMail)])


async def test_folders_of_the_users_own(desk: Desk) -> None:
    folder = desk.store.folders.add_waiting(desk.account, "/")
    await desk.do(CreateFolder(folder, "Maps/Old", account=desk.account, delimiter="/"))
    await desk.do(Move((desk.listed()["mail 0"],), desk.named("Maps/Old").id))
    await desk.do(RenameFolder(desk.named("Maps/Old").id, "Maps/Old", "Charts"))
    assert desk.listed("Charts").keys() == {"mail 0"}
    await desk.do(DeleteFolder(desk.named("Charts").id))
    assert desk.store.folders.by_name(desk.account, "Charts") is None
    await desk.do(DeleteFolder(desk.named("INBOX").id))
    assert desk.listed().keys() == {"mail 1", "mail 2"}
    (refused,) = [notice for notice in desk.notices if isinstance(notice, ActionFailed)]
    assert isinstance(refused.error, ServerRefused)


async def test_a_copy_of_sent_mail_is_filed(desk: Desk) -> None:
    blob = desk.store.blobs.write(mail(9))
    await desk.do(Append(desk.named("Sent").id, blob, "<9@example.org>", frozenset({SEEN}), 1_700_000_000))
    await desk.until(lambda: desk.listed("Sent").keys() == {"mail 9"})
    await desk.start_again(without_cache=True)
    await desk.loop.settled()
    assert await desk.loop.fetch_section(desk.listed("Sent")["mail 9"], "") == mail(9)


async def test_words_are_found_in_the_whole_of_the_messages(desk: Desk) -> None:
    found = await desk.loop.server_search(desk.named("INBOX").id, parse_query('"line 3 of 2"'))
    assert found == (desk.listed()["mail 2"],)
    assert not await desk.loop.server_search(desk.named("INBOX").id, parse_query("from:nobody"))


async def test_a_message_whose_header_alone_is_here_is_fetched_when_it_is_opened(desk: Desk) -> None:
    faults = desk.maildrop.servers.faults
    desk.maildrop.deliver(mail(7))
    faults.cut_on = "RETR"
    with pytest.raises(Offline):
        await desk.loop.settled()
    await desk.until(lambda: "mail 7" in desk.listed())
    message = desk.listed()["mail 7"]
    assert desk.store.messages.bodystructure(message) == b""
    async with asyncio.timeout(60):
        assert await desk.loop.fetch_section(message, "") == mail(7)
    assert desk.store.messages.bodystructure(message).startswith(b'("text" "plain"')


async def test_a_refused_password_is_told_once_and_tried_when_asked(desk: Desk) -> None:
    desk.secret = "wrong"
    with pytest.raises(SignInNeeded):
        await desk.loop.settled()
    assert desk.loop.state is ConnectionState.SIGN_IN_NEEDED
    desk.secret = None
    desk.loop.retry()
    await desk.loop.settled()
    changes = [notice for notice in desk.notices if isinstance(notice, ConnectionChanged)]
    assert changes[-1].state is ConnectionState.ONLINE
    assert [isinstance(change.error, SignInNeeded) for change in changes].count(True) == 1
