# SPDX-License-Identifier: GPL-3.0-or-later
"""Notices that the computer slept: the wall clock went on, and the other one, which measures all waiting, stood still."""

import asyncio
import time

LOOK = 10.0
"""Seconds between two comparisons."""
_SLEPT = 30.0
"""Seconds by which the clocks must differ to mean that the computer slept or the clock was set."""


class Clocks:
    """Both clocks, as they were at the last comparison."""

    def __init__(self) -> None:
        self._both = (time.time(), time.monotonic())

    def slept(self) -> bool:
        """Whether the computer slept since the last comparison."""
        wall, steady = self._both
        self._both = (time.time(), time.monotonic())
        return abs((self._both[0] - wall) - (self._both[1] - steady)) > _SLEPT


async def pause(over: asyncio.Event, seconds: float | None) -> bool:
    """Wait until something happened, or the time is over; None: for that alone. True: it is over, for the computer woke up."""
    clocks = Clocks()
    left = seconds
    while left is None or left > 0:
        turn = None if left is None else min(left, LOOK)
        try:
            await asyncio.wait_for(over.wait(), turn)
        except TimeoutError:
            if clocks.slept():
                return True
            left = None if left is None or turn is None else left - turn
        else:
            return False
    return False
