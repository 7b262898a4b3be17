# SPDX-License-Identifier: GPL-3.0-or-later
"""Before the store is opened: check both files, set aside or salvage what is damaged, bring schemas up to date."""

import logging
from pathlib import Path

from tuimail.model.errors import StoreProblem, reason_of
from tuimail.model.store_key import StoreKey
from tuimail.store.database import CACHE, DAMAGED, NONSENSE, OWN, Connection, StoreDamaged, StoreUnfit, beginning
from tuimail.store.encryption import check_key, mend_salt
from tuimail.store.in_use import was_left
from tuimail.store.migration import migrate, scripts, set_aside
from tuimail.store.own_rows import all_mean_something
from tuimail.store.salvage import finish, salvage

log = logging.getLogger(__name__)
QUICK_CHECK_LIMIT = 64 * 1024 * 1024
"""Octets. A larger cache is not checked at start, which would cost seconds, but set aside when a read finds damage."""
_SMALL = 4 * 1024 * 1024
"""Octets. In a file up to that it takes milliseconds to look as well whether its indexes lost a row, such as a wish."""
_GAP = 1_000_000
"""How far ids of a rebuilt cache begin above those that are known to have been used."""
_JOURNALS = (b"\1\1", b"\2\2")
"""Octets 18 and 19 of a file: how it is written and read, by a rollback journal or a log. SQLite writes no file with others."""


def prepare(folder: Path, key: StoreKey | None = None) -> str:
    """Check and migrate both files before they are opened for use.

    Returns what the user should know about a repair, or "". Raises StoreProblem when the file of waiting actions, drafts
    and outbox is from a newer tuimail, when a file is encrypted with another key, or no store can be made there.
    """
    make_folder(folder)
    try:
        told = finish(folder / OWN, key)
        for name in (OWN, CACHE):
            (folder / name).touch(mode=0o600)
            mend_salt(folder / name, key)
            check_key(folder / name, key)
            _drop_stray_log(folder / name)
        noted = (folder / DAMAGED).read_bytes() if (folder / DAMAGED).exists() else None
        told = told or _prepare_own(folder, key, closely=noted is not None)
        told = " ".join(filter(None, (told, _prepare_cache(folder, key, None if told else noted))))
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
        f"The store in {folder} cannot be made: {reason_of(error)}.", "Free some space or choose another place with --home."
    )


def _drop_stray_log(path: Path) -> None:
    """A write-ahead log beside an empty file belongs to one that was deleted; SQLite would read it into the new one."""
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and path.stat().st_size == 0:
        log.unlink()


def _prepare_own(folder: Path, key: StoreKey | None, *, closely: bool) -> str:
    path = folder / OWN
    reason = _unusable(path, key, "own", "integrity_check" if closely else _usual_check(path), closely=closely)
    if reason == "newer" and not _is_ours(path, key):
        raise StoreProblem(f"{path} was written by a newer tuimail.", "Use that version, or another store with --home.")
    if reason or not _migrated(path, key, "own"):
        return salvage(path, key)
    return ""


def _prepare_cache(folder: Path, key: StoreKey | None, noted: bytes | None) -> str:
    """``noted``: what the last program met. Where its rows mean nothing and the own file's do, it is this one's."""
    path = folder / CACHE
    check = ""
    if noted is not None:
        check = "integrity_check"
    elif was_left(folder) and path.stat().st_size <= QUICK_CHECK_LIMIT:
        check = _usual_check(path)
    reason = "damaged" if noted and NONSENSE in noted else _unusable(path, key, "cache", check, closely=noted is not None)
    told = ""
    missing = path.stat().st_size == 0 and _was_used(folder / OWN, key)
    if reason or not _migrated(path, key, "cache"):
        aside = set_aside(path)
        path.touch(mode=0o600)
        why = "was written by a newer tuimail" if reason == "newer" else "was damaged"
        told = f"The local copy of your mail {why}. It was set aside as {aside.name} and is read again from the server."
    elif missing:
        told = "The local copy of your mail was missing and is read again from the server."
    migrate(path, key, "cache")
    if told:
        _raise_ids(path, key, _highest_known_id(folder / OWN, key))
    return told


def _usual_check(path: Path) -> str:
    return "integrity_check" if path.stat().st_size <= _SMALL else "quick_check"


def _unusable(path: Path, key: StoreKey | None, kind: str, check: str, *, closely: bool = False) -> str:
    """Why a file cannot be used: "damaged", "newer" or "". ``check`` names SQLite's pragma; empty for none."""
    try:
        if beginning(path, 20)[18:] not in (b"", *_JOURNALS):
            return "damaged"
        with Connection(path, key) as connection:
            version = connection.number("PRAGMA user_version")
            if version > len(scripts(kind)):
                return "newer"
            if check and connection.value(f"PRAGMA {check}(1)") != "ok":
                return "damaged"
            if kind == "own" and version and not _is_as_written(connection, closely=closely):
                return "damaged"
            if kind == "cache" and closely and version == len(scripts(kind)) and not _has_our_tables(connection, kind):
                return "damaged"
    except (StoreDamaged, StoreUnfit):
        check_key(path, key)  # another program may just have made it with another key
        return "damaged"
    return ""


def _is_as_written(own: Connection, *, closely: bool) -> bool:
    """Whether the tables are those of our scripts, letter by letter, and what is in them means something.

    A bit less in their text may be another rule that holds no less well.
    """
    ours = "".join(script.read_text("utf-8") for script in scripts("own"))
    texts = own.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT GLOB 'sqlite_*'")
    return all(text in ours for (text,) in texts) and all_mean_something(own, thorough=closely)


def _is_ours(path: Path, key: StoreKey | None) -> bool:
    """Whether a "newer" own file has our tables, and a number that differs in one bit, which was damaged then."""
    with Connection(path, key) as found:
        one_bit = (found.number("PRAGMA user_version") ^ len(scripts("own"))).bit_count() == 1
        return one_bit and _has_our_tables(found, "own")


def _has_our_tables(found: Connection, kind: str) -> bool:
    """Whether tables, indexes and triggers are those that all scripts make, letter by letter."""
    schema = "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name"
    with Connection(Path(":memory:")) as ours:
        for script in scripts(kind):
            ours.run(script.read_text("utf-8"))
        return list(found.execute(schema)) == list(ours.execute(schema))


def _migrated(path: Path, key: StoreKey | None, kind: str) -> bool:
    """Bring a file up to date, if it is not. False: its version is not that of its tables, so that this cannot be done."""
    try:
        migrate(path, key, kind)
    except StoreUnfit:
        return False
    return True


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
