# SPDX-License-Identifier: GPL-3.0-or-later
"""One program at a time renews the token of an account: a refresh token used twice ends the sign-in (RFC 9700 §4.14.2)."""

import asyncio
import fcntl
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

log = logging.getLogger(__name__)

_SECONDS = 30.0
"""Longer than a renewal may take. After these the lock belongs to a program that hangs, and is passed by."""
_LOOK = 0.02


@asynccontextmanager
async def alone(file: Path | None) -> AsyncIterator[None]:
    """Hold the lock of that name, which ends with the program; without a name, or where no file can be made, none."""
    descriptor = _open(file) if file is not None else None
    if descriptor is None:
        yield
        return
    try:
        ends = asyncio.get_running_loop().time() + _SECONDS
        while not _taken(descriptor):
            if asyncio.get_running_loop().time() > ends:
                log.warning("oauth: another program holds the lock of a renewal for too long")
                break
            await asyncio.sleep(_LOOK)
        yield
    finally:
        os.close(descriptor)


def _open(file: Path) -> int | None:
    try:
        return os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        log.warning("oauth: no lock for renewals: %s", error.strerror)
        return None


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
