# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts the worker process for a huge folder, tells it what to read, and hears how far it is."""

import asyncio
import contextlib
from asyncio.subprocess import DEVNULL, PIPE, Process, SubprocessStreamProtocol
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from tuimail.model.errors import ServerBroken
from tuimail.model.text import safe_line
from tuimail.sync.worker import FillOrder

_GRACE = 2.0
"""Seconds that the worker has to end by itself."""
_LINE = 1 << 16
"""Octets of a line that it says, at most."""

FillRunner = Callable[[FillOrder, Callable[[int], None]], Awaitable[None]]
"""Reads all older messages of a folder; calls back with each count of new rows. Raises when it could not read all of it."""


async def run_worker(command: Sequence[str], task: object, report: Callable[[int], None]) -> None:
    """Run one worker to its end. ``task`` goes to its standard input as one line of JSON: no secret is in its arguments.

    Its standard output brings a line with a number for each count of new rows, or what went wrong. When this is cancelled,
    the worker ends. Raises ServerBroken when it failed.
    """
    loop = asyncio.get_running_loop()
    transport, streams = await loop.subprocess_exec(
        lambda: SubprocessStreamProtocol(limit=_LINE, loop=loop),
        *command,
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,  # what a library prints would stand on the screen
        start_new_session=True,
    )
    process = Process(transport, streams, loop)
    assert process.stdin is not None and process.stdout is not None  # noqa: PT018
    try:
        process.stdin.write(msgspec.json.encode(task) + b"\n")
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it has ended already, and says why
            await process.stdin.drain()
        reason = "no reason given"
        async for line in process.stdout:
            if line.strip().isdigit():
                report(int(line))
            else:
                reason = safe_line(line.decode("utf-8", "replace").strip())
        if await process.wait():
            raise ServerBroken(f"The process that reads older messages failed: {reason}")
    finally:
        await _end(process)
        transport.close()  # the process that it forked may hold the other end for a while


async def _end(process: Process) -> None:
    """It ends when its standard input does."""
    if process.stdin is not None:
        process.stdin.close()
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _GRACE)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
