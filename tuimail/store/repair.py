# SPDX-License-Identifier: GPL-3.0-or-later
"""Before the store is opened: check both files, set aside or salvage what is damaged, bring schemas up to date."""

import contextlib
import logging
import time
from pathlib import Path

from tuimail.model.errors import StoreProblem
from tuimail.model.store_key import StoreKey
from tuimail.store.bodies import Blobs
from tuimail.store.database import CACHE, DAMAGED, OWN, Connection, StoreDamaged, StoreUnfit
from tuimail.store.encryption import check_key
from tuimail.store.in_use import was_left
from tuimail.store.local_mail import adopt
from tuimail.store.sharing import MAIL

log = logging.getLogger(__name__)
MIGRATIONS = Path(__file__).parent / "migrations"
QUICK_CHECK_LIMIT = 64 * 1024 * 1024
"""Octets. A larger cache is not checked at start, which would cost seconds, but set aside when a read finds damage."""
_GAP = 1_000_000
"""How far ids of a rebuilt cache begin above those that are known to have been used."""
_TIES = (
    ("value, a.id, 1", "$.messages", "'SetFlags', 'Move', 'Expunge'"),
    ("value, a.id, 1", "$.copies", "'Copy'"),
    ("value, a.id, 0", "$.messages", "'Copy'"),
    ("value, a.id, 0", "$.replaces", "'Append'"),
)
"""Rows of ``action_messages`` as actions imply them: columns, the list in the body, kinds."""


def prepare(folder: Path, key: StoreKey | None = None) -> str:
    """Check and migrate both files before they are opened for use.

    Returns what the user should know about a repair, or "". Raises StoreProblem when the file of waiting actions, drafts
    and outbox is from a newer tuimail, when a file is encrypted with another key, or no store can be made there.
    """
    make_folder(folder)
    try:
        for name in (OWN, CACHE):
            (folder / name).touch(mode=0o600)
            check_key(folder / name, key)
            _drop_stray_log(folder / name)
        told = " ".join(filter(None, (_prepare_own(folder, key), _prepare_cache(folder, key))))
        (folder / DAMAGED).unlink(missing_ok=True)
        if told:
            log.warning("store: %s", told)
    except OSError as error:
        raise _cannot_be_made(folder, error) from error
    return told


def make_folder(folder: Path) -> None:
    """The store's folder, closed to others. Raises StoreProblem."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _cannot_be_made(folder, error) from error


def _cannot_be_made(folder: Path, error: OSError) -> StoreProblem:
    return StoreProblem(
        f"The store in {folder} cannot be made: {error.strerror}.", "Free some space or choose another place with --home."
    )


def _drop_stray_log(path: Path) -> None:
    """A write-ahead log beside an empty file belongs to one that was deleted; SQLite would read it into the new one."""
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and path.stat().st_size == 0:
        log.unlink()


def _prepare_own(folder: Path, key: StoreKey | None) -> str:
    path = folder / OWN
    reason = _unusable(path, key, "own", "quick_check")
    if reason == "newer":
        raise StoreProblem(f"{path} was written by a newer tuimail.", "Use that version, or another store with --home.")
    if reason or not _migrated(path, key, "own"):
        return _salvage(path, key)
    return ""


def _prepare_cache(folder: Path, key: StoreKey | None) -> str:
    path = folder / CACHE
    check = ""
    if (folder / DAMAGED).exists():
        check = "integrity_check"
    elif was_left(folder) and path.stat().st_size <= QUICK_CHECK_LIMIT:
        check = "quick_check"
    reason = _unusable(path, key, "cache", check)
    told = ""
    missing = path.stat().st_size == 0 and _was_used(folder / OWN, key)
    if reason or not _migrated(path, key, "cache"):
        aside = _set_aside(path)
        why = "was written by a newer tuimail" if reason == "newer" else "was damaged"
        told = f"The local copy of your mail {why}. It was set aside as {aside.name} and is read again from the server."
    elif missing:
        told = "The local copy of your mail was missing and is read again from the server."
    _migrate(path, key, "cache")
    if told:
        _raise_ids(path, key, _highest_known_id(folder / OWN, key))
    return told


def _scripts(kind: str) -> list[Path]:
    return sorted(MIGRATIONS.glob(f"{kind}_*.sql"))


def _unusable(path: Path, key: StoreKey | None, kind: str, check: str) -> str:
    """Why a file cannot be used: "damaged", "newer" or "". ``check`` names SQLite's pragma; empty for none."""
    try:
        with Connection(path, key) as connection:
            if connection.number("PRAGMA user_version") > len(_scripts(kind)):
                return "newer"
            if check and connection.value(f"PRAGMA {check}(1)") != "ok":
                return "damaged"
    except StoreDamaged:
        check_key(path, key)  # another program may just have made it with another key
        return "damaged"
    return ""


