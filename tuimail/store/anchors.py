# SPDX-License-Identifier: GPL-3.0-or-later
"""By what waiting actions find their messages and folders again after the cache that numbered them was lost."""

from collections.abc import Sequence

from tuimail.model.action import Action, Expunge, SetFlags
from tuimail.model.ids import AccountId, ActionId, FolderId, MessageId
from tuimail.store.codec import ids_json
from tuimail.store.database import Database
from tuimail.store.insert import NewRow
from tuimail.store.rename import rename_message


def note_anchors(database: Database, number: ActionId, action: Action) -> None:
    """Remember where the server has what an action names. Copies that are still to be made are found by their source."""
    database.execute(
        "INSERT OR REPLACE INTO message_anchors (message, account, folder_name, uidvalidity, uid, message_id, size)"
        " SELECT m.id, m.account, coalesce(f.server_name, ''), coalesce(f.uidvalidity, 0), coalesce(m.uid, 0),"
        " m.message_id, m.size FROM messages m LEFT JOIN folders f ON f.id = m.server_folder"
        " WHERE m.id IN (SELECT message FROM action_messages WHERE action = ?)"
        " AND (m.server_folder IS NOT NULL OR m.limbo IS NOT NULL)",
        (number,),
    )
    if not isinstance(action, SetFlags | Expunge):
        database.execute(
            "INSERT OR REPLACE INTO folder_anchors (folder, account, name)"
            " SELECT id, account, server_name FROM folders WHERE id = ? AND server_name IS NOT NULL",
            (action.folder,),
        )


def drop_anchors(database: Database, account: AccountId, messages: Sequence[MessageId]) -> None:
    """Forget the anchors of these messages where no action needs them, and those of folders once nothing waits."""
    database.execute(
        "DELETE FROM message_anchors WHERE message IN (SELECT value FROM json_each(?))"
        " AND message NOT IN (SELECT message FROM action_messages)",
        (ids_json(messages),),
    )
    database.execute(
        "DELETE FROM folder_anchors WHERE account = ? AND NOT EXISTS (SELECT 1 FROM actions WHERE account = ?)",
        (account, account),
    )


def anchored_messages(
    database: Database, account: AccountId, folder: FolderId, batch: Sequence[NewRow]
) -> dict[int, MessageId]:
    """UID → the id by which waiting actions name a message of this folder that has no row any more."""
    if not database.one("SELECT 1 FROM message_anchors WHERE account = ? LIMIT 1", (account,)):
        return {}
    fetched = {new.uid: (new.message_id, new.size) for new in batch}
    return {
        uid: MessageId(number)
        for number, uid, message_id, size in database.execute(
            "SELECT a.message, a.uid, a.message_id, a.size FROM message_anchors a JOIN folders f ON f.id = ?"
            " WHERE a.account = ? AND a.folder_name = f.server_name AND a.uidvalidity = coalesce(f.uidvalidity, a.uidvalidity)"
            " AND a.uid IN (SELECT value FROM json_each(?)) AND a.message NOT IN (SELECT id FROM messages)",
            (folder, account, ids_json(fetched)),
        )
        if fetched[uid] == (message_id, size)
    }


def anchored_folder(database: Database, account: AccountId, name: str) -> FolderId | None:
    """The id by which waiting actions name a folder that has no row (any more, or as the server's)."""
    created = database.value(
        "SELECT f.id FROM actions a JOIN folders f ON f.id = json_extract(a.body, '$.folder')"
        " WHERE a.account = ? AND a.kind = 'CreateFolder' AND json_extract(a.body, '$.name') = ? AND f.server_name IS NULL"
        " ORDER BY a.id",
        (account, name),
    )
    if isinstance(created, int):
        return FolderId(created)
    lost = database.value(
        "SELECT folder FROM folder_anchors WHERE account = ? AND name = ? AND folder NOT IN (SELECT id FROM folders)",
        (account, name),
    )
    return FolderId(lost) if isinstance(lost, int) else None


def rebind_moved(database: Database) -> list[MessageId]:
    """Let actions whose message is not where it was speak of the only other row that can be it. Returns those rows.

    A message is looked for elsewhere only once it cannot appear at its old place any more.
    """
    found = list(
        database.execute(
            "SELECT a.message, min(m.id) FROM message_anchors a"
            " LEFT JOIN folders f ON f.account = a.account AND f.server_name = a.folder_name"
            " JOIN messages m ON m.message_id = a.message_id AND m.account = a.account AND m.size = a.size"
            " WHERE a.message_id <> '' AND a.message NOT IN (SELECT id FROM messages) AND m.uid IS NOT NULL"
            " AND m.id NOT IN (SELECT message FROM message_anchors)"
            " AND (f.id IS NULL OR f.uidvalidity <> a.uidvalidity OR f.filled_from > 0 AND a.uid >= f.filled_from OR a.uid = 0)"
            " GROUP BY a.message HAVING count(*) = 1"
        )
    )
    rows = [row for _, row in found]
    bound = []
    for lost, row in found:
        if rows.count(row) == 1:
            rename_message(database, MessageId(lost), MessageId(row))
            bound.append(MessageId(row))
    return bound
