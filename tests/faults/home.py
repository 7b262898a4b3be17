# SPDX-License-Identifier: GPL-3.0-or-later
"""The program without its screen, at servers that stand behind a proxy: the engine as front ends have it."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tuimail.accounts.secrets import SecretStore
from tuimail.backends.imap.backend import ImapBackend
from tuimail.backends.log import ProtocolLog
from tuimail.backends.port import MailBackend
from tuimail.engine.accounts import OpenAccount
from tuimail.engine.carrying import SendOutcome
from tuimail.engine.dispatch import Letter, prepare
from tuimail.model.account import Account, ServerAddress
from tuimail.model.address import Address
from tuimail.model.draft import OutboxItem
from tuimail.model.errors import TuimailError
from tuimail.model.folder import Folder
from tuimail.model.ids import MessageId
from tuimail.model.notice import ActionFailed, ConnectionState, Notice
from tuimail.servers import Servers
from tuimail.start import open_engine, parse_structure
from tuimail.store.store import Store
from tuimail.sync.unasked import Reach

PATIENCE = 60.0
"""Seconds after which a condition counts as never met."""
_LOOK = 0.02
_QUIET = Reach(parse_structure, "none")


@dataclass(frozen=True, slots=True)
class Site:
    """An account's servers, as they are reached."""

    imap: ServerAddress
    password: str
    smtp: ServerAddress | None = None
    email: str = "ada@example.org"


class _Watched(Servers):
    """Tells what is said, and waits for silent servers only so long."""

    def __init__(self, secrets: SecretStore, log: ProtocolLog, read_seconds: float) -> None:
        super().__init__(secrets, log)
        self._said = log
        self._read_seconds = read_seconds

    def backend(self, account: Account, secret: str | None = None) -> MailBackend:
        assert account.imap is not None
        source = self._source(account, account.imap, secret)
        memory = self.memory(account.imap)
        return ImapBackend(account.imap, source, log=self._said, read_seconds=self._read_seconds, memory=memory)


class Home:
    """One user's program. It may be ended, killed and begun again on the same store."""

    def __init__(self, folder: Path, site: Site, *, read_seconds: float = PATIENCE, reach: Reach = _QUIET) -> None:
        self.folder = folder
        self.site = site
        self.said: list[str] = []
        """Every line of the connections: ``C`` or ``S`` and what was said."""
        self.notices: list[Notice] = []
        self.password = site.password
        """What the user answers when asked."""
        self.asked = 0
        """How often the user was asked."""
        self.secrets = SecretStore(self._answer)
        self._read_seconds = read_seconds
        self._reach = reach
        self.begin()

    def begin(self) -> None:
        """Open the store; nothing is said to servers before `start`."""
        servers = _Watched(self.secrets, self._note, self._read_seconds)
        account = Account("work", Address("Ada", self.site.email), imap=self.site.imap, smtp=self.site.smtp)
        self.engine = open_engine(self.folder, (account,), servers, undo_send=0, reach=self._reach)
        self.engine.notices.subscribe(self.notices.append)
        self.store = Store(self.folder)
        """Another look at the same files."""
        self.running = True

    async def start(self) -> None:
        """Connect, and wait until everything is here and everything was carried."""
        self.engine.start()
        await self.settled()

    async def end(self) -> None:
        """The user leaves the program. Doing it twice does no harm."""
        if self.running:
            self.running = False
            await self.engine.stop()
            self.store.close()
            self.engine.close()

    async def again(self) -> None:
        """Leave it, and start it anew on the same store."""
        await self.end()
        self.begin()
        await self.start()

    @property
    def account(self) -> OpenAccount:
        """The one account."""
        return next(iter(self.engine.accounts))

    @property
    def state(self) -> ConnectionState:
        """Where the connection stands."""
        return self.account.loop.state

    @property
    def failed(self) -> list[str]:
        """What the user was told about actions that could not be carried."""
        return [str(notice.error) for notice in self.notices if isinstance(notice, ActionFailed)]

    def commands(self, *names: str) -> list[str]:
        """What was said that contains one of these words, such as ``"UID MOVE"``; without the tags."""
        lines = [line[2:].partition(" ")[2] for line in self.said if line.startswith("C ")]
        return [line for line in lines if any(name in line for name in names)]

    def named(self, name: str) -> Folder:
        """The folder of that name."""
        found = self.engine.pages.folder_named(self.account.id, name)
        assert found is not None, name
        return found

    def message(self, message_id: str) -> MessageId:
        """The one message with this Message-ID."""
        (found,) = self.store.messages.by_message_id(self.account.id, message_id)
        return found

    async def settled(self, *, deep: bool = True) -> None:
        """Have everything carried and read. Raises the error that keeps it from being so."""
        await self.engine.carrying.settle(self.account, deep=deep)

    async def at_peace(self, patience: float = PATIENCE) -> None:
        """The same, where the connection may be lost once more: it is tried again as a user would who presses the key."""
        async with asyncio.timeout(patience):
            while True:
                try:
                    await self.settled()
                except TuimailError:
                    await asyncio.sleep(_LOOK)
                else:
                    return

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until something holds, however long it takes on a busy machine."""
        async with asyncio.timeout(PATIENCE):
            while not condition():  # noqa: ASYNC110  conditions of servers and other programs tell of no event
                await asyncio.sleep(_LOOK)

    async def submit(self, *recipients: str, subject: str = "Hello", body: str = "Text") -> OutboxItem:
        """Put a letter into the outbox, due at once."""
        letter = Letter(to=", ".join(recipients), subject=subject, body=body)
        return await self.engine.dispatch.queue(self.account, prepare(letter, self.account.account.identity))

    async def send(self, *recipients: str, subject: str = "Hello", body: str = "Text") -> SendOutcome:
        """Send a letter, and wait for what comes of it."""
        return await self.engine.carrying.sent(await self.submit(*recipients, subject=subject, body=body))

    def outbox(self, item: OutboxItem) -> OutboxItem | None:
        """How an item of the outbox stands; None when it was sent."""
        return next((one for one in self.engine.outbox.all() if one.id == item.id), None)

    async def gone(self, item: OutboxItem) -> None:
        """Wait until an item has left the outbox."""
        await self.until(lambda: self.outbox(item) is None)

    async def put_off(self, item: OutboxItem, reason: str) -> OutboxItem:
        """Wait until an item waits for another attempt or for the user, with this in the reason."""
        await self.until(lambda: (now := self.outbox(item)) is not None and reason in now.error and now.error)
        now = self.outbox(item)
        assert now is not None
        return now

    def hurry(self) -> None:
        """The user does not want to wait for the next attempt."""
        self.account.loop.retry()

    async def _answer(self, account: Account, server: ServerAddress) -> str:
        self.asked += 1
        return self.password

    def _note(self, direction: str, line: bytes) -> None:
        self.said.append(f"{direction} {line.decode('utf-8', 'replace')}")


def letter_of(number: int, body: str = "hello") -> bytes:
    """A short message that differs from every other number's."""
    date = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(1_700_000_000 + number))
    head = f"From: bob@example.org\r\nTo: ada@example.org\r\nSubject: Mail {number}\r\nDate: {date}\r\n"
    return f"{head}Message-ID: <{number}@example.org>\r\n\r\n{body} {number}\r\n".encode()
