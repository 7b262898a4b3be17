# SPDX-License-Identifier: GPL-3.0-or-later
"""What the screen shows: folders, lists of messages, the outbox. Read afresh after each notice."""

from array import array
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from tuimail.engine.accounts import Accounts
from tuimail.model.draft import Draft
from tuimail.model.folder import Folder, FolderRole
from tuimail.model.ids import AccountId, FolderId, MessageId
from tuimail.model.message import MessageRow
from tuimail.store.store import Store

_MOST_ROWS = 5000
_AHEAD = 60


class MessageList:
    """The rows of one list: all ids in order, and the rows around what is visible."""

    def __init__(self, store: Store, order: Callable[[], "array[int]"]) -> None:
        self._store = store
        self._order = order
        self._ids = order()
        self._rows: OrderedDict[int, MessageRow | None] = OrderedDict()
        self.generation = 0
        """Grows with each change."""

    def __len__(self) -> int:
        return len(self._ids)

    def key_at(self, index: int) -> MessageId:
        """The message in that line."""
        return MessageId(self._ids[index])

    def index_of(self, key: int) -> int | None:
        """The line of a message; None when it is not in the list."""
        try:
            return self._ids.index(key)
        except ValueError:
            return None

    def window(self, start: int, stop: int) -> list[MessageRow | None]:
        """The rows of these lines."""
        start, stop = max(start, 0), min(stop, len(self._ids))
        if any(number not in self._rows for number in self._ids[start:stop]):
            wider = self._ids[max(start - _AHEAD, 0) : stop + _AHEAD]
            self._rows.update(zip(wider, self._store.messages.rows(wider), strict=True))
            while len(self._rows) > _MOST_ROWS:
                self._rows.popitem(last=False)
        return [self._rows.get(number) for number in self._ids[start:stop]]

    def refresh(self) -> None:
        """Read again: something changed."""
        self._ids = self._order()
        self._rows.clear()
        self.generation += 1


@dataclass(frozen=True, slots=True)
class ThreadMark:
    """What a row is to its conversation."""

    depth: int
    """0: the row stands for the conversation."""
    count: int
    """Messages of the conversation in this list."""
    unread: int
    """Of those, unread ones that are folded away below this row."""
    folded: bool


class ThreadedList(MessageList):
    """The same list with each conversation folded into its newest message."""

    def __init__(self, store: Store, order: Callable[[], "array[int]"], folder: FolderId) -> None:
        self._folder = folder
        self._unfolded: set[int] = set()
        self._threads: list[int] = []
        self._members: dict[int, list[int]] = {}
        self._unread: frozenset[int] = frozenset()
        self._all_order = order
        super().__init__(store, self._folded_order)

    def _folded_order(self) -> "array[int]":
        threads = self._store.messages.threads(self._folder)
        self._unread = self._store.messages.unread_in(self._folder)
        self._members = {}
        for number in self._all_order():
            self._members.setdefault(threads.get(number, number), []).append(number)
        ids = array("q")
        self._threads = []
        for thread, members in self._members.items():
            shown = members if thread in self._unfolded else members[:1]
            ids.extend(shown)
            self._threads.extend([thread] * len(shown))
        return ids

    def thread_at(self, index: int) -> ThreadMark:
        """What the row in that line is to its conversation."""
        thread = self._threads[index]
        members = self._members[thread]
        first = index == 0 or self._threads[index - 1] != thread
        folded = thread not in self._unfolded
        hidden = sum(number in self._unread for number in members[1:]) if folded and len(members) > 1 else 0
        return ThreadMark(0 if first else 1, len(members), hidden, folded)

    def set_folded(self, index: int, *, folded: bool) -> bool:
        """Fold or unfold the conversation of a line. Returns whether that changed anything."""
        thread = self._threads[index]
        if len(self._members[thread]) < 2 or folded == (thread not in self._unfolded):
            return False
        (self._unfolded.discard if folded else self._unfolded.add)(thread)
        self.refresh()
        return True

    def first_of(self, index: int) -> int:
        """The line that stands for the conversation of a line."""
        while index and self._threads[index - 1] == self._threads[index]:
            index -= 1
        return index


class Pages:
    """Reading, for every front end."""

    def __init__(self, store: Store, accounts: Accounts) -> None:
        self._store = store
        self._accounts = accounts

    def folders(self, account: AccountId | None = None) -> tuple[Folder, ...]:
        """The folders of one account, or of all."""
        return self._store.folders.all(account)

    def folder(self, folder: FolderId) -> Folder | None:
        """One folder."""
        return self._store.folders.get(folder)

    def folder_named(self, account: AccountId, name: str) -> Folder | None:
        """A folder by its name, or by its role's: ``archive``, ``sent``."""
        found = self._store.folders.by_name(account, name)
        if found is None and name.lower() in set(FolderRole):
            found = self._store.folders.by_role(account, FolderRole(name.lower()))
        return found

    def with_role(self, account: AccountId, role: FolderRole) -> Folder | None:
        """The folder of an account that has this role."""
        return self._store.folders.by_role(account, role)

    def messages(self, folder: FolderId, sort: str = "-date", *, threads: bool = False) -> MessageList:
        """The list of a folder; the loop of its account pays attention to it from now on."""
        self.watch(folder)

        def order() -> "array[int]":
            return self._store.messages.order(folder, sort)

        return ThreadedList(self._store, order, folder) if threads else MessageList(self._store, order)

    def unread(self) -> MessageList:
        """All unread messages of all accounts."""
        return MessageList(self._store, self._store.messages.unread)

    def row(self, message: MessageId) -> MessageRow | None:
        """One message."""
        return self._store.messages.row(message)

    def thread(self, message: MessageId) -> tuple[MessageId, ...]:
        """The conversation a message belongs to, oldest first."""
        return self._store.messages.thread(message)

    def watch(self, folder: FolderId) -> None:
        """Tell the loops which folder is on the screen."""
        shown = self._store.folders.get(folder)
        for account in self._accounts:
            account.loop.watch(folder if shown is not None and account.id == shown.account else None)

    def waiting(self) -> int:
        """How many actions have not reached their server."""
        return self._store.actions.count()

    def drafts(self) -> tuple[Draft, ...]:
        """Drafts that are open, latest first."""
        return self._store.drafts.all()
