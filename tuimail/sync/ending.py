# SPDX-License-Identifier: GPL-3.0-or-later
"""Ends tasks for certain."""

import asyncio
from collections.abc import Iterable
from typing import Any

_AGAIN = 0.5
"""Seconds after which a task that still runs is cancelled once more."""


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks until they have ended; what they raise is dropped.

    Once is not enough: `asyncio.wait_for` of Python 3.11 swallows a cancellation that comes in the moment in which what it
    waits for is done.
    """
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        done, left = await asyncio.wait(left, timeout=_AGAIN)
        for task in done:
            if not task.cancelled():
                task.exception()
