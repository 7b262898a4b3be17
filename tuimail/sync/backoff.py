# SPDX-License-Identifier: GPL-3.0-or-later
"""How long to wait before trying again: exponential, with full jitter, so that many clients do not come back at once."""

from collections.abc import Callable

FIRST = 1.0
LONGEST = 300.0


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
