# SPDX-License-Identifier: GPL-3.0-or-later
"""A `MailBackend` on local mail, for accounts whose server keeps no folders: pull, push and reading do as with any server.

What it can do, it can do without a network. Only a message whose header alone is here makes its reader wait.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence

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
from tuimail.model.errors import ServerRefused, TryLater
from tuimail.model.flags import ANSWERED, DELETED, DRAFT, FLAGGED, SEEN, Flags
from tuimail.model.folder import FolderRole
from tuimail.model.ids import AccountId
from tuimail.model.query import Query
from tuimail.model.uidset import UidSet
from tuimail.store.local_mail import LocalFolder, LocalMessage
from tuimail.store.store import Store
from tuimail.sync import local_reading
from tuimail.sync.local_events import LocalEvents

DELIMITER = "/"
_CAPABILITIES = Capabilities(
    frozenset({"IMAP4REV1", "CONDSTORE", "UIDPLUS", "MOVE", "IDLE", "SPECIAL-USE"}), enabled=frozenset({"NOTIFY"})
)
_BATCH = 16


class LocalMailbox:
    """One "connection". See `tuimail.backends.port.MailBackend` for what each method does."""

    def __init__(self, store: Store, account: AccountId, events: LocalEvents) -> None:
        self._local = store.local_mail
        self._account = account
        self._events = events
        self._selected: LocalFolder | None = None
        self._news = asyncio.Event()
        self._look_again = self._folders_changed = False
        self._listed: frozenset[str] = frozenset()

    def hear(self, folder: int) -> None:
        """A folder changed."""
        if self._selected is not None and self._selected.id == folder:
            self._look_again = True
        else:
            self._folders_changed = True
        self._news.set()

    @property
    def capabilities(self) -> Capabilities:
        """What is of use to sync; nothing of it goes over a wire."""
        return _CAPABILITIES

    @property
    def selected(self) -> str | None:
        """The name of the selected folder."""
        return self._selected.name if self._selected is not None else None

    async def connect(self, opening: Opening | None = None) -> None:  # noqa: ARG002  nothing is spared by it
        """Make the folders of a new mailbox."""
        self._local.ensure(self._account)
        self._events.mailboxes.add(self)

    async def close(self) -> None:
        """Hear no more."""
        self._events.mailboxes.discard(self)

    async def folders(self) -> list[FolderListing]:
        """All folders, with their state."""
        found = self._local.folders(self._account)
        self._listed = frozenset(folder.name for folder in found)
        return [
            FolderListing(folder.name, DELIMITER, folder.role, folder.subscribed, True, self._status(folder))
            for folder in found
        ]

    async def folders_renamed(self) -> bool:
        """Whether the names are others."""
        return self._listed != frozenset(folder.name for folder in self._local.folders(self._account))

    async def status(self, folder: str) -> FolderStatus:
        """The state of one folder."""
        return self._status(self._find(folder))

    async def select(
        self,
        folder: str,
        known: KnownState | None = None,  # noqa: ARG002  changes are told by `flags`
        *,
        read_only: bool = False,
        fresh: bool = True,  # noqa: ARG002  it always is
    ) -> Selected:
        """From now on UIDs mean this folder."""
        found = self._selected = self._find(folder)
        self._look_again = False
        system = frozenset({SEEN, ANSWERED, FLAGGED, DELETED, DRAFT})
        exists, _ = self._local.counts(found.id)
        return Selected(found.uidvalidity, exists, found.uidnext, found.modseq, system, any_keyword=True, read_only=read_only)

    async def unselect(self) -> None:
        """No folder is selected."""
        self._selected = None

    async def uids(self) -> UidSet:
        """All UIDs."""
        return self._local.uids(self._open.id)

    async def newest(self, count: int) -> AsyncIterator[list[FetchedMessage]]:
        """The highest UIDs."""
        async for batch in self.headers(UidSet.of(self._local.newest(self._open.id, count))):
            yield batch

    async def headers(self, uids: UidSet) -> AsyncIterator[list[FetchedMessage]]:
        """Read from the files, in a thread. What became whole meanwhile is read again, so that nothing old is told."""
        folder = self._open.id
        here = sorted(uids & self._local.uids(folder), reverse=True)
        for start in range(0, len(here), _BATCH):
            wanted = here[start : start + _BATCH]
            described: dict[str, local_reading.Described] = {}
            while missing := [one for one in self._local.messages(folder, wanted) if one.file not in described]:
                described |= await self._describe(missing)
            yield [local_reading.fetched(one, described[one.file]) for one in reversed(self._local.messages(folder, wanted))]

    async def flags(self, uids: UidSet, changed_since: int | None = None) -> AsyncIterator[list[FlagUpdate]]:
        """From the own file."""
        folder = self._open.id
        changed = (
            self._local.messages(folder, uids) if changed_since is None else self._local.changed_since(folder, changed_since)
        )
        yield [FlagUpdate(one.uid, one.flags, one.modseq) for one in changed if one.uid in uids]

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
        """From the file; one that holds the header only makes it wait for the server."""
        message = await self._whole(uid, section)
        octets = await asyncio.to_thread(local_reading.sections, self._local.files, message.file, {section})
        wanted = octets.get(section, b"")[offset : None if length is None else offset + length]
        if piece is not None:
            piece(wanted)
        if progress is not None:
            progress(len(wanted), len(wanted))
        return wanted

    async def sections(self, wanted: list[tuple[int, str]]) -> dict[tuple[int, str], bytes]:
        """Of messages that are whole here."""
        found: dict[tuple[int, str], bytes] = {}
        for message in self._local.messages(self._open.id, {uid for uid, _ in wanted}):
            if message.whole:
                names = {section for uid, section in wanted if uid == message.uid}
                octets = await asyncio.to_thread(local_reading.sections, self._local.files, message.file, names)
                found |= {(message.uid, section): content for section, content in octets.items()}
        return found

    async def store(self, uids: UidSet, add: Flags, remove: Flags) -> None:
        """Flags are ours alone."""
        self._local.set_flags(self._open.id, uids, add, remove)
        self._changed(self._open)

    async def copy(self, uids: UidSet, folder: str) -> Copied:
        """Within the mailbox."""
        to = self._find(folder, "TRYCREATE")
        placed = self._local.copy(self._open.id, uids, to.id)
        self._changed(to)
        return Copied(placed, to.uidvalidity)

    async def move(self, uids: UidSet, folder: str) -> Copied:
        """Within the mailbox."""
        to = self._find(folder, "TRYCREATE")
        placed = self._local.move(self._open.id, uids, to.id)
        self._changed(self._open, to)
        return Copied(placed, to.uidvalidity)

    async def expunge(self, uids: UidSet) -> bool:
        """Remove for good, here."""
        await self._forget(self._local.expunge(self._open.id, uids))
        self._changed(self._open)
        return True

    async def expunge_all_deleted(self) -> None:
        r"""Remove for good what carries ``\Deleted``."""
        await self._forget(self._local.expunge(self._open.id))
        self._changed(self._open)

    async def append(
        self, folder: str, message: bytes, flags: Flags, date: int | None, progress: ProgressSink | None = None
    ) -> Appended:
        """Write a file, then its row."""
        to = self._find(folder, "TRYCREATE")
        (file,) = await asyncio.to_thread(self._local.keep, self._account, [message])
        uid = self._local.add(to.id, file, len(message), flags, date if date is not None else local_reading.now())
        self._changed(to)
        if progress is not None:
            progress(len(message), len(message))
        return Appended(uid, to.uidvalidity)

    async def append_all(self, folder: str, uploads: Sequence[Upload]) -> None:
        """One after the other."""
        for upload in uploads:
            await self.append(folder, upload.message, upload.flags, upload.date)

    async def find_message_id(self, message_id: str) -> UidSet:
        """By reading every header."""
        return await self._matching(lambda described, _: described.envelope.message_id == message_id, texts=False)

    async def search(self, query: Query) -> UidSet:
        """By reading every message."""
        return await self._matching(lambda described, text: local_reading.matches(query, described, text), texts=True)

    async def create(self, folder: str, role: FolderRole | None = None) -> None:
        """Make a folder."""
        self._local.create(self._account, folder, role)
        self._changed()

    async def rename(self, old: str, new: str) -> None:
        """Any but INBOX."""
        self._find(old)
        if old == "INBOX":
            raise ServerRefused("The inbox cannot have another name.", code="CANNOT")
        if self._local.folder(self._account, new) is not None:
            raise ServerRefused("There is such a folder already.", code="ALREADYEXISTS")
        self._local.rename(self._account, old, new, DELIMITER)
        self._changed()

    async def delete(self, folder: str) -> None:
        """Any but INBOX, with its messages."""
        if folder == "INBOX":
            raise ServerRefused("The inbox cannot be deleted.", code="CANNOT")
        found = self._local.folder(self._account, folder)
        if found is not None:
            await self._forget(self._local.remove_folder(found.id))
            self._changed()

    async def subscribe(self, folder: str, subscribed: bool) -> None:
        """Only noted."""
        self._local.subscribe(self._find(folder).id, subscribed)
        self._changed()

    async def idle(self, seconds: float) -> ServerChange:
        """Until another user of this mail tells of a change."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return ServerChange()
        self._news.clear()
        change = ServerChange(look_again=self._look_again, folders_changed=self._folders_changed)
        self._look_again = self._folders_changed = False
        return change

    @property
    def _open(self) -> LocalFolder:
        if self._selected is None:
            raise ServerRefused("No folder is open.", code="CLOSED")
        return self._selected

    def _find(self, name: str, code: str = "NONEXISTENT") -> LocalFolder:
        found = self._local.folder(self._account, name)
        if found is None:
            raise ServerRefused(f"There is no folder “{name}”.", code=code)
        return found

    def _status(self, folder: LocalFolder) -> FolderStatus:
        messages, unseen = self._local.counts(folder.id)
        return FolderStatus(messages, unseen, folder.uidnext, folder.uidvalidity, folder.modseq, f"local-{folder.id}")

    def _changed(self, *folders: LocalFolder) -> None:
        """Tell the others; no folder is the list of folders."""
        for other in self._events.mailboxes - {self}:
            for folder in folders:
                other.hear(folder.id)
            if not folders:
                other.hear(0)

    async def _forget(self, files: list[str]) -> None:
        await asyncio.to_thread(self._local.files.remove_all, files)

    async def _describe(self, messages: Iterable[LocalMessage]) -> "dict[str, local_reading.Described]":
        wanted = [(one.file, one.file, one.whole) for one in messages]
        return await asyncio.to_thread(local_reading.describe, self._local.files, wanted)

    async def _whole(self, uid: int, section: str) -> LocalMessage:
        """A message with enough of it here for a section."""
        for wait in (True, False):
            (message,) = self._local.messages(self._open.id, {uid}) or (None,)
            if message is None:
                raise ServerRefused("The message is gone.", code="NONEXISTENT")
            if message.whole or section == "HEADER":
                return message
            if wait and self._events.fetch is not None:
                await self._events.fetch(message.file)
        raise TryLater("Only the header of this message is here so far.", "It is fetched as soon as the server can be reached.")

    async def _matching(self, matches: "Callable[[local_reading.Described, str], bool]", *, texts: bool) -> UidSet:
        folder = self._open.id
        found: list[int] = []
        here = sorted(self._local.uids(folder))
        for start in range(0, len(here), _BATCH):
            batch = [(one.uid, one.file, one.whole) for one in self._local.messages(folder, here[start : start + _BATCH])]
            found += await asyncio.to_thread(local_reading.find, self._local.files, batch, matches, texts=texts)
        return UidSet.of(found)
