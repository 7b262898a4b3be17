# SPDX-License-Identifier: GPL-3.0-or-later
"""What the screen shows: folders, lists of messages, the outbox. Read afresh after each notice."""

from tuimail.engine.accounts import Accounts
from tuimail.engine.conversations import ThreadedList
from tuimail.engine.folder_list import FolderList
from tuimail.engine.lists import MessageList
from tuimail.model.draft import Draft
from tuimail.model.folder import Folder, FolderRole
from tuimail.model.ids import AccountId, FolderId, MessageId
from tuimail.model.message import MessageRow
from tuimail.store.store import Store

_NOT_READ = (FolderRole.JUNK, FolderRole.TRASH, FolderRole.DRAFTS, FolderRole.ALL)
"""Unread messages there are none of the user's, or are counted elsewhere: as in `tuimail.store.messages.Messages.unread`."""


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
        return self._store.folders.named(account, name)

    def with_role(self, account: AccountId, role: FolderRole) -> Folder | None:
        """The folder of an account that has this role."""
        return self._store.folders.by_role(account, role)

    def messages(self, folder: FolderId, sort: str = "-date", *, threads: bool = False) -> MessageList:
        """The list of a folder; the loop of its account pays attention to it from now on. Threads are sorted by date."""
        self.watch(folder)
        if threads:
            return ThreadedList(self._store, folder)
        return FolderList(self._store, folder, sort)

    def unread(self) -> MessageList:
        """All unread messages of all accounts."""
        return MessageList(self._store, lambda store: store.messages.unread())

    def unread_count(self) -> int:
        """How many messages `unread` lists."""
        return sum(folder.unread for folder in self._store.folders.all() if folder.role not in _NOT_READ)

    def row(self, message: MessageId) -> MessageRow | None:
        """One message."""
        return self._store.messages.row(message)

    def thread(self, message: MessageId) -> tuple[MessageId, ...]:
        """The conversation a message belongs to, oldest first."""
        return self._store.messages.thread(message)

    def is_listed(self, message: MessageId) -> bool:
        """Whether some list still shows it: false once the server or the user removed it."""
        return message in self._store.messages.thread(message)

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
