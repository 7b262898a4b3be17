# SPDX-License-Identifier: GPL-3.0-or-later
"""A user, a server and other programs on it, for tests of whether the two sides come to agree."""

import asyncio
import shutil
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeVar

from tests.sync.memory_backend import MemoryBackend
from tests.sync.memory_server import Mail, MemoryServer, Traits
from tuimail.backends.port import MailBackend
from tuimail.model.action import Action, Append, Copy, Expunge, Move, SetFlags
from tuimail.model.errors import Offline, ServerRefused
from tuimail.model.flags import DELETED
from tuimail.model.ids import ActionId, FolderId, MessageId
from tuimail.model.notice import ActionFailed, Notice
from tuimail.store.actions import Performed
from tuimail.store.store import Store
from tuimail.sync.pull import Puller
from tuimail.sync.push import Pusher

T = TypeVar("T")
QUIET_ROUNDS = 12


class Truth(asyncio.Lock):
    """It tells when somebody waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self.wanted = asyncio.Event()

    async def acquire(self) -> Literal[True]:
        if self.locked():
            self.wanted.set()
        return await super().acquire()


@dataclass
class World:
    """Everything there is."""

    folder: Path
    traits: Traits = field(default_factory=Traits)

    def __post_init__(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.server = MemoryServer(self.traits)
        self.failed: dict[ActionId, ActionFailed] = {}
        self.named: dict[ActionId, frozenset[str]] = {}
        self.notices: list[Notice] = []
        self.delivered = 0
        self._gestures = 0
        self._open()

    def _open(self) -> None:
        self.store = Store.open(self.folder)
        self.account = self.store.accounts.ensure("main")
        self.truth = Truth()
        self.puller = Puller(self.store, self.account, self._hear, self.truth)
        self.pusher = Pusher(self.store, self.account, self._hear, self.truth)
        self.backend = MemoryBackend(self.server)

    async def repeat(self, work: Callable[[MailBackend], Awaitable[T]]) -> T:
        """As a line does."""
        return await work(self.backend)

    def crash(self) -> None:
        """The program ends in the middle of things and is started again."""
        self.store.close()
        self._open()

    def close(self) -> None:
        """The end."""
        self.store.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def deliver(self, name: str, size: int = 1000) -> str:
        """New mail; its Message-ID."""
        self.delivered += 1
        message_id = f"<{self.delivered}@x>"
        self.server.boxes[name].put(Mail(message_id, size, frozenset(), 0, 1_700_000_000 + self.delivered))
        return message_id

    def perform(self, action: Action) -> Performed:
        """The user does something."""
        self._gestures += 1
        performed = self.store.actions.perform([action], f"{type(action).__name__} {self._gestures}")
        self._name_actions()
        return performed

    def undo(self) -> str:
        """The user takes back the latest gesture that can be; its text. Raises InputWrong."""
        performed = self.store.actions.undo()
        self._name_actions()
        return performed.text

    def _name_actions(self) -> None:
        """Note which messages the waiting actions are about, for the time when they failed."""
        for waiting in self.store.actions.waiting(self.account):
            if waiting.id not in self.named and isinstance(waiting.action, SetFlags | Move | Copy | Expunge):
                rows = self.store.messages.rows(waiting.action.messages)
                self.named[waiting.id] = frozenset(row.envelope.message_id for row in rows if row)
            elif isinstance(waiting.action, Append):
                self.named[waiting.id] = frozenset({waiting.action.message_id})

    def moving(self) -> frozenset[str]:
        """Message-IDs of what is being moved: the command was sent, its answer has not come."""
        waiting = self.store.actions.waiting(self.account)
        sent = [one for one in waiting if isinstance(one.action, Move) and one.attempt]
        return frozenset().union(*(self.named[one.id] for one in sent))

    async def sweep(self, *, deep: bool = False) -> bool:
        """Pull all folders. False: the connection was lost, and is made again."""
        try:
            await self.puller.sweep(self.backend, deep=deep)
        except Offline:
            await self.reconnect()
            return False
        return True

    async def push(self) -> bool:
        """Carry what waits. False: the connection was lost, and is made again."""
        try:
            await self.pusher.push(self.backend)
        except Offline:
            await self.reconnect()
            return False
        finally:
            self.puller.stale |= self.pusher.stale
            self.pusher.stale = set()
        return True

    async def fill(self) -> bool:
        """Read older messages. False: there are none, or the connection was lost."""
        try:
            return await self.puller.fill(self.backend, None, frozenset())
        except Offline:
            await self.reconnect()
            return False

    async def look(self, folder: FolderId) -> bool:
        """Pull one folder, as after a change that the server told of."""
        try:
            await self.puller.folder(self.backend, folder)
        except Offline:
            await self.reconnect()
            return False
        except ServerRefused:
            return False
        return True

    async def reconnect(self) -> None:
        """A new connection."""
        await self.backend.close()
        self.backend = MemoryBackend(self.server)
        self.puller.reconnected()

    async def quiet(self) -> int:
        """Sync without faults until nothing is left to do. Returns the rounds that it took."""
        self.server.lose = self.server.refuse = ""
        self.server.lose_turns = 0
        self.server.meanwhile = None
        for number in range(1, QUIET_ROUNDS + 1):
            waiting = self.store.actions.count(self.account)
            clean = await self.sweep(deep=True) and await self.push()
            while await self.fill():
                pass
            if clean and not waiting and not self.store.arrivals.in_limbo(self.account) and self.agrees():
                return number
        return QUIET_ROUNDS

    def agrees(self) -> bool:
        """Whether the screen shows what the server has."""
        return self.shown() == self.on_server()

    def shown(self) -> dict[str, Counter[tuple[str, frozenset[str]]]]:
        """Folder → messages with their flags, as the user sees them."""
        messages = self.store.messages
        return {
            folder.name: Counter(
                (row.envelope.message_id, row.flags) for row in messages.rows(messages.order(folder.id)) if row is not None
            )
            for folder in self.store.folders.all(self.account)
        }

    def on_server(self) -> dict[str, Counter[tuple[str, frozenset[str]]]]:
        """The same, as the server has it."""
        return {
            name: Counter((mail.message_id, mail.flags) for mail in box.messages.values() if DELETED not in mail.flags)
            for name, box in self.server.boxes.items()
        }

    def counts_agree(self) -> bool:
        """Whether the folder tree's numbers are those of the rows."""
        return all(
            folder.total == len(self.store.messages.order(folder.id))
            and folder.unread == len(self.store.messages.unread_in(folder.id))
            for folder in self.store.folders.all(self.account)
        )

    def folder_id(self, name: str) -> FolderId:
        """The folder of that name."""
        found = self.store.folders.by_name(self.account, name)
        assert found is not None, name
        return found.id

    def ids(self, name: str) -> list[MessageId]:
        """Messages shown in a folder, oldest first."""
        return [MessageId(number) for number in self.store.messages.order(self.folder_id(name), "date")]

    def _hear(self, notice: Notice) -> None:
        self.notices.append(notice)
        if isinstance(notice, ActionFailed):
            self.failed[notice.action] = notice
