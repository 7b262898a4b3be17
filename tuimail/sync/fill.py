# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the older messages of folders downwards, in growing chunks, while nothing else is to be done.

What was read stands in the cursor (``filled_from``), so it goes on where it was after a crash.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from tuimail.backends.port import MailBackend
from tuimail.model.folder import FolderRole
from tuimail.model.ids import AccountId, FolderId
from tuimail.model.notice import FolderChanged, Notice, Progress
from tuimail.model.uidset import UidSet
from tuimail.store.folders import ServerFolder
from tuimail.store.store import Store

_CHUNKS = (200, 500, 1000)


@dataclass(slots=True)
class Unlisted:
    """Messages that the server has in a folder and that have no row yet."""

    total: int = 0
    unread: int = 0


@dataclass(slots=True)
class _Filling:
    uidvalidity: int | None
    left: UidSet
    total: int
    turns: int = 0


class Fill:
    """The older messages of an account's folders."""

    def __init__(self, store: Store, account: AccountId, publish: Callable[[Notice], None]) -> None:
        self._store = store
        self._account = account
        self._publish = publish
        self._under_way: dict[FolderId, _Filling] = {}
        self.unlisted: dict[FolderId, Unlisted] = {}
        self.refused: set[FolderId] = set()
        """Folders that the server does not let us read; not tried again on this connection."""

    def next(self, watched: FolderId | None, opened: frozenset[FolderId]) -> ServerFolder | None:
        """The folder to go on with: the one on the screen, INBOX, those with a role or opened before, the others."""
        folders = [
            folder
            for folder in self._store.folders.on_server(self._account).values()
            if folder.selectable and folder.cursor.filled_from > 1 and folder.id not in self.refused
        ]

        def rank(folder: ServerFolder) -> int:
            if folder.id == watched:
                return 0
            if folder.role is FolderRole.INBOX:
                return 1
            return 2 if folder.role is not None or folder.id in opened else 3

        return min(folders, key=rank, default=None)

    async def chunk(self, backend: MailBackend, folder: ServerFolder, pull: int) -> None:
        """Read the next chunk of a folder. Raises the port's errors."""
        selected = await backend.select(folder.name, read_only=True)
        if selected.uidvalidity != folder.cursor.uidvalidity:
            self.refused.add(folder.id)  # until the next sweep has begun it anew
            return
        filling = self._under_way.get(folder.id)
        if filling is None or filling.uidvalidity != selected.uidvalidity:
            left = (await backend.uids()) & UidSet(((1, folder.cursor.filled_from - 1),))
            filling = _Filling(selected.uidvalidity, left, len(left))
            self._under_way[folder.id] = filling
        part = filling.left.take_highest(_CHUNKS[min(filling.turns, len(_CHUNKS) - 1)])
        await self._read(backend, folder, part, pull)
        filling.left -= part
        filling.turns += 1
        self._done(folder, filling, part)

    async def _read(self, backend: MailBackend, folder: ServerFolder, part: UidSet, pull: int) -> None:
        unlisted = self.unlisted.setdefault(folder.id, Unlisted())
        if not part:
            return
        async for batch in backend.headers(part):
            with self._store.transaction():
                inserted = self._store.arrivals.insert(
                    self._account, folder.id, batch, pull, sent=folder.role is FolderRole.SENT
                )
                unlisted.total = max(unlisted.total - len(inserted.fresh), 0)
                unlisted.unread = max(unlisted.unread - inserted.unseen, 0)
                self._store.folders.set_unlisted(folder.id, unlisted.total, unlisted.unread)
            self._publish(FolderChanged(folder.id))
            await asyncio.sleep(0)

    def _done(self, folder: ServerFolder, filling: _Filling, part: UidSet) -> None:
        now = self._store.folders.server_folder(folder.id)
        if now is None or now.cursor.uidvalidity != filling.uidvalidity:
            return
        lowest = part.lowest if filling.left else 1
        self._store.folders.set_cursor(folder.id, replace(now.cursor, filled_from=lowest))
        if not filling.left:
            del self._under_way[folder.id]
            self.unlisted.pop(folder.id, None)
            self._store.folders.set_unlisted(folder.id, 0, 0)
            self._publish(FolderChanged(folder.id))
        if filling.total > _CHUNKS[0]:
            done = filling.total - len(filling.left)
            self._publish(Progress(f"sync:{folder.id}", f"Reading {folder.name}", done, filling.total))
