# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings the server's state into the store: the list of folders, every folder that changed, what moved between them."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from dataclasses import replace

from tuimail.backends.port import FolderListing, FolderStatus, MailBackend, ServerChange
from tuimail.model.action import Action, ActionState, Copy, Move, RenameFolder
from tuimail.model.errors import ServerBroken, ServerRefused
from tuimail.model.folder import FolderRole
from tuimail.model.ids import AccountId, FolderId
from tuimail.model.notice import FolderChanged, FoldersChanged, NewMail, Notice, WaitingChanged
from tuimail.model.uidset import UidSet
from tuimail.store.folders import Cursor, ListedFolder, ServerFolder
from tuimail.store.store import Store
from tuimail.sync.delta import FolderPull, Pulled, batches
from tuimail.sync.fill import Fill, Unlisted
from tuimail.sync.fill_process import FillRunner
from tuimail.sync.listing import Listing, compare
from tuimail.sync.settle import settle, sweeps_of
from tuimail.sync.stirred import Stirred

_AT_ONCE = 128
"""STATUS commands under way at a time: a turn for each would take minutes where there are ten thousand folders."""
_SLICE = 32
"""Folders that are looked at before the event loop gets its turn."""


class Puller:
    """Pulls one account. `truth` is held whenever server columns are read and written over an await; push holds it, too."""

    def __init__(
        self,
        store: Store,
        account: AccountId,
        publish: Callable[[Notice], None],
        truth: asyncio.Lock | None = None,
        fill_runner: FillRunner | None = None,
    ) -> None:
        self._store = store
        self._account = account
        self._publish = publish
        self._truth = truth or asyncio.Lock()
        self._stirred = Stirred(store)
        self._listed: dict[str, FolderListing] = {}
        """As LIST told at the last sweep."""
        self._fill = Fill(store, account, publish, fill_runner)
        self.stale: set[FolderId] = set()
        """Folders to be pulled by the next sweep whatever STATUS says."""

    def reconnected(self) -> None:
        """A new connection: what was only remembered of the server's answers is asked again."""
        self._stirred.statuses.clear()
        self._fill.refused.clear()

    async def sweep(
        self,
        backend: MailBackend,
        *,
        watched: FolderId | None = None,
        deep: bool = False,
        opened: frozenset[FolderId] = frozenset(),
    ) -> None:
        """Pull all folders. ``deep``: those, too, whose STATUS says that nothing changed, unless it cannot but know."""
        pull = self._store.next_pull()
        async with self._truth:
            statuses = await self._list(backend)
        self._fill.refused.clear()
        known = self._store.folders.on_server(self._account)
        stale, self.stale = self.stale, set()
        awaiting = self._store.arrivals.awaiting_uids(self._account)
        at_first = not sweeps_of(self._store, self._account).latest
        ordered = sorted((folder for folder in known.values() if folder.selectable), key=lambda one: _rank(one, watched))
        for number, folder in enumerate(ordered):
            if number % _SLICE == _SLICE - 1:
                await asyncio.sleep(0)
            status = statuses.get(folder.name)
            first_class = folder.role is not None or folder.id == watched or folder.id in opened
            if at_first and folder.cursor.filled_from == 0 and not first_class and self._note_only(folder, status):
                continue
            thorough = deep and (first_class or folder.id in awaiting or not self._stirred.tells_all(backend, folder, status))
            if thorough or folder.id in stale or self._stirred.is_changed(backend, folder, status):
                await self._pull_or_refuse(backend, folder, pull, status, deep=deep)
            elif status is not None and status.messages is not None and folder.cursor.filled_from > 1:
                self._count_unlisted(folder, status.messages, status.unseen)
                self._publish(FolderChanged(folder.id))
        async with self._truth:
            self._settle(pull)

    async def list_changed(self, backend: MailBackend) -> bool:
        """Whether LIST says anything else than at the last sweep: with LIST-STATUS, that any folder changed.

        Where NOTIFY tells of messages, only names are looked at.
        """
        if backend.capabilities.notify:
            return await backend.folders_renamed()
        return _by_name(await backend.folders()) != self._listed

    async def folder(self, backend: MailBackend, folder: FolderId, *, deep: bool = False) -> None:
        """Pull one folder. Raises the port's errors."""
        found = self._store.folders.server_folder(folder)
        if found is not None and found.selectable:
            await self._pull(backend, found, self._store.next_pull(), None, deep=deep)

    def assume_inbox(self) -> ServerFolder | None:
        """At the very first start: INBOX, which is always there (RFC 9051 §5.1), before the server listed its folders."""
        if self._store.folders.on_server(self._account):
            return None
        inbox = ListedFolder("INBOX", "", FolderRole.INBOX, subscribed=True, selectable=True)
        self._store.folders.apply_listing(self._account, [inbox], {}, ())
        self._publish(FoldersChanged(self._account))
        return self._store.folders.on_server(self._account)["INBOX"]

    async def changed(self, folder: FolderId, change: ServerChange) -> None:
        """Apply what the server told of the selected folder by itself."""
        async with self._truth:
            found = self._store.folders.server_folder(folder)
            if found is None or not (change.vanished or change.changed):
                return
            if change.vanished:
                self._store.arrivals.vanish(folder, change.vanished, self._store.next_pull())
            for updates in batches(change.changed):
                self._store.arrivals.set_flags(folder, updates)
                await asyncio.sleep(0)
        self._tell(found)

    async def fill(self, backend: MailBackend, watched: FolderId | None, opened: frozenset[FolderId]) -> bool:
        """Read a chunk of older messages. False: every folder's messages all have rows."""
        folder = self._fill.next(watched, opened)
        if folder is None:
            return False
        try:
            await self._fill.chunk(backend, folder, self._store.next_pull())
        except ServerRefused:
            self._fill.refused.add(folder.id)
        return True

    @property
    def filling(self) -> bool:
        """Whether older messages of any folder are still to be read."""
        return self._fill.works or self._fill.next(None, frozenset()) is not None

    def filled(self) -> set[FolderId]:
        """Folders that a worker read meanwhile. They are to be pulled at once."""
        return self._fill.ended()

    def on_filled(self, callback: Callable[[], None]) -> None:
        """Call this when `filled` has something to tell."""
        self._fill.on_end = callback

    async def stop(self) -> None:
        """End the worker."""
        await self._fill.stop()

    async def _list(self, backend: MailBackend) -> dict[str, FolderStatus]:
        """LIST and STATUS. Returns the status of each folder."""
        listings = await backend.folders()
        if not listings:
            raise ServerBroken("The server lists no folder at all.", "Ask who runs the server whether there is a mailbox.")
        known = self._store.folders.on_server(self._account)
        if known.keys() <= {"INBOX"} and not sweeps_of(self._store, self._account).latest:
            self._apply(compare(listings, known))  # at first: what STATUS tells may take minutes, and none was renamed
        statuses = await self._status(backend, listings)
        listings = [replace(listing, status=statuses.get(listing.name)) for listing in listings]
        self._listed = _by_name(listings)
        expected: dict[str, str] = {}
        for waiting in self._store.actions.waiting(self._account):
            if isinstance(waiting.action, RenameFolder) and waiting.state is ActionState.CARRYING:
                expected[waiting.action.old] = waiting.action.new
        self._apply(compare(listings, self._store.folders.on_server(self._account), expected))
        return statuses

    def _apply(self, listing: Listing) -> None:
        if self._store.folders.apply_listing(self._account, listing.listed, listing.renamed, listing.gone):
            self._publish(FoldersChanged(self._account))

    async def _status(self, backend: MailBackend, listings: list[FolderListing]) -> dict[str, FolderStatus]:
        """STATUS of every folder; asked for one by one where LIST did not bring it."""
        found = {listing.name: listing.status for listing in listings if listing.status is not None}
        missing = [
            listing.name
            for listing in listings
            if listing.selectable and listing.status is None and listing.name != backend.selected
        ]

        async def ask(name: str) -> None:
            with contextlib.suppress(ServerRefused):  # then SELECT decides
                found[name] = await backend.status(name)

        for names in batches(missing, _AT_ONCE):
            await asyncio.gather(*map(ask, names))
        return found

    def _note_only(self, folder: ServerFolder, status: FolderStatus | None) -> bool:
        """Begin a folder that nobody looks at by STATUS alone: what arrives is read, the rest when there is time.

        Only in the first sweep; a folder that appears later may hold what is missed elsewhere.
        """
        if status is None or status.uidvalidity is None or status.uidnext is None or status.messages is None:
            return False
        filled_from = status.uidnext if status.messages else 1
        with self._store.transaction():
            self._store.folders.set_cursor(
                folder.id, Cursor(status.uidvalidity, status.uidnext, status.highestmodseq, max(filled_from, 1))
            )
            self._count_unlisted(folder, status.messages, status.unseen)
        self._stirred.statuses[folder.id] = status
        return True

    async def _pull_or_refuse(
        self, backend: MailBackend, folder: ServerFolder, pull: int, status: FolderStatus | None, *, deep: bool
    ) -> None:
        """One folder that cannot be read costs no other."""
        try:
            await self._pull(backend, folder, pull, status, deep=deep)
        except ServerRefused:
            self._fill.refused.add(folder.id)

    async def _pull(
        self, backend: MailBackend, folder: ServerFolder, pull: int, status: FolderStatus | None, *, deep: bool
    ) -> None:
        async with self._truth:
            unreadable = self._stirred.unreadable.get(folder.id, UidSet())

            def rows_in() -> None:
                self._publish(FolderChanged(folder.id))

            work = FolderPull(self._store, self._account, folder, pull, unreadable=unreadable, rows_in=rows_in)
            try:
                selected = await work.run(backend, deep=deep)
            finally:
                self._stirred.unreadable[folder.id] = work.unreadable
            self._count_unlisted(folder, selected.exists, status.unseen if status else None)
        if status is not None:
            self._stirred.statuses[folder.id] = status
        if work.found.changed:
            self._tell(folder)
        self._announce(folder, work.found)

    def _announce(self, folder: ServerFolder, found: Pulled) -> None:
        if folder.role is FolderRole.INBOX and found.unseen and not found.first:
            self._publish(NewMail(self._account, found.unseen))

    def _count_unlisted(self, folder: ServerFolder, messages: int, unseen: int | None) -> None:
        now = self._store.folders.server_folder(folder.id)
        if now is None or now.cursor.filled_from == 1:
            self._fill.unlisted.pop(folder.id, None)
            self._store.folders.set_unlisted(folder.id, 0, 0)
            return
        rows, unread = self._store.folders.server_counts(folder.id)
        unlisted = self._fill.unlisted.setdefault(folder.id, Unlisted())
        unlisted.total = max(messages - rows, 0)
        if unseen is not None:
            unlisted.unread = max(unseen - unread, 0)
        self._store.folders.set_unlisted(folder.id, unlisted.total, unlisted.unread)

    def _settle(self, pull: int) -> None:
        """Every folder was looked at: find where vanished messages went; drop those that went nowhere."""
        settled = settle(self._store, self._account, pull, all_known=self._all_known())
        for failed in settled.failed:
            self._publish(failed)
        if settled.changed:
            for folder in self._store.folders.all(self._account):
                self._publish(FolderChanged(folder.id))
            self._publish(WaitingChanged(self._account))

    def _all_known(self) -> bool:
        return all(
            folder.cursor.filled_from == 1 or folder.id in self._fill.refused
            for folder in self._store.folders.on_server(self._account).values()
            if folder.selectable
        )

    def _tell(self, folder: ServerFolder) -> None:
        """The folder's own list changed, and those lists where its messages are shown by waiting moves."""
        self._publish(FolderChanged(folder.id))
        for target in _targets(waiting.action for waiting in self._store.actions.waiting(self._account)):
            self._publish(FolderChanged(target))


def _by_name(listings: Iterable[FolderListing]) -> dict[str, FolderListing]:
    return {listing.name: listing for listing in listings}


def _targets(actions: Iterable[Action]) -> set[FolderId]:
    return {action.folder for action in actions if isinstance(action, Move | Copy)}


def _rank(folder: ServerFolder, watched: FolderId | None) -> tuple[int, str]:
    """INBOX first, then the folder on the screen, then those with a role."""
    if folder.role is FolderRole.INBOX:
        return 0, ""
    if folder.id == watched:
        return 1, ""
    return (2 if folder.role is not None else 3), folder.name
