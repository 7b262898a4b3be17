# SPDX-License-Identifier: GPL-3.0-or-later
"""Notices what other programs on the same store did, and says "look again"."""

import asyncio
from collections.abc import Callable

from tuimail.model.notice import DraftsChanged, FolderChanged, FoldersChanged, Notice, WaitingChanged
from tuimail.store.store import Store

INTERVAL = 1.0
"""Seconds between two looks. Each wakes a program at rest, which costs more than the look does."""


class Others:
    """Watches the store for changes that nobody here made.

    What a user does elsewhere changes the file of wishes, drafts and outbox. What servers tell changes the cache; that counts
    only while another program does the syncing, else it was done, and told, by our own threads and worker.
    """

    def __init__(
        self, store: Store, publish: Callable[[Notice], None], syncs: Callable[[], bool], ring: Callable[[], None]
    ) -> None:
        """``syncs``: whether this program does the syncing. ``ring``: there may be something to carry or to send."""
        self._store = store
        self._publish = publish
        self._syncs = syncs
        self._ring = ring
        self._timer: asyncio.TimerHandle | None = None
        self._seen = (0, 0)

    def start(self) -> None:
        """Begin to watch. Needs a running event loop."""
        if self._timer is None:
            self._seen = self._store.data_version()
            self._wait()

    def stop(self) -> None:
        """Watch no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wait(self) -> None:
        # A timer, as a task would wake the event loop twice each time.
        self._timer = asyncio.get_running_loop().call_later(INTERVAL, self._look)

    def _look(self) -> None:
        self._wait()
        before, self._seen = self._seen, self._store.data_version()
        own, cache = (now != then for now, then in zip(self._seen, before, strict=True))
        if own or (cache and not self._syncs()):
            self._look_again()
        if own:
            self._ring()

    def _look_again(self) -> None:
        folders = self._store.folders.all()
        for folder in folders:
            self._publish(FolderChanged(folder.id))
        for account in {folder.account for folder in folders}:
            self._publish(FoldersChanged(account))
            self._publish(WaitingChanged(account))
        self._publish(DraftsChanged())
