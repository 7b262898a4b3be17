# SPDX-License-Identifier: GPL-3.0-or-later
"""An IMAP server that says what a test has written down, on a loopback port."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from tests.servers.drip import drip
from tuimail.backends.imap.backend import ImapBackend
from tuimail.model.account import AuthMethod, Security, ServerAddress

CAPABILITIES = b"IMAP4rev1 SASL-IR LITERAL+ IDLE UIDPLUS MOVE UNSELECT ESEARCH"


class Line:
    """The server's end of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.heard: list[bytes] = []

    def say(self, data: bytes) -> None:
        self._writer.write(data)

    async def hear(self, pattern: bytes = b"") -> bytes:
        """The tag of the next command, which has to match."""
        line = (await self._reader.readuntil(b"\r\n"))[:-2]
        self.heard.append(line)
        tag, _, command = line.partition(b" ")
        assert re.search(pattern, command), (pattern, command)
        return tag

    async def octets(self, count: int) -> bytes:
        return await self._reader.readexactly(count)

    async def answer(self, pattern: bytes, untagged: bytes = b"", status: bytes = b"OK done") -> bytes:
        """Hear a command and end it."""
        tag = await self.hear(pattern)
        self.say(untagged + tag + b" " + status + b"\r\n")
        return tag

    async def sign_in(self, capabilities: bytes = CAPABILITIES) -> None:
        """From the greeting to the first command of the test."""
        self.say(b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hello\r\n")
        await self.answer(b"AUTHENTICATE PLAIN", status=b"OK [CAPABILITY " + capabilities + b"] welcome")

    async def select(self, exists: int = 3, more: bytes = b"") -> None:
        codes = b"* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 100] x\r\n"
        await self.answer(b"SELECT", b"* %d EXISTS\r\n" % exists + codes + more, b"OK [READ-WRITE] open")

    async def until_gone(self) -> bytes:
        """Whatever else the client says."""
        return await self._reader.read()

    async def drip(self, said: bytes, times: int | None = None) -> None:
        """Say it now and then, so many times or until the client is gone."""
        await drip(self._writer, said, times)

    def hang_up(self) -> None:
        self._writer.transport.abort()

    def hang_up_softly(self) -> None:
        """Behind what was said."""
        self._writer.write_eof()


Script = Callable[[Line], Awaitable[None]]


class Played:
    """A scripted server, and a client of it."""

    def __init__(self, address: ServerAddress) -> None:
        self.address = address
        self.lines: list[Line] = []
        self.log: list[str] = []
        self.asked_for_secret = 0
        self.script: asyncio.Task[None] | None = None

    async def secret(self) -> str:
        self.asked_for_secret += 1
        return 'p"ss\\wörd'

    def backend(self, read_seconds: float = 30.0) -> ImapBackend:
        return ImapBackend(self.address, self.secret, log=self._note, read_seconds=read_seconds)

    def _note(self, direction: str, line: bytes) -> None:
        self.log.append(f"{direction} {line.decode('utf-8', 'replace')}")

    @property
    def heard(self) -> list[bytes]:
        """Commands without their tags."""
        return [line.partition(b" ")[2] for connection in self.lines for line in connection.heard]


@asynccontextmanager
async def playing(
    script: Script, *, security: Security = Security.NONE, auth: AuthMethod = AuthMethod.PASSWORD
) -> AsyncIterator[Played]:
    """Serve one connection by the script. What fails in the script fails the test."""
    failure: list[BaseException] = []
    finished = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = Line(reader, writer)
        played.lines.append(line)
        try:
            await script(line)
            await writer.drain()
            await line.until_gone()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        except AssertionError as error:
            failure.append(error)
        finally:
            writer.transport.abort()
            finished.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    played = Played(ServerAddress("127.0.0.1", port, security, "ada", auth))
    try:
        yield played
    finally:
        server.close()
        if failure:
            raise failure[0]


@asynccontextmanager
async def signed_in(
    script: Script, capabilities: bytes = CAPABILITIES, *, read_seconds: float = 30.0
) -> AsyncIterator[tuple[ImapBackend, Played]]:
    """A connected client whose server goes on with the script after sign-in."""

    async def whole(line: Line) -> None:
        await line.sign_in(capabilities)
        await script(line)

    async with playing(whole) as played:
        backend = played.backend(read_seconds)
        await backend.connect()
        try:
            yield backend, played
        finally:
            for line in played.lines:
                line.hang_up()
            await backend.close()
