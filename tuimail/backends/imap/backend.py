# SPDX-License-Identifier: GPL-3.0-or-later
"""`ImapBackend`: the port's methods, each in the file of its topic."""
# ruff: noqa: D102  the port documents the methods

import asyncio
from collections.abc import AsyncIterator, Sequence

from tuimail.backends.capabilities import Capabilities
from tuimail.backends.early import EarlyLines
from tuimail.backends.imap import append, body, brief, change, distance, fetch, folders, idle, search, select
from tuimail.backends.imap.connection import READ_SECONDS
from tuimail.backends.imap.memory import ServerMemory
from tuimail.backends.imap.opening import open_session
from tuimail.backends.imap.session import Session
from tuimail.backends.log import ProtocolLog
from tuimail.backends.port import (
    Appended,
    Copied,
    FetchedMessage,
    FlagUpdate,
    FolderListing,
    FolderStatus,
    KnownState,
    Opening,
    PieceSink,
    ProgressSink,
    SecretSource,
    Selected,
    ServerChange,
    Upload,
)
from tuimail.backends.renewal import renewed_once
from tuimail.model.account import ServerAddress
from tuimail.model.errors import Offline, TuimailError
from tuimail.model.flags import Flags
from tuimail.model.folder import FolderRole
from tuimail.model.query import Query
from tuimail.model.uidset import UidSet

_LOGOUT_SECONDS = 3.0


class ImapBackend:
    """One connection to an IMAP server. See `tuimail.backends.port.MailBackend`, which it is."""

    def __init__(
        self,
        server: ServerAddress,
        secret: SecretSource,
        *,
        log: ProtocolLog | None = None,
        read_seconds: float = READ_SECONDS,
        memory: ServerMemory | None = None,
        compress: bool = True,
        early: EarlyLines | None = None,
    ) -> None:
        """``read_seconds``: how long a server that owes an answer may be silent. ``compress``: use COMPRESS from the beginning.

        ``memory``: shared by the connections to one server with one user name; without it this object remembers by itself.
        ``early``: connections that may be there already.
        """
        self._server = server
        self._secret = secret
        self._log = log
        self._read_seconds = read_seconds
        self._memory = memory or ServerMemory()
        self._compress = compress
        self._early = early
        self._opened: Session | None = None

    @property
    def capabilities(self) -> Capabilities:
        return self._opened.capabilities if self._opened else Capabilities()

    @property
    def selected(self) -> str | None:
        return self._opened.mailbox.name if self._opened and self._opened.mailbox else None

    async def connect(self, opening: Opening | None = None) -> None:
        await self.close()
        self._opened = await renewed_once(self._secret, lambda: open_session(
            self._server, self._secret, self._log, self._read_seconds,
            memory=self._memory, opening=opening, compress=self._compress, early=self._early,
        ))  # fmt: skip

    async def compress_if_far(self) -> None:
        """See `tuimail.backends.imap.distance`."""
        if self._memory.compresses and not self._memory.doubtful:
            await distance.compress_if_far(self._session)

    async def close(self) -> None:
        session, self._opened = self._opened, None
        if session is None:
            return
        try:
            async with asyncio.timeout(_LOGOUT_SECONDS):
                await session.dialogue.end_idle()
                await session.protocol.logout()
        except (TuimailError, TimeoutError):
            pass
        finally:
            session.protocol.fail(Offline("The connection was closed."))

    async def folders(self) -> list[FolderListing]:
        return await folders.folders(self._session)

    async def folders_renamed(self) -> bool:
        return await folders.renamed(self._session)

    async def status(self, folder: str) -> FolderStatus:
        return await folders.status(self._session, folder)

    async def select(
        self, folder: str, known: KnownState | None = None, *, read_only: bool = False, fresh: bool = True
    ) -> Selected:
        if read_only:
            return await select.select(self._session, folder, known, read_only=True, fresh=fresh)
        return await brief.opened(self._session, folder, known, fresh=fresh)

    async def unselect(self) -> None:
        await select.unselect(self._session)

    async def uids(self) -> UidSet:
        return await search.uids(self._session)

    def newest(self, count: int) -> AsyncIterator[list[FetchedMessage]]:
        return fetch.newest(self._session, count)

    def headers(self, uids: UidSet) -> AsyncIterator[list[FetchedMessage]]:
        return fetch.headers(self._session, uids)

    def flags(self, uids: UidSet, changed_since: int | None = None) -> AsyncIterator[list[FlagUpdate]]:
        return fetch.flags(self._session, uids, changed_since)

    async def section(
        self,
        uid: int,
        section: str,
        *,
        offset: int = 0,
        length: int | None = None,
        progress: ProgressSink | None = None,
        piece: PieceSink | None = None,
    ) -> bytes:
        return await body.section(self._session, uid, section, offset=offset, length=length, progress=progress, piece=piece)

    async def sections(self, wanted: list[tuple[int, str]]) -> dict[tuple[int, str], bytes]:
        return await fetch.sections(self._session, wanted)

    async def store(self, uids: UidSet, add: Flags, remove: Flags) -> None:
        await brief.written(self._session, lambda session: change.store(session, uids, add, remove))

    async def copy(self, uids: UidSet, folder: str) -> Copied:
        return await change.copy(self._session, uids, folder)

    async def move(self, uids: UidSet, folder: str) -> Copied:
        return await brief.written(self._session, lambda session: change.move(session, uids, folder))

    async def expunge(self, uids: UidSet) -> bool:
        return await brief.written(self._session, lambda session: change.expunge(session, uids))

    async def expunge_all_deleted(self) -> None:
        await brief.written(self._session, change.expunge_all_deleted)

    async def append(
        self, folder: str, message: bytes, flags: Flags, date: int | None, progress: ProgressSink | None = None
    ) -> Appended:
        return await append.append(self._session, folder, message, flags, date, progress)

    async def append_all(self, folder: str, uploads: Sequence[Upload]) -> None:
        await append.append_all(self._session, folder, uploads)

    async def find_message_id(self, message_id: str) -> UidSet:
        return await search.find_message_id(self._session, message_id)

    async def search(self, query: Query) -> UidSet:
        return await search.search(self._session, query)

    async def create(self, folder: str, role: FolderRole | None = None) -> None:
        await folders.create(self._session, folder, role)

    async def rename(self, old: str, new: str) -> None:
        if self.selected == old:  # Courier refuses to rename the selected mailbox
            await select.leave(self._session)
        await folders.rename(self._session, old, new)

    async def delete(self, folder: str) -> None:
        if self.selected == folder:  # Dovecot ends a connection whose selected mailbox is deleted
            await select.leave(self._session)
        await folders.delete(self._session, folder)

    async def subscribe(self, folder: str, subscribed: bool) -> None:
        await folders.subscribe(self._session, folder, subscribed)

    async def idle(self, seconds: float) -> ServerChange:
        return await idle.idle(self._session, seconds)

    @property
    def _session(self) -> Session:
        if self._opened is None:
            raise Offline("The mail server is not connected.")
        if self._opened.protocol.lost is not None:
            raise self._opened.protocol.lost
        return self._opened
