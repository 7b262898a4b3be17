# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user waits for: sections of messages, searches, a plain EXPUNGE. On the connection that serves the user."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Literal, overload

from tuimail.backends.port import MailBackend, ProgressSink
from tuimail.model.errors import ServerRefused, TryLater
from tuimail.model.ids import AccountId, FolderId, MessageId
from tuimail.model.query import Query
from tuimail.model.uidset import UidSet
from tuimail.store.bodies import PIECE
from tuimail.store.folders import ServerFolder
from tuimail.store.store import Store
from tuimail.sync.delta import BATCH, batches
from tuimail.sync.line import Line

_MOST_FOUND = 1000
"""Messages found by a search that have no row yet and are read for it, the newest."""


class Reading:
    """Asks the server at once."""

    def __init__(self, store: Store, account: AccountId, line: Line, truth: asyncio.Lock) -> None:
        self._store = store
        self._account = account
        self._line = line
        self._truth = truth

    async def section(
        self, message: MessageId, section: str, progress: ProgressSink | None = None, length: int | None = None
    ) -> bytes:
        """One section, still encoded, or its first ``length`` octets.

        Raises ServerRefused with code NONEXISTENT when the message is gone, else the port's. What came of a large one before it
        was interrupted is kept, and not fetched again.
        """
        here = bytearray(self._store.pieces.get(message, section))
        before = len(here)
        if length is not None and before >= length:
            return bytes(here[:length])

        async def read(backend: MailBackend) -> None:
            folder, uid = self._place(message)
            await self._open(backend, folder)
            start = len(here)

            def told(done: int, total: int) -> None:
                if progress is not None:
                    progress(start + done, start + total)

            sink = told if progress is not None else None
            fetch = partial(
                backend.section, uid, section, offset=start, length=length and length - start, progress=sink, piece=here.extend
            )
            await self._with_what_arrived(backend, folder, fetch)

        try:
            await self._line.repeat(read)
        except BaseException:
            if len(here) - before >= PIECE:
                self._store.pieces.keep(message, section, before, bytes(here[before:]))
            raise
        if before and length is None:
            self._store.pieces.forget(message, section)
        return bytes(here)

    @overload
    async def sections(
        self, wanted: list[tuple[MessageId, str]], *, spare: Literal[False] = False
    ) -> dict[tuple[MessageId, str], bytes]: ...

    @overload
    async def sections(
        self, wanted: list[tuple[MessageId, str]], *, spare: Literal[True]
    ) -> dict[tuple[MessageId, str], bytes] | None: ...

    async def sections(
        self, wanted: list[tuple[MessageId, str]], *, spare: bool = False
    ) -> dict[tuple[MessageId, str], bytes] | None:
        """Several sections, one flight for each folder; those that cannot be had are missing from the answer.

        ``spare``: only while nothing else is wanted of the connection; None when something was.
        """
        found: dict[tuple[MessageId, str], bytes] = {}

        async def read(backend: MailBackend) -> bool:
            places = self._store.messages.places({message for message, _ in wanted})
            folders = {place.folder for place in places.values() if place.folder is not None and place.uid is not None}
            for folder in (self._store.folders.server_folder(folder) for folder in folders):
                if folder is None:
                    continue
                asked = {
                    (uid, section): (message, section)
                    for message, section in wanted
                    if message in places and places[message].folder == folder.id and (uid := places[message].uid) is not None
                }
                await self._open(backend, folder)
                got = await backend.sections(list(asked))
                if missing := [key for key in asked if key not in got]:
                    await self._open(backend, folder, fresh=True)
                    got |= await backend.sections(missing)
                found.update((asked[key], content) for key, content in got.items() if key in asked)
            return True

        done = await (self._line.spare(read) if spare else self._line.repeat(read))
        return found if done else None

    async def search(self, folder: FolderId, query: Query) -> tuple[MessageId, ...]:
        """Messages of a folder that the server finds, newest first; rows are made for those that have none."""
        found = self._store.folders.server_folder(folder)
        if found is None:
            raise ServerRefused("The folder is not on the server (yet).", code="NONEXISTENT")
        async with self._line.use() as backend:
            await self._open(backend, found, fresh=True)
            uids = await backend.search(query)
            known = self._store.messages.at(folder, uids)
            missing = (uids - UidSet.of(known)).take_highest(_MOST_FOUND)
            if missing:
                await self._read(backend, found, missing)
                known = self._store.messages.at(folder, uids)
        return tuple(known[uid] for uid in sorted(known, reverse=True))

    async def purge(self, folder: FolderId) -> None:
        r"""Remove every message of a folder that carries ``\Deleted``. Without UIDPLUS that is whatever anybody marked."""
        found = self._store.folders.server_folder(folder)
        if found is None:
            raise ServerRefused("The folder is not on the server (yet).", code="NONEXISTENT")
        async with self._line.use() as backend:
            await self._open(backend, found, fresh=True)
            if not backend.capabilities.uidplus:
                await backend.expunge_all_deleted()
            elif marked := self._store.messages.marked_deleted(folder):
                await backend.expunge(marked)

    async def _read(self, backend: MailBackend, folder: ServerFolder, uids: UidSet) -> None:
        pull = self._store.next_pull()
        async with self._truth:
            async for messages in backend.headers(uids):
                for batch in batches(messages, BATCH):
                    self._store.arrivals.insert(self._account, folder.id, batch, pull)
                    await asyncio.sleep(0)

    async def _with_what_arrived(
        self, backend: MailBackend, folder: ServerFolder, fetch: Callable[[], Awaitable[bytes]]
    ) -> None:
        """Fetch; what is not there may have arrived since the folder was opened."""
        try:
            await fetch()
        except ServerRefused as error:
            if error.code != "NONEXISTENT":
                raise
            await self._open(backend, folder, fresh=True)
            await fetch()

    async def _open(self, backend: MailBackend, folder: ServerFolder, *, fresh: bool = False) -> None:
        """Select a folder. What arrived since is only known to this connection after it heard of it, which ``fresh`` brings."""
        selected = await backend.select(folder.name, fresh=fresh)
        if selected.uidvalidity != folder.cursor.uidvalidity:
            raise TryLater("The server renumbered this folder.", "Try it again in a moment.")

    def _place(self, message: MessageId) -> tuple[ServerFolder, int]:
        place = self._store.messages.places([message]).get(message)
        if place is None:
            raise ServerRefused("The message is gone.", code="NONEXISTENT")
        folder = self._store.folders.server_folder(place.folder) if place.folder is not None else None
        if folder is None or place.uid is None:
            raise TryLater("The message is being moved.", "Try it again in a moment.")
        return folder, place.uid
