# SPDX-License-Identifier: GPL-3.0-or-later
"""Blocking calls of libraries that may hang: each in a thread that nobody waits for at the end of the program."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def in_daemon_thread(call: Callable[[], T], name: str, seconds: float) -> T:
    """What the call returns or raises. Raises TimeoutError after so many seconds; the thread ends by itself, some time."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def tell(value: T | None, error: BaseException | None) -> None:
        if answer.done():
            return
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(value)  # type: ignore[arg-type]

    def run() -> None:
        value: T | None = None
        error: BaseException | None = None
        try:
            value = call()
        except Exception as raised:  # whatever it is, it is raised where somebody waits
            error = raised
        with contextlib.suppress(RuntimeError):  # the program ended meanwhile, and the loop with it
            loop.call_soon_threadsafe(tell, value, error)

    threading.Thread(target=run, name=name, daemon=True).start()
    return await asyncio.wait_for(answer, seconds)
