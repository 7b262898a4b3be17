# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections to the two SQLite files, and their errors in the user's words. The one file that imports apsw."""

import contextlib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar

import apsw

from tuimail.model.errors import StoreProblem
from tuimail.model.store_key import StoreKey

OWN = "own.sqlite"
CACHE = "cache.sqlite"
DAMAGED = "damaged"
"""A file of this name says that a read found damage, so that the next start looks closely."""
NONSENSE = b"nonsense"
"""Stands in it where rows were read that mean nothing. No check of SQLite's finds that."""

_BETWEEN_TRIES = 0.0005
"""Seconds between two tries for a lock that another connection holds."""

Value = None | int | float | str | bytes
Bindings = Sequence[Value] | Mapping[str, Value]
T = TypeVar("T")
Row = tuple[Any, ...]  # columns; their types are the schema's, whose tables are STRICT
LOG_OCTETS = 32 * 1024 * 1024
"""What the cache's log keeps on the disk for the next commits once it was written back; a first sync makes it much larger."""
_FLAGS = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE | apsw.SQLITE_OPEN_URI
_CIPHER = "chacha20"  # ChaCha20-Poly1305 for each page, of the database and of its log
_SETTINGS = (
    "main.synchronous = FULL",
    "cache.journal_mode = WAL",
    "cache.synchronous = NORMAL",
    "cache.cache_size = -16000",
    f"cache.journal_size_limit = {LOG_OCTETS}",
    "temp_store = MEMORY",
)


