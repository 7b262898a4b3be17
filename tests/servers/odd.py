# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers of a few lines that answer as no mail server should."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress

HOST = "127.0.0.1"


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(talk: Talk, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A port where each connection is given to ``talk``, and cut at the end. ``context``: TLS from the start."""
    talking: set[asyncio.Task[None]] = set()

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talking.add(task)
        try:
            await talk(reader, writer)
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            talking.discard(task)

    server = await asyncio.start_server(served, HOST, 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tuple(talking):
            task.cancel()
        await asyncio.gather(*talking, return_exceptions=True)


@asynccontextmanager
async def answering(
    greeting: bytes = b"", answers: Mapping[bytes, bytes] | None = None, context: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    """A port where each connection is greeted, and each line answered by what stands for its beginning; else by silence.

    The key ``b""`` answers any octets at all, whereupon the connection is closed. ``context``: TLS from the start.
    """
    known = dict(answers or {})
    anything = known.pop(b"", None)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            writer.write(greeting)
            await writer.drain()
            if anything is not None:
                if await reader.read(1):
                    writer.write(anything)
                    await writer.drain()
            else:
                while line := await reader.readline():
                    for begin, answer in known.items():
                        if line.upper().startswith(begin):
                            writer.write(answer)
                            await writer.drain()
        writer.close()

    async with listening(talk, context) as port:
        yield port
