# SPDX-License-Identifier: GPL-3.0-or-later
"""A store with an account and folders, and messages to put in."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tuimail.backends.port import FetchedMessage
from tuimail.model.action import (
    Action,
    Copy,
    CreateFolder,
    DeleteFolder,
    Expunge,
    Move,
    RenameFolder,
    SetFlags,
    Subscribe,
)
from tuimail.model.address import Address
from tuimail.model.flags import SEEN
from tuimail.model.folder import Folder, FolderRole
from tuimail.model.ids import AccountId, ActionId, FolderId, MessageId
from tuimail.model.message import Envelope, MessageRow
from tuimail.store.folders import Cursor, ListedFolder
from tuimail.store.store import Store

NAMES = ("INBOX", "Archive", "Trash", "Lists", "Lists/python")


def mail(
    uid: int,
    name: str = "",
    *,
    flags: Iterable[str] = (),
    size: int = 1000,
    subject: str = "",
    sender: Address | None = None,
    to: tuple[Address, ...] = (),
    replies: tuple[str, ...] = (),
    date: int | None = None,
) -> FetchedMessage:
    """Header data of the message called ``name`` (its Message-ID is made from it; ``-`` for none)."""
    name = name or f"m{uid}"
    when = 1_700_000_000 + uid if date is None else date
    envelope = Envelope(
        subject=subject or f"About {name}",
        date=when,
        from_=(sender or Address("Ada", "ada@example.org"),),
        to=to,
        message_id="" if name == "-" else message_id(name),
        in_reply_to=message_id(replies[-1]) if replies else "",
        references=tuple(map(message_id, replies)),
    )
    return FetchedMessage(uid, frozenset(flags), when, size, envelope, b"()", has_attachment=False)


def message_id(name: str) -> str:
    """The Message-ID of the message with this name."""
    return f"<{hashlib.sha256(name.encode()).hexdigest()[:8]}.{name}@example.org>"


def listed(name: str, delimiter: str = "/", role: FolderRole | None = None) -> ListedFolder:
    """What LIST tells of a folder."""
    return ListedFolder(name, delimiter, role, subscribed=True, selectable=True)


@dataclass
class Mailbox:
    """A store and the server's side of one account of it."""

    store: Store
    account: AccountId

    @classmethod
    def make(cls, path: Path, key: str = "work", names: Iterable[str] = NAMES, store: Store | None = None) -> "Mailbox":
        """A store with one more account, its folders listed and empty."""
        store = store or Store.open(path)
        box = cls(store, store.accounts.ensure(key))
        box.list_folders(*names)
        return box

    def reopen(self, *, clean: bool = False) -> "Mailbox":
        """The same account after the program ended and started again."""
        self.store.close(clean=clean)
        return self.reopen_closed()

    def reopen_closed(self) -> "Mailbox":
        """The same account, its store closed before."""
        self.store = Store.open(self.store.folder)
        return self

    def list_folders(self, *names: str, delimiter: str = "/") -> bool:
        """LIST's answer, with nothing renamed; folders that are not in it went."""
        known = self.store.folders.on_server(self.account)
        gone = [known[name].id for name in known if name not in names]
        return self.store.folders.apply_listing(self.account, [listed(name, delimiter) for name in names], {}, gone)

    def folder(self, name: str) -> FolderId:
        """The id of a folder that is shown."""
        return self.shown(name).id

    def shown(self, name: str) -> Folder:
        """A folder that is shown."""
        found = self.store.folders.by_name(self.account, name)
        assert found is not None, name
        return found

    def tree(self) -> list[str]:
        """The names of all shown folders."""
        return [folder.name for folder in self.store.folders.all(self.account)]

    def deliver(self, folder: str, *messages: FetchedMessage, pull: int = 1) -> tuple[MessageId, ...]:
        """New messages on the server, pulled at once."""
        return self.store.arrivals.insert(self.account, self.folder(folder), messages, pull).fresh

    def fill(self, folder: str, count: int, *, first: int = 1) -> tuple[MessageId, ...]:
        """So many messages with UIDs from ``first``, every second one read."""
        batch = [mail(uid, f"{folder}-{uid}", flags={SEEN} if uid % 2 else ()) for uid in range(first, first + count)]
        return self.deliver(folder, *batch)

    def pulled(self, folder: str, uidnext: int, uidvalidity: int = 7) -> None:
        """Note that a pull of the folder was complete."""
        self.store.folders.set_cursor(self.folder(folder), Cursor(uidvalidity, uidnext, None, 1))

    def ids(self, folder: str) -> list[int]:
        """What the list of a folder shows, oldest first."""
        return list(self.store.messages.order(self.folder(folder), "date"))

    def row(self, message: MessageId) -> MessageRow:
        """A message that has a row."""
        found = self.store.messages.row(message)
        assert found is not None
        return found

    def flags(self, message: MessageId) -> set[str]:
        """The flags that a message is shown with."""
        return set(self.row(message).flags)

    def counts(self, folder: str) -> tuple[int, int]:
        """All and unread messages as the tree shows them."""
        shown = self.shown(folder)
        return shown.total, shown.unread

    def carry(self) -> None:
        """A server that does everything and tells every UID: carry what waits, oldest first."""
        for waiting in self.store.actions.waiting(self.account):
            Carrier(self).carry(waiting.id, waiting.action)


class Carrier:
    """Writes what a server that did an action would tell."""

    def __init__(self, box: Mailbox) -> None:
        self._box = box

    def carry(self, number: ActionId, action: Action) -> None:
        """Do one action and note that it was done."""
        store = self._box.store
        if not store.actions.start(number):
            return
        match action:
            case SetFlags(messages, add, remove):
                store.arrivals.stored(messages, add, remove)
            case Move(messages, folder):
                for message in messages:
                    store.arrivals.placed(message, folder, self._next_uid(folder))
            case Copy(_, folder, copies):
                for copy in copies:
                    store.arrivals.placed(copy, folder, self._next_uid(folder))
            case Expunge(messages):
                store.arrivals.expunged(messages, removed=True)
            case CreateFolder(folder, name, subscribe):
                store.folders.set_server_name(folder, name, subscribed=subscribe)
            case RenameFolder(folder, _, new):
                store.folders.set_server_name(folder, new)
            case DeleteFolder(folder):
                store.folders.remove(folder)
            case Subscribe(folder, subscribed):
                store.folders.set_server_subscribed(folder, subscribed)
        store.actions.finish(number)

    def _next_uid(self, folder: FolderId) -> int:
        return self._box.store.arrivals.uids(folder).highest + 1000