def note_damage(folder: Path, found: bytes = b"") -> None:
    """Let the next start look closely. On a disk that is full or read-only there is nothing to be repaired either."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    with contextlib.suppress(OSError), os.fdopen(os.open(folder / DAMAGED, flags, 0o600), "wb") as file:
        file.write(found)


class StoreDamaged(StoreProblem):
    """The content of a file is broken, whereas any other `StoreProblem` lies in its surroundings: permissions, disk, locks."""


class StoreUnfit(StoreProblem):
    """A statement does not fit the tables that are there."""


class StoreInterrupted(StoreProblem):
    """A statement was ended by `Connection.interrupt`."""


class Connection:
    """One connection to one file, in WAL mode. Not shared between threads."""

    def __init__(self, path: Path, key: StoreKey | None = None, *, busy_ms: int = 5000) -> None:
        try:
            self._connection = apsw.Connection(str(path), flags=_FLAGS)
            if key is not None:
                _unlock(self._connection, key)
        except apsw.Error as error:
            raise self._problem(error) from error
        self._patience = busy_ms / 1000
        self._busy_since = 0.0
        self._connection.set_busy_handler(self._wait)
        self._depth = 0
        self.in_bulk = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; uncommitted changes are lost."""
        self._connection.close()

    def execute(self, sql: str, bindings: Bindings = ()) -> Iterator[Row]:
        """Run one statement; its rows are read as they are asked for. Raises StoreProblem, while they are read as well."""
        try:
            cursor = self._connection.execute(sql, bindings)
        except apsw.Error as error:
            raise self._problem(error) from error
        return self._read(cursor)

    def each(self, make: Callable[[Row], T], sql: str, bindings: Bindings = ()) -> Iterator[T]:
        """What ``make`` makes of each row. Raises StoreProblem; StoreDamaged where ``make`` raises ValueError."""
        for row in self.execute(sql, bindings):
            try:
                made = make(row)
            except ValueError as error:
                raise self._damage(NONSENSE) from error
            yield made

    def executemany(self, sql: str, rows: Iterable[Bindings]) -> None:
        """Run one statement for each row. Raises StoreProblem."""
        try:
            self._connection.executemany(sql, rows)
        except apsw.Error as error:
            raise self._problem(error) from error

    def run(self, script: str) -> None:
        """Run all statements of a script. Raises StoreProblem."""
        for _ in self.execute(script):
            pass

    def one(self, sql: str, bindings: Bindings = ()) -> Row | None:
        """The first row, or None."""
        return next(self.execute(sql, bindings), None)

    def value(self, sql: str, bindings: Bindings = ()) -> Value:
        """The first column of the first row, or None."""
        row = self.one(sql, bindings)
        return row[0] if row else None

    def number(self, sql: str, bindings: Bindings = ()) -> int:
        """`value` where it is a number; 0 for NULL or no row."""
        value = self.value(sql, bindings)
        return value if isinstance(value, int) else 0

    def copy_to(self, path: Path, key: StoreKey | None) -> None:
        """Write all of it into an empty file, encrypted with that key or not at all. Raises StoreProblem."""
        from urllib.parse import quote

        given = quote(_raw(key)) if key is not None else ""
        try:
            self.execute("VACUUM main INTO ?", (f"file:{quote(str(path))}?cipher={_CIPHER}&key={given}",))
        except StoreProblem as problem:  # what SQLite says names the file with its key
            raise type(problem)(problem.message.split("file:")[0], problem.advice) from None

    @property
    def last_id(self) -> int:
        """The rowid of the last INSERT."""
        return self._connection.last_insert_rowid()

    @property
    def changes(self) -> int:
        """Rows changed by this connection since it was opened."""
        return self._connection.total_changes()

    def interrupt(self) -> None:
        """Let the statement that another thread runs on this connection end with StoreInterrupted."""
        self._connection.interrupt()

    @contextlib.contextmanager
    def triggers(self) -> Iterator[None]:
        """Triggers fire, also where `write_in_bulk` put them off. Then it costs that every statement is compiled anew."""
        self._fire(True)
        try:
            yield
        finally:
            self._fire(not self.in_bulk)

    def write_in_bulk(self) -> None:
        """From now on new rows come in great numbers, and no triggers fire for them: `tuimail.store.bulk` does their work."""
        self.in_bulk = True
        self._fire(False)

    def _fire(self, on: bool) -> None:
        self._connection.config(apsw.SQLITE_DBCONFIG_ENABLE_TRIGGER, on)

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
            self.execute("COMMIT")
        except BaseException:
            # SQLite itself has rolled back after a full disk; and what failed first is what the user is to be told.
            with contextlib.suppress(apsw.Error):
                if not self._connection.get_autocommit():
                    self._connection.execute("ROLLBACK")
            raise
        finally:
            self._depth = 0

    def _wait(self, times: int) -> bool:
        """Whether to try again for the lock. Another program that writes much leaves it free for moments only.

        SQLite's own waiting takes ever longer steps, and would miss most of them.
        """
        now = time.monotonic()
        if times == 0:
            self._busy_since = now
        time.sleep(_BETWEEN_TRIES)
        return now - self._busy_since < self._patience

    def _read(self, cursor: apsw.Cursor) -> Iterator[Row]:
        try:
            # "yield from" would close a cursor that is left early, and apsw keeps what it closed so for ever.
            for row in cursor:  # noqa: UP028
                yield row
        except UnicodeDecodeError:  # not as its cause: it holds the text
            raise self._damage(NONSENSE) from None
        except apsw.Error as error:
            raise self._problem(error) from error

    def _note(self, found: bytes = b"") -> None:
        """For the next start."""

    def _damage(self, found: bytes = b"") -> StoreDamaged:
        self._note(found)
        return StoreDamaged(
            "The local store is damaged.", "Start tuimail again: it repairs the store and reads the mail from the server."
        )

    def _problem(self, error: apsw.Error) -> StoreProblem:
        match error:
            case apsw.InterruptError():
                return StoreInterrupted("Reading the local store was interrupted.", "Try again.")
            case apsw.FullError():
                return StoreProblem("The disk is full: the change was not saved.", "Free some space and repeat it.")
            case apsw.BusyError() | apsw.LockedError():
                return StoreProblem("Another program holds the local store.", "Try again.")
            case apsw.CorruptError() | apsw.NotADBError():
                return self._damage()
            case apsw.ReadOnlyError() | apsw.CantOpenError() | apsw.PermissionsError():
                return StoreProblem("The local store cannot be written.", "Check the permissions of its folder, or use --home.")
            case apsw.IOError():
                return StoreProblem("The disk did not read or write the local store.", "Check the disk and its free space.")
            case apsw.SQLError():  # the text of a table or trigger may be damaged
                self._note()
        kind = StoreUnfit if isinstance(error, apsw.SQLError) else StoreProblem
        return kind(f"The local store reports: {error}.", "Start tuimail again; if it happens again, report it.")


