# SPDX-License-Identifier: GPL-3.0-or-later
"""One look at one folder: what arrived, changed and vanished since its cursor. The cursor moves last, so a crash costs nothing.

By what the server offers: QRESYNC tells all of it with SELECT; CONDSTORE the changed flags; else UIDs and flags are compared.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from tuimail.backends.port import FetchedMessage, FlagUpdate, KnownState, MailBackend, Selected
from tuimail.model.folder import FolderRole
from tuimail.model.ids import AccountId
from tuimail.model.uidset import UidSet
from tuimail.store.folders import Cursor, ServerFolder
from tuimail.store.store import Store
from tuimail.sync.copied import mistaken

SCREENFUL = 50
"""Messages that are read before anything else of a folder that was never pulled."""
BATCH = 100
"""Rows of one transaction, so that the screen's own commits need not wait long."""
_PAGE = 5000
"""UIDs that are read from the store before the event loop gets its turn."""
T = TypeVar("T")


@dataclass(slots=True)
class Pulled:
    """What a look at a folder found."""

    fresh: int = 0
    unseen: int = 0
    r"""Of the fresh ones, without ``\Seen``."""
    changed: bool = False
    """Anything at all."""
    first: bool = False
    """The folder was never pulled before, or under another UIDVALIDITY."""


