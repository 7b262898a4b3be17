# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the store is well: its files are looked at, nothing is changed."""

import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from tuimail.model.errors import StoreProblem
from tuimail.store.database import CACHE, OWN, Connection
from tuimail.store.repair import QUICK_CHECK_LIMIT


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


def health(folder: Path) -> StoreHealth:
    """Look at the store of a folder. It may be in use. Raises OSError when the folder cannot be read."""
    files = [folder / name for name in (OWN, CACHE) if (folder / name).is_file() and (folder / name).stat().st_size]
    if not files:
        return StoreHealth(exists=False)
    return StoreHealth(
        exists=True,
        size=sum(each.stat().st_size for each in folder.rglob("*") if each.is_file()),
        free=shutil.disk_usage(folder).free,
        damaged=tuple(file.name for file in files if not _sound(file)),
        open_to_others=tuple(
            each.name for each in (folder, *files) if stat.S_IMODE(each.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO)
        ),
    )


def _sound(file: Path) -> bool:
    """A large cache is only opened: to check it takes seconds."""
    try:
        with Connection(file) as connection:
            if file.stat().st_size > QUICK_CHECK_LIMIT:
                return connection.number("PRAGMA user_version") >= 0
            return connection.value("PRAGMA quick_check(1)") == "ok"
    except StoreProblem:
        return False
