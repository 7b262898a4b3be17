# SPDX-License-Identifier: GPL-3.0-or-later
"""The loop of an account, end to end: the real IMAP and SMTP clients against the embedded servers."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tuimail.backends.imap.backend import ImapBackend
from tuimail.backends.port import ProgressSink
from tuimail.backends.smtp.sender import SmtpSender
from tuimail.backends.submission import MailSender, Sent
from tuimail.demo.servers import DemoServers
from tuimail.model.account import Account, Security, ServerAddress
from tuimail.model.action import Append, Move, SetFlags
from tuimail.model.address import Address
from tuimail.model.draft import OutboxItem, OutboxState
from tuimail.model.errors import Offline, SignInNeeded, TuimailError
from tuimail.model.flags import FLAGGED
from tuimail.model.folder import Folder, FolderRole
from tuimail.model.ids import MessageId, OutboxId
from tuimail.model.notice import ConnectionChanged, ConnectionState, NewMail, Notice
from tuimail.model.query import parse_query
from tuimail.model.store_key import StoreKey
from tuimail.store.store import Store
from tuimail.sync.account_loop import AccountLoop
from tuimail.sync.fill_process import FillRunner
from tuimail.sync.supervisor import Supervisor
from tuimail.sync.unasked import Reach

MAIL = b"From: bob@example.org\r\nSubject: news\r\nMessage-ID: <news@example.org>\r\n\r\nhello\r\n"
PATIENCE = 60.0


class Home:
    """One user's store and loop."""

    def __init__(
        self,
        folder: Path,
        servers: DemoServers,
        fill_runner: FillRunner | None = None,
        key: StoreKey | None = None,
        reach: Reach | None = None,
        sender: Callable[[], MailSender] | None = None,
    ) -> None:
        self.servers = servers
        self.password = servers.addresses.password
        at = servers.addresses
        imap = ServerAddress(at.host, at.imap_port, Security.NONE, at.user)
        smtp = ServerAddress(at.host, at.smtp_port, Security.NONE, at.user)
        account = Account("demo", Address("Ada", at.email), imap=imap, smtp=smtp)
        self.store = Store.open(folder, key)
        self.id = self.store.accounts.ensure("demo")
        self.notices: list[Notice] = []
        self._heard = asyncio.Event()
        self.loop = AccountLoop(
            account,
            self.id,
            self.store,
            lambda: ImapBackend(imap, self._secret),
            sender or (lambda: SmtpSender(smtp, self._secret)),
            self._hear,
            fill_runner=fill_runner,
            reach=reach,
            chance=lambda: 0.0,
        )

    async def _secret(self) -> str:
        return self.password

    def _hear(self, notice: Notice) -> None:
        self.notices.append(notice)
        self._heard.set()

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for notices until a condition holds."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._heard.clear()
                await self._heard.wait()

    def write(self) -> bytes:
        """Put a message into the outbox, due at once."""
        raw = MAIL.replace(b"<news@", b"<sent@").replace(b"Subject:", b"To: bob@example.org\r\nSubject:")
        item = OutboxItem(
            OutboxId(0), self.id, None, OutboxState.HELD, self.store.blobs.write(raw), "<sent@example.org>",
            self.servers.addresses.email, ("bob@example.org",), "news", len(raw), 0,
        )  # fmt: skip
        self.store.outbox.add(item)
        return raw

    def folder(self, role: FolderRole) -> Folder:
        found = self.store.folders.by_role(self.id, role)
        assert found is not None
        return found

    def ids(self, role: FolderRole) -> list[MessageId]:
        return [MessageId(number) for number in self.store.messages.order(self.folder(role).id)]

    def shown(self) -> dict[str, list[tuple[str, frozenset[str]]]]:
        return {
            folder.name: sorted(
                (row.envelope.message_id, row.flags)
                for row in self.store.messages.rows(self.store.messages.order(folder.id))
                if row is not None
            )
            for folder in self.store.folders.all(self.id)
            if folder.selectable
        }

    def on_server(self) -> dict[str, list[tuple[str, frozenset[str]]]]:
        return {
            name: sorted((shot.message_id, shot.flags) for shot in shots) for name, shots in self.servers.snapshot().items()
        }

    async def filled(self) -> None:
        """Wait until every message has a row."""
        await self.loop.settled()
        await self.until(
            lambda: all(folder.total == len(self.store.messages.order(folder.id)) for folder in self.store.folders.all(self.id))
        )


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    with DemoServers(120) as servers:
        home = Home(tmp_path / "store", servers)
        yield home
        await home.loop.stop()
        home.store.close()


