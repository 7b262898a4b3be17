# SPDX-License-Identifier: GPL-3.0-or-later
"""tuimail's store, read beside the program that writes it."""

from pathlib import Path

import apsw


class Stored:
    """The cache file in a home."""

    def __init__(self, home: Path) -> None:
        self._connection = apsw.Connection(str(home / "data" / "cache.sqlite"), flags=apsw.SQLITE_OPEN_READONLY)
        self._connection.set_busy_timeout(1000)
        self._index = ""

    def latest(self) -> int:
        """The number of the latest row, which is their count in a first sync: there rows are only added."""
        return self._number("SELECT max(id) FROM messages")

    def listed(self) -> int:
        """How many messages the folder with the most has, once it was read to its end; until then 0. Counts them all."""
        return self._number(
            "SELECT max((SELECT count(*) FROM messages WHERE folder = f.id AND hidden = 0)) FROM folders f"
            " WHERE f.filled_from = 1"
        )

    def has_index(self) -> bool:
        """Whether there is a full-text index of headers."""
        if not self._index:
            found = self._connection.execute("SELECT name FROM sqlite_master WHERE sql LIKE '%using fts5%' ORDER BY name").get
            self._index = str(found or "")
        return bool(self._index)

    def indexed(self) -> int:
        """How many messages are in the index."""
        return self._number(f"SELECT count(*) FROM {self._index}_docsize")

    def _number(self, sql: str) -> int:
        return int(self._connection.execute(sql).fetchall()[0][0] or 0)
