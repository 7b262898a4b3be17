# SPDX-License-Identifier: GPL-3.0-or-later
"""A `MailBackend` on a `MemoryServer`."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import TypeVar

from tests.sync.memory_server import Box, Mail, MemoryServer
from tuimail.backends.capabilities import Capabilities
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
    Selected,
    ServerChange,
    Upload,
)
from tuimail.model.errors import Offline, ServerRefused
from tuimail.model.flags import DELETED, SYSTEM_FLAGS, Flags
from tuimail.model.folder import FolderRole
from tuimail.model.message import Envelope
from tuimail.model.query import Query
from tuimail.model.uidset import UidSet

T = TypeVar("T")
_DELETED: Flags = frozenset({DELETED})


class MemoryBackend:
    """One connection."""

    def __init__(self, server: MemoryServer) -> None:
        self.server = server
        self._name: str | None = None
        self._box: Box | None = None
        self._read_only = False
        self._lost = False
        self._listed = frozenset[str]()

    @property
    def capabilities(self) -> Capabilities:
        return self.server.traits.capabilities

    @property
    def selected(self) -> str | None:
        return self._name

    async def connect(self, opening: Opening | None = None) -> None:
        self._lost = False
        self._name = self._box = None

    async def close(self) -> None:
        self._lost = True

    async def folders(self) -> list[FolderListing]:
        await self._turn()
        self._listed = frozenset(self.server.boxes)
        return [
            FolderListing(
                name, "/", box.role, box.subscribed, True, self._status(box) if self.server.traits.list_status else None
            )
            for name, box in self.server.boxes.items()
        ]

    async def folders_renamed(self) -> bool:
        await self._turn()
        return self._listed != frozenset(self.server.boxes)

    async def status(self, folder: str) -> FolderStatus:
        await self._turn()
        return self._status(self._find(folder))

    async def select(
        self, folder: str, known: KnownState | None = None, *, read_only: bool = False, fresh: bool = True
    ) -> Selected:
        await self._turn()
        box = self._find(folder)
        self.server.renumbered.discard(id(box))
        self._name, self._box, self._read_only = folder, box, read_only
        traits = self.server.traits
        resynced = traits.qresync and known is not None and known.uidvalidity == box.uidvalidity
        since = known.highestmodseq if known is not None else 0
        return Selected(
            box.uidvalidity,
            len(box.messages),
            box.uidnext,
            box.modseq if traits.condstore else None,
            frozenset(SYSTEM_FLAGS if traits.system_flags else ()),
            traits.keywords,
            read_only,
            resynced,
            UidSet.of(uid for modseq, uid in box.vanished if modseq > since) if resynced else UidSet(),
            tuple(self._updates(uid for uid, mail in box.messages.items() if mail.modseq > since)) if resynced else (),
        )

    async def unselect(self) -> None:
        self._name = self._box = None

    async def uids(self) -> UidSet:
        await self._turn()
        return UidSet.of(self._open.messages)

    async def newest(self, count: int) -> AsyncIterator[list[FetchedMessage]]:
        await self._turn()
        yield self._rows(sorted(self._open.messages)[-count:])

    async def headers(self, uids: UidSet) -> AsyncIterator[list[FetchedMessage]]:
        await self._turn()
        wanted = sorted(uid for uid in self._open.messages if uid in uids)
        while wanted:
            await self._turn()
            yield self._rows(wanted[-2:])
            wanted = wanted[:-2]

    async def flags(self, uids: UidSet, changed_since: int | None = None) -> AsyncIterator[list[FlagUpdate]]:
        await self._turn()
        since = changed_since if changed_since is not None and self.server.traits.condstore else -1
        yield self._updates(uid for uid, mail in self._open.messages.items() if uid in uids and mail.modseq > since)

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
        await self._turn()
        if uid not in self._open.messages:
            raise ServerRefused("The message is gone.", code="NONEXISTENT")
        if piece is not None:
            piece(self._open.messages[uid].raw[offset:])
        return self._open.messages[uid].raw[offset:]

    async def sections(self, wanted: list[tuple[int, str]]) -> dict[tuple[int, str], bytes]:
        await self._turn()
        return {(uid, section): self._open.messages[uid].raw for uid, section in wanted if uid in self._open.messages}

    async def store(self, uids: UidSet, add: Flags, remove: Flags) -> None:
        await self._change("STORE", lambda: self._open.flag(uids, add, remove))

    async def copy(self, uids: UidSet, folder: str) -> Copied:
        return await self._change("COPY", lambda: self._copy(uids, folder))

    async def move(self, uids: UidSet, folder: str) -> Copied:
        if self.server.traits.move:
            return await self._change("MOVE", lambda: self._move(uids, folder))
        done = await self._change("COPY", lambda: self._copy(uids, folder))
        removed = await self.expunge(uids & UidSet.of(done.uids) if self.server.traits.uidplus else uids)
        return Copied(done.uids, done.uidvalidity, left_behind=not removed)

    async def expunge(self, uids: UidSet) -> bool:
        await self.store(uids, _DELETED, frozenset())
        if not self.server.traits.uidplus:
            return False
        await self._change("EXPUNGE", lambda: self._open.take(self._deleted() & uids))
        return True

    async def expunge_all_deleted(self) -> None:
        await self._change("EXPUNGE", lambda: self._open.take(self._deleted()))

    async def append(
        self, folder: str, message: bytes, flags: Flags, date: int | None, progress: ProgressSink | None = None
    ) -> Appended:
        return await self._change("APPEND", lambda: self._append(folder, Upload(message, flags, date)))

    async def append_all(self, folder: str, uploads: Sequence[Upload]) -> None:
        assert self.server.traits.multiappend

        def do() -> None:
            if self.server.unwanted in [upload.message for upload in uploads]:
                raise ServerRefused("Not this one.")
            for upload in uploads:
                self._append(folder, upload)

        await self._change("MULTIAPPEND", do)

    async def find_message_id(self, message_id: str) -> UidSet:
        await self._turn()
        return UidSet.of(uid for uid, mail in self._open.messages.items() if mail.message_id == message_id)

    async def search(self, query: Query) -> UidSet:
        await self._turn()
        return UidSet.of(uid for uid, mail in self._open.messages.items() if query.words in mail.message_id)

    async def create(self, folder: str, role: FolderRole | None = None) -> None:
        await self._change("CREATE", lambda: self.server.create(folder))

    async def rename(self, old: str, new: str) -> None:
        def do() -> None:
            self._find(old)
            if new in self.server.boxes:
                raise ServerRefused("There is such a folder.", code="ALREADYEXISTS")
            self.server.rename(old, new)

        await self._change("RENAME", do)
        if self._name == old:
            self._name = self._box = None

    async def delete(self, folder: str) -> None:
        await self._change("DELETE", lambda: self.server.boxes.pop(folder, None))

    async def subscribe(self, folder: str, subscribed: bool) -> None:
        def do() -> None:
            if folder in self.server.boxes:
                self.server.boxes[folder].subscribed = subscribed

        await self._change("SUBSCRIBE", do)

    async def idle(self, seconds: float) -> ServerChange:
        await asyncio.sleep(seconds)
        return ServerChange()

    @property
    def _open(self) -> Box:
        if self._box is None:
            raise ServerRefused("No folder is open.", code="CLOSED")
        return self._box

    async def _turn(self) -> None:
        await asyncio.sleep(0)
        self.server.turn()
        if self.server.lose_turns:
            self.server.lose_turns -= 1
            self._lost |= not self.server.lose_turns
        if self._lost:
            raise Offline("The connection is lost.")
        if self._box is not None and id(self._box) in self.server.renumbered:
            self._lost = True
            raise Offline("The server cut the connection.")

    async def _change(self, command: str, do: Callable[[], T]) -> T:
        await self._turn()
        server = self.server
        server.log.append(command)
        if self._read_only and command in ("STORE", "EXPUNGE", "MOVE"):
            raise ServerRefused("The folder is open to read only.", code="READ-ONLY")
        if server.refuse == command:
            server.refuse = command if server.keeps_refusing else ""
            raise ServerRefused("No.", code=server.refusal_code)
        lose = server.lose if server.lose and server.lose_after <= 0 else ""
        server.lose_after -= bool(server.lose)
        if lose:
            server.lose = ""
            self._lost = True
        if lose == "before":
            raise Offline("The connection was lost.")
        result = do()
        if lose == "after":
            raise Offline("The connection was lost.")
        return result

    def _copy(self, uids: UidSet, folder: str) -> Copied:
        target = self._find(folder, "TRYCREATE")
        source = self._open
        new = {uid: target.put(source.messages[uid]) for uid in sorted(source.messages) if uid in uids}
        named = dict(list(new.items())[: self.server.names])
        return Copied(named, target.uidvalidity) if self.server.traits.uidplus and named else Copied()

    def _move(self, uids: UidSet, folder: str) -> Copied:
        copied = self._copy(uids, folder)
        self._open.take(uids)
        return copied

    def _append(self, folder: str, upload: Upload) -> Appended:
        box = self._find(folder, "TRYCREATE")
        if upload.message == self.server.unwanted:
            raise ServerRefused("Not this one.")
        lines = [line for line in upload.message.splitlines() if line.lower().startswith(b"message-id: ")]
        message_id = lines[0][12:].strip().decode() if lines else ""
        mail = Mail(message_id, len(upload.message), upload.flags, 0, upload.date or 1_700_000_000, upload.message)
        uid = box.put(mail)
        return Appended(uid, box.uidvalidity) if self.server.traits.uidplus else Appended()

    def _deleted(self) -> UidSet:
        return UidSet.of(uid for uid, mail in self._open.messages.items() if DELETED in mail.flags)

    def _find(self, folder: str, code: str = "NONEXISTENT") -> Box:
        if folder not in self.server.boxes:
            raise ServerRefused("There is no such folder.", code=code)
        return self.server.boxes[folder]

    def _status(self, box: Box) -> FolderStatus:
        return FolderStatus(
            len(box.messages),
            sum("\\Seen" not in mail.flags for mail in box.messages.values()),
            box.uidnext,
            box.uidvalidity,
            box.modseq if self.server.traits.condstore else None,
            box.mailbox_id if self.server.traits.object_id else "",
        )

    def _updates(self, uids: Iterable[int]) -> list[FlagUpdate]:
        return [FlagUpdate(uid, self._open.messages[uid].flags, self._open.messages[uid].modseq) for uid in sorted(uids)]

    def _rows(self, uids: list[int]) -> list[FetchedMessage]:
        return [
            FetchedMessage(
                uid,
                mail.flags,
                mail.arrived,
                mail.size,
                Envelope(mail.message_id, message_id=mail.message_id),
                b"",
                False,
                mail.modseq,
            )
            for uid in reversed(uids)
            if (mail := self._open.messages.get(uid)) is not None
        ]
