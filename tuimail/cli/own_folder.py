# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders for temporary files that go when the program ends, or, where it was killed, at the start of the next one."""

import fcntl
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_LEFT_BEHIND = 60
"""Seconds after which a folder that no program holds was left by a killed program: none takes longer to begin."""


@contextmanager
def own_folder(prefix: str) -> Iterator[Path]:
    """A folder as long as the context is open; those of that prefix that killed programs left go as well."""
    place = Path(tempfile.gettempdir())
    if _is_safe(place):
        for left in place.glob(f"{prefix}*"):
            _remove_left(left)
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def _is_safe(place: Path) -> bool:
    """Whether nobody else can have given another folder of ours such a name."""
    mode = place.stat().st_mode
    return bool(mode & stat.S_ISVTX) or not mode & (stat.S_IWGRP | stat.S_IWOTH)


def _remove_left(folder: Path) -> None:
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return
    try:
        found = os.fstat(descriptor)
        if found.st_uid == os.geteuid() and time.time() - found.st_mtime > _LEFT_BEHIND:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
    except BlockingIOError:
        return
    finally:
        os.close(descriptor)
