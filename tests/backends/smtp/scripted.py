# SPDX-License-Identifier: GPL-3.0-or-later
"""A submission server that answers as a test says, and remembers what it was told."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tuimail.model.account import AuthMethod, Security, ServerAddress

GREETING, EHLO, MAIL, RCPT, DATA, DOT = b"greeting", b"EHLO", b"MAIL", b"RCPT", b"DATA", b"."
CUT = b""
"""An answer that is none: the server closes the connection."""
_USUAL = {
    GREETING: b"220 ready",
    MAIL: b"250 ok",
    RCPT: b"250 ok",
    DATA: b"354 go on",
    DOT: b"250 taken as 42",
    b"QUIT": b"221 bye",
}


@dataclass
class ScriptedServer:
    """Answers, by the longest beginning of a command; replies of several lines hold CRLF."""

    answers: Mapping[bytes, bytes] = field(default_factory=dict)
    extensions: tuple[bytes, ...] = (b"PIPELINING", b"SIZE 50000000", b"8BITMIME")
    chopped: bool = False
    """Replies go out octet by octet."""
    early: bytes | None = None
    """Said when the first octets of a message have come."""
    deaf: bool = False
    """After 354 nothing is read until `hear` is set."""
    tls: ssl.SSLContext | None = None
    """From the first octet."""
    host: str = "127.0.0.1"
    port: int = 0
    commands: list[bytes] = field(default_factory=list)
    flights: list[bytes] = field(default_factory=list)
    """What arrived in one read."""
    messages: list[bytes] = field(default_factory=list)
    """Complete ones, as transferred."""
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    """DATA has come."""
    hear: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    """The client's connection has ended."""
    _greeted: bool = False

    def address(
        self, auth: AuthMethod = AuthMethod.NONE, security: Security = Security.NONE, ca_file: str = ""
    ) -> ServerAddress:
        """How to reach it."""
        return ServerAddress(self.host, self.port, security, "ada", auth, ca_file=ca_file)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["ScriptedServer"]:
        """Listen."""
        server = await asyncio.start_server(self._serve, self.host, 0, ssl=self.tls)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self
            self.hear.set()
            if self._greeted:
                await self.gone.wait()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._greeted = True
        try:
            await self._talk(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.transport.abort()
            self.gone.set()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not await self._say(writer, self._answer(GREETING)):
            return
        buffer = b""
        while True:
            while b"\r\n" in buffer:
                line, _, buffer = buffer.partition(b"\r\n")
                self.commands.append(line)
                answer = self._answer(line)
                if not await self._say(writer, answer):
                    return
                if line == DATA and answer.startswith(b"354"):
                    self.asked.set()
                    if not await self._message(reader, writer, buffer) or not await self._say(writer, self._answer(DOT)):
                        return
                    buffer = b""
            piece = await reader.read(1 << 16)
            if not piece:
                return
            self.flights.append(piece)
            buffer += piece

    async def _message(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, received: bytes) -> bool:
        if self.deaf:
            await self.hear.wait()
        text = bytearray(b"\r\n" + received)
        while not text.endswith(b"\r\n.\r\n"):
            piece = await reader.read(1 << 16)
            if not piece:
                return False
            text += piece
            if self.early is not None and not await self._say(writer, self.early):
                return False
        self.messages.append(bytes(text[2:-3]))
        return True

    async def _say(self, writer: asyncio.StreamWriter, answer: bytes) -> bool:
        octets = answer + b"\r\n" if answer else b""
        for start in range(0, len(octets), 1 if self.chopped else max(len(octets), 1)):
            writer.write(octets[start : start + 1] if self.chopped else octets)
            await writer.drain()
            await asyncio.sleep(0)
        return bool(answer)

    def _answer(self, line: bytes) -> bytes:
        table = (
            _USUAL
            | {EHLO: b"\r\n".join(b"250-" + word for word in (b"test", *self.extensions)) + b"\r\n250 HELP"}
            | dict(self.answers)
        )
        matching = [begin for begin in table if line.startswith(begin)]
        return table[max(matching, key=len)] if matching else b"500 what?"
