# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the store is well: its files are looked at, nothing is changed."""

import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from tuimail.model.errors import StoreProblem
from tuimail.model.store_key import StoreKey
from tuimail.store.database import CACHE, OWN, Connection
from tuimail.store.encryption import check_key
from tuimail.store.repair import QUICK_CHECK_LIMIT
from tuimail.store.sharing import Sharing


@dataclass(frozen=True, slots=True)
class StoreHealth:
    """What was found; sizes in octets."""

    exists: bool
    size: int = 0
    free: int = 0
    """Of the file system."""
    damaged: tuple[str, ...] = ()
    """Names of files."""
    open_to_others: tuple[str, ...] = ()
    encrypted: bool = False


def health(folder: Path, key: StoreKey | None = None) -> StoreHealth:
    """Look at the store of a folder. It may be in use. Raises OSError when the folder cannot be read, and StoreProblem.

    ``key`` is the one that `tuimail.store.encryption.fingerprint` names.
    """
    files = [folder / name for name in (OWN, CACHE) if (folder / name).is_file() and (folder / name).stat().st_size]
    if not files:
        return StoreHealth(exists=False)
    with Sharing(folder):
        return _look(folder, files, key)


def _look(folder: Path, files: list[Path], key: StoreKey | None) -> StoreHealth:
    return StoreHealth(
        exists=True,
        size=sum(each.stat().st_size for each in folder.rglob("*") if each.is_file()),
        free=shutil.disk_usage(folder).free,
        damaged=tuple(file.name for file in files if not _sound(file, key)),
        encrypted=key is not None,
        open_to_others=tuple(
            each.name for each in (folder, *files) if stat.S_IMODE(each.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO)
        ),
    )


def _sound(file: Path, key: StoreKey | None) -> bool:
    """A large cache is only opened: to check it takes seconds."""
    try:
        check_key(file, key)
        with Connection(file, key) as connection:
            if file.stat().st_size > QUICK_CHECK_LIMIT:
                return connection.number("PRAGMA user_version") >= 0
            return connection.value("PRAGMA quick_check(1)") == "ok"
    except StoreProblem:
        return False
