# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection that only looks: lines in and out, TLS when asked for. Nothing secret is ever said on it."""

import asyncio
import ssl
from contextlib import suppress

from tuimail.backends.log import ProtocolLog

_LONGEST = 1 << 16
_CLOSING = 2.0
"""Seconds that the far side gets to close."""


class Line:
    """Its methods raise TimeoutError after ``seconds`` of silence, OSError and EOFError when the connection is lost."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, log: ProtocolLog | None, seconds: float
    ) -> None:
        self._reader, self._writer, self._log, self._seconds = reader, writer, log, seconds

    @classmethod
    async def connect(cls, address: str, port: int, log: ProtocolLog | None, seconds: float) -> "Line":
        """Connect to an IP address."""
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection(address, port, limit=_LONGEST)
        return cls(reader, writer, log, seconds)

    async def start_tls(self, context: ssl.SSLContext, host: str) -> None:
        """TLS from here on. Raises ssl.SSLError, and its subclass for certificates that do not hold."""
        async with asyncio.timeout(self._seconds):
            await self._writer.start_tls(context, server_hostname=host)

    async def is_silent(self) -> bool:
        """Whether nothing waits to be read. Only for a line that is to be given up when something does."""
        with suppress(TimeoutError):
            async with asyncio.timeout(0):
                return not await self._reader.read(1)
        return True

    @property
    def tls(self) -> ssl.SSLObject | None:
        """What TLS knows; None in the clear."""
        found: ssl.SSLObject | None = self._writer.get_extra_info("ssl_object")
        return found

    def one_answer(self) -> asyncio.Timeout:
        """A context in which an answer has to come to its end, however many lines it has."""
        return asyncio.timeout(self._seconds)

    async def line(self) -> bytes:
        """The next line, without its line end. Raises ValueError for a line without an end."""
        async with asyncio.timeout(self._seconds):
            read = await self._reader.readline()
        if not read:
            raise EOFError
        line = read.rstrip(b"\r\n")
        self._tell("S", line)
        return line

    async def say(self, command: bytes) -> None:
        """Send one line."""
        self._tell("C", command)
        self._writer.write(command + b"\r\n")
        async with asyncio.timeout(self._seconds):
            await self._writer.drain()

    async def close(self) -> None:
        """Let go of it. Never raises."""
        self._writer.close()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(_CLOSING):
                await self._writer.wait_closed()
        self._writer.transport.abort()

    def _tell(self, direction: str, line: bytes) -> None:
        if self._log is not None:
            self._log(direction, line)
