# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting actions and undo. One transaction holds the wish, what it changes on the screen, and how to take it back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tuimail.model.action import (
    Action,
    ActionState,
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
from tuimail.store.anchors import drop_anchors, note_anchors
from tuimail.store.codec import Step, dump, dump_steps, ids_json, load_action, load_steps
from tuimail.store.database import Database, Row
from tuimail.store.endings import TAKEN_BACK, Ending, Endings
from tuimail.store.fold import fold_folder_users, fold_folders, fold_messages
from tuimail.store.inverse import Named, inverse_of, named, without
from tuimail.store.placeholders import add_copy, restore_folder
from tuimail.store.ties import ties

_GESTURES = 100
"""How many gestures can be taken back; older ones are forgotten."""
_WAITING = "SELECT id, account, kind, body, text, state, attempt FROM actions"


@dataclass(frozen=True, slots=True)
class WaitingAction:
    """An action that was not carried yet."""

    id: ActionId
    account: AccountId
    action: Action
    text: str
    state: ActionState
    attempt: int = 0
    """What it did when it was first sent is first seen in the pull of that number or a later one (`tuimail.sync.attempt`).

    0: it was never sent, or every command of it was answered.
    """


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
    actions: tuple[ActionId, ...] = ()
    """What was queued."""


class Actions:
    """The queue between the user and the servers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def perform(self, actions: Sequence[Action], text: str, *, undoable: bool = True) -> Performed:
        """Queue actions and show their effect at once. They are one gesture to undo.

        A `Copy` gets its new rows here. ``text`` says in the user's words what was done. Messages that have no row any more
        are left out. Raises InputWrong for a move or copy out of the account.
        """
        effect = _Effect()
        with self._database.transaction():
            gesture = self._new_gesture(text) if undoable else None
            inverse: list[Step] = []
            for step, action in enumerate(actions):
                for account, share in self._shares(action):
                    if undoable:
                        inverse = [*((step, back) for back in inverse_of(self._database, share)), *inverse]
                    self._queue(account, share, text, gesture, step, effect)
            if gesture is not None:
                gesture = self._keep_inverse(gesture, inverse)
        return effect.performed(text, gesture)

    def undo(self, gesture: UndoId | None = None) -> Performed:
        """Take back a gesture, the latest one that can be when none is named.

        What still waits is only removed from the queue; what was carried is reversed by new actions. Raises InputWrong.
        """
        with self._database.transaction():
            for number, text, inverse in list(
                self._database.execute(
                    "SELECT id, text, inverse FROM gestures WHERE undone = 0 AND (? IS NULL OR id = ?) ORDER BY id DESC",
                    (gesture, gesture),
                )
            ):
                self._database.execute("UPDATE gestures SET undone = 1 WHERE id = ?", (number,))
                effect = _Effect()
                removed = self._remove_unsent(UndoId(number), effect)
                for _, action in without(load_steps(inverse), removed):
                    for account, share in self._shares(action):
                        self._queue(account, share, f"Undo: {text}", None, 0, effect)
                if effect.accounts:
                    return effect.performed(text, None)
            raise InputWrong("There is nothing to undo.")

    def undoable(self) -> str:
        """What the latest gesture did that may be taken back; empty where there is none."""
        return str(self._database.value("SELECT text FROM gestures WHERE undone = 0 ORDER BY id DESC LIMIT 1") or "")

    def waiting(self, account: AccountId) -> list[WaitingAction]:
        """What is to be carried, oldest first."""
        return list(map(_waiting, self._database.execute(_WAITING + " WHERE account = ? ORDER BY id", (account,))))

    def get(self, action: ActionId) -> WaitingAction | None:
        """One action; None when it does not wait any more."""
        row = self._database.one(_WAITING + " WHERE id = ?", (action,))
        return _waiting(row) if row else None

    def lost_rows(self, action: ActionId) -> frozenset[MessageId]:
        """Messages of an action that have no row yet since the cache was lost: it must wait until they were read again."""
        return frozenset(
            MessageId(row[0])
            for row in self._database.execute(
                "SELECT message FROM action_messages WHERE action = ? AND message IN (SELECT message FROM message_anchors)"
                " AND message NOT IN (SELECT id FROM messages)",
                (action,),
            )
        )

    def count(self, account: AccountId | None = None) -> int:
        """How many actions wait."""
        return self._database.number("SELECT count(*) FROM actions WHERE ? IS NULL OR account = ?", (account, account))

    def exists(self, action: ActionId) -> bool:
        """Whether it still waits: it may have been taken back meanwhile."""
        return self._database.one("SELECT 1 FROM actions WHERE id = ?", (action,)) is not None

    def start(self, action: ActionId, attempt: int = 0) -> bool:
        """It is about to be sent. False: it was taken back meanwhile and must not be. See `WaitingAction.attempt`."""
        with self._database.transaction():
            self._database.execute(
                "UPDATE actions SET state = 'carrying', attempt = iif(attempt, attempt, ?) WHERE id = ?", (attempt, action)
            )
            return self.exists(action)

    def blobs(self) -> set[str]:
        """The files that waiting actions of all accounts need."""
        return {str(row[0]) for row in self._database.execute("SELECT body ->> '$.blob' FROM actions WHERE kind = 'Append'")}

    def answered(self, action: ActionId) -> None:
        """Every command of it that was sent was answered; what is left of it waits for another attempt."""
        self._database.execute("UPDATE actions SET attempt = 0 WHERE id = ?", (action,))

    def put_back(self, action: ActionId) -> None:
        """The server did not do it and said so; it waits for another attempt."""
        self._database.execute("UPDATE actions SET state = 'waiting', attempt = 0 WHERE id = ?", (action,))

    def finish(self, action: ActionId) -> Performed:
        """The server did it. Its effect must be in the server columns already."""
        return self._end(action)

    def fail(self, action: ActionId) -> Performed:
        """The server refused it: what it had changed on the screen goes back."""
        return self._end(action, failed=True)

    def _new_gesture(self, text: str) -> UndoId:
        self._database.execute("INSERT INTO gestures (text, inverse) VALUES (?, '[]')", (text,))
        gesture = UndoId(self._database.last_id)
        self._database.execute("DELETE FROM gestures WHERE id <= ?", (gesture - _GESTURES,))
        return gesture

    def _keep_inverse(self, gesture: UndoId, inverse: list[Step]) -> UndoId | None:
        """None: nothing of the gesture can be taken back."""
        if inverse:
            self._database.execute("UPDATE gestures SET inverse = ? WHERE id = ?", (dump_steps(inverse), gesture))
            return gesture
        self._database.execute("DELETE FROM gestures WHERE id = ?", (gesture,))
        return None

    def _end(self, action: ActionId, *, failed: bool = False) -> Performed:
        effect = _Effect()
        with self._database.transaction():
            row = self._database.one("SELECT account, kind, body, text, gesture, step FROM actions WHERE id = ?", (action,))
            if row is None:
                return effect.performed("", None)
            account, kind, body, text, gesture, step = row
            ended = load_action(kind, body)
            if failed and gesture is not None:
                self._shorten_gesture(UndoId(gesture), named(step, ended))
            self._remove(ActionId(action), AccountId(account), ended, effect, done=not failed)
        return effect.performed(text, None)

    def _shorten_gesture(self, gesture: UndoId, gone: set[Named]) -> None:
        """What the server refused needs no taking back; the rest of the gesture can still be."""
        inverse = self._database.value("SELECT inverse FROM gestures WHERE id = ?", (gesture,))
        if isinstance(inverse, str):
            self._keep_inverse(gesture, without(load_steps(inverse), gone))

    def _shares(self, action: Action) -> list[tuple[AccountId, Action]]:
        """An action on messages of several accounts as one for each, without messages that are gone."""
        match action:
            case SetFlags() | Expunge():
                accounts = self._by_account(action.messages)
                return [(account, replace(action, messages=share)) for account, share in accounts.items()]
            case Move() | Copy():
                accounts = self._by_account(action.messages)
                account = self._account_of(action.folder)
                if account is None or not accounts:
                    return []
                if accounts.keys() != {account}:
                    raise InputWrong("Messages cannot be moved or copied to another account.")
                share = replace(action, messages=accounts[account])
                if isinstance(share, Copy):
                    share = replace(share, copies=tuple(add_copy(self._database, source) for source in share.messages))
                return [(account, share)]
        if isinstance(action, CreateFolder) and action.account is not None:
            restore_folder(self._database, action.account, action)
        account = self._account_of(action.folder)
        return [] if account is None else [(account, action)]

    def _account_of(self, folder: FolderId) -> AccountId | None:
        account = self._database.value("SELECT account FROM folders WHERE id = ?", (folder,))
        return AccountId(account) if isinstance(account, int) else None

    def _by_account(self, messages: tuple[MessageId, ...]) -> dict[AccountId, tuple[MessageId, ...]]:
        accounts: dict[AccountId, list[MessageId]] = {}
        for number, account in self._database.execute(
            "SELECT id, account FROM messages WHERE id IN (SELECT value FROM json_each(?))", (ids_json(messages),)
        ):
            accounts.setdefault(AccountId(account), []).append(MessageId(number))
        return {account: tuple(share) for account, share in accounts.items()}

    def _queue(
        self, account: AccountId, action: Action, text: str, gesture: UndoId | None, step: int, effect: "_Effect"
    ) -> None:
        self._database.execute(
            "INSERT INTO actions (account, kind, body, text, gesture, step) VALUES (?, ?, ?, ?, ?, ?)",
            (account, type(action).__name__, dump(action), text, gesture, step),
        )
        number = ActionId(self._database.last_id)
        effect.actions.append(number)
        changed, needed = ties(action)
        self._database.executemany(
            "INSERT OR IGNORE INTO action_messages (message, action, effect) VALUES (?, ?, ?)",
            [(message, number, 1) for message in changed] + [(message, number, 0) for message in needed],
        )
        note_anchors(self._database, number, action)
        effect.accounts.add(account)
        effect.folders |= fold_messages(self._database, [*changed, *needed])
        if _is_of_tree(action):
            effect.tree |= fold_folders(self._database, account)

    def _remove(self, number: ActionId, account: AccountId, action: Action, effect: "_Effect", *, done: bool) -> None:
        """Take an action out of the queue and fold what it touched."""
        messages = [
            MessageId(row[0])
            for row in self._database.execute("SELECT message FROM action_messages WHERE action = ?", (number,))
        ]
        self._database.execute("DELETE FROM action_messages WHERE action = ?", (number,))
        self._database.execute("DELETE FROM actions WHERE id = ?", (number,))
        drop_anchors(self._database, account, messages)
        effect.accounts.add(account)
        effect.folders |= fold_messages(self._database, messages)
        if not done and isinstance(action, Copy):
            self._database.execute(
                "DELETE FROM messages WHERE id IN (SELECT value FROM json_each(?))"
                " AND server_folder IS NULL AND uid IS NULL AND limbo IS NULL",
                (ids_json(action.copies),),
            )
        if not done and isinstance(action, CreateFolder):
            self._database.execute("DELETE FROM folders WHERE id = ? AND server_name IS NULL", (action.folder,))
            effect.folders |= fold_folder_users(self._database, action.folder)
            effect.tree = True
        if _is_of_tree(action):
            effect.tree |= fold_folders(self._database, account)

    def _remove_unsent(self, gesture: UndoId, effect: "_Effect") -> set[Named]:
        """Remove those actions of a gesture that were not sent yet. Returns the changes that never happened."""
        removed: set[Named] = set()
        for number, account, kind, body, step in list(
            self._database.execute(
                "SELECT id, account, kind, body, step FROM actions WHERE gesture = ? AND state = 'waiting' ORDER BY id DESC",
                (gesture,),
            )
        ):
            action = load_action(kind, body)
            Endings(self._database).note_action(ActionId(number), Ending(TAKEN_BACK))
            removed |= named(step, action)
            self._remove(ActionId(number), AccountId(account), action, effect, done=False)
        return removed


def _is_of_tree(action: Action) -> bool:
    return isinstance(action, CreateFolder | RenameFolder | DeleteFolder | Subscribe)


class _Effect:
    """Gathers what several steps did to the screen."""

    def __init__(self) -> None:
        self.folders: set[FolderId] = set()
        self.accounts: set[AccountId] = set()
        self.tree = False
        self.actions: list[ActionId] = []

    def performed(self, text: str, undo: UndoId | None) -> Performed:
        return Performed(text, undo, frozenset(self.folders), frozenset(self.accounts), self.tree, tuple(self.actions))


def _waiting(row: Row) -> WaitingAction:
    number, account, kind, body, text, state, attempt = row
    return WaitingAction(ActionId(number), AccountId(account), load_action(kind, body), text, ActionState(state), attempt)
