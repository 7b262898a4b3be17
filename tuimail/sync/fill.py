# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the older messages of folders downwards, in growing chunks, while nothing else is to be done.

What was read stands in the cursor (``filled_from``), so it goes on where it was after a crash. What is left of a huge folder
after its newest messages is read by a worker process, one at a time.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from tuimail.backends.port import MailBackend
from tuimail.model.errors import TuimailError
from tuimail.model.folder import FolderRole
from tuimail.model.ids import AccountId, FolderId
from tuimail.model.notice import FolderChanged, Notice, Progress
from tuimail.model.uidset import UidSet
from tuimail.store.folders import ServerFolder
from tuimail.store.store import Store
from tuimail.sync.ending import end
from tuimail.sync.fill_process import FillRunner
from tuimail.sync.worker import FillOrder

log = logging.getLogger(__name__)
HUGE = 5000
"""Messages left from which on a worker process reads them."""
_CHUNKS = (950, 1000)
_IN_LOOP = 500
"""Messages that are read here in any case: the newest come at once."""


@dataclass(slots=True)
class Unlisted:
    """Messages that the server has in a folder and that have no row yet."""

    total: int = 0
    unread: int = 0


@dataclass(slots=True)
class _Filling:
    uidvalidity: int | None
    left: UidSet
    """Until `total` is known, numbers that messages may have: the newest do not wait until the server told all numbers."""
    total: int | None = None
    read: int = 0
    turns: int = 0
    told: int = 0
    """Percent."""


def _nothing() -> None:
    pass


