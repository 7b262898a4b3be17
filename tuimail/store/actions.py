# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting actions and undo. One transaction holds the wish, what it changes on the screen, and how to take it back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tuimail.model.action import (
    Action,
    ActionState,
    Append,
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
from tuimail.model.ids import AccountId, ActionId, FolderId, MessageId, UndoId
from tuimail.store.codec import dump, dump_actions, ids_json, load_action, load_actions, load_flags
from tuimail.store.database import Database
from tuimail.store.fold import fold_folders, fold_messages


@dataclass(frozen=True, slots=True)
class WaitingAction:
    """An action that was not carried yet."""

    id: ActionId
    account: AccountId
    action: Action
    text: str
    state: ActionState


@dataclass(frozen=True, slots=True)
class Performed:
    """What a gesture, or taking one back, did to the screen."""

    text: str
    undo: UndoId | None
    folders: frozenset[FolderId]
    """Whose lists changed."""
    accounts: frozenset[AccountId]
    """Whose loops have something to carry."""
    tree: bool
    """The folder tree changed."""


class Actions:
    """The queue between the user and the servers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def perform(self, actions: Sequence[Action], text: str, *, undoable: bool = True) -> Performed:
        """Queue actions and show their effect at once. They are one gesture to undo.

        A `Copy` gets its new rows here. ``text`` says in the user's words what was done.
        """
        with self._database.transaction():
            actions = [self._with_copies(action) for action in actions]
            inverse = tuple(step for action in reversed(actions) for step in self._inverse(action))
            undo = None
            if undoable and inverse:
                self._database.execute("INSERT INTO gestures (text, inverse) VALUES (?, ?)", (text, dump_actions(inverse)))
                undo = UndoId(self._database.last_id)
            return replace(self._queue(actions, text, undo), undo=undo)

    def undo(self, gesture: UndoId | None = None) -> Performed:
        """Take back a gesture, the latest one that can be when none is named.

        What still waits is only removed from the queue; what was carried is reversed by new actions. Raises InputWrong.
        """
        with self._database.transaction():
            row = self._database.one(
                "SELECT id, text, inverse FROM gestures WHERE undone = 0 AND (? IS NULL OR id = ?) ORDER BY id DESC LIMIT 1",
                (gesture, gesture),
            )
            if row is None:
                raise InputWrong("There is nothing to undo.")
            number, text, inverse = row
            self._database.execute("UPDATE gestures SET undone = 1 WHERE id = ?", (number,))
            removed = self._remove_unsent(UndoId(number))
            carried = self._missing(load_actions(inverse), removed)
            done = self._queue(carried, f"Undo: {text}", None)
            return Performed(
                text,
                None,
                done.folders | removed.folders,
                done.accounts | removed.accounts,
                done.tree or removed.tree,
            )

    def waiting(self, account: AccountId) -> list[WaitingAction]:
        """What is to be carried, oldest first."""
        return [
            WaitingAction(ActionId(row[0]), account, load_action(row[1], row[2]), row[3], ActionState(row[4]))
            for row in self._database.execute(
                "SELECT id, kind, body, text, state FROM actions WHERE account = ? ORDER BY id", (account,)
            )
        ]

    def count(self, account: AccountId | None = None) -> int:
        """How many actions wait."""
        return self._database.number("SELECT count(*) FROM actions WHERE ? IS NULL OR account = ?", (account, account))

    def exists(self, action: ActionId) -> bool:
        """Whether it still waits: it may have been taken back meanwhile."""
        return self._database.one("SELECT 1 FROM actions WHERE id = ?", (action,)) is not None

    def start(self, action: ActionId) -> bool:
        """It is about to be sent. False: it was taken back meanwhile and must not be."""
        with self._database.transaction():
            self._database.execute("UPDATE actions SET state = 'carrying' WHERE id = ?", (action,))
            return self.exists(action)

    def finish(self, action: ActionId) -> Performed:
        """The server did it. Its effect must be in the server columns already."""
        return self._end(action)

    def fail(self, action: ActionId) -> Performed:
        """The server refused it: what it had changed on the screen goes back."""
        return self._end(action, failed=True)

    def _end(self, action: ActionId, *, failed: bool = False) -> Performed:
        with self._database.transaction():
            row = self._database.one("SELECT account, kind, body, text, gesture FROM actions WHERE id = ?", (action,))
            if row is None:
                return Performed("", None, frozenset(), frozenset(), tree=False)
            account, kind, body, text, gesture = row
            if failed and gesture is not None:
                self._database.execute("UPDATE gestures SET undone = 1 WHERE id = ?", (gesture,))
            folders = self._remove(ActionId(action), load_action(kind, body), done=not failed)
            tree = fold_folders(self._database, account)
            return Performed(text, None, frozenset(folders), frozenset({account}), tree)

    def _queue(self, actions: Iterable[Action], text: str, gesture: UndoId | None) -> Performed:
        folders: set[FolderId] = set()
        accounts: set[AccountId] = set()
        tree = False
        for action in actions:
            for account, share in self._by_account(action):
                self._database.execute(
                    "INSERT INTO actions (account, kind, body, text, gesture) VALUES (?, ?, ?, ?, ?)",
                    (account, type(share).__name__, dump(share), text, gesture),
                )
                number = ActionId(self._database.last_id)
                accounts.add(account)
                folders |= self._attach(number, share)
                if isinstance(share, CreateFolder | RenameFolder | DeleteFolder | Subscribe):
                    tree |= fold_folders(self._database, account)
        return Performed(text, gesture, frozenset(folders), frozenset(accounts), tree)

    def _by_account(self, action: Action) -> list[tuple[AccountId, Action]]:
        """An action on messages of several accounts, as one for each."""
        match action:
            case SetFlags(messages=messages) | Expunge(messages=messages):
                shares: dict[AccountId, list[MessageId]] = {}
                for number, account in self._database.execute(
                    "SELECT id, account FROM messages WHERE id IN (SELECT value FROM json_each(?))", (ids_json(messages),)
                ):
                    shares.setdefault(AccountId(account), []).append(MessageId(number))
                return [(account, replace(action, messages=tuple(share))) for account, share in shares.items()]
            case _:
                account = self._database.value("SELECT account FROM folders WHERE id = ?", (action.folder,))
                return [(AccountId(account), action)] if isinstance(account, int) else []

    def _attach(self, number: ActionId, action: Action) -> set[FolderId]:
        """Tie an action to the messages and folders that it names, and fold."""
        effect: tuple[MessageId, ...] = ()
        needed: tuple[MessageId, ...] = ()
        match action:
            case Copy(messages, _, copies):
                effect, needed = copies, messages
            case SetFlags(messages=messages) | Move(messages=messages) | Expunge(messages=messages):
                effect = messages
            case Append(replaces=messages):
                needed = messages
        self._database.executemany(
            "INSERT OR IGNORE INTO action_messages (message, action, effect) VALUES (?, ?, ?)",
            [(message, number, 1) for message in effect] + [(message, number, 0) for message in needed],
        )
        self._database.execute(
            "INSERT OR REPLACE INTO message_anchors (message, account, folder_name, uidvalidity, uid, message_id, size)"
            " SELECT m.id, m.account, coalesce(f.server_name, ''), coalesce(f.uidvalidity, 0), coalesce(m.uid, 0),"
            " m.message_id, m.size FROM messages m LEFT JOIN folders f ON f.id = m.server_folder"
            " WHERE m.id IN (SELECT message FROM action_messages WHERE action = ?)",
            (number,),
        )
        if not isinstance(action, SetFlags | Expunge):
            self._database.execute(
                "INSERT OR REPLACE INTO folder_anchors (folder, account, name)"
                " SELECT id, account, coalesce(server_name, name, '') FROM folders WHERE id = ?",
                (action.folder,),
            )
        return fold_messages(self._database, [*effect, *needed])

    def _remove(self, number: ActionId, action: Action, *, done: bool) -> set[FolderId]:
        """Take an action out of the queue and fold what it touched."""
        messages = [
            MessageId(row[0])
            for row in self._database.execute("SELECT message FROM action_messages WHERE action = ?", (number,))
        ]
        self._database.execute("DELETE FROM action_messages WHERE action = ?", (number,))
        self._database.execute("DELETE FROM actions WHERE id = ?", (number,))
        self._database.execute(
            "DELETE FROM message_anchors WHERE message IN (SELECT value FROM json_each(?))"
            " AND message NOT IN (SELECT message FROM action_messages)",
            (ids_json(messages),),
        )
        folders = fold_messages(self._database, messages)
        if not done and isinstance(action, Copy):
            folders |= self._delete_rows(action.copies)
        if not done and isinstance(action, CreateFolder):
            self._database.execute("DELETE FROM folders WHERE id = ? AND server_name IS NULL", (action.folder,))
        return folders

    def _delete_rows(self, copies: tuple[MessageId, ...]) -> set[FolderId]:
        """Rows for copies that will not be made."""
        wanted = ids_json(copies)
        condition = "id IN (SELECT value FROM json_each(?)) AND server_folder IS NULL"
        folders = {
            FolderId(row[0])
            for row in self._database.execute(f"SELECT DISTINCT folder FROM messages WHERE {condition}", (wanted,))  # noqa: S608
            if row[0] is not None
        }
        self._database.execute(f"DELETE FROM messages WHERE {condition}", (wanted,))  # noqa: S608
        return folders

    def _remove_unsent(self, gesture: UndoId) -> "_Removed":
        """Remove those actions of a gesture that were not sent yet."""
        removed = _Removed()
        for number, account, kind, body in list(
            self._database.execute(
                "SELECT id, account, kind, body FROM actions WHERE gesture = ? AND state = 'waiting' ORDER BY id DESC",
                (gesture,),
            )
        ):
            action = load_action(kind, body)
            removed.actions.append(action)
            removed.accounts |= {AccountId(account)}
            removed.folders |= self._remove(ActionId(number), action, done=False)
            removed.tree |= fold_folders(self._database, account)
        return removed

    def _missing(self, inverse: tuple[Action, ...], removed: "_Removed") -> list[Action]:
        """Of the inverse steps, those whose own action was not simply removed."""
        gone: set[tuple[type[Action], int]] = set()
        for action in removed.actions:
            gone |= {(_INVERSE_KIND[type(action)], number) for number in _named(action)}
        steps: list[Action] = []
        for step in inverse:
            left = [number for number in _named(step) if (type(step), number) not in gone]
            if isinstance(step, SetFlags | Move | Expunge):
                step = replace(step, messages=tuple(map(MessageId, left)))
            if left:
                steps.append(step)
        return steps

    def _with_copies(self, action: Action) -> Action:
        """Make the rows that show the copies before the server has made them."""
        if not isinstance(action, Copy):
            return action
        copies = []
        for message in action.messages:
            self._database.execute(
                "INSERT INTO messages (account, server_flags, thread, date, arrived, size, has_date, message_id, in_reply_to,"
                " refs, subject, addresses, bodystructure, has_attachment, snippet, hidden)"
                " SELECT account, flags, thread, date, arrived, size, has_date, message_id, in_reply_to,"
                " refs, subject, addresses, bodystructure, has_attachment, snippet, 1 FROM messages WHERE id = ?",
                (message,),
            )
            copies.append(MessageId(self._database.last_id))
        return replace(action, copies=tuple(copies))

    def _inverse(self, action: Action) -> list[Action]:
        """What takes an action back once the server did it. Empty: it cannot be taken back."""
        match action:
            case SetFlags(messages, add, remove):
                return self._inverse_flags(messages, add, remove)
            case Move(messages):
                homes: dict[FolderId, list[MessageId]] = {}
                for number, folder in self._database.execute(
                    "SELECT id, folder FROM messages WHERE id IN (SELECT value FROM json_each(?)) AND folder IS NOT NULL",
                    (ids_json(messages),),
                ):
                    homes.setdefault(FolderId(folder), []).append(MessageId(number))
                return [Move(tuple(ids), home) for home, ids in homes.items()]
            case Copy(copies=copies):
                return [Expunge(copies)]
            case CreateFolder(folder):
                return [DeleteFolder(folder)]
            case RenameFolder(folder, old, new):
                return [RenameFolder(folder, new, old)]
            case Subscribe(folder, subscribed):
                return [Subscribe(folder, not subscribed)]
        return []

    def _inverse_flags(self, messages: tuple[MessageId, ...], add: frozenset[str], remove: frozenset[str]) -> list[Action]:
        """Only what really changes is changed back: a message that had the flag already keeps it."""
        groups: dict[tuple[frozenset[str], frozenset[str]], list[MessageId]] = {}
        for number, flags in self._database.execute(
            "SELECT id, flags FROM messages WHERE id IN (SELECT value FROM json_each(?))", (ids_json(messages),)
        ):
            held = load_flags(flags)
            change = (remove & held, add - held)
            if any(change):
                groups.setdefault(change, []).append(MessageId(number))
        return [SetFlags(tuple(ids), back, off) for (back, off), ids in groups.items()]


_INVERSE_KIND: dict[type[Action], type[Action]] = {
    SetFlags: SetFlags,
    Move: Move,
    Copy: Expunge,
    CreateFolder: DeleteFolder,
    RenameFolder: RenameFolder,
    Subscribe: Subscribe,
}


def _named(action: Action) -> tuple[int, ...]:
    """The messages, or else the folder, that an action changes."""
    match action:
        case Copy(copies=copies):
            return copies
        case SetFlags(messages=messages) | Move(messages=messages) | Expunge(messages=messages):
            return messages
    return (action.folder,)


class _Removed:
    """What was taken out of the queue by an undo."""

    def __init__(self) -> None:
        self.actions: list[Action] = []
        self.folders: set[FolderId] = set()
        self.accounts: set[AccountId] = set()
        self.tree = False