@pytest.mark.parametrize(
    "without",
    [frozenset[str](), frozenset({"QRESYNC", "CONDSTORE", "MOVE", "UIDPLUS", "LIST-STATUS", "SPECIAL-USE", "IDLE"})],
    ids=["modern", "poor"],
)
async def test_everything_comes_in_and_wishes_go_out(tmp_path: Path, without: frozenset[str]) -> None:
    with DemoServers(120) as servers:
        servers.faults.without = without
        home = Home(tmp_path / "store", servers)
        home.loop.start()
        await home.filled()
        first, second, *_ = home.ids(FolderRole.INBOX)
        home.store.actions.perform([Move((first,), home.folder(FolderRole.ARCHIVE).id)], "Archived")
        home.store.actions.perform([SetFlags((second,), frozenset({FLAGGED}))], "Starred")
        await home.loop.settled()
        await home.loop.settled()
        on_server = {name: [mail for mail in mails if "\\Deleted" not in mail[1]] for name, mails in home.on_server().items()}
        assert home.shown() == on_server
        assert first in home.ids(FolderRole.ARCHIVE)
        await home.loop.stop()
        home.store.close()


async def test_new_mail_is_heard_at_once_and_can_be_read(home: Home) -> None:
    home.loop.start()
    await home.filled()
    home.servers.deliver(MAIL)
    await home.until(lambda: home.store.messages.by_message_id(home.id, "<news@example.org>"))
    await home.until(lambda: NewMail(home.id, 1) in home.notices)
    message = home.store.messages.by_message_id(home.id, "<news@example.org>")[0]
    assert await home.loop.fetch_section(message, "") == MAIL
    assert await home.loop.fetch_sections([(message, "1")]) == {(message, "1"): b"hello\r\n"}
    assert message in await home.loop.server_search(home.folder(FolderRole.INBOX).id, parse_query("hello"))


async def test_what_others_do_to_the_watched_folder_is_heard(home: Home) -> None:
    home.loop.start()
    await home.filled()
    archive = home.folder(FolderRole.ARCHIVE)
    home.loop.watch(archive.id)
    uid = home.servers.deliver(MAIL, archive.name)
    await home.until(lambda: home.store.messages.by_message_id(home.id, "<news@example.org>"))
    message = home.store.messages.by_message_id(home.id, "<news@example.org>")[0]
    home.servers.set_flags(archive.name, uid, frozenset({FLAGGED}))
    await home.until(lambda: (row := home.store.messages.row(message)) is not None and row.starred)
    home.servers.expunge(archive.name, uid)
    await home.until(lambda: message not in home.store.messages.order(archive.id))


async def test_offline_work_is_carried_later(home: Home) -> None:
    home.loop.start()
    await home.filled()
    home.servers.go_offline()
    await home.until(lambda: home.loop.state is ConnectionState.OFFLINE)
    first = home.ids(FolderRole.INBOX)[0]
    home.store.actions.perform([Move((first,), home.folder(FolderRole.ARCHIVE).id)], "Archived")
    home.loop.ring()
    with pytest.raises(Offline):
        await home.loop.settled()
    assert first in home.ids(FolderRole.ARCHIVE)
    home.servers.go_online()
    home.loop.sync_now()
    await home.until(lambda: home.loop.state is ConnectionState.ONLINE)
    await home.loop.settled()
    assert home.store.actions.count() == 0
    assert home.shown() == home.on_server()