class Fill:
    """The older messages of an account's folders."""

    def __init__(
        self,
        store: Store,
        account: AccountId,
        publish: Callable[[Notice], None],
        runner: FillRunner | None = None,
    ) -> None:
        """``runner``: starts the worker for a huge folder; without one all is read here."""
        self._store = store
        self._account = account
        self._publish = publish
        self._runner = runner
        self._under_way: dict[FolderId, _Filling] = {}
        self._worker: asyncio.Task[None] | None = None
        self._handed_over: FolderId | None = None
        self._huge: set[FolderId] = set()
        """Folders that wait for the worker."""
        self._no_worker: set[FolderId] = set()
        """Folders that it could not read."""
        self._ended: list[ServerFolder] = []
        self.on_end: Callable[[], None] = _nothing
        """Called when the worker ended."""
        self.unlisted: dict[FolderId, Unlisted] = {}
        self.refused: set[FolderId] = set()
        """Folders that the server does not let us read; not tried again on this connection."""

    def next(self, watched: FolderId | None, opened: frozenset[FolderId]) -> ServerFolder | None:
        """The folder to go on with: the one on the screen, INBOX, those with a role or opened before, the others."""
        return self._store.folders.next_unfilled(self._account, watched, opened, self._left_alone())

    @property
    def works(self) -> bool:
        """Whether a worker is under way."""
        return self._worker is not None

    def ended(self) -> set[FolderId]:
        """Folders that a worker read since the last time. They must be pulled now, as if since the worker began.

        What changed meanwhile was told for messages that had no row yet.
        """
        folders, self._ended = self._ended, []
        for folder in folders:
            self._store.folders.rewind(folder.id, folder.cursor.uidvalidity, folder.cursor.highestmodseq)
        return {folder.id for folder in folders}

    async def stop(self) -> None:
        """End the worker. What it wrote stays."""
        if self._worker is not None:
            await end([self._worker])

    def _left_alone(self) -> set[FolderId]:
        """Folders that are not to be read here now."""
        handed_over = set() if self._handed_over is None else {self._handed_over}
        return self.refused | handed_over | (self._huge if self.works else set())

    async def chunk(self, backend: MailBackend, folder: ServerFolder, pull: int) -> None:
        """Read the next chunk of a folder. Raises the port's errors."""
        selected = await backend.select(folder.name, read_only=True, fresh=False)
        if selected.uidvalidity != folder.cursor.uidvalidity:
            self.refused.add(folder.id)  # until the next sweep has begun it anew
            return
        filling = self._under_way.get(folder.id)
        if filling is None or filling.uidvalidity != selected.uidvalidity:
            filling = _Filling(selected.uidvalidity, UidSet(((1, folder.cursor.filled_from - 1),)))
            self._under_way[folder.id] = filling
        elif filling.total is None:
            filling.left &= await backend.uids()
            filling.total = filling.read + len(filling.left)
        if filling.read >= _IN_LOOP and len(filling.left) > HUGE and self._hand_over(folder, filling):
            return
        part = filling.left.take_highest(_CHUNKS[min(filling.turns, len(_CHUNKS) - 1)])
        filling.read += await self._read(backend, folder, part, pull)
        filling.left -= part
        filling.turns += 1
        self._done(folder, filling, part)

    async def _read(self, backend: MailBackend, folder: ServerFolder, part: UidSet, pull: int) -> int:
        """Returns the number of messages."""
        unlisted = self.unlisted.setdefault(folder.id, Unlisted())
        read = 0
        if not part:
            return read
        async for batch in backend.headers(part):
            with self._store.transaction():
                inserted = self._store.arrivals.insert(
                    self._account, folder.id, batch, pull, sent=folder.role is FolderRole.SENT
                )
                unlisted.total = max(unlisted.total - len(inserted.fresh), 0)
                unlisted.unread = max(unlisted.unread - inserted.unseen, 0)
                self._store.folders.set_unlisted(folder.id, unlisted.total, unlisted.unread)
            read += len(batch)
            await asyncio.sleep(0)
        self._publish(FolderChanged(folder.id))
        return read

    def _done(self, folder: ServerFolder, filling: _Filling, part: UidSet) -> None:
        now = self._store.folders.server_folder(folder.id)
        if now is None or now.cursor.uidvalidity != filling.uidvalidity:
            return
        self._store.folders.filled(folder.id, filling.uidvalidity, part.lowest if filling.left else 1)
        if not filling.left:
            self._read_all(folder)
        self._tell(folder, filling)

    def _read_all(self, folder: ServerFolder) -> None:
        self._under_way.pop(folder.id, None)
        self.unlisted.pop(folder.id, None)
        self._store.folders.set_unlisted(folder.id, 0, 0)
        self._publish(FolderChanged(folder.id))

    def _tell(self, folder: ServerFolder, filling: _Filling, left: int | None = None) -> None:
        if filling.total is None:
            return
        done = filling.total - (len(filling.left) if left is None else left)
        percent = done * 100 // max(filling.total, 1)
        if filling.total > _CHUNKS[0] and percent > filling.told:
            filling.told = percent
            self._publish(Progress(f"sync:{folder.id}", f"Reading {folder.name}", done, filling.total))

    def _hand_over(self, folder: ServerFolder, filling: _Filling) -> bool:
        """Let a worker read the rest. False: it must be read here."""
        if self._runner is None or folder.id in self._no_worker or filling.uidvalidity is None:
            return False
        self._huge.add(folder.id)
        if self._worker is None:
            self._handed_over = folder.id
            self._worker = asyncio.create_task(self._follow(self._runner, folder, filling), name=f"fill: folder {folder.id}")
        return True

    async def _follow(self, runner: FillRunner, folder: ServerFolder, filling: _Filling) -> None:
        left = len(filling.left)

        def report(count: int) -> None:
            nonlocal left
            left -= count
            self._publish(FolderChanged(folder.id))
            self._tell(folder, filling, left)

        order = FillOrder(
            self._account, folder.id, folder.name, filling.uidvalidity or 0, folder.cursor.filled_from,
            sent=folder.role is FolderRole.SENT,
        )  # fmt: skip
        try:
            with self._store.others_write_in_bulk():
                await runner(order, report)
            self._read_all(folder)
        except TuimailError as error:
            log.warning("sync: the worker for folder %d ended early: %s", folder.id, error.message)
            self._no_worker.add(folder.id)
            self._under_way.pop(folder.id, None)
        finally:
            self._publish(Progress(f"sync:{folder.id}", f"Reading {folder.name}", 1, 1))
            self._worker = self._handed_over = None
            self._huge.discard(folder.id)
            self._ended.append(folder)
            self.on_end()
