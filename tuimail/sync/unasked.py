# SPDX-License-Identifier: GPL-3.0-or-later
"""What is fetched without being asked for, as ``download`` and ``prefetch`` allow: texts around the cursor, and the newest."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tuimail.model.ids import AccountId, MessageId
from tuimail.model.notice import ConnectionChanged, FolderChanged, Notice
from tuimail.store.store import Store
from tuimail.sync.ahead import Ahead, ParseStructure
from tuimail.sync.download import EXTENTS, Download
from tuimail.sync.reading import Reading


@dataclass(frozen=True, slots=True)
class Reach:
    """What the settings allow."""

    parse_structure: ParseStructure
    download: str = "near"
    """near, text, all, none."""
    prefetch: bool = True


class Unasked:
    """Both of one account; without a reach, nothing."""

    def __init__(
        self,
        reach: Reach | None,
        store: Store,
        account: AccountId,
        reading: Reading,
        publish: Callable[[Notice], None],
        ready: Callable[[], bool],
    ) -> None:
        """``ready``: whether the account is online and its lists are complete."""
        self._ahead: Ahead | None = None
        self.download: Download | None = None
        if reach is not None and reach.prefetch and reach.download != "none":
            self._ahead = Ahead(store, reading, reach.parse_structure)
        if reach is not None and (extent := EXTENTS.get(reach.download)) is not None:
            self.download = Download(store, account, reading, reach.parse_structure, extent, publish, ready)

    def hear(self, notice: Notice) -> None:
        """What is told of the account: there may be more to download."""
        if self.download is not None and isinstance(notice, FolderChanged | ConnectionChanged):
            self.download.wake()

    def want(self, messages: Sequence[MessageId]) -> None:
        """These will probably be read next, the likeliest first."""
        if self._ahead is not None:
            self._ahead.want(messages)

    async def arrival(self, message: MessageId) -> None:
        """A message is to be shown that is not here: wait for it where it is on its way, else make room for it."""
        if self._ahead is not None:
            await self._ahead.arrival(message)

    async def stop(self) -> None:
        """End what fetches around the cursor."""
        if self._ahead is not None:
            await self._ahead.stop()
