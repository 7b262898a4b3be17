# SPDX-License-Identifier: GPL-3.0-or-later
"""Applies `tuimail.model.overlay` to rows: server columns and waiting actions → shown columns."""

from collections.abc import Iterable

from tuimail.model.action import Action
from tuimail.model.ids import AccountId, FolderId, MessageId
from tuimail.model.overlay import FolderState, MessageState, shown, shown_folders
from tuimail.store.codec import dump_flags, ids_json, load_action, load_flags
from tuimail.store.database import Database


def fold_messages(database: Database, messages: Iterable[MessageId]) -> set[FolderId]:
    """Recompute how these messages are shown. Returns the folders whose list changed. Call it inside a transaction."""
    wanted = ids_json(set(messages))
    actions: dict[int, Action] = {}
    of_message: dict[int, list[Action]] = {}
    needed: set[int] = set()
    for message, action, effect, kind, body in database.execute(
        "SELECT am.message, a.id, am.effect, a.kind, a.body FROM action_messages am JOIN actions a ON a.id = am.action"
        " WHERE am.message IN (SELECT value FROM json_each(?)) ORDER BY a.id",
        (wanted,),
    ):
        needed.add(message)
        if effect:
            if action not in actions:
                actions[action] = load_action(kind, body)
            of_message.setdefault(message, []).append(actions[action])
    changed: set[FolderId] = set()
    updates = []
    for number, server_folder, server_flags, folder, flags, hidden, waiting in database.execute(
        "SELECT id, server_folder, server_flags, folder, flags, hidden, waiting FROM messages"
        " WHERE id IN (SELECT value FROM json_each(?))",
        (wanted,),
    ):
        server = MessageState(server_folder, load_flags(server_flags))
        state = shown(server, of_message.get(number, ()))
        row = (state.folder, dump_flags(state.flags), int(state.hidden), int(number in needed))
        if row != (folder, flags, hidden, waiting):
            updates.append((*row, number))
            changed.update(FolderId(place) for place in (folder, state.folder) if place is not None)
    database.executemany("UPDATE messages SET folder = ?, flags = ?, hidden = ?, waiting = ? WHERE id = ?", updates)
    return changed


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
            "SELECT kind, body FROM actions WHERE account = ? AND kind LIKE '%Folder' OR account = ? AND kind = 'Subscribe'"
            " ORDER BY id",
            (account, account),
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
    """Fold every waiting action again: after a crash the cache may lack what the wishes already hold."""
    with database.transaction():
        fold_messages(database, [MessageId(row[0]) for row in database.execute("SELECT DISTINCT message FROM action_messages")])
        fold_messages(database, [MessageId(row[0]) for row in database.execute("SELECT id FROM messages WHERE waiting")])
        for (account,) in list(database.execute("SELECT id FROM accounts")):
            fold_folders(database, AccountId(account))