def batches(items: Sequence[T], size: int = BATCH) -> Iterator[Sequence[T]]:
    """Slices of a sequence."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def in_pieces(uids: UidSet, count: int = BATCH) -> Iterator[UidSet]:
    """Subsets of at most ``count`` members, highest first."""
    while uids:
        part = uids.take_highest(count)
        yield part
        uids -= part


def known_of(folder: ServerFolder) -> KnownState | None:
    """What QRESYNC is told (RFC 7162 §3.2.5)."""
    cursor = folder.cursor
    return KnownState(cursor.uidvalidity, cursor.highestmodseq) if cursor.uidvalidity and cursor.highestmodseq else None


class FolderPull:
    """Brings the changes of one folder into the store."""

    def __init__(
        self,
        store: Store,
        account: AccountId,
        folder: ServerFolder,
        pull: int,
        *,
        unreadable: UidSet,
        rows_in: Callable[[], None],
    ) -> None:
        """``unreadable``: UIDs of the folder that the server lists and does not deliver, as `unreadable` tells them afterwards.

        ``rows_in`` is called whenever rows were written.
        """
        self._store = store
        self._account = account
        self._folder = folder
        self._pull = pull
        self.unreadable = unreadable
        self._rows_in = rows_in
        self._cursor = folder.cursor
        self._together = False
        """What changes now is told in one notice, when all of it is here."""
        self.found = Pulled()

    async def run(self, backend: MailBackend, *, deep: bool = False) -> Selected:
        """Pull. ``deep``: compare all UIDs, and all flags where the server counts no changes. Raises the port's errors."""
        cursor, known = self._cursor, known_of(self._folder)
        selected = await backend.select(self._folder.name, known, read_only=True)
        if cursor.uidvalidity is not None and selected.uidvalidity != cursor.uidvalidity:
            self._store.arrivals.forget_uids(self._folder.id, self._pull)
            self.unreadable = UidSet()
            self._cursor = cursor = Cursor()
            self.found.changed = True
        if cursor.filled_from == 0:
            await self._first(backend, selected)
        else:
            await self._since(backend, selected, known, deep=deep)
        return selected

    async def _first(self, backend: MailBackend, selected: Selected) -> None:
        """The newest screenful; `tuimail.sync.fill` reads the rest later."""
        self.found.first = self.found.changed = True
        self._save(Cursor(selected.uidvalidity, 1, None, 0))
        uids: list[int] = []
        if selected.exists:
            async for batch in backend.newest(SCREENFUL):
                await self.insert(batch)
                uids += [message.uid for message in batch]
        uidnext = max([selected.uidnext or 1, *(uid + 1 for uid in uids)])
        filled_from = 1 if len(uids) >= selected.exists else min(uids, default=uidnext)
        self._save(Cursor(selected.uidvalidity, uidnext, selected.highestmodseq, filled_from))
        self._miss()

    async def _since(self, backend: MailBackend, selected: Selected, known: KnownState | None, *, deep: bool) -> None:
        cursor = self._cursor
        compared = False
        if known is not None and selected.resynced:
            new = await self._arrived(backend, selected)
            self._together = bool(new) and len(selected.changed) <= BATCH
            await self._vanish(selected.vanished)
            await self._flags(backend, selected.changed)
        elif known is not None and selected.highestmodseq is not None and selected.highestmodseq >= known.highestmodseq:
            new, compared = await self._compare(backend), True
            if selected.highestmodseq > known.highestmodseq or deep:
                async for updates in backend.flags(self._filled, changed_since=known.highestmodseq):
                    await self._flags(backend, updates)
        else:
            new, compared = await self._compare(backend), True
            async for updates in backend.flags(await self._held()):
                await self._flags(backend, self._store.arrivals.differing(self._folder.id, updates))
        await self._new(backend, new)
        if not compared and self._is_off(selected):
            await self._new(backend, await self._compare(backend))
        uidnext = max(cursor.uidnext, selected.uidnext or 1, new.highest + 1)
        self._save(Cursor(selected.uidvalidity, uidnext, selected.highestmodseq, cursor.filled_from))
        self._miss()

    def _is_off(self, selected: Selected) -> bool:
        """Whether the rows of a folder that is wholly read are not as many as its messages: then something was missed."""
        if self._cursor.filled_from != 1:
            return False
        rows = selected.exists - len(self.unreadable)
        # Counting one by one takes as long as the folder is large.
        return self._store.folders.server_counts(self._folder.id)[0] != rows != self._store.arrivals.count(self._folder.id)

    @property
    def _filled(self) -> UidSet:
        """The range of UIDs that have rows."""
        low, high = self._cursor.filled_from, self._cursor.uidnext - 1
        return UidSet(((low, high),)) if low <= high else UidSet()

    async def _arrived(self, backend: MailBackend, selected: Selected) -> UidSet:
        """UIDs from the cursor on."""
        start = self._cursor.uidnext
        if selected.uidnext is not None:
            return UidSet(((start, selected.uidnext - 1),)) if selected.uidnext > start else UidSet()
        return (await backend.uids()) & UidSet(((start, 2**32 - 1),))

    async def _compare(self, backend: MailBackend) -> UidSet:
        """Make the rows' UIDs those of the server, which also mends what was missed. Returns the UIDs from the cursor on."""
        there = await backend.uids()
        held = await self._held()
        await self._vanish(held - there)
        self.unreadable &= there
        missing = ((there - held) & self._filled) - self.unreadable
        came = await self._headers(backend, missing)
        self.unreadable |= missing - came
        return there & UidSet(((self._cursor.uidnext, 2**32 - 1),))

    async def _held(self) -> UidSet:
        pages: list[tuple[int, int]] = []
        start = 1
        while page := self._store.arrivals.uids(self._folder.id, start, _PAGE):
            pages += page.ranges
            start = page.highest + 1
            await asyncio.sleep(0)
        return UidSet.of_ranges(pages)

    async def _vanish(self, uids: UidSet) -> None:
        """Only those that have rows, wide ranges looked up first."""
        for low, high in uids.ranges:
            while low <= high:
                page = self._store.arrivals.uids(self._folder.id, low, BATCH) & UidSet(((low, high),))
                if not page:
                    break
                self._store.arrivals.vanish(self._folder.id, page, self._pull)
                self._note()
                low = page.highest + 1
                await asyncio.sleep(0)

    async def _flags(self, backend: MailBackend, updates: Sequence[FlagUpdate]) -> None:
        """New flags; a message that ought to have a row and has none is read."""
        unknown = UidSet()
        for batch in batches(updates):
            unknown |= self._store.arrivals.set_flags(self._folder.id, batch)
            self._note()
            await asyncio.sleep(0)
        await self._headers(backend, unknown & self._filled)

    async def _new(self, backend: MailBackend, uids: UidSet) -> None:
        """UIDs from the cursor on. Those that our own moves put there have rows already, and need their flags only, once the
        newest have shown that the server told the truth of where they went."""
        self._together = False
        held = self._store.arrivals.uids(self._folder.id, self._cursor.uidnext) & uids
        to_confirm = held.take_highest(BATCH)
        await self._headers(backend, (uids - held) | to_confirm)
        if held := held - to_confirm:
            async for updates in backend.flags(held):
                await self._flags(backend, updates)

    async def _headers(self, backend: MailBackend, uids: UidSet) -> UidSet:
        """Read header data. Returns the UIDs that came."""
        came: list[int] = []
        if uids:
            async for batch in backend.headers(uids):
                await self.insert(batch)
                came += [message.uid for message in batch]
        return UidSet.of(came)

    async def insert(self, batch: Iterable[FetchedMessage]) -> None:
        """Write rows."""
        sent = self._folder.role is FolderRole.SENT
        for part in batches(list(batch)):
            if others := mistaken(self._store, self._folder.id, part):
                self._store.arrivals.vanish(self._folder.id, others, self._pull)
            inserted = self._store.arrivals.insert(self._account, self._folder.id, part, self._pull, sent=sent)
            self.found.fresh += len(inserted.fresh)
            self.found.unseen += inserted.unseen
            self._note()
            await asyncio.sleep(0)

    def _miss(self) -> None:
        """Rows that a move left waiting for their UID here must have found it: whatever came since the cursor was read.

        Where the folder had no cursor before, they may be among those still to be read.
        """
        if not self.found.first or self._cursor.filled_from == 1:
            self.found.changed |= self._store.arrivals.miss(self._folder.id, self._pull) > 0

    def _save(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self._store.folders.set_cursor(self._folder.id, cursor)

    def _note(self) -> None:
        self.found.changed = True
        if not self._together:
            self._rows_in()
