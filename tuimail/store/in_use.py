# SPDX-License-Identifier: GPL-3.0-or-later
"""Who has the store open: each program holds a shared lock on one file, which stays behind when it did not end well."""

import contextlib
import fcntl
import os
from pathlib import Path

from tuimail.model.errors import StoreProblem, reason_of

_NAME = "in-use"


class InUse:
    """This program has the store open."""

    def __init__(self, folder: Path) -> None:
        """Raises StoreProblem."""
        self._path = folder / _NAME
        try:
            file = self._locked()
            while not self._is_there(file):  # another program ended, and took it away, before the lock was ours
                os.close(file)
                file = self._locked()
        except OSError as error:
            raise StoreProblem(
                f"The store in {folder} cannot be used: {reason_of(error)}.", "Free some space or choose another with --home."
            ) from error
        self._file: int | None = file

    def _locked(self) -> int:
        file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(file, fcntl.LOCK_SH)
        return file

    def _is_there(self, file: int) -> bool:
        with contextlib.suppress(FileNotFoundError):
            return os.path.samestat(self._path.stat(), os.fstat(file))
        return False

    def end(self, *, clean: bool) -> None:
        """This program is done. ``clean``: nothing was left half done, so the next start need not check."""
        file, self._file = self._file, None
        if file is None:
            return
        try:
            with contextlib.suppress(OSError):  # another program uses it still
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if clean:
                    self._path.unlink(missing_ok=True)
        finally:
            os.close(file)


def was_left(folder: Path) -> bool:
    """Whether the last program did not end in good order. What a program that is open does is not to be checked."""
    try:
        file = os.open(folder / _NAME, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(file)
    return True
