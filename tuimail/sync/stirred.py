# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a folder has to be opened, by what STATUS tells of it and what was known of it before."""

from dataclasses import dataclass, field

from tuimail.backends.port import FolderStatus, MailBackend
from tuimail.model.ids import FolderId
from tuimail.model.uidset import UidSet
from tuimail.store.folders import ServerFolder
from tuimail.store.store import Store


@dataclass(slots=True)
class Stirred:
    """The folders of one account."""

    store: Store
    statuses: dict[FolderId, FolderStatus] = field(default_factory=dict)
    """As they were when the folder was last pulled."""
    unreadable: dict[FolderId, UidSet] = field(default_factory=dict)
    """What the server lists and does not deliver."""
    _miscounted: dict[FolderId, tuple[int, int]] = field(default_factory=dict)
    """Messages and rows, where these were not as many at the last look."""

    def is_changed(self, backend: MailBackend, folder: ServerFolder, status: FolderStatus | None) -> bool:
        """Whether there may be something new in it."""
        if status is None or folder.cursor.filled_from == 0 or folder.cursor.uidvalidity != status.uidvalidity:
            return True
        cursor = folder.cursor
        there = (cursor.uidnext, cursor.highestmodseq) == (status.uidnext, status.highestmodseq)
        if backend.capabilities.qresync and there and cursor.highestmodseq is not None:
            return self._miscounts(folder, status)  # with QRESYNC every change counts, whoever pulled it
        return self.statuses.get(folder.id) != status or self._miscounts(folder, status)

    def tells_all(self, backend: MailBackend, folder: ServerFolder, status: FolderStatus | None) -> bool:
        """Whether opening the folder would tell no more than STATUS: there are as many rows as messages, and with QRESYNC no
        change went uncounted, or there is no message at all."""
        cursor = folder.cursor
        if status is None or (cursor.uidvalidity, cursor.uidnext) != (status.uidvalidity, status.uidnext):
            return False
        exact = backend.capabilities.qresync and None is not cursor.highestmodseq == status.highestmodseq
        if cursor.filled_from != 1:
            return exact and cursor.filled_from > 1
        held = self._held(folder)
        return held == status.messages and (exact or not held)

    def _miscounts(self, folder: ServerFolder, status: FolderStatus) -> bool:
        """Whether rows and messages are not as many, and were not so at the last look: the server said OK, and did nothing."""
        if folder.cursor.filled_from != 1 or status.messages is None:
            return False
        counts = status.messages, self._held(folder)
        if counts[0] == counts[1]:
            return False
        looked_into, self._miscounted[folder.id] = self._miscounted.get(folder.id), counts
        return looked_into != counts

    def _held(self, folder: ServerFolder) -> int:
        """Messages that have rows, or are known not to be had."""
        return self.store.folders.server_counts(folder.id)[0] + len(self.unreadable.get(folder.id, UidSet()))
