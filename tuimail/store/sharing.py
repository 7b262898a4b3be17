# SPDX-License-Identifier: GPL-3.0-or-later
"""Many programs may use a store at once, but only one may put other files in the place of its own: locks on its folder.

They are held on the folder itself (flock), as the files are what changes.
"""

import contextlib
import errno
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tuimail.model.errors import StoreProblem
from tuimail.store.database import CACHE, OWN

BLOBS, MAIL = "blobs", "mail"
"""The folders of files beside the databases."""
CONVERTING, CONVERTED = "converting", "converted"
"""Holds the new files: while they are written, and once all of them are on the disk."""
_PATIENCE = 5.0
"""Seconds to wait for a program that only finishes what another one began."""
_STEP = 0.02
_NO_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EBADF, errno.EINVAL, errno.ENOSYS)


class Sharing:
    """While this is held, the store's files stay what they are."""

    def __init__(self, folder: Path) -> None:
        """Raises StoreProblem while another program converts the store."""
        settle(folder)
        self._lock: int | None = _locked(folder, fcntl.LOCK_SH)
        if _is_pending(folder):  # it was killed before this lock was held
            self.end()
            settle(folder)
            self._lock = _locked(folder, fcntl.LOCK_SH)

    def __enter__(self) -> "Sharing":
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """The store is closed."""
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """No other program uses the store. Raises StoreProblem where one does, or where it cannot be known."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StoreProblem(f"Another program uses the store in {folder}.", "Close it and repeat this.") from error
        except OSError as error:
            raise StoreProblem(
                f"Whether another program uses the store in {folder} cannot be known: {error.strerror}.",
                "Use --home to have the store on a disk of this machine.",
            ) from error
        yield
    finally:
        os.close(descriptor)


def settle(folder: Path) -> None:
    """A conversion that was killed is finished where all its files were on the disk, and undone where not.

    Raises StoreProblem while another program converts the store.
    """
    if not _is_pending(folder):
        return
    lock = _locked(folder, fcntl.LOCK_EX, lambda: _is_pending(folder))
    try:
        if lock is not None and (folder / CONVERTED).exists():
            swap(folder)
        elif lock is not None:
            import shutil

            shutil.rmtree(folder / CONVERTING, ignore_errors=True)
    except OSError as error:
        raise StoreProblem(
            f"The store in {folder} cannot be given its new files: {error.strerror}.", "Check its permissions and start again."
        ) from error
    finally:
        if lock is not None:
            os.close(lock)


def swap(folder: Path) -> None:
    """Put the new files in the place of the old ones. Whatever ends it, it can be done again. Raises OSError."""
    new = folder / CONVERTED
    for name in (OWN, CACHE):
        if (new / name).exists():
            for suffix in ("-wal", "-shm"):
                (folder / f"{name}{suffix}").unlink(missing_ok=True)
            sync(folder)  # a log of the old file must not be there beside the new one
            (new / name).replace(folder / name)
    for name in (BLOBS, MAIL):
        if (new / name).exists():
            if (folder / name).exists():
                import shutil

                shutil.rmtree(folder / name)
            (new / name).rename(folder / name)
    sync(folder)
    sync(new)
    new.rmdir()
    sync(folder)


def sync(path: Path) -> None:
    """Make a file, or new names in a folder, survive a power failure."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_pending(folder: Path) -> bool:
    return (folder / CONVERTED).exists() or (folder / CONVERTING).exists()


def _locked(folder: Path, kind: int, wanted: Callable[[], bool] = lambda: True) -> int | None:
    """The open folder, locked; None: it is not wanted any more. A file system without locks is left unlocked: see `alone`."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    limit = time.monotonic() + _PATIENCE
    try:
        while not _lock(descriptor, kind):
            if not wanted():
                os.close(descriptor)
                return None
            if time.monotonic() > limit:
                raise StoreProblem(
                    f"The store in {folder} is being encrypted or decrypted by another program.", "Try again when that is done."
                )
            time.sleep(_STEP)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise StoreProblem(f"The store's folder cannot be locked: {error.strerror}.") from error
    return True
