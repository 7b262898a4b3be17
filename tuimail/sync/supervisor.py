# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts and stops the loops of all accounts. Of several programs on one store, only the holder of a lock file syncs."""

import asyncio
import fcntl
import os
from collections.abc import Collection, Mapping
from pathlib import Path

from tuimail.model.errors import StoreProblem, TryLater, Unanswered, reason_of
from tuimail.model.ids import AccountId
from tuimail.sync import doorbell
from tuimail.sync.account_loop import AccountLoop
from tuimail.sync.ending import end

LOCK = "sync.lock"
TAKE_OVER = 1.0
"""Seconds between two tries to take the lock over."""
_PATIENCE = 20.0
"""Seconds in which a program that syncs, or one that takes over from it, has to answer."""
_AGAIN = 0.1


class Supervisor:
    """The loops of all accounts."""

    def __init__(self, folder: Path, loops: Mapping[AccountId, AccountLoop]) -> None:
        """``folder``: the store's, where the lock file lies."""
        self._folder = folder
        self._loops = dict(loops)
        self._lock: int | None = None
        self._waiting: asyncio.Task[None] | None = None
        self._started = False
        self._answering: asyncio.Task[None] | None = None
        self._wanted: set[AccountId] = set()

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
        if self._started:
            self._wanted.add(account)
            self._begin()

    def connect(self) -> None:
        """As `start`, but nothing is looked at except the folder that will be on the screen, before `start` is called."""
        if self._hold():
            for loop in self._loops.values():
                loop.connect()

    def start(self, only: Collection[AccountId] | None = None) -> None:
        """Start all loops, now or when the program that syncs at present ends. Needs a running event loop.

        ``only``: these alone; others when another program asks for them.
        """
        self._started |= only is None
        self._wanted |= set(self._loops if only is None else only)
        if not self._begin() and self._waiting is None:
            self._waiting = asyncio.create_task(self._take_over(), name="sync: wait for the lock")

    async def stop(self) -> None:
        """End them, then let another program sync."""
        if self._waiting is not None:
            await end([self._waiting])
            self._waiting = None
        self._started = False
        if self._answering is not None:
            await end([self._answering])
            self._answering = None
        await asyncio.gather(*(loop.stop() for loop in self._loops.values()))
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    async def settled(self, account: AccountId, *, deep: bool = True) -> None:
        """Wait until everything that waits was carried and everything new is here, whichever program does it. After `start`.

        ``deep`` False: what is new is of no interest.
        Raises what `AccountLoop.settled` raises, and TryLater where the other program does not answer.
        """
        loop = self._loops[account]
        patience = asyncio.get_running_loop().time() + _PATIENCE
        while not self._begin():
            try:
                await doorbell.ask(self._folder, loop.account.key, deep=deep)
            except doorbell.NobodyAnswers:
                if asyncio.get_running_loop().time() > patience:
                    raise Unanswered(
                        "Another tuimail holds the store and does not answer.",
                        "It carries what waits, once it goes on (fg); or end it and try again.",
                    ) from None
                await asyncio.sleep(_AGAIN)
            else:
                return
        await loop.settled(deep=deep)

    async def _settle_for_another(self, key: str, deep: bool) -> None:
        found = next((loop for loop in self._loops.values() if loop.account.key == key), None)
        if found is None:
            raise TryLater(f"The tuimail that is open does not know the account {key} yet.", "Open it again.")
        found.start()
        await found.settled(deep=deep)

    async def _answer(self) -> None:
        async with doorbell.answering(self._folder, self._settle_for_another):
            await asyncio.get_running_loop().create_future()

    def _begin(self) -> bool:
        if not self._hold():
            return False
        for account in self._wanted:
            self._loops[account].start()
        if self._answering is None:
            self._answering = asyncio.create_task(self._answer(), name="sync: answer at the doorbell")
        return True

    def _hold(self) -> bool:
        """Have the lock, and the outbox as it was left."""
        if not self.holds_lock:
            if not self._take_lock():
                return False
            for loop in self._loops.values():
                loop.recover()
        return True

    async def _take_over(self) -> None:
        while not self._begin():  # noqa: ASYNC110 the end of another program is no event of ours
            await asyncio.sleep(TAKE_OVER)

    def _take_lock(self) -> bool:
        try:
            descriptor = os.open(self._folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreProblem(f"The lock file in {self._folder} cannot be made: {reason_of(error)}.") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return False
        self._lock = descriptor
        return True