async def test_who_waits_is_told_of_a_mistake_of_ours(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    async def mistaken() -> str:
        raise ZeroDivisionError

    monkeypatch.setattr(home, "_secret", mistaken)
    home.loop.start()
    with pytest.raises(TuimailError, match="mistake of tuimail's own"):
        await home.loop.settled()
    assert home.loop.state is ConnectionState.OFFLINE


async def test_a_wrong_password_waits_for_the_user(home: Home) -> None:
    right, home.password = home.password, "wrong"
    home.loop.start()
    with pytest.raises(SignInNeeded):
        await home.loop.settled()
    assert home.loop.state is ConnectionState.SIGN_IN_NEEDED
    tries = sum("AUTHENTICATE" in line or "LOGIN" in line for line in home.servers.log)
    home.loop.ring()
    with pytest.raises(SignInNeeded):
        await home.loop.settled()
    assert sum("AUTHENTICATE" in line or "LOGIN" in line for line in home.servers.log) == tries
    home.password = right
    home.loop.retry()
    await home.until(lambda: home.loop.state is ConnectionState.ONLINE)
    errors = [notice.error for notice in home.notices if isinstance(notice, ConnectionChanged) and notice.error]
    assert [type(error) for error in errors] == [SignInNeeded]


async def test_a_message_is_sent_and_filed(home: Home) -> None:
    home.loop.start()
    await home.filled()
    raw = home.write()
    home.loop.ring()
    await home.until(lambda: home.store.messages.by_message_id(home.id, "<sent@example.org>"))
    await home.loop.settled()
    assert len(home.servers.sent) == 1
    assert [shot.raw for shot in home.servers.snapshot()["Sent"]].count(raw) == 1
    assert home.store.outbox.all() == ()


class SlowSender:
    """Answers when it is told to."""

    def __init__(self) -> None:
        self.answer = asyncio.Event()
        self.at_dot = asyncio.Event()

    async def send(
        self,
        sender: str,
        recipients: tuple[str, ...],
        message: bytes,
        *,
        progress: ProgressSink | None = None,
        before_dot: Callable[[], None] | None = None,
    ) -> Sent:
        assert before_dot is not None
        before_dot()
        self.at_dot.set()
        await self.answer.wait()
        return Sent(recipients, ())

    async def check(self) -> None:
        return None


async def test_what_is_being_sent_is_waited_for_with_its_copy(tmp_path: Path) -> None:
    slow = SlowSender()
    with DemoServers(0) as servers:
        home = Home(tmp_path / "slow", servers, sender=lambda: slow)
        raw = home.write()
        home.loop.start()
        settled = asyncio.create_task(home.loop.settled())
        await slow.at_dot.wait()
        await home.loop.settled(deep=False)  # many rounds of the other task, in which nothing but the answer is missing
        assert not settled.done()
        slow.answer.set()
        await settled
        assert (home.store.outbox.all(), home.store.actions.count()) == ((), 0)
        assert [shot.raw for shot in servers.snapshot()["Sent"]].count(raw) == 1
        await home.loop.stop()
        home.store.close()


async def test_the_end_waits_for_the_answer_to_what_was_handed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuimail.sync.outbox.ANSWER", 60.0)  # the disk of a busy machine may take its time
    slow = SlowSender()
    with DemoServers(0) as servers:
        home = Home(tmp_path / "slow", servers, sender=lambda: slow)
        home.write()
        home.loop.start()
        await slow.at_dot.wait()
        asyncio.get_running_loop().call_soon(slow.answer.set)
        await home.loop.stop()
        assert home.store.outbox.all() == ()
        home.store.close()


async def test_one_program_syncs_and_another_takes_over(tmp_path: Path, home: Home) -> None:
    folder = tmp_path / "store"
    first, second = Supervisor(folder, {home.id: home.loop}), Supervisor(folder, {})
    first.start()
    second.start()
    assert (first.holds_lock, second.holds_lock) == (True, False)
    await home.loop.settled()
    await first.stop()
    assert home.loop.state is ConnectionState.OFFLINE
    async with asyncio.timeout(PATIENCE):
        while not second.holds_lock:  # noqa: ASYNC110 nothing tells of it
            await asyncio.sleep(0)
    await second.stop()


async def test_what_was_waiting_to_be_stored_is_here_when_all_is_settled(home: Home) -> None:
    home.loop.start()
    await home.loop.settled()
    archive = home.folder(FolderRole.ARCHIVE).id
    before = len(home.ids(FolderRole.ARCHIVE))
    raws = [MAIL.replace(b"<news@", b"<stored-%d@" % number) for number in range(40)]
    blobs = home.store.blobs.write_all(raws)
    appends = [Append(archive, blob, f"<stored-{number}@example.org>") for number, blob in enumerate(blobs)]
    home.store.actions.perform(appends, "store", undoable=False)
    await home.loop.settled()
    assert len(home.ids(FolderRole.ARCHIVE)) == before + len(raws)
