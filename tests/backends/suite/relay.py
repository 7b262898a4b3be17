# SPDX-License-Identifier: GPL-3.0-or-later
"""A wire that can be held and cut, between a backend and any server."""

import asyncio
from types import TracebackType
from typing import Self


class Relay:
    """Listens on a loopback address and passes octets on, both ways."""

    def __init__(self, host: str, port: int, *, listen: str = "127.0.0.1") -> None:
        self._target = (host, port)
        self._listen = listen
        self._listener: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._passing = asyncio.Event()
        self._passing.set()

    async def __aenter__(self) -> Self:
        self._listener = await asyncio.start_server(self._serve, self._listen, 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._listener is not None
        self._listener.close()
        self.cut()
        await asyncio.gather(*self._tasks)

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._listener is not None
        port: int = self._listener.sockets[0].getsockname()[1]
        return port

    def hold(self) -> None:
        """Keep back what the server says from now on."""
        self._passing.clear()

    def cut(self) -> None:
        """End all connections without a goodbye."""
        for writer in self._writers:
            writer.transport.abort()
        self._passing.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        server_reader, server_writer = await asyncio.open_connection(*self._target)
        self._writers |= {writer, server_writer}
        await asyncio.gather(self._pass(reader, server_writer), self._pass(server_reader, writer, held=True))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, held: bool = False) -> None:
        try:
            while data := await reader.read(65_536):
                if held:
                    await self._passing.wait()
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            return
        finally:
            writer.transport.abort()
