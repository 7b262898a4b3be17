# SPDX-License-Identifier: GPL-3.0-or-later
"""Applies `tuimail.model.overlay` to rows: server columns and waiting actions → shown columns."""

from collections.abc import Iterable

from tuimail.model.action import Action, Copy, Move
from tuimail.model.ids import AccountId, FolderId, MessageId
from tuimail.model.overlay import FolderState, MessageState, shown, shown_folders
from tuimail.store.codec import dump_flags, ids_json, load_action, load_flags
from tuimail.store.database import Database
from tuimail.store.placeholders import restore_copies, restore_folders


def fold_messages(database: Database, messages: Iterable[MessageId]) -> set[FolderId]:
    """Recompute how these messages are shown. Returns the folders whose list changed. Call it inside a transaction."""
    chosen = set(messages)
    if not chosen:
        return set()
    wanted = ids_json(chosen)
    needed, effects = _effects(database, wanted)
    changed: set[FolderId] = set()
    updates = []
    for number, server_folder, server_flags, folder, flags, hidden, waiting in database.execute(
        "SELECT id, server_folder, server_flags, folder, flags, hidden, waiting FROM messages"
        " WHERE id IN (SELECT value FROM json_each(?))",
        (wanted,),
    ):
        server = MessageState(server_folder, load_flags(server_flags))
        state = shown(server, effects.get(number, ()))
        row = (state.folder, dump_flags(state.flags), int(state.hidden), int(number in needed))
        if row != (folder, flags, hidden, waiting):
            updates.append((*row, number))
            changed.update(FolderId(place) for place in (folder, state.folder) if place is not None)
    database.executemany("UPDATE messages SET folder = ?, flags = ?, hidden = ?, waiting = ? WHERE id = ?", updates)
    return changed


def _effects(database: Database, wanted: str) -> tuple[set[int], dict[int, list[Action]]]:
    """Which messages any action needs, and for each the actions that change it, oldest first."""
    ties = list(
        database.execute(
            "SELECT message, action, effect FROM action_messages WHERE message IN (SELECT value FROM json_each(?))"
            " ORDER BY action",
            (wanted,),
        )
    )
    actions = _applicable(database, {action for _, action, effect in ties if effect})
    effects: dict[int, list[Action]] = {}
    for message, action, effect in ties:
        if effect and action in actions:
            effects.setdefault(message, []).append(actions[action])
    return {message for message, _, _ in ties}, effects


def _applicable(database: Database, numbers: set[int]) -> dict[int, Action]:
    """These actions, without those into a folder that has no row: else their messages would be shown nowhere."""
    actions = {
        number: load_action(kind, body)
        for number, kind, body in database.execute(
            "SELECT id, kind, body FROM actions WHERE id IN (SELECT value FROM json_each(?))", (ids_json(numbers),)
        )
    }
    targets = {action.folder for action in actions.values() if isinstance(action, Move | Copy)}
    there = {
        row[0]
        for row in database.execute("SELECT id FROM folders WHERE id IN (SELECT value FROM json_each(?))", (ids_json(targets),))
    }
    return {
        number: action for number, action in actions.items() if not isinstance(action, Move | Copy) or action.folder in there
    }


def fold_folder_users(database: Database, folder: FolderId) -> set[FolderId]:
    """Fold the messages whose waiting actions name a folder whose row came or went. Call it inside a transaction."""
    return fold_messages(
        database,
        [
            MessageId(row[0])
            for row in database.execute(
                "SELECT message FROM action_messages WHERE action IN"
                " (SELECT id FROM actions WHERE json_extract(body, '$.folder') = ?)",
                (folder,),
            )
        ],
    )


def fold_folders(database: Database, account: AccountId) -> bool:
    """Recompute how the folders of an account are shown. Returns whether anything changed. Call it inside a transaction."""
    rows = list(
        database.execute(
            "SELECT id, server_name, server_subscribed, delimiter, name, subscribed, waiting FROM folders WHERE account = ?",
            (account,),
        )
    )
    actions = [
        load_action(kind, body)
        for kind, body in database.execute(
            "SELECT kind, body FROM actions WHERE account = ? AND (kind LIKE '%Folder' OR kind = 'Subscribe') ORDER BY id",
            (account,),
        )
    ]
    server = {FolderId(row[0]): FolderState(row[1], bool(row[2]), row[3]) for row in rows}
    states = shown_folders(server, actions)
    updates = []
    for number, _, _, _, name, subscribed, waiting in rows:
        state = states[FolderId(number)]
        if (state.name, state.subscribed, state.waiting) != (name, bool(subscribed), bool(waiting)):
            updates.append((state.name, int(state.subscribed), int(state.waiting), number))
    database.executemany("UPDATE folders SET name = ?, subscribed = ?, waiting = ? WHERE id = ?", updates)
    return bool(updates)


def fold_all(database: Database) -> None:
    """Make the cache agree with the wishes again: after a crash, or when it was lost, it lacks what they already hold."""
    with database.transaction():
        restore_folders(database)
        restore_copies(database)
        database.execute(
            # Left to itself, SQLite takes an index that has every message of the account.
            "DELETE FROM messages INDEXED BY messages_unplaced WHERE account IN (SELECT id FROM accounts) AND uid IS NULL"
            " AND server_folder IS NULL AND limbo IS NULL AND id NOT IN (SELECT message FROM action_messages)"
        )
        fold_messages(database, [MessageId(row[0]) for row in database.execute("SELECT DISTINCT message FROM action_messages")])
        fold_messages(database, [MessageId(row[0]) for row in database.execute("SELECT id FROM messages WHERE waiting")])
        for (account,) in list(database.execute("SELECT id FROM accounts")):
            fold_folders(database, AccountId(account))