def _migrated(path: Path, key: StoreKey | None, kind: str) -> bool:
    """Bring a file up to date, if it is not. False: its version is not that of its tables, so that this cannot be done."""
    try:
        _migrate(path, key, kind)
    except StoreUnfit:
        return False
    return True


def _migrate(path: Path, key: StoreKey | None, kind: str) -> None:
    scripts = _scripts(kind)
    with Connection(path, key) as connection:
        if connection.number("PRAGMA user_version") == len(scripts):
            return  # to write that anew would cost every start a checkpoint, and so all that waits to reach the disk
        connection.run("PRAGMA journal_mode = WAL")
        with connection.transaction():
            for script in scripts[connection.number("PRAGMA user_version") :]:
                connection.run(script.read_text("utf-8"))
            connection.run(f"PRAGMA user_version = {len(scripts)}")


def _set_aside(path: Path) -> Path:
    """Rename a file and its companions, never over an older one that was set aside."""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    aside, number = path.with_name(f"{path.name}.set-aside-{stamp}"), 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.set-aside-{stamp}-{number}")
    path.rename(aside)
    for suffix in ("-wal", "-shm"):
        companion = path.with_name(path.name + suffix)
        if companion.exists():
            companion.rename(aside.with_name(aside.name + suffix))
    path.touch(mode=0o600)
    return aside


def _salvage(path: Path, key: StoreKey | None) -> str:
    """Make a new own file and copy over every row of the damaged one that can still be read."""
    aside = _set_aside(path)
    _migrate(path, key, "own")
    with Connection(path, key) as target, target.transaction():
        tables = [
            row[0] for row in target.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*'")
        ]
        for table in tables:
            _copy_readable(aside, key, target, table)
        for columns, values, kinds in _TIES:
            target.run(
                f"INSERT OR IGNORE INTO action_messages (message, action, effect) SELECT {columns}"  # noqa: S608 own names
                f" FROM actions a, json_each(a.body, '{values}') WHERE a.kind IN ({kinds})"
            )
        adopted = adopt(target, Blobs(path.parent / MAIL, key))
        saved = sum(target.number(f"SELECT count(*) FROM {table}") for table in ("actions", "drafts", "outbox"))  # noqa: S608
    return (
        f"The file of drafts, outbox and waiting actions was damaged. {saved} entries could be saved; "
        f"the damaged file is kept as {aside.name}."
        + (f" {adopted} messages whose folder is not known any more are in the inbox." if adopted else "")
    )


def _copy_readable(source: Path, key: StoreKey | None, target: Connection, table: str) -> None:
    """Copy a table from its start up to the damage, then from its end back to it."""
    for direction in ("ASC", "DESC"):
        with contextlib.suppress(StoreProblem), Connection(source, key) as connection:
            for row in connection.execute(f"SELECT * FROM {table} ORDER BY 1 {direction}"):  # noqa: S608 names of our schema
                with contextlib.suppress(StoreProblem):  # a row that the damage left with values no column can hold
                    target.execute(f"INSERT OR IGNORE INTO {table} VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608


def _was_used(own: Path, key: StoreKey | None) -> bool:
    with Connection(own, key) as connection:
        return connection.one("SELECT 1 FROM accounts") is not None


def _highest_known_id(own: Path, key: StoreKey | None) -> int:
    with Connection(own, key) as connection:
        return connection.number(
            "SELECT max(coalesce((SELECT max(message) FROM action_messages), 0),"
            " coalesce((SELECT max(folder) FROM folder_anchors), 0),"
            " coalesce((SELECT CAST(value AS INTEGER) FROM facts WHERE name = 'highest-id'), 0))"
        )


def _raise_ids(cache: Path, key: StoreKey | None, floor: int) -> None:
    """Let new rows get ids that no wish and no script can mean another message by."""
    with Connection(cache, key) as connection:
        connection.executemany(
            "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)",
            [(table, floor + _GAP) for table in ("folders", "messages")],
        )
