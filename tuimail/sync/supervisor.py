# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts and stops the loops of all accounts. Of several programs on one store, only the holder of a lock file syncs."""

import asyncio
import fcntl
import os
from collections.abc import Mapping
from pathlib import Path

from tuimail.model.errors import StoreProblem
from tuimail.model.ids import AccountId
from tuimail.sync.account_loop import AccountLoop
from tuimail.sync.ending import end

LOCK = "sync.lock"
TAKE_OVER = 1.0
"""Seconds between two tries to take the lock over."""


class Supervisor:
    """The loops of all accounts."""

    def __init__(self, folder: Path, loops: Mapping[AccountId, AccountLoop]) -> None:
        """``folder``: the store's, where the lock file lies."""
        self._folder = folder
        self._loops = dict(loops)
        self._lock: int | None = None
        self._waiting: asyncio.Task[None] | None = None
        self._started = False

    @property
    def holds_lock(self) -> bool:
        """Whether this program does the syncing."""
        return self._lock is not None

    def loop(self, account: AccountId) -> AccountLoop:
        """The loop of an account."""
        return self._loops[account]

    def add(self, account: AccountId, loop: AccountLoop) -> None:
        """Take another account into use."""
        self._loops[account] = loop
        if self._started and self.holds_lock:
            loop.start()

    def connect(self) -> None:
        """As `start`, but nothing is looked at except the folder that will be on the screen, before `start` is called."""
        self._begin()

    def start(self) -> None:
        """Start all loops, now or when the program that syncs at present ends. Needs a running event loop."""
        self._started = True
        if not self._begin() and self._waiting is None:
            self._waiting = asyncio.create_task(self._take_over(), name="sync: wait for the lock")

    async def stop(self) -> None:
        """End them, then let another program sync."""
        if self._waiting is not None:
            await end([self._waiting])
            self._waiting = None
        self._started = False
        await asyncio.gather(*(loop.stop() for loop in self._loops.values()))
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _begin(self) -> bool:
        if self._lock is None:
            if not self._take_lock():
                return False
            for loop in self._loops.values():
                loop.recover()
        for loop in self._loops.values():
            if self._started:
                loop.start()
            else:
                loop.connect()
        return True

    async def _take_over(self) -> None:
        while not self._begin():  # noqa: ASYNC110 the end of another program is no event of ours
            await asyncio.sleep(TAKE_OVER)

    def _take_lock(self) -> bool:
        try:
            descriptor = os.open(self._folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreProblem(f"The lock file in {self._folder} cannot be made: {error.strerror}.") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return False
        self._lock = descriptor
        return True
