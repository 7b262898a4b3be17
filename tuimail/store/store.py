# SPDX-License-Identifier: GPL-3.0-or-later
"""The store as one object with a part for each topic."""

import contextlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tuimail.model.errors import StoreProblem
from tuimail.model.ids import AccountId, FolderId
from tuimail.model.store_key import StoreKey
from tuimail.store.accounts import Accounts
from tuimail.store.actions import Actions
from tuimail.store.arrivals import Arrivals
from tuimail.store.bodies import Blobs, Bodies, Pieces
from tuimail.store.contacts import Contacts
from tuimail.store.database import Database, StoreDamaged, StoreUnfit, note_damage
from tuimail.store.drafts import Drafts, Outbox
from tuimail.store.endings import Endings
from tuimail.store.fold import fold_all
from tuimail.store.folders import Folders
from tuimail.store.held import Held
from tuimail.store.in_use import InUse
from tuimail.store.local_mail import LocalMail
from tuimail.store.messages import Messages
from tuimail.store.pop3 import Pop3Messages
from tuimail.store.repair import make_folder, prepare
from tuimail.store.search import Search
from tuimail.store.sharing import BLOBS, MAIL, Sharing
from tuimail.store.snapshot import Snapshot

log = logging.getLogger(__name__)
_BULK_PAGES, _USUAL_PAGES = 8000, 1000
"""Of 4 KiB, that gather in the log before a commit writes them back."""


@dataclass(frozen=True, slots=True)
class Seen:
    """When a message was first seen."""

    message_id: str
    size: int
    folder: FolderId | None
    """Where it is now; None: that is not known."""
    pull: int


class Store:
    """Everything that is kept. One connection, one thread."""

    def __init__(self, folder: Path, key: StoreKey | None = None, *, busy_ms: int = 5000) -> None:
        self.folder = folder
        self.key = key
        """None: the store is not encrypted."""
        self._database = Database(folder, key, busy_ms=busy_ms)
        self.accounts = Accounts(self._database)
        self.folders = Folders(self._database)
        self.messages = Messages(self._database)
        self.contacts = Contacts(self._database)
        self.arrivals = Arrivals(self._database, self.contacts)
        self.actions = Actions(self._database)
        self.bodies = Bodies(self._database)
        self.pieces = Pieces(self._database)
        self.search = Search(self._database)
        self.drafts = Drafts(self._database)
        self.outbox = Outbox(self._database)
        self.endings = Endings(self._database)
        self.blobs = Blobs(folder / BLOBS, key)
        self.local_mail = LocalMail(self._database, Blobs(folder / MAIL, key))
        self.pop3 = Pop3Messages(self._database, self.local_mail)
        self._in_use: InUse | None = None
        self._sharing: Sharing | None = None
        self.repaired = ""
        """What the user should know about a repair at start; empty when there was none."""

    @classmethod
    def open(cls, folder: Path, key: StoreKey | None = None) -> "Store":
        """Check, migrate and repair the files, then open them. Raises StoreProblem."""
        make_folder(folder)
        sharing = Sharing(folder)
        try:
            try:
                store = cls._open_prepared(folder, key)
            except (StoreDamaged, StoreUnfit):
                note_damage(folder)
                store = cls._open_prepared(folder, key)
        except BaseException:
            sharing.end()
            raise
        store._sharing = sharing
        return store

    @classmethod
    def _open_prepared(cls, folder: Path, key: StoreKey | None) -> "Store":
        repaired = prepare(folder, key)
        in_use = InUse(folder)
        try:
            store = cls(folder, key)
        except StoreProblem:
            in_use.end(clean=False)
            raise
        store.repaired, store._in_use = repaired, in_use
        try:
            fold_all(store._database)
        except StoreProblem:
            store.close()
            raise
        return store

    def another(self) -> "Store":
        """A further connection to the same files, for another thread."""
        store = Store(self.folder, self.key)
        store._database.keep_few_pages()
        return store

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; inside another transaction it joins that one."""
        with self._database.transaction():
            yield

    def write_in_bulk(self) -> None:
        """For a first fill: new rows take the way of `tuimail.store.bulk`.

        Changed pages gather in the cache's log before they are written back, because most are changed many times.
        """
        self._database.write_in_bulk()
        self._gather(_BULK_PAGES)

    @contextlib.contextmanager
    def others_write_in_bulk(self) -> Iterator[None]:
        """Meanwhile another connection writes back what gathers in the cache's log: commits of this one need not."""
        self._gather(2 * _BULK_PAGES)
        try:
            yield
        finally:
            self._gather(_USUAL_PAGES)

    def write_back(self) -> None:
        """Write back what gathered in the cache's log, as far as nobody reads it."""
        self._database.run("PRAGMA cache.wal_checkpoint(PASSIVE)")

    def _gather(self, pages: int) -> None:
        self._database.run(f"PRAGMA cache.wal_autocheckpoint = {pages}")

    def interrupt(self) -> None:
        """Let what another thread reads on this connection end with StoreInterrupted."""
        self._database.interrupt()

    def data_version(self) -> tuple[int, int]:
        """Changes whenever another connection or program committed something."""
        return self._database.data_version()

    def snapshot(self, account: AccountId) -> Snapshot:
        """What an account's lists hold now."""
        return Snapshot(self._database, account)

    def held(self, account: AccountId, folder: FolderId) -> Held:
        """What a folder lists now."""
        return Held(self._database, account, folder)

    def next_pull(self) -> int:
        """A number for a pull, larger than all before it."""
        with self._database.transaction():
            number = self._database.number("SELECT CAST(value AS INTEGER) FROM facts WHERE name = 'pull'") + 1
            self._database.execute("INSERT OR REPLACE INTO facts (name, value) VALUES ('pull', ?)", (str(number),))
        return number

    def seen_after(self, account: AccountId, pull: int, most: int) -> list[Seen]:
        """What was first seen later than in that pull; newest first, at most so many."""
        rows = self._database.execute(
            "SELECT message_id, size, server_folder, born FROM messages INDEXED BY messages_born"
            " WHERE account = ? AND born > ? ORDER BY born DESC LIMIT ?",
            (account, pull, most),
        )
        return [Seen(*row) for row in rows]

    def close(self, *, clean: bool = False) -> None:
        """Close the connection; never raises. ``clean``: the last one of this program, and nothing was left half done."""
        try:
            if clean:
                self._note_highest_id()
            if self._in_use is not None:
                self._in_use.end(clean=clean)
        except StoreProblem as problem:
            log.warning("store: not closed cleanly, the next start checks it: %s", problem.message)
            if self._in_use is not None:
                self._in_use.end(clean=False)
        finally:
            self._database.close()
            if self._sharing is not None:
                self._sharing.end()

    def _note_highest_id(self) -> None:
        highest = self._database.number(
            "SELECT max(coalesce((SELECT max(id) FROM messages), 0), coalesce((SELECT max(id) FROM folders), 0))"
        )
        self._database.execute("INSERT OR REPLACE INTO facts (name, value) VALUES ('highest-id', ?)", (str(highest),))
