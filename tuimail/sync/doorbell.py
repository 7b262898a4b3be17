# SPDX-License-Identifier: GPL-3.0-or-later
"""How programs on one store talk: whoever syncs answers at a socket in the store's folder, readable by its owner alone.

A question is one line of JSON, ``{"account": KEY, "deep": BOOL}``: carry what waits, if deep look what is new, then answer.
The answer is one line: ``{"error": null}``, or ``{"error": {"kind", "message", "advice"}}`` as `TuimailError` has them.
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

log = logging.getLogger(__name__)
DOORBELL = "doorbell"
_LONGEST_PATH = 90
"""Octets of a socket's name that every system takes."""
_LONGEST_LINE = 65_536
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
        answer = json.loads(await reader.readline())
    except (OSError, ValueError) as error:
        raise NobodyAnswers from error
    finally:
        writer.close()
    if answer["error"] is not None:
        raise error_of(**answer["error"])


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, settle: Settle) -> None:
    try:
        question = json.loads(await reader.readline())
        account, deep = str(question["account"]), bool(question["deep"])
    except (OSError, ValueError, KeyError, TypeError):
        return
    told = None
    try:
        await settle(account, deep)
    except TuimailError as error:
        told = {"kind": error.kind, "message": error.message, "advice": error.advice}
    with contextlib.suppress(OSError):
        writer.write(json.dumps({"error": told}).encode() + b"\n")
        await writer.drain()


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
