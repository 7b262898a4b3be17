# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done to messages and folders. Each answers at once; the server is told behind the scenes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tuimail.engine.accounts import Accounts
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
from tuimail.model.errors import InputWrong
from tuimail.model.flags import FLAGGED, JUNK, NOT_JUNK, SEEN, Flags
from tuimail.model.folder import Folder, FolderRole
from tuimail.model.ids import AccountId, ActionId, FolderId, MessageId, UndoId
from tuimail.model.message import MessageRow
from tuimail.model.notice import FolderChanged, FoldersChanged, MessageChanged, Notice, WaitingChanged
from tuimail.model.text import safe_line
from tuimail.store.actions import Performed
from tuimail.store.store import Store
from tuimail.sync.carry_others import trash_refuses

_ROLE_NAMES = {FolderRole.ARCHIVE: "Archive", FolderRole.TRASH: "Trash", FolderRole.JUNK: "Junk", FolderRole.SENT: "Sent"}


def check_renamable(folder: Folder) -> None:
    """Raises InputWrong for the one that has to keep its name (RFC 3501 §5.1)."""
    if folder.role is FolderRole.INBOX:
        raise InputWrong("INBOX cannot be renamed.", "Every account has it under that name.")


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, in words for a toast."""

    text: str
    undo: UndoId | None = None
    count: int = 1
    actions: tuple[ActionId, ...] = ()
    """What waits to be carried."""
    folder: FolderId | None = None
    """The folder that was created."""


@dataclass(frozen=True, slots=True)
class FolderDeletion:
    """What deleting a folder would mean; shown before it is done."""

    folder: Folder
    below_trash: str
    """The name it would get below Trash; empty: it would be gone for good."""
    messages: int
    folders: int
    """Folders below it, which go along."""

    @property
    def for_good(self) -> bool:
        """Messages would be lost, so the name is to be typed."""
        return not self.below_trash and (self.messages > 0 or self.folders > 0)


class Actions:
    """The user's verbs."""

    def __init__(self, store: Store, accounts: Accounts, publish: Callable[[Notice], None]) -> None:
        self._store = store
        self._accounts = accounts
        self._publish = publish

    def archive(self, messages: Sequence[MessageId]) -> Done:
        """Move to each account's Archive, which is made where there is none."""
        return self._to_role(messages, FolderRole.ARCHIVE, "Archived")

    def trash(self, messages: Sequence[MessageId]) -> Done:
        """Move to each account's Trash."""
        return self._to_role(messages, FolderRole.TRASH, "Moved to Trash:")

    def junk(self, messages: Sequence[MessageId]) -> Done:
        """Move to Junk and say so by keyword; from Junk back to INBOX."""
        rows = self._rows(messages)
        folders = {row.folder: self._store.folders.get(row.folder) for row in rows}
        back = [row for row in rows if (folder := folders[row.folder]) is not None and folder.role is FolderRole.JUNK]
        if back:
            marks = SetFlags(_ids(back), frozenset({NOT_JUNK}), frozenset({JUNK}))
            return self._do([marks, *self._moves(back, FolderRole.INBOX)], f"Not junk: {_what(back)}", len(back))
        marks = SetFlags(_ids(rows), frozenset({JUNK}), frozenset({NOT_JUNK}))
        return self._do([marks, *self._moves(rows, FolderRole.JUNK)], f"Junk: {_what(rows)}", len(rows))

    def move(self, messages: Sequence[MessageId], folder: FolderId) -> Done:
        """Move to a folder of the same account. Raises InputWrong."""
        rows = self._in_account_of(messages, folder)
        return self._do([Move(_ids(rows), folder)], f"Moved to {self._name(folder)}: {_what(rows)}", len(rows))

    def copy(self, messages: Sequence[MessageId], folder: FolderId) -> Done:
        """Copy to a folder of the same account. Raises InputWrong."""
        rows = self._in_account_of(messages, folder)
        return self._do([Copy(_ids(rows), folder)], f"Copied to {self._name(folder)}: {_what(rows)}", len(rows))

    def toggle_star(self, messages: Sequence[MessageId]) -> Done:
        """Star those that have none; where all have one, take it off."""
        rows = self._rows(messages)
        if all(row.starred for row in rows):
            return self.set_flags(messages, remove=frozenset({FLAGGED}), text=f"Star removed: {_what(rows)}")
        return self.set_flags(messages, add=frozenset({FLAGGED}), text=f"Starred: {_what(rows)}")

    def toggle_read(self, messages: Sequence[MessageId]) -> Done:
        """Mark the unread ones read; where all are read, mark them unread."""
        rows = self._rows(messages)
        if any(row.unread for row in rows):
            return self.set_flags(messages, add=frozenset({SEEN}), text=f"Read: {_what(rows)}")
        return self.set_flags(messages, remove=frozenset({SEEN}), text=f"Unread: {_what(rows)}")

    def mark_read(self, message: MessageId) -> None:
        """The message was opened. Not a gesture to undo."""
        row = self._store.messages.row(message)
        if row is not None and row.unread:
            self.tell(self._store.actions.perform([SetFlags((message,), frozenset({SEEN}))], "Read", undoable=False))
            self._publish(MessageChanged(message))

    def set_flags(
        self, messages: Sequence[MessageId], add: Flags = frozenset(), remove: Flags = frozenset(), text: str = ""
    ) -> Done:
        """Add and remove flags and keywords. Raises InputWrong for a keyword that is no atom."""
        for flag in add | remove:
            if not flag.removeprefix("\\") or any(c in '(){%*"]\\ ' or not " " < c < "\x7f" for c in flag.removeprefix("\\")):
                raise InputWrong(f"“{safe_line(flag)}” is no keyword.", "Use letters, digits, - and _, without spaces.")
        rows = self._rows(messages)
        text = text or f"Labelled: {_what(rows)}"
        return self._do([SetFlags(_ids(rows), add, remove)], text, len(rows))

    def delete_forever(self, messages: Sequence[MessageId]) -> Done:
        """Delete for good. There is no undo: ask first."""
        rows = self._rows(messages)
        return self._do([Expunge(_ids(rows))], f"Deleted for good: {_what(rows)}", len(rows))

    def undo(self, gesture: UndoId | None = None) -> Done:
        """Take back the latest gesture, or a certain one. Raises InputWrong."""
        performed = self._store.actions.undo(gesture)
        self.tell(performed)
        return Done(f"Undone: {performed.text}")

    def create_folder(self, account: AccountId, name: str) -> Done:
        """Create and subscribe a folder. Raises InputWrong."""
        delimiter = self._delimiter(account)
        name = self._new_name(account, name, delimiter)
        folder = self._store.folders.add_waiting(account, delimiter)
        return replace(self._do([CreateFolder(folder, name)], f"Created {name}"), folder=folder)

    def wrong_with_name(self, account: AccountId, name: str) -> str | None:
        """Why a folder cannot have that name, in a sentence; None: it can."""
        try:
            self._new_name(account, name, self._delimiter(account))
        except InputWrong as error:
            return str(error)
        return None

    def rename_folder(self, folder: FolderId, name: str) -> Done:
        """Rename a folder, with all below it. Raises InputWrong."""
        found = self._folder(folder)
        check_renamable(found)
        name = self._new_name(found.account, name, found.delimiter)
        return self._do([RenameFolder(folder, found.name, name)], f"Renamed {found.name} to {name}")

    def subscribe(self, folder: FolderId) -> Done:
        """Subscribe to a folder, or unsubscribe where it is subscribed."""
        found = self._folder(folder)
        text = f"{'Unsubscribed from' if found.subscribed else 'Subscribed to'} {found.name}"
        return self._do([Subscribe(folder, not found.subscribed)], text)

    def deletion_of(self, folder: FolderId) -> FolderDeletion:
        """What `delete_folder` would do. Raises InputWrong for INBOX and folders that have a role."""
        found = self._folder(folder)
        if found.role is not None:
            raise InputWrong(f"{found.name} is this account's {found.role} folder and stays.")
        folders = self._store.folders.all(found.account)
        below = [child for child in folders if child.is_below(found)]
        trash = self._store.folders.by_role(found.account, FolderRole.TRASH)
        messages = found.total + sum(child.total for child in below)
        name = ""
        allowed = not self._store.accounts.learned(found.account, trash_refuses(found.levels[0]))
        if (messages or below) and trash is not None and trash.delimiter and allowed and not found.is_below(trash):
            name = _free_name(trash.name + trash.delimiter + found.leaf, {other.name for other in folders})
        return FolderDeletion(found, name, messages, len(below))

    def delete_folder(self, deletion: FolderDeletion) -> Done:
        """Do what `deletion_of` said."""
        folder = deletion.folder
        if deletion.below_trash:
            action: Action = RenameFolder(folder.id, folder.name, deletion.below_trash)
            return self._do([action], f"Moved {folder.name} to Trash")
        below = [child for child in self._store.folders.all(folder.account) if child.is_below(folder)]
        doomed = sorted([*below, folder], key=lambda item: len(item.levels), reverse=True)
        actions: list[Action] = [DeleteFolder(item.id, only_empty=not deletion.for_good) for item in doomed]
        return self._do(actions, f"Deleted {folder.name}", undoable=not deletion.for_good)

    def marked_deleted(self, folder: FolderId) -> int:
        r"""How many messages of a folder carry ``\Deleted`` on the server and are hidden here."""
        return len(self._store.messages.marked_deleted(folder))

    async def purge(self, folder: FolderId) -> Done:
        """Remove those for good. There is no undo: say how many, and ask first. Raises Offline."""
        found = self._folder(folder)
        count = self.marked_deleted(folder)
        await self._accounts.get(found.account).loop.purge(folder)
        return Done(f"Removed {count:,} messages from {found.name} for good")

    def _do(self, actions: Sequence[Action], text: str, count: int = 1, *, undoable: bool = True) -> Done:
        performed = self._store.actions.perform(actions, text, undoable=undoable)
        self.tell(performed)
        return Done(text, performed.undo, count, performed.actions)

    def tell(self, performed: Performed) -> None:
        """Let everybody know what was done: the screen looks again, the loops carry it."""
        for folder in performed.folders:
            self._publish(FolderChanged(folder))
        for account in performed.accounts:
            if performed.tree:
                self._publish(FoldersChanged(account))
            self._publish(WaitingChanged(account))
            self._accounts.get(account).loop.ring()

    def _to_role(self, messages: Sequence[MessageId], role: FolderRole, verb: str) -> Done:
        rows = self._rows(messages)
        return self._do(self._moves(rows, role), f"{verb} {_what(rows)}", len(rows))

    def _moves(self, rows: Sequence[MessageRow], role: FolderRole) -> list[Action]:
        """A move for each account to its folder with that role; a folder that is missing is created first."""
        actions: list[Action] = []
        for account in {row.account for row in rows}:
            target = self._store.folders.by_role(account, role)
            if target is None:
                delimiter = self._delimiter(account)
                name = self._below_inbox(account, _ROLE_NAMES[role], delimiter)
                existing = self._store.folders.by_name(account, name)
                folder = existing.id if existing else self._store.folders.add_waiting(account, delimiter)
                self._store.folders.set_role(folder, role)
                if existing is None:
                    actions.append(CreateFolder(folder, name))
            else:
                folder = target.id
            actions.append(Move(tuple(row.id for row in rows if row.account == account and row.folder != folder), folder))
        return [action for action in actions if not isinstance(action, Move) or action.messages]

    def _below_inbox(self, account: AccountId, name: str, delimiter: str) -> str:
        """Servers whose folders all live below INBOX (Courier) refuse any other place."""
        names = [folder.name for folder in self._store.folders.all(account) if folder.name != "INBOX"]
        if names and delimiter and all(other.startswith(f"INBOX{delimiter}") for other in names):
            return f"INBOX{delimiter}{name}"
        return name

    def _rows(self, messages: Sequence[MessageId]) -> list[MessageRow]:
        rows = [row for row in self._store.messages.rows(messages) if row is not None]
        if not rows:
            raise InputWrong("There is no message there.")
        return rows

    def _in_account_of(self, messages: Sequence[MessageId], folder: FolderId) -> list[MessageRow]:
        target = self._folder(folder)
        if not target.selectable:
            raise InputWrong(f"{target.name} only holds folders, no messages.")
        rows = self._rows(messages)
        if any(row.account != target.account for row in rows):
            raise InputWrong(
                "Messages cannot be moved or copied to another account yet.", "Choose a folder of the same account."
            )
        return rows

    def _folder(self, folder: FolderId) -> Folder:
        found = self._store.folders.get(folder)
        if found is None:
            raise InputWrong("That folder is gone.")
        return found

    def _name(self, folder: FolderId) -> str:
        return self._folder(folder).name

    def _delimiter(self, account: AccountId) -> str:
        return next((folder.delimiter for folder in self._store.folders.all(account) if folder.delimiter), "")

    def _new_name(self, account: AccountId, name: str, delimiter: str) -> str:
        """A name that can be used. ``/`` is understood as the level separator whatever the server's is."""
        name = safe_line(name.strip())
        if delimiter and delimiter != "/" and "/" in name and delimiter not in name:
            name = name.replace("/", delimiter)
        levels = name.split(delimiter) if delimiter else [name]
        if not all(level.strip() for level in levels):
            raise InputWrong(
                "A folder needs a name.", "Type one; levels are separated by " + (delimiter or "nothing here") + "."
            )
        if self._store.folders.by_name(account, name) is not None:
            raise InputWrong(f"There is a folder “{name}” already.", "Choose another name.")
        return name


def _ids(rows: Sequence[MessageRow]) -> tuple[MessageId, ...]:
    return tuple(row.id for row in rows)


def _what(rows: Sequence[MessageRow]) -> str:
    """The subject of one message, or how many there are."""
    if len(rows) == 1:
        return rows[0].envelope.subject or "(no subject)"
    return f"{len(rows):,} messages"


def _free_name(name: str, taken: set[str]) -> str:
    number = 1
    candidate = name
    while candidate in taken:
        number += 1
        candidate = f"{name} {number}"
    return candidate
