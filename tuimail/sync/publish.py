# SPDX-License-Identifier: GPL-3.0-or-later
"""Hands on notices; "folder changed" at most four times a second for each folder, however fast rows come in."""

import asyncio
from collections.abc import Callable

from tuimail.model.ids import FolderId
from tuimail.model.notice import FolderChanged, Notice

INTERVAL = 0.25
"""Seconds."""


class Publisher:
    """The first notice of a folder goes at once, those after it together when the interval is over."""

    def __init__(self, publish: Callable[[Notice], None]) -> None:
        self._publish = publish
        self._late: set[FolderId] = set()
        self._quiet: dict[FolderId, asyncio.TimerHandle] = {}

    def __call__(self, notice: Notice) -> None:
        """Publish a notice, now or a little later."""
        if not isinstance(notice, FolderChanged):
            self._publish(notice)
        elif notice.folder in self._quiet:
            self._late.add(notice.folder)
        else:
            self._now(notice.folder)

    def close(self) -> None:
        """Publish what was held back, and end."""
        for timer in self._quiet.values():
            timer.cancel()
        self._quiet.clear()
        late, self._late = self._late, set()
        for folder in late:
            self._publish(FolderChanged(folder))

    def _now(self, folder: FolderId) -> None:
        self._quiet[folder] = asyncio.get_running_loop().call_later(INTERVAL, self._over, folder)
        self._publish(FolderChanged(folder))

    def _over(self, folder: FolderId) -> None:
        del self._quiet[folder]
        if folder in self._late:
            self._late.discard(folder)
            self._now(folder)
