# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening, checking, migrating and repairing the two SQLite files. The one file that imports apsw."""

import contextlib
import logging
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import apsw

from tuimail.model.errors import StoreProblem

log = logging.getLogger(__name__)

OWN = "own.sqlite"
CACHE = "cache.sqlite"
MIGRATIONS = Path(__file__).parent / "migrations"
QUICK_CHECK_LIMIT = 64 * 1024 * 1024
"""Octets. A larger cache is not checked at start, which would cost seconds, but set aside when a read finds damage."""

Value = None | int | float | str | bytes
Bindings = Sequence[Value] | Mapping[str, Value]
Row = tuple[Any, ...]
"""Columns of a row; their types are the schema's, whose tables are STRICT."""
_DAMAGE = (apsw.CorruptError, apsw.NotADBError)


class Database:
    """One connection to both files. Not shared between threads."""

    def __init__(self, folder: Path, *, busy_ms: int = 5000) -> None:
        self._folder = folder
        self._depth = 0
        try:
            self._connection = apsw.Connection(str(folder / OWN))
            self._connection.set_busy_timeout(busy_ms)
            self._connection.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")
            self._connection.execute("ATTACH DATABASE ? AS cache", (str(folder / CACHE),))
            self._connection.execute("PRAGMA cache.journal_mode = WAL; PRAGMA cache.synchronous = NORMAL;")
            self._connection.execute("PRAGMA temp_store = MEMORY; PRAGMA cache.cache_size = -16000;")
        except apsw.Error as error:
            raise _problem(error) from error

    def close(self) -> None:
        """Close the connection; uncommitted changes are lost."""
        self._connection.close()

    def execute(self, sql: str, bindings: Bindings = ()) -> apsw.Cursor:
        """Run one statement. Raises StoreProblem."""
        try:
            return self._connection.execute(sql, bindings)
        except apsw.Error as error:
            self._note_damage(error)
            raise _problem(error) from error

    def executemany(self, sql: str, rows: Iterable[Bindings]) -> None:
        """Run one statement for each row. Raises StoreProblem."""
        try:
            self._connection.executemany(sql, rows)
        except apsw.Error as error:
            self._note_damage(error)
            raise _problem(error) from error

    def one(self, sql: str, bindings: Bindings = ()) -> Row | None:
        """The first row, or None."""
        return next(iter(self.execute(sql, bindings)), None)

    def value(self, sql: str, bindings: Bindings = ()) -> Value:
        """The first column of the first row, or None."""
        row = self.one(sql, bindings)
        return row[0] if row else None

    def number(self, sql: str, bindings: Bindings = ()) -> int:
        """`value` where it is a number; 0 for NULL or no row."""
        value = self.value(sql, bindings)
        return value if isinstance(value, int) else 0

    @property
    def last_id(self) -> int:
        """The rowid of the last INSERT."""
        return self._connection.last_insert_rowid()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. Inside another transaction it joins that one."""
        if self._depth:
            yield
            return
        self.execute("BEGIN IMMEDIATE")
        self._depth = 1
        try:
            yield
        except BaseException:
            self._depth = 0
            if not self._connection.get_autocommit():
                self._connection.execute("ROLLBACK")
            raise
        self._depth = 0
        try:
            self.execute("COMMIT")
        except StoreProblem:
            if not self._connection.get_autocommit():
                self._connection.execute("ROLLBACK")
            raise

    def data_version(self) -> tuple[int, int]:
        """Changes whenever another connection committed to either file."""
        return self.number("PRAGMA main.data_version"), self.number("PRAGMA cache.data_version")

    def _note_damage(self, error: apsw.Error) -> None:
        if isinstance(error, _DAMAGE):
            (self._folder / "damaged").touch(mode=0o600)


def prepare(folder: Path) -> str:
    """Check and migrate both files before they are opened for use.

    Returns what the user should know about a repair, or "". Raises StoreProblem when the file of waiting actions, drafts
    and outbox is from a newer tuimail, or no store can be made there.
    """
    told = []
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in (OWN, CACHE):
            (folder / name).touch(mode=0o600)
    except OSError as error:
        raise StoreProblem(
            f"The store in {folder} cannot be made: {error.strerror}.", "Free some space or choose another place with --home."
        ) from error
    marker = folder / "damaged"
    suspected = marker.exists()
    if reason := _unusable(folder / OWN, "own", check=True):
        if reason == "newer":
            raise StoreProblem(
                f"{folder / OWN} was written by a newer tuimail.", "Use that version, or another store with --home."
            )
        told.append(_salvage(folder))
    if reason := _unusable(folder / CACHE, "cache", check=suspected or not _closed_cleanly(folder)):
        aside = _set_aside(folder / CACHE)
        why = "was written by a newer tuimail" if reason == "newer" else "was damaged"
        told.append(f"The local copy of your mail {why}. It was set aside as {aside.name} and is read again from the server.")
        floor = _highest_known_id(folder / OWN)
        _migrate(folder / CACHE, "cache")
        _raise_ids(folder / CACHE, floor)
    marker.unlink(missing_ok=True)
    for name, kind in ((OWN, "own"), (CACHE, "cache")):
        _migrate(folder / name, kind)
    (folder / "in-use").touch(mode=0o600)
    return " ".join(told)


def note_clean_close(folder: Path) -> None:
    """Say that nothing was left half done: the next start need not check."""
    (folder / "in-use").unlink(missing_ok=True)


def _closed_cleanly(folder: Path) -> bool:
    return not (folder / "in-use").exists() or (folder / CACHE).stat().st_size > QUICK_CHECK_LIMIT


def _scripts(kind: str) -> list[Path]:
    return sorted(MIGRATIONS.glob(f"{kind}_*.sql"))


def _unusable(path: Path, kind: str, *, check: bool) -> str:
    """Why a file cannot be used: "damaged", "newer" or ""."""
    connection = apsw.Connection(str(path))
    try:
        connection.set_busy_timeout(5000)
        version = next(connection.execute("PRAGMA user_version"))[0]
        if version > len(_scripts(kind)):
            return "newer"
        if check and next(connection.execute("PRAGMA quick_check(1)"))[0] != "ok":
            return "damaged"
    except apsw.BusyError as error:
        raise _problem(error) from error
    except apsw.Error:
        log.exception("store: %s cannot be read", path.name)
        return "damaged"
    finally:
        connection.close()
    return ""


def _migrate(path: Path, kind: str) -> None:
    connection = apsw.Connection(str(path))
    try:
        connection.set_busy_timeout(5000)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN IMMEDIATE")
        version = next(connection.execute("PRAGMA user_version"))[0]
        for script in _scripts(kind)[version:]:
            connection.execute(script.read_text("utf-8"))
        connection.execute(f"PRAGMA user_version = {len(_scripts(kind))}")
        connection.execute("COMMIT")
    except apsw.Error as error:
        raise _problem(error) from error
    finally:
        connection.close()


def _set_aside(path: Path) -> Path:
    aside = path.with_name(f"{path.name}.set-aside-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}")
    path.rename(aside)
    for suffix in ("-wal", "-shm"):
        companion = path.with_name(path.name + suffix)
        if companion.exists():
            companion.rename(aside.with_name(aside.name + suffix))
    path.touch(mode=0o600)
    return aside


def _salvage(folder: Path) -> str:
    """Make a new own file and copy over every row of the damaged one that can still be read."""
    aside = _set_aside(folder / OWN)
    _migrate(folder / OWN, "own")
    saved = 0
    target = apsw.Connection(str(folder / OWN))
    source = apsw.Connection(str(aside))
    try:
        tables = [row[0] for row in target.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        for table in tables:
            with contextlib.suppress(apsw.Error):
                for row in source.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 names come from our own schema
                    marks = ", ".join("?" * len(row))
                    with contextlib.suppress(apsw.Error):
                        target.execute(f'INSERT OR REPLACE INTO "{table}" VALUES ({marks})', row)  # noqa: S608
                        saved += table in ("actions", "drafts", "outbox")
    finally:
        source.close()
        target.close()
    return (
        f"The file of drafts, outbox and waiting actions was damaged. {saved} entries could be saved; "
        f"the damaged file is kept as {aside.name}."
    )


def _highest_known_id(own: Path) -> int:
    connection = apsw.Connection(str(own))
    try:
        messages = next(connection.execute("SELECT coalesce(max(message), 0) FROM action_messages"))[0]
        folders = next(connection.execute("SELECT coalesce(max(folder), 0) FROM folder_anchors"))[0]
        noted = next(connection.execute("SELECT coalesce(max(value), '0') FROM facts WHERE name = 'highest-id'"))[0]
        return max(int(messages), int(folders), int(noted))
    except apsw.Error:
        return 0
    finally:
        connection.close()


def _raise_ids(cache: Path, floor: int) -> None:
    """Let new rows get ids that no wish and no script can mean another message by."""
    connection = apsw.Connection(str(cache))
    for table in ("folders", "messages"):
        connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, floor + 1_000_000))
    connection.close()


def _problem(error: apsw.Error) -> StoreProblem:
    match error:
        case apsw.FullError():
            return StoreProblem("The disk is full: the change was not saved.", "Free some space and repeat it.")
        case apsw.BusyError() | apsw.LockedError():
            return StoreProblem("Another program holds the local store.", "Try again.")
        case apsw.CorruptError() | apsw.NotADBError():
            return StoreProblem(
                "The local store is damaged.", "Start tuimail again: it repairs the store and reads the mail from the server."
            )
        case apsw.ReadOnlyError() | apsw.CantOpenError() | apsw.PermissionsError():
            return StoreProblem("The local store cannot be written.", "Check the permissions of its folder, or use --home.")
    return StoreProblem(f"The local store reports: {error}.", "Start tuimail again; if it happens again, report it.")
