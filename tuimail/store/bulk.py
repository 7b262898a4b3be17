# SPDX-License-Identifier: GPL-3.0-or-later
"""Many new rows at once, as a first fill brings them: what triggers do for each row is done here once for all of them.

The rows' entries in the index of full-text search are written along, from what is at hand anyway.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tuimail.model.ids import FolderId, MessageId
from tuimail.store.database import Database
from tuimail.store.search import search_key

if TYPE_CHECKING:
    from tuimail.store.insert import NewRow

_ENTRY = "INSERT INTO search (rowid, subject, sender, recipients, text) VALUES (?, ?, ?, ?, '')"


def follow_up(database: Database, folder: FolderId, rows: "Mapping[MessageId, NewRow]", again: frozenset[MessageId]) -> None:
    """What the triggers of new rows of a folder would have done. ``again``: ids that had a row, and maybe an entry, before."""
    shown = [new for new in rows.values() if not new.is_deleted]
    unread = sum(not new.is_seen for new in shown)
    database.execute(
        "UPDATE folders SET rows_total = rows_total + :shown, rows_unread = rows_unread + :unread, changes = changes + :shown"
        " WHERE id = :folder",
        {"shown": len(shown), "unread": unread, "folder": folder},
    )
    if again:
        database.executemany(
            "INSERT INTO search_todo VALUES (?, 1) ON CONFLICT (key) DO UPDATE SET turn = turn + 1",
            [(search_key(row, rows[row].date),) for row in again],
        )
    entries = sorted((search_key(row, new.date), *new.entry) for row, new in rows.items() if row not in again)
    database.executemany(_ENTRY, entries)  # in ascending order: FTS5 begins a segment whenever a rowid is not above the last
