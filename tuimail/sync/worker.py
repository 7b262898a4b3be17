# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the older messages of one huge folder over a connection of its own, and writes them: each in a process of its own.

The screen's process only hears how far they are. Whatever happens to either, what was written is whole, and the folder's
cursor tells from where to go on.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tuimail.backends.port import MailBackend
from tuimail.model.ids import AccountId, FolderId
from tuimail.model.store_key import StoreKey
from tuimail.model.uidset import UidSet
from tuimail.store.insert import NewRow, new_rows
from tuimail.store.sharing import Sharing
from tuimail.store.store import Store
from tuimail.sync.row_pipe import RowReceiver, RowSender

ROWS = 200
"""Rows of one transaction: whoever else wants to write waits for it."""
_BREATH = 0.001
"""Seconds between two transactions that follow each other at once, in which the screen's process may commit."""
_TIDY_EACH = 50
"""Transactions after which what they left for later is done: the keys of threads."""
_MERGE_EACH = 600
"""Transactions after which the search index is merged. Each makes a segment, of which FTS5 takes 2,000."""
_TELL = 1.0
"""Seconds between two counts of new rows: with each, the screen's process reads its list again, which grows with it."""
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


async def read_older(backend: MailBackend, order: FillOrder, rows: RowSender) -> None:
    """Read all of it, the newest first. Raises the port's errors, and BrokenPipeError when nobody writes it any more."""
    selected = await backend.select(order.name, read_only=True)
    if selected.uidvalidity != order.uidvalidity or order.below <= 1:
        return
    wanted = (await backend.uids()) & UidSet(((1, order.below - 1),))
    gathered: list[NewRow] = []
    async for batch in backend.headers(wanted):
        gathered += new_rows(order.account, batch, sent=order.sent)
        while len(gathered) >= ROWS:
            await rows.send(gathered[:ROWS])
            del gathered[:ROWS]
    if gathered:
        await rows.send(gathered)
    await rows.finish()


def write_older(folder: Path, key: StoreKey | None, order: FillOrder, rows: RowReceiver, report: Callable[[int], None]) -> None:
    """Write all of it into the store in this folder. ``report`` is called with counts of new rows. Raises StoreProblem."""
    with Sharing(folder):
        _write_all(Store(folder, key, busy_ms=_PATIENCE_MS), order, rows, report)


def _write_all(store: Store, order: FillOrder, rows: RowReceiver, report: Callable[[int], None]) -> None:
    try:
        store.write_in_bulk()
        writer = _Writer(store, order, report)
        for batch in rows.batches():
            writer.write(batch)
        if rows.complete:
            store.folders.filled(order.folder, order.uidvalidity, 1)
        writer.tell()
        writer.tidy(merge=rows.complete)
        store.write_back()
    finally:
        store.close()


class _Writer:
    """Transaction by transaction."""

    def __init__(self, store: Store, order: FillOrder, report: Callable[[int], None]) -> None:
        self._store = store
        self._order = order
        self._report = report
        self._written = self._pull = self._untold = self._turns = 0
        self._told = time.monotonic()

    def write(self, rows: list[NewRow]) -> None:
        """Rows below all that were written before, in descending order of UIDs."""
        store, order = self._store, self._order
        if self._written % _OF_ONE_PULL < len(rows):
            self._pull = store.next_pull()
        with store.transaction():
            inserted = store.arrivals.insert_rows(order.account, order.folder, rows, self._pull, sent=order.sent)
            store.folders.filled(
                order.folder, order.uidvalidity, rows[-1].uid, fresh=len(inserted.fresh), unseen=inserted.unseen
            )
        self._written += len(rows)
        self._untold += len(inserted.fresh)
        if time.monotonic() - self._told >= _TELL:
            self.tell()
        self._turns += 1
        if self._turns % _TIDY_EACH == 0:
            self.tidy(merge=self._turns % _MERGE_EACH == 0)

    def tell(self) -> None:
        """Report what was not reported yet."""
        self._report(self._untold)
        self._untold, self._told = 0, time.monotonic()

    def tidy(self, *, merge: bool) -> None:
        """Do what transactions left for later; ``merge``: in the search index as well."""
        while self._store.arrivals.file_keys() or (merge and self._store.search.tidy()):
            time.sleep(_BREATH)
