# SPDX-License-Identifier: GPL-3.0-or-later
"""Many new rows at once, as a first fill brings them: what triggers do for each row is done here once for all of them.

A statement takes many rows. The rows' entries in the index of full-text search are written along, from what is at hand anyway.
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from tuimail.model.ids import FolderId, MessageId
from tuimail.store.database import Database, Value
from tuimail.store.search import search_key

if TYPE_CHECKING:
    from tuimail.store.insert import NewRow

_AT_ONCE = 200
"""Rows of one statement; SQLite compiles it once for each number of rows."""
_ENTRY = "INSERT INTO search (rowid, subject, sender, recipients, text)"


def insert_many(database: Database, head: str, rows: Sequence[Sequence[Value]]) -> None:
    """``head`` is the statement up to the word VALUES. The columns of all rows are as many."""
    for part in (rows[start : start + _AT_ONCE] for start in range(0, len(rows), _AT_ONCE)):
        row = f"({','.join('?' * len(part[0]))})"
        database.execute(f"{head} VALUES {','.join([row] * len(part))}", tuple(chain.from_iterable(part)))


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
    entries = sorted((search_key(row, new.date), *new.entry, "") for row, new in rows.items() if row not in again)
    insert_many(database, _ENTRY, entries)  # in ascending order: FTS5 begins a segment whenever a rowid is not above the last
