# SPDX-License-Identifier: GPL-3.0-or-later
"""A wire between a client and any server that is cut after so many octets."""

import asyncio
from types import TracebackType
from typing import Self


class CuttingRelay:
    """Listens on a loopback port. Octets of both directions count together; the one that goes beyond ``limit`` cuts."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._listener: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.passed = 0
        self.limit: int | None = None
        """None: no cut."""

    async def __aenter__(self) -> Self:
        self._listener = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._listener is not None
        self._listener.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._listener is not None
        port: int = self._listener.sockets[0].getsockname()[1]
        return port

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        server_reader, server_writer = await asyncio.open_connection(*self._target)
        ends = (writer, server_writer)
        try:
            await asyncio.gather(self._pass(reader, server_writer, ends), self._pass(server_reader, writer, ends))
        finally:
            for end in ends:
                end.transport.abort()

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, ends: tuple[asyncio.StreamWriter, ...]
    ) -> None:
        try:
            while data := await reader.read(4096):
                left = len(data) if self.limit is None else max(self.limit - self.passed, 0)
                self.passed += len(data)
                writer.write(data[:left])
                await writer.drain()
                if left < len(data):
                    break
        except ConnectionError:
            pass
        for end in ends:
            end.transport.abort()