def beginning(path: Path, octets: int) -> bytes:
    """The first octets of a file, as far as they are there. Raises StoreProblem.

    By SQLite's own hands: to close a database in any other way takes the locks on it from every connection of this process
    (https://www.sqlite.org/howtocorrupt.html §2.2).
    """
    if not path.exists():
        return b""
    try:
        file = apsw.VFSFile("unix", str(path), [apsw.SQLITE_OPEN_MAIN_DB | apsw.SQLITE_OPEN_READONLY, 0])
        try:
            return file.xRead(octets, 0)
        finally:
            file.xClose()
    except apsw.Error as error:
        raise StoreProblem(f"{path} cannot be read.", "Check its permissions, or use --home.") from error


def _unlock(connection: apsw.Connection, key: StoreKey) -> None:
    """Before any other statement. A SQLite without ciphers takes a key without a word, and would write in the clear."""
    if not hasattr(apsw, "mc_version"):
        raise StoreProblem("This Python's apsw cannot encrypt.", "Remove the package apsw and install apsw-sqlite3mc anew.")
    for pragma, value in (("cipher", _CIPHER), ("key", _raw(key))):
        connection.execute(f"PRAGMA {pragma} = '{value}'").fetchall()
    connection.execute("PRAGMA temp_store = MEMORY")  # temporary files are not encrypted


def _raw(key: StoreKey) -> str:
    """The key as it stands, from which nothing is to be derived, and the salt, with which a file begins: its fingerprint."""
    return f"raw:{key.of_databases.hex()}{key.fingerprint.hex()}"


def _written(log: str) -> tuple[int, int]:
    """When a file was written to (ns), and its length."""
    try:
        found = os.stat(log)  # noqa: PTH116  twice a second
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


class Database(Connection):
    """One connection to both files: the own file is ``main``, the cache is attached as ``cache``."""

    def __init__(self, folder: Path, key: StoreKey | None = None, *, busy_ms: int = 5000) -> None:
        self._folder = folder
        super().__init__(folder / OWN, key, busy_ms=busy_ms)
        # One statement at a time: of several, apsw runs those after a row only when the row was read.
        if key is None:
            self.execute("ATTACH DATABASE ? AS cache", (str(folder / CACHE),))
        else:
            self.execute("ATTACH DATABASE ? AS cache KEY ?", (str(folder / CACHE), _raw(key)))
        for setting in _SETTINGS:
            self.execute(f"PRAGMA {setting}")
        self._logs = [f"{folder / name}-wal" for name in (OWN, CACHE)]
        self._written: list[tuple[int, int]] = []
        self._version = (0, 0)
        self._settled = False

    def keep_few_pages(self) -> None:
        """For a connection beside the first: each would come to hold 16 MB of what the system's memory has anyway."""
        self.execute("PRAGMA cache.cache_size = -4000")

    def data_version(self) -> tuple[int, int]:
        """Changes whenever another connection committed to either file.

        Cheap where nobody wrote: whatever is committed is written to a log first (WAL). Two commits may share one time of
        change, so after one it is looked at twice.
        """
        written = [_written(log) for log in self._logs]
        if written != self._written or not self._settled:
            self._settled = written == self._written
            self._written = written
            self._version = self.number("PRAGMA main.data_version"), self.number("PRAGMA cache.data_version")
        return self._version

    def _note(self, found: bytes = b"") -> None:
        note_damage(self._folder, found)
