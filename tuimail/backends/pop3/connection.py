# SPDX-License-Identifier: GPL-3.0-or-later
"""One connection to a POP3 server: lines and multi-line texts, a deadline on every read, TLS on the way."""

import asyncio
import contextlib
import ssl
from typing import cast

from tuimail.backends.log import STRUCK, ProtocolLog, octets
from tuimail.backends.maildrop import LARGEST
from tuimail.backends.pop3.replies import END, Reply, is_status, parse_reply, refusal, unstuffed
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
"""Octets of a message, with some for doubled dots."""
LISTING_LIMIT = 96 << 20
"""Octets of what is said of all messages."""
CAPA_LIMIT = 65_536
_AHEAD = 262_144
"""Octets that are read before somebody waits for them."""
_MEANT = 512
"""Octets that are a sign of life while a text is awaited."""
_MOST_SHOWN = 50
"""Lines of one listing in the log."""


class Pop3Connection(asyncio.Protocol):
    """What the server says is kept until it is asked for. Once `lost` is set, everything raises it."""

    def __init__(self, log: ProtocolLog | None, read_seconds: float) -> None:
        self._log, self._read_seconds = log, read_seconds
        self._in = bytearray()
        self._news = asyncio.Event()
        self._waits = False
        """Somebody waits for octets."""
        self._transport: asyncio.Transport | None = None
        self._closed = asyncio.Event()
        self.lost: TuimailError | None = None
        self.secrets: frozenset[bytes] = frozenset()
        """What no answer may repeat."""
        self.signed_in = False
        """Before, every answer is short, and has its time as a whole."""

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connected; with implicit TLS, after the handshake."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Keep it. Whoever says more than is waited for is not listened to until it is."""
        self._in += data
        if not self._waits and len(self._in) > _AHEAD and self._transport is not None:
            self._transport.pause_reading()
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

    @property
    def all_is_read(self) -> bool:
        """Whether nothing has come that was not asked for."""
        return not self._in

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
        """The next line without its CRLF, secrets struck out. All of it has its time. Raises Offline, ServerBroken."""
        deadline = self._deadline()
        while (end := self._in.find(b"\n")) < 0:
            if len(self._in) > LINE_LIMIT:
                self.fail(ServerBroken("The mail server sent a line without end."))
            await self._more(deadline)
        line = bytes(self._in[:end]).removesuffix(b"\r")
        del self._in[: end + 1]
        status, space, rest = line.partition(b" ")
        for secret in self.secrets:
            rest = rest.replace(secret, STRUCK)
        line = status + space + rest
        if self._log is not None:
            self._log("S", self._shown(status, rest, line))
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

    async def text(self, limit: int = TEXT_LIMIT, *, shown: bool = False) -> bytes:
        """The text after the status line of a multi-line answer, its dots undone, every line ended by CRLF.

        The log gets its length; with ``shown``, for what is no mail, its lines, the first of them where they are many.
        Raises ServerBroken beyond ``limit`` octets, Offline where octets come too slowly.
        """
        if not await self._starts_with_end():
            at = counted = 0
            deadline = self._deadline()
            while (end := self._in.find(END, at)) < 0:
                at = max(len(self._in) - len(END) + 1, 0)
                if len(self._in) > limit:
                    self.fail(ServerBroken("The mail server sent more than was asked for."))
                if self.signed_in and len(self._in) >= counted + _MEANT:
                    deadline, counted = self._deadline(), len(self._in)
                await self._more(deadline)
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

    def _shown(self, status: bytes, rest: bytes, line: bytes) -> bytes:
        """A line for the log: no mail, and no challenge; with a SCRAM server's salt and signature passwords can be tried."""
        if status == b"+" and rest:
            return b"+ " + STRUCK
        return octets(len(line)) if self.signed_in and not is_status(status) else line

    def _gone(self) -> None:
        if self.lost is None:
            self.lost = Offline("The connection to the mail server was lost.")
        self._news.set()

    async def _starts_with_end(self) -> bool:
        deadline = self._deadline()
        while len(self._in) < 3 and b".\r\n".startswith(self._in):
            await self._more(deadline)
        return self._in.startswith(b".\r\n")

    def _deadline(self) -> float:
        """Until when an answer is awaited that begins now, in the loop's time."""
        return asyncio.get_running_loop().time() + self._read_seconds

    async def _more(self, deadline: float) -> None:
        """Wait for octets."""
        if self.lost is not None:
            raise self.lost
        self._news.clear()
        self._waits = True
        if self._transport is not None:
            self._transport.resume_reading()
        try:
            async with asyncio.timeout_at(deadline):
                await self._news.wait()
        except TimeoutError:
            said = "did not end its answer within" if self._in else "was silent for"
            self.fail(Offline(f"The mail server {said} {self._read_seconds:.0f} seconds."))
        finally:
            self._waits = False


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
