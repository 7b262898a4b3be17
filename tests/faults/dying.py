# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m tests.faults.dying "TABLE NUMBER before|after" ARGUMENTS…``: the program, killed at a named step.

A step is a commit that changes a table of the store, counted from 1 since the program began: ``outbox 2 after`` is the moment
right after the second commit that touched the outbox. ``fsync 1 before`` counts the files that are made safe on the disk.
SIGKILL leaves no time for anything, as a crash of the machine would.
"""

import os
import signal
import sys
from collections import Counter
from collections.abc import Callable

import apsw

from tuimail.__main__ import main


class Death:
    """Waits for its step."""

    def __init__(self, step: str) -> None:
        what, number, when = step.split()
        self._step = (what, int(number), when)
        self._passed: Counter[str] = Counter()
        self._sync: Callable[[int], None] = os.fsync
        os.fsync = self._fsync  # type: ignore[assignment]
        apsw.connection_hooks.append(self._watch)

    def _watch(self, connection: apsw.Connection) -> None:
        touched: set[str] = set()
        committed: set[str] = set()

        def update(_kind: int, _database: str, table: str, _row: int) -> None:
            touched.add(table)

        def commit() -> bool:
            committed.clear()
            committed.update(touched)
            touched.clear()
            for table in committed:
                self._passed[table] += 1
                self._meet(table, "before")
            return False

        def wal(_connection: apsw.Connection, _database: str, _pages: int) -> int:
            for table in committed:
                self._meet(table, "after")
            return apsw.SQLITE_OK

        connection.set_update_hook(update)
        connection.set_commit_hook(commit)
        connection.set_rollback_hook(touched.clear)
        connection.set_wal_hook(wal)

    def _fsync(self, file: int) -> None:
        self._passed["fsync"] += 1
        self._meet("fsync", "before")
        self._sync(file)
        self._meet("fsync", "after")

    def _meet(self, what: str, when: str) -> None:
        if (what, self._passed[what], when) == self._step:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    Death(sys.argv.pop(1))
    sys.exit(main())
