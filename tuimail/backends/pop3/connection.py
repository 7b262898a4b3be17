# SPDX-License-Identifier: GPL-3.0-or-later
"""One connection to a POP3 server: lines and multi-line texts, a deadline on every read, TLS on the way."""

import asyncio
import contextlib
import ssl
from typing import cast

from tuimail.backends.log import STRUCK, ProtocolLog, octets
from tuimail.backends.maildrop import LARGEST
from tuimail.backends.pop3.replies import END, Reply, parse_reply, refusal, unstuffed
from tuimail.backends.sockets import socket_to
from tuimail.backends.tls import connect_error
from tuimail.model.account import ServerAddress
from tuimail.model.errors import Offline, ServerBroken, TuimailError

CONNECT_SECONDS = 30.0
READ_SECONDS = 60.0
"""Of silence while an answer is awaited."""
_CLOSING_SECONDS = 2.0
LINE_LIMIT = 8192
"""Octets; RFC 2449 §4 allows 512, and challenges are longer."""
TEXT_LIMIT = LARGEST + LARGEST // 8
"""Octets, with some for doubled dots and for answers that come behind."""
_MOST_SHOWN = 50
"""Lines of one listing in the log."""


class Pop3Connection(asyncio.Protocol):
    """What the server says is kept until it is asked for. Once `lost` is set, everything raises it."""

    def __init__(self, log: ProtocolLog | None, read_seconds: float) -> None:
        self._log, self._read_seconds = log, read_seconds
        self._in = bytearray()
        self._news = asyncio.Event()
        self._transport: asyncio.Transport | None = None
        self._closed = asyncio.Event()
        self.lost: TuimailError | None = None
        self.secrets: frozenset[bytes] = frozenset()
        """What no answer may repeat."""

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connected; with implicit TLS, after the handshake."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Keep it."""
        self._in += data
        if len(self._in) > TEXT_LIMIT:
            self.fail(ServerBroken("The mail server sent more than a message can be."))
        self._news.set()

    def eof_received(self) -> None:
        """The server will say nothing more; what it said before still counts."""
        self._gone()

    def connection_lost(self, _error: Exception | None) -> None:
        """As `eof_received`."""
        self._closed.set()
        self._gone()

    # What the rest calls.

    @property
    def encrypted(self) -> bool:
        """Whether TLS protects the connection."""
        return self._transport is not None and self._transport.get_extra_info("ssl_object") is not None

    def say(self, line: bytes, shown: bytes | None = None) -> None:
        """Send a line without its CRLF; ``shown`` is for the log where it is another. Raises why the connection was lost."""
        if self.lost is not None or self._transport is None:
            raise self.lost or Offline("There is no connection to the mail server.")
        if b"\r" in line or b"\n" in line:
            raise ServerBroken("A line break cannot be sent in a POP3 command.", "Check user name and password.")
        if self._log is not None:
            self._log("C", line if shown is None else shown)
        self._transport.write(line + b"\r\n")

    async def line(self) -> bytes:
        """The next line without its CRLF, secrets struck out. Raises Offline, ServerBroken."""
        while (end := self._in.find(b"\n")) < 0:
            if len(self._in) > LINE_LIMIT:
                self.fail(ServerBroken("The mail server sent a line without end."))
            await self._more()
        line = bytes(self._in[:end]).removesuffix(b"\r")
        del self._in[: end + 1]
        status, space, rest = line.partition(b" ")
        for secret in self.secrets:
            rest = rest.replace(secret, STRUCK)
        line = status + space + rest
        if self._log is not None:
            # A challenge: with a SCRAM server's salt and signature, passwords can be tried out.
            self._log("S", b"+ " + STRUCK if status == b"+" and rest else line)
        return line

    async def reply(self) -> Reply:
        """The next status line."""
        try:
            return parse_reply(await self.line())
        except ServerBroken as error:
            self.fail(error)
            raise

    async def ask(self, line: bytes, doing: str) -> Reply:
        """Send a command and await ``+OK``. Raises what a refusal means."""
        self.say(line)
        reply = await self.reply()
        if not reply.ok:
            raise refusal(reply, doing)
        return reply

    async def text(self, *, shown: bool = False) -> bytes:
        """The text after the status line of a multi-line answer, its dots undone, every line ended by CRLF.

        The log gets its length; with ``shown``, for what is no mail, its lines, the first of them where they are many.
        """
        if not await self._starts_with_end():
            at = 0
            while (end := self._in.find(END, at)) < 0:
                at = max(len(self._in) - len(END) + 1, 0)
                await self._more()
            text = bytes(self._in[: end + 2])
            del self._in[: end + len(END)]
        else:
            text = b""
            del self._in[:3]
        if self._log is not None:
            for line in _lines_to_show(text) if shown else (octets(len(text)),):
                self._log("S", line)
        return unstuffed(text)

    async def start_tls(self, context: ssl.SSLContext, server: ServerAddress) -> None:
        """TLS from here on. Any octet that came behind the ``+OK`` was written by somebody else."""
        if self._in:
            self.fail(ServerBroken("The server spoke on after STLS.", "Use implicit TLS (port 995); this may be an attack."))
        if self.lost is not None or self._transport is None:
            raise self.lost or Offline("The connection to the mail server was lost.")
        loop = asyncio.get_running_loop()
        try:
            # Nothing is awaited between the look at what came and asyncio's taking over.
            transport = await loop.start_tls(
                self._transport, self, context, server_hostname=server.host, ssl_handshake_timeout=CONNECT_SECONDS
            )
        except (OSError, EOFError) as error:
            self.fail(connect_error(error, server))
            raise connect_error(error, server) from error
        if transport is None:
            raise Offline("The connection to the mail server was lost.")
        self._transport = transport

    def fail(self, error: TuimailError) -> None:
        """Give the connection up. Raises nothing; what is awaited does."""
        if self.lost is None:
            self.lost = error
        if self._transport is not None:
            self._transport.abort()
        self._news.set()

    async def end(self) -> None:
        """Cut the connection; returns when it is closed. Never raises."""
        self.fail(Offline("The connection was closed."))
        if self._transport is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_CLOSING_SECONDS):
                    await self._closed.wait()

    def _gone(self) -> None:
        if self.lost is None:
            self.lost = Offline("The connection to the mail server was lost.")
        self._news.set()

    async def _starts_with_end(self) -> bool:
        while len(self._in) < 3 and b".\r\n".startswith(self._in):
            await self._more()
        return self._in.startswith(b".\r\n")

    async def _more(self) -> None:
        """Wait for octets."""
        if self.lost is not None:
            raise self.lost
        self._news.clear()
        try:
            async with asyncio.timeout(self._read_seconds):
                await self._news.wait()
        except TimeoutError:
            self.fail(Offline(f"The mail server was silent for {self._read_seconds:.0f} seconds."))


async def connect(
    server: ServerAddress, context: ssl.SSLContext | None, log: ProtocolLog | None, read_seconds: float = READ_SECONDS
) -> Pop3Connection:
    """A connection; ``context`` for implicit TLS. Raises Offline, CertificateRefused."""
    loop = asyncio.get_running_loop()
    connection = Pop3Connection(log, read_seconds)
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            line = await socket_to(server.host, server.port)
            await loop.create_connection(
                lambda: connection, sock=line, ssl=context, server_hostname=server.host if context else None
            )
    except (TimeoutError, OSError) as error:
        connection.fail(connect_error(error, server))
        raise connect_error(error, server) from error
    except BaseException:
        connection.fail(Offline("The connection was given up."))
        raise
    return connection


def _lines_to_show(text: bytes) -> list[bytes]:
    lines = text.split(b"\r\n")[:-1]
    left_out = sum(len(line) + 2 for line in lines[_MOST_SHOWN:])
    return [*lines[:_MOST_SHOWN], *([octets(left_out)] if left_out else []), b"."]
