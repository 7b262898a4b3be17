# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection to SQLite itself."""

import gc
from pathlib import Path

import apsw

from tuimail.store.database import Connection


def test_a_reading_that_is_left_early_stays_nowhere(tmp_path: Path) -> None:
    def cursors() -> int:
        gc.collect()
        return sum(isinstance(each, apsw.Cursor) for each in gc.get_objects())

    with Connection(tmp_path / "numbers.sqlite") as numbers:
        numbers.run("CREATE TABLE number (value INTEGER); INSERT INTO number VALUES (1), (2), (3)")
        before = cursors()
        assert [numbers.value("SELECT value FROM number") for _ in range(50)] == [1] * 50
        assert cursors() == before
