# SPDX-License-Identifier: GPL-3.0-or-later
"""The octet stream of one IMAP connection: lines in, answers out, TLS and DEFLATE on the way, and the faults that strike it."""

import asyncio
import ssl
import zlib

from tuimail.demo.faults import Faults

_LINE_LIMIT = 1 << 20
_FLUSH_SIZE = 1 << 16


class Cut(ConnectionError):
    """The connection ends here, by a fault or because the client is gone."""


class Wire:
    """A buffered connection. `send` only queues; `flush` writes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, faults: Faults) -> None:
        self.encrypted = writer.get_extra_info("ssl_object") is not None
        self.compressed = False
        self._reader, self._writer, self._faults = reader, writer, faults
        self._in = bytearray()
        self._out = bytearray()
        self._inflate = zlib.decompressobj(-15)
        self._deflate = zlib.compressobj(6, zlib.DEFLATED, -15)

    async def line(self) -> bytes:
        """The next line without its CRLF."""
        while (end := self._in.find(b"\n")) < 0:
            if len(self._in) > _LINE_LIMIT:
                raise Cut("line too long")
            await self._receive()
        line = bytes(self._in[:end])
        del self._in[: end + 1]
        return line.removesuffix(b"\r")

    async def octets(self, count: int) -> bytes:
        """The next ``count`` octets."""
        while len(self._in) < count:
            await self._receive()
        data = bytes(self._in[:count])
        del self._in[:count]
        return data

    def send(self, data: bytes) -> None:
        """Queue octets."""
        self._out += data

    @property
    def full(self) -> bool:
        """Whether it is time to flush."""
        return len(self._out) >= _FLUSH_SIZE

    async def flush(self) -> None:
        """Write what was queued."""
        data, self._out = bytes(self._out), bytearray()
        if not data:
            return
        if self._faults.delay:
            await asyncio.sleep(self._faults.delay)
        if self.compressed:
            data = self._deflate.compress(data) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
        allowed = self._faults.allowance(True, len(data))
        await self._write(data if allowed is None else data[:allowed])
        if allowed is not None:
            raise Cut("cut after sending")

    async def start_tls(self, context: ssl.SSLContext) -> None:
        """TLS from here on; anything already read in clear is thrown away (RFC 9051 §6.2.1)."""
        self._in.clear()
        in_clear = self._writer.transport
        try:
            await self._writer.start_tls(context)
        finally:
            # A client that leaves during the handshake makes asyncio put None here, over which its writer stumbles later.
            if self._writer.transport is None:
                vars(self._writer)["_transport"] = in_clear
        if self._writer.transport is in_clear:
            raise Cut("the client left during the handshake")
        self.encrypted = True

    def start_deflate(self) -> None:
        """DEFLATE from here on, both ways (RFC 4978)."""
        rest = bytes(self._in)
        self._in.clear()
        self.compressed = True
        self._in += self._inflate.decompress(rest)

    async def close(self) -> None:
        """Close; never raises."""
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except (OSError, ssl.SSLError):
            return

    async def _write(self, data: bytes) -> None:
        if not self._faults.one_byte:
            self._writer.write(data)
            await self._writer.drain()
            return
        for octet in data:
            self._writer.write(bytes((octet,)))
            await self._writer.drain()
            await asyncio.sleep(0)

    async def _receive(self) -> None:
        data = await self._reader.read(1 << 16)
        if not data:
            raise Cut("the client is gone")
        if self._faults.allowance(False, len(data)) is not None:
            raise Cut("cut after receiving")
        try:
            self._in += self._inflate.decompress(data) if self.compressed else data
        except zlib.error as wrong:
            raise Cut("not compressed") from wrong
