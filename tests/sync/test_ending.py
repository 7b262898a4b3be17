# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks end, also those that swallow a cancellation."""

import asyncio

from tuimail.sync.ending import end


async def test_a_task_that_swallows_a_cancellation_ends() -> None:
    swallowed = 0

    async def stubborn() -> None:
        nonlocal swallowed
        while swallowed < 2:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                swallowed += 1
        await asyncio.Event().wait()

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    await end([task])
    assert task.cancelled()
    assert swallowed == 2


async def test_what_a_task_raises_at_its_end_is_dropped() -> None:
    async def fails() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise ValueError

    async def done() -> None:
        pass

    tasks = [asyncio.create_task(fails()), asyncio.create_task(done())]
    await asyncio.sleep(0)
    await end(tasks)
    assert all(task.done() for task in tasks)
    await end([])
