# SPDX-License-Identifier: GPL-3.0-or-later
"""How programs on one store talk: whoever syncs answers at a socket in the store's folder, readable by its owner alone.

A question is one line of JSON, ``{"account": KEY, "deep": BOOL}``: carry what waits, if deep look what is new, then answer.
The answer is one line: ``{"error": null}``, or ``{"error": {"kind", "message", "advice"}}`` as `TuimailError` has them.
Before it come empty lines, which say that it is being worked on: a program that was stopped (SIGSTOP, ctrl+z) says nothing.
Nothing else goes over it; what is to be done stands in the store.
"""

import asyncio
import contextlib
import json
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

from tuimail.model.errors import TuimailError, error_of
from tuimail.sync.ending import end

log = logging.getLogger(__name__)
DOORBELL = "doorbell"
_LONGEST_PATH = 90
"""Octets of a socket's name that every system takes."""
_LONGEST_LINE = 65_536
_SIGN_OF_LIFE, _SILENCE = 4.0, 20.0
"""Seconds between two empty lines, and those after which nothing will come any more."""
_NONSENSE = (OSError, ValueError, KeyError, TypeError, RecursionError)
"""What reading and understanding a line may raise."""
Settle = Callable[[str, bool], Awaitable[None]]
"""Account's key and whether to look at everything → what keeps it from being done is raised."""


class NobodyAnswers(Exception):
    """No program syncs this store, or it ended before it answered."""


@contextlib.asynccontextmanager
async def answering(folder: Path, settle: Settle) -> AsyncIterator[None]:
    """Answer at the doorbell while the block lasts. Where there can be no socket, others have to do without an answer."""
    under_way: set[asyncio.Task[None]] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        under_way.add(task)
        try:
            await _answer(reader, writer, settle)
        except asyncio.CancelledError:  # asyncio would log that its task was cancelled
            pass
        finally:
            under_way.discard(task)
            writer.close()

    server: asyncio.Server | None = None
    try:
        with _short(folder) as path:
            path.unlink(missing_ok=True)
            server = await asyncio.start_unix_server(answer, path, limit=_LONGEST_LINE)
            path.chmod(0o600)
    except OSError as error:
        log.warning("doorbell: there is none: %s", error.strerror)
    try:
        yield
    finally:
        if server is not None:
            server.close()
            for task in tuple(under_way):
                task.cancel()
            with contextlib.suppress(OSError):
                (folder / DOORBELL).unlink(missing_ok=True)


async def ask(folder: Path, account: str, *, deep: bool) -> None:
    """Have an account settled by the program that syncs. Raises what it met, or NobodyAnswers."""
    try:
        with _short(folder) as path:
            reader, writer = await asyncio.open_unix_connection(path, limit=_LONGEST_LINE)
    except OSError as error:
        raise NobodyAnswers from error
    try:
        writer.write(json.dumps({"account": account, "deep": deep}).encode() + b"\n")
        met = json.loads(await _answered(reader))["error"]
        told = error_of(met["kind"], met["message"], met["advice"]) if met is not None else None
    except _NONSENSE as error:
        raise NobodyAnswers from error
    finally:
        writer.close()
    if told is not None:
        raise told


async def _answered(reader: asyncio.StreamReader) -> bytes:
    """The first line that is not empty; nothing at the end. Raises TimeoutError."""
    while True:
        async with asyncio.timeout(_SILENCE):
            line = await reader.readline()
        if line != b"\n":
            return line


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, settle: Settle) -> None:
    try:
        question = json.loads(await reader.readline())
        account, deep = str(question["account"]), bool(question["deep"])
    except _NONSENSE:
        return
    told = None
    try:
        async with _living(writer):
            await settle(account, deep)
    except TuimailError as error:
        told = {"kind": error.kind, "message": error.message, "advice": error.advice}
    with contextlib.suppress(OSError):
        writer.write(json.dumps({"error": told}).encode() + b"\n")
        await writer.drain()


@contextlib.asynccontextmanager
async def _living(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    """Empty lines while the block lasts, one at once."""

    async def live() -> None:
        while not writer.is_closing():
            writer.write(b"\n")
            await asyncio.sleep(_SIGN_OF_LIFE)

    living = asyncio.create_task(live(), name="doorbell: signs of life")
    try:
        yield
    finally:
        await end([living])


@contextlib.contextmanager
def _short(folder: Path) -> Iterator[Path]:
    """The socket's path, by way of the open folder where it would be too long for a socket's name."""
    path = folder / DOORBELL
    if len(os.fsencode(path)) <= _LONGEST_PATH:
        yield path
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield Path(f"/proc/self/fd/{descriptor}") / DOORBELL
    finally:
        os.close(descriptor)
