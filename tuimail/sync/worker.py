# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the older messages of one huge folder, in a process of its own over a connection of its own.

The screen's process only hears how far it is. Whatever happens to the worker, what it wrote is whole, and the folder's
cursor tells from where to go on.
"""

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tuimail.backends.port import FetchedMessage, MailBackend
from tuimail.model.ids import AccountId, FolderId
from tuimail.model.uidset import UidSet
from tuimail.store.store import Store

ROWS = 200
"""Rows of one transaction: whoever else wants to write waits for it."""
_AHEAD = 20
"""Transactions' rows that may wait to be written before the server is asked for more."""
_BREATH = 0.001
"""Seconds between two transactions, in which the screen's process may commit."""
_TIDY_EACH = 50
"""Transactions after which what they left for later is done: the keys of threads."""
_MERGE_EACH = 600
"""Transactions after which the search index is merged. Each makes a segment, of which FTS5 takes 2,000."""
_TELL = 0.5
"""Seconds between two counts of new rows: with each, the screen's process reads its list again."""
_PATIENCE_MS = 60_000
_OF_ONE_PULL = 10_000
"""Messages that count as seen by the same pull."""


@dataclass(frozen=True, slots=True)
class FillOrder:
    """What is to be read."""

    account: AccountId
    folder: FolderId
    name: str
    """As the server has it."""
    uidvalidity: int
    below: int
    """The UIDs below this one."""
    sent: bool
    """It is the Sent folder."""


async def read_older(backend: MailBackend, store: Path, order: FillOrder, report: Callable[[int], None]) -> None:
    """Read and write all of it, the newest first; ``report`` is called in another thread with each count of new rows.

    Raises the port's errors and StoreProblem.
    """
    selected = await backend.select(order.name, read_only=True)
    if selected.uidvalidity != order.uidvalidity or order.below <= 1:
        return
    wanted = (await backend.uids()) & UidSet(((1, order.below - 1),))
    writer = _Writer(store, order, report)
    writer.start()
    try:
        gathered: list[FetchedMessage] = []
        async for batch in backend.headers(wanted):
            gathered += batch
            while len(gathered) >= ROWS:
                await writer.take(gathered[:ROWS])
                del gathered[:ROWS]
        if gathered:
            await writer.take(gathered)
        await writer.finish(complete=True)
    except BaseException:
        await writer.finish(complete=False)
        raise


class _Writer(threading.Thread):
    """Writes rows while the next ones are read: SQLite lets the other thread run meanwhile."""

    def __init__(self, store: Path, order: FillOrder, report: Callable[[int], None]) -> None:
        super().__init__(name="fill: write", daemon=True)
        self._folder = store
        self._order = order
        self._report = report
        self._queue: queue.SimpleQueue[list[FetchedMessage] | None] = queue.SimpleQueue()
        self._room = threading.Semaphore(_AHEAD)
        self._complete = False
        self._written = self._pull = self._untold = self._turns = 0
        self._told = time.monotonic()
        self._problem: BaseException | None = None

    async def take(self, batch: list[FetchedMessage]) -> None:
        """Hand a batch over, when there is room. Raises what writing raised."""
        if not self._room.acquire(blocking=False):
            await asyncio.to_thread(self._room.acquire)
        if self._problem is not None:
            raise self._problem
        self._queue.put(batch)

    async def finish(self, *, complete: bool) -> None:
        """Wait until everything is written. ``complete``: nothing is missing. Raises what writing raised."""
        self._complete = complete
        self._queue.put(None)
        await asyncio.to_thread(self.join)
        if self._problem is not None and complete:
            raise self._problem

    def run(self) -> None:
        """The thread: its connection to the store is its own."""
        try:
            store = Store(self._folder, busy_ms=_PATIENCE_MS)
            try:
                store.write_in_bulk()
                while batch := self._queue.get():
                    self._write(store, batch)
                    self._room.release()
                if self._complete:
                    store.folders.filled(self._order.folder, self._order.uidvalidity, 1)
                self._tell()
                self._tidy(store, merge=self._complete)
                store.write_back()
            finally:
                store.close()
        except BaseException as problem:
            self._problem = problem
            self._room.release(_AHEAD)

    def _write(self, store: Store, messages: list[FetchedMessage]) -> None:
        order = self._order
        if self._written % _OF_ONE_PULL < len(messages):
            self._pull = store.next_pull()
        rows = store.arrivals.new_rows(order.account, messages)  # whoever else wants to write does so meanwhile
        with store.transaction():
            inserted = store.arrivals.insert_rows(order.account, order.folder, rows, self._pull, sent=order.sent)
            store.folders.filled(
                order.folder, order.uidvalidity, messages[-1].uid, fresh=len(inserted.fresh), unseen=inserted.unseen
            )
        self._written += len(messages)
        self._untold += len(inserted.fresh)
        if time.monotonic() - self._told >= _TELL:
            self._tell()
        self._turns += 1
        if self._turns % _TIDY_EACH == 0:
            self._tidy(store, merge=self._turns % _MERGE_EACH == 0)

    def _tidy(self, store: Store, *, merge: bool) -> None:
        while store.arrivals.file_keys() or (merge and store.search.tidy()):
            time.sleep(_BREATH)

    def _tell(self) -> None:
        self._report(self._untold)
        self._untold, self._told = 0, time.monotonic()
