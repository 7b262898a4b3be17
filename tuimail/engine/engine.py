# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine: a few small objects, each with one topic, over one store."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from tuimail.engine import carrying
from tuimail.engine.accounts import Accounts
from tuimail.engine.actions import Actions
from tuimail.engine.attachments import Attachments
from tuimail.engine.bulk import Bulk
from tuimail.engine.carrying import Carrying
from tuimail.engine.composer import Composer
from tuimail.engine.editing import Editing
from tuimail.engine.finder import Finder
from tuimail.engine.notices import Notices
from tuimail.engine.others import Others
from tuimail.engine.outbox import Outbox
from tuimail.engine.pages import Pages
from tuimail.engine.reader import Reader
from tuimail.engine.redirect import Redirect
from tuimail.model.part import Part
from tuimail.store.store import Store
from tuimail.sync.indexer import Indexer

if TYPE_CHECKING:
    from tuimail.engine.dispatch import Dispatch
    from tuimail.engine.transfer import Transfer


class Syncing(carrying.Syncing, Protocol):
    """What the engine asks of `tuimail.sync.supervisor.Supervisor`."""

    def connect(self) -> None:
        """Connect every account, and look at the folder that will be on the screen; the rest when it starts."""
        ...

    @property
    def holds_lock(self) -> bool:
        """Whether this program does the syncing."""
        ...

    async def stop(self) -> None:
        """End them; what waits stays in the store."""
        ...


class Engine:
    """Everything a front end may ask."""

    def __init__(
        self,
        store: Store,
        accounts: Accounts,
        notices: Notices,
        syncing: Syncing,
        parse_structure: Callable[[bytes], Part | None],
        *,
        undo_send: int = 10,
        prepare: Callable[[], None] = lambda: None,
    ) -> None:
        """``prepare`` imports what talks to servers."""
        self._store = store
        self._syncing = syncing
        self._prepare = prepare
        self.notices = notices
        self.accounts = accounts
        self.pages = Pages(store, accounts)
        self.actions = Actions(store, accounts, notices.publish)
        self.bulk = Bulk(store, accounts, self.actions, notices.publish)
        self.reader = Reader(store, accounts, parse_structure)
        self.attachments = Attachments(self.reader, notices.publish)
        self.composer = Composer(store, accounts, self.reader, notices.publish, undo_send)
        self.editing = Editing(store, accounts, notices.publish)
        self.redirect = Redirect(store, accounts, self.reader, notices.publish, undo_send)
        self.outbox = Outbox(store, accounts, notices.publish, self.composer.restore)
        self.finder = Finder(store, accounts)
        self.carrying = Carrying(store, accounts, syncing)
        self.others = Others(store, notices.publish, lambda: syncing.holds_lock, self._ring)
        self.indexer = Indexer(store)
        notices.subscribe(lambda _: self.indexer.wake())

    @property
    def dispatch(self) -> "Dispatch":
        """Sending from a script."""
        from tuimail.engine.dispatch import Dispatch

        return Dispatch(self._store, self.notices.publish)

    @property
    def transfer(self) -> "Transfer":
        """Export and import."""
        from tuimail.engine.transfer import Transfer

        return Transfer(self._store, self.accounts, self.actions, self.carrying)

    @property
    def repaired(self) -> str:
        """What the user should know about a repair of the store; empty when there was none."""
        return self._store.repaired

    @property
    def undoable(self) -> str:
        """What the latest gesture did, of whichever program; empty where none can be taken back."""
        return self._store.actions.undoable()

    async def prepare(self) -> None:
        """Import, in a thread, what `start` needs: done by the event loop, keys would wait for it."""
        await asyncio.to_thread(self._prepare)

    def connect(self) -> None:
        """Bring in, after `prepare`, what the screen will begin with, while there is none; notices are kept for it."""
        self.notices.keep()
        self._syncing.connect()

    def start(self) -> None:
        """Begin to keep store and servers equal."""
        self._syncing.start()
        self.others.start()
        self.indexer.start()

    async def stop(self) -> None:
        """End the connections; what waits stays in the store."""
        self.others.stop()
        await self._syncing.stop()
        await self.indexer.stop()

    def _ring(self) -> None:
        for account in self.accounts:
            account.loop.ring()

    def close(self) -> None:
        """Close the store, after `stop`. Nothing may be asked any more."""
        self.finder.close()
        self._store.close(clean=True)
