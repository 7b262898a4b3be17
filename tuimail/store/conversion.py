# SPDX-License-Identifier: GPL-3.0-or-later
"""Encrypts a store, or decrypts it: all files are written anew in a folder beside, made safe on the disk, and swapped at once.

Killed before all of them are there, the next start removes what was begun; killed after, it puts them in place
(`tuimail.store.sharing.settle`). The old files go only then.
"""

import contextlib
import shutil
from pathlib import Path

from tuimail.model.errors import FileProblem, StoreProblem
from tuimail.model.store_key import StoreKey
from tuimail.store.bodies import Blobs
from tuimail.store.database import CACHE, OWN, Connection, StoreDamaged
from tuimail.store.encryption import check_key
from tuimail.store.sharing import BLOBS, CONVERTED, CONVERTING, MAIL, alone, swap, sync
from tuimail.store.store import Store

_SET_ASIDE = "*.set-aside-*"


def convert(folder: Path, now: StoreKey | None, then: StoreKey | None) -> None:
    """Let a store that is encrypted with ``now`` be encrypted with ``then``; None is no encryption.

    Raises StoreProblem or FileProblem, and has changed nothing, where another program uses the store, a file of it cannot be
    read, or the disk has no room for both.
    """
    Store.open(folder, now).close(clean=True)  # what is to be repaired or migrated is
    with alone(folder):
        _refuse_leftovers(folder)
        _refuse_little_room(folder)
        new = folder / CONVERTING
        try:
            new.mkdir(mode=0o700)
            _write_all(folder, new, now, then)
            new.rename(folder / CONVERTED)
            sync(folder)
            swap(folder)
        except OSError as error:
            raise FileProblem(
                f"The store cannot be written anew: {error.strerror}.", "Free some space and repeat it."
            ) from error
        finally:
            shutil.rmtree(new, ignore_errors=True)


def _write_all(old: Path, new: Path, now: StoreKey | None, then: StoreKey | None) -> None:
    for name in (OWN, CACHE):
        _write_database(old / name, new / name, now, then)
    for name in (BLOBS, MAIL):
        if (old / name).is_dir():
            _write_files(old / name, new / name, now, then)
    sync(new)


def _write_database(old: Path, new: Path, now: StoreKey | None, then: StoreKey | None) -> None:
    new.touch(mode=0o600)
    with Connection(old, now) as source:
        source.run("PRAGMA temp_store = MEMORY")
        source.copy_to(new, then)
        with Connection(new, then) as target:
            target.run("PRAGMA journal_mode = WAL")
            if target.value("PRAGMA quick_check(1)") != "ok" or _counts(source) != _counts(target):
                raise StoreDamaged(f"{old.name} was not written anew as it was.", "Nothing was changed. Check the disk.")
    check_key(new, then)
    sync(new)


def _counts(database: Connection) -> list[tuple[str, int]]:
    """How many rows each table has."""
    names = [
        row[0] for row in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 ORDER BY name")
    ]
    return [(name, database.number(f'SELECT count(*) FROM "{name}"')) for name in names]  # noqa: S608 names of our schema


def _write_files(old: Path, new: Path, now: StoreKey | None, then: StoreKey | None) -> None:
    source, target = Blobs(old, now), Blobs(new, then)
    new.mkdir(mode=0o700)
    names = [name for name, _ in source.all()]
    for name, written in source.all():
        target.put(name, source.read(name), written)
    for name in names:  # after all are written: the first waits for the disk, most others find it done
        sync(new / name)
    sync(new)


def _refuse_leftovers(folder: Path) -> None:
    """Damaged files that were set aside can be read by nobody with a key that is forgotten, or by everybody without."""
    if left := sorted(found.name for found in folder.glob(_SET_ASIDE)):
        raise StoreProblem(
            f"In {folder} are damaged files that were set aside: {', '.join(left)}.",
            "Nothing was changed. Remove them or move them elsewhere, then repeat this.",
        )


def _refuse_little_room(folder: Path) -> None:
    needed = 0
    for found in folder.rglob("*"):
        with contextlib.suppress(OSError):
            needed += found.lstat().st_size
    needed += needed // 8
    if (free := shutil.disk_usage(folder).free) < needed:
        raise StoreProblem(
            f"The disk of {folder} has {free / 1e6:.0f} MB free; {needed / 1e6:.0f} MB are needed.",
            "Free some space and repeat it.",
        )
