# SPDX-License-Identifier: GPL-3.0-or-later
"""How many messages a folder has by what the server said. Of the rows, only those that are shown otherwise are looked at."""

from tuimail.model.ids import FolderId
from tuimail.store.database import Database

_SERVER_COUNTS = (
    "SELECT sum(total), sum(unread) FROM (SELECT rows_total AS total, rows_unread AS unread FROM folders WHERE id = :folder"
    # Rows that actions wait for: not as they are shown, but as the server has them.
    " UNION ALL SELECT -1, -(seen = 0) FROM messages INDEXED BY messages_waiting WHERE waiting AND folder = :folder"
    " AND hidden = 0"
    " UNION ALL SELECT 1, instr(server_flags, '\\Seen') = 0 FROM messages INDEXED BY messages_waiting WHERE waiting"
    " AND server_folder = :folder AND uid IS NOT NULL"
    # Of the others those without a UID are not counted, and those that are hidden are.
    " UNION ALL SELECT -1, -(seen = 0) FROM messages INDEXED BY messages_unplaced WHERE uid IS NULL"
    " AND account = (SELECT account FROM folders WHERE id = :folder) AND folder = :folder AND hidden = 0 AND waiting = 0"
    " UNION ALL SELECT 1, instr(server_flags, '\\Seen') = 0 FROM messages INDEXED BY messages_shown WHERE folder = :folder"
    " AND hidden = 1 AND waiting = 0 AND uid IS NOT NULL)"
)


def server_counts(database: Database, folder: FolderId) -> tuple[int, int]:
    r"""Rows of this folder by server state: all, and without ``\Seen``."""
    row = database.one(_SERVER_COUNTS, {"folder": folder})
    return (int(row[0] or 0), int(row[1] or 0)) if row else (0, 0)
