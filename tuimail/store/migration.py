# SPDX-License-Identifier: GPL-3.0-or-later
"""The schemas of both files, script by script; and how a file gives way to a new one."""

import time
from pathlib import Path

from tuimail.model.store_key import StoreKey
from tuimail.store.database import Connection

_SCRIPTS = Path(__file__).parent / "migrations"
COMPANIONS = ("-wal", "-shm")
"""What SQLite has beside a file that is open, or was left."""


def scripts(kind: str) -> list[Path]:
    """What brings a file of that kind, ``own`` or ``cache``, from one version to the next.

    One that is in use somewhere stays as it is, comments included: a file whose tables read otherwise counts as damaged.
    """
    return sorted(_SCRIPTS.glob(f"{kind}_*.sql"))


def migrate(path: Path, key: StoreKey | None, kind: str) -> None:
    """Bring a file up to date. Raises StoreProblem; StoreUnfit where its version is not that of its tables."""
    steps = scripts(kind)
    with Connection(path, key) as connection:
        if connection.number("PRAGMA user_version") == len(steps):
            return  # to write that anew would cost every start a checkpoint, and so all that waits to reach the disk
        connection.run("PRAGMA journal_mode = WAL")
        with connection.transaction():
            for script in steps[connection.number("PRAGMA user_version") :]:
                connection.run(script.read_text("utf-8"))
            connection.run(f"PRAGMA user_version = {len(steps)}")


def set_aside(path: Path) -> Path:
    """Rename a file and its companions, never over an older one that was set aside. Raises OSError."""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    aside, number = path.with_name(f"{path.name}.set-aside-{stamp}"), 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.set-aside-{stamp}-{number}")
    for suffix in COMPANIONS:  # first: beside the new file they would be taken for its own
        companion = path.with_name(path.name + suffix)
        if companion.exists():
            companion.rename(aside.with_name(aside.name + suffix))
    path.rename(aside)
    return aside


def remove(path: Path) -> None:
    """Remove a database with its companions, as far as it is there. Raises OSError."""
    for suffix in ("", *COMPANIONS):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
