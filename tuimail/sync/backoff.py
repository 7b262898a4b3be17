# SPDX-License-Identifier: GPL-3.0-or-later
"""How long to wait before trying again: exponential, with full jitter, so that many clients do not come back at once."""

import time
from collections.abc import Callable

FIRST = 1.0
LONGEST = 300.0
AT_ONCE = 2.0
"""Seconds that lie at least between two lost connections that are made again at once."""


def delay(attempt: int, random: Callable[[], float], *, first: float = FIRST, longest: float = LONGEST) -> float:
    """Seconds before the next try after ``attempt`` failures in a row (1 is the first); ``random`` gives 0 ≤ x < 1.

    At least a quarter of the full time, so that no server is asked in a tight loop.
    """
    full = min(longest, first * 2.0 ** min(max(attempt, 1) - 1, 32))
    return full / 4 + full * 3 / 4 * random()


class Backoff:
    """Counts failures in a row."""

    def __init__(self, random: Callable[[], float], *, first: float = FIRST, longest: float = LONGEST) -> None:
        self._random = random
        self._first = first
        self._longest = longest
        self.failures = 0

    def next(self) -> float:
        """It failed: seconds to wait."""
        self.failures += 1
        return delay(self.failures, self._random, first=self._first, longest=self._longest)

    def reset(self) -> None:
        """It worked."""
        self.failures = 0


class Reconnects:
    """When a lost connection is made again: once at once, then after pauses that grow until a connection was of use.

    To be let in is of no use yet: a server may refuse, or end the connection over, all that comes behind it.
    """

    def __init__(self, random: Callable[[], float], clock: Callable[[], float] = time.monotonic) -> None:
        self._backoff = Backoff(random)
        self._clock = clock
        self._lost = -AT_ONCE
        self._of_use = True

    def of_use(self) -> None:
        """The connection does what it is for."""
        self._of_use = True
        self._backoff.reset()

    def at_once(self) -> bool:
        """It was lost: whether to connect again without a pause and a word."""
        now = self._clock()
        granted = self._of_use and now - self._lost >= AT_ONCE
        if granted:
            self._lost, self._of_use = now, False
        return granted

    def pause(self) -> float:
        """It was lost, or could not be made: seconds to wait."""
        return self._backoff.next()

    def hurry(self) -> None:
        """What kept it from being made is probably over."""
        self._backoff.reset()


class Pace:
    """Holds up what is provoked again and again: so many times it may happen at once, then so many times in a second."""

    def __init__(self, at_once: int, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._room, self._most, self._per_second = float(at_once), float(at_once), per_second
        self._clock = clock
        self._counted = clock()

    def next(self) -> float:
        """It is to happen once more: seconds to wait before. Nothing else is waited for meanwhile."""
        now = self._clock()
        self._room = max(min(self._most, self._room + (now - self._counted) * self._per_second) - 1, -1.0)
        self._counted = now
        return max(-self._room / self._per_second, 0.0)
