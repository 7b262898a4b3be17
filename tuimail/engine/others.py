# SPDX-License-Identifier: GPL-3.0-or-later
"""Notices what other programs on the same store did, and says "look again"."""

import asyncio
from collections.abc import Callable

from tuimail.model.notice import DraftsChanged, FolderChanged, FoldersChanged, Notice, WaitingChanged
from tuimail.store.store import Store
from tuimail.sync.ending import end

INTERVAL = 0.25
"""Seconds between two looks; each takes some microseconds."""


class Others:
    """Watches the store for changes that nobody here made.

    What a user does elsewhere changes the file of wishes, drafts and outbox. What servers tell changes the cache; that counts
    only while another program does the syncing, else it was done, and told, by our own threads and worker.
    """

    def __init__(self, store: Store, publish: Callable[[Notice], None], syncs: Callable[[], bool]) -> None:
        """``syncs``: whether this program does the syncing."""
        self._store = store
        self._publish = publish
        self._syncs = syncs
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to watch. Needs a running event loop."""
        if self._task is None:
            self._task = asyncio.create_task(self._watch(), name="engine: watch what other programs do")

    async def stop(self) -> None:
        """Watch no more."""
        task, self._task = self._task, None
        if task is not None:
            await end([task])

    async def _watch(self) -> None:
        own, cache = self._store.data_version()
        while True:
            await asyncio.sleep(INTERVAL)
            now = self._store.data_version()
            if now[0] != own or (now[1] != cache and not self._syncs()):
                self._look_again()
            own, cache = now

    def _look_again(self) -> None:
        folders = self._store.folders.all()
        for folder in folders:
            self._publish(FolderChanged(folder.id))
        for account in {folder.account for folder in folders}:
            self._publish(FoldersChanged(account))
            self._publish(WaitingChanged(account))
        self._publish(DraftsChanged())
