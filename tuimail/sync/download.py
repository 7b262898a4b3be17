# SPDX-License-Identifier: GPL-3.0-or-later
"""``download = "text"``: fetches the texts of the newest messages while the line is idle, so that there is something to search.

Flights are as large as the line carries in a moment, and are given up as soon as anything else is wanted of the connection.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from tuimail.model.errors import ServerRefused, TryLater, TuimailError
from tuimail.model.folder import FolderRole
from tuimail.model.ids import AccountId, FolderId, MessageId
from tuimail.model.notice import Notice, Progress
from tuimail.store import bodies
from tuimail.store.folders import ServerFolder
from tuimail.store.store import Store
from tuimail.sync.ahead import ParseStructure, Plan, keep, plan
from tuimail.sync.reading import Reading

LARGEST = 1024 * 1024
"""Octets, still encoded, of a part that is not fetched unasked."""
_SMALLEST, _LARGEST_FLIGHT = 16 * 1024, 512 * 1024
"""Octets of one flight."""
_MOMENT = 0.3
"""Seconds that a flight should take at most: so long the next wish may have to wait for the rest of one that was given up."""
_PAUSE = 0.5
"""Seconds until the next try after something else was wanted."""
_MOST = 50
"""Messages of one flight."""
_AT_ONCE = 20_000
"""Messages of a folder that are listed as lacking at a time."""
_FULL = 0.9
"""Share of the cache's limit from which on nothing more is fetched: what is dropped would be fetched again and again."""
_SKIPPED = frozenset({FolderRole.JUNK, FolderRole.TRASH, FolderRole.FLAGGED})


@dataclass(frozen=True, slots=True)
class Extent:
    """Which messages of a folder: the ``newest`` by number, and all of the last ``days``."""

    newest: int
    days: int


EXTENTS = {"text": Extent(10_000, 90), "all": Extent(1 << 40, 0)}
"""By the setting ``download``; with any other nothing is downloaded."""


class Download:
    """The texts of one account."""

    def __init__(
        self,
        store: Store,
        account: AccountId,
        reading: Reading,
        parse_structure: ParseStructure,
        extent: Extent,
        publish: Callable[[Notice], None],
        ready: Callable[[], bool],
    ) -> None:
        """``ready``: whether the lists are complete, so that the line is free for this."""
        self._store = store
        self._account = account
        self._reading = reading
        self._parse_structure = parse_structure
        self._extent = extent
        self._publish = publish
        self._ready = ready
        self._bell = asyncio.Event()
        self._flight = 4 * _SMALLEST
        self._done_to = -1
        """The latest row when everything had been fetched."""

    def wake(self) -> None:
        """Something arrived, or the connection is back."""
        self._bell.set()

    async def run(self) -> None:
        """Fetch whenever there is something to fetch. Never returns."""
        while True:
            await self._bell.wait()
            self._bell.clear()
            latest = self._store.bodies.latest_row()
            if latest == self._done_to or not self._ready():
                continue
            try:
                if await self._all():
                    self._done_to = latest
            except TuimailError:
                self._tell("", 0, 0)  # the next connection rings again

    async def _all(self) -> bool:
        """Every folder. False: something else came first."""
        self._store.bodies.trim()
        folders = self._folders()
        lacking = await asyncio.to_thread(self._lacking, [folder.id for folder in folders])
        more = False
        for folder in folders:
            wanted = lacking[folder.id]
            try:
                done = await self._folder(folder, wanted) if wanted else 0
            except (ServerRefused, TryLater):
                continue  # one folder that cannot be read costs no other
            if done < len(wanted) and not self._ready():
                return False
            more |= done == _AT_ONCE
        if more:
            self._bell.set()
        return not more

    def _lacking(self, folders: list[FolderId]) -> dict[FolderId, list[MessageId]]:
        """The messages of each folder whose texts are to be fetched. Takes a while: for a thread."""
        since = int(time.time()) - self._extent.days * 86_400
        store = self._store.another()
        try:
            return {folder: store.bodies.wanted(folder, self._extent.newest, since, _AT_ONCE) for folder in folders}
        finally:
            store.close()

    def _folders(self) -> list[ServerFolder]:
        folders = self._store.folders.on_server(self._account).values()
        wanted = [folder for folder in folders if folder.selectable and folder.role not in _SKIPPED]
        return sorted(wanted, key=lambda folder: (folder.role is not FolderRole.INBOX, folder.role is None, folder.name))

    async def _folder(self, folder: ServerFolder, wanted: list[MessageId]) -> int:
        """One folder. Returns of how many messages the texts are here: fewer when the cache is full or the line not idle."""
        total, at = len(wanted), 0
        room = bodies.LIMIT * _FULL - self._store.bodies.octets()
        try:
            while at < total and room > 0 and self._ready():
                made = plan(self._store, wanted[at : at + _MOST], self._parse_structure, budget=self._flight, largest=LARGEST)
                if await self._fly(made):
                    at += len(made.texts) + len(made.large)
                    room -= made.octets
                    self._tell(folder.name, at, total)
                else:
                    await asyncio.sleep(_PAUSE)
        finally:
            self._tell(folder.name, total, total)
        return at

    async def _fly(self, made: Plan) -> bool:
        """One flight. False: it was given up."""
        begun = time.monotonic()
        found = await self._reading.sections(made.sections, spare=True) if made.wanted else {}
        if found is None:
            self._flight = max(self._flight // 2, _SMALLEST)
            return False
        took = time.monotonic() - begun
        if made.octets > self._flight // 2:
            self._flight = min(self._flight * 2, _LARGEST_FLIGHT) if took < _MOMENT else max(self._flight // 2, _SMALLEST)
        for message in [*await keep(self._store, made, found), *made.large]:
            self._store.bodies.complete(message, bodies.NOT_HERE)
        return True

    def _tell(self, name: str, done: int, total: int) -> None:
        self._publish(Progress(f"text:{self._account}", f"Fetching texts of {name}", done, total))
