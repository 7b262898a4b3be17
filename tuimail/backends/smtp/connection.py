# SPDX-License-Identifier: GPL-3.0-or-later
"""One connection to a submission server: aiosmtplib, with pipelining (RFC 2920) and a DATA step of our own.

aiosmtplib connects, secures and frames. Its DATA step puts the whole message into the transport at once, sends it even when
the caller was cancelled, and waits 60 seconds for all of it; so `Connection.data` goes around it. The names with a leading
underscore that are used here are held by a contract test, and the dependency is pinned.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import cast

import aiosmtplib
from aiosmtplib.protocol import MAX_RESPONSE_LENGTH, SMTPProtocol

from tuimail.backends.log import STRUCK, ProtocolLog, octets
from tuimail.backends.port import ProgressSink
from tuimail.backends.smtp import data
from tuimail.backends.smtp.outcome import IMPLICIT_TLS, Reply, answer_unknown, before_tls, error_of
from tuimail.backends.smtp.sign_in import struck
from tuimail.backends.sockets import socket_to
from tuimail.backends.tls import connect_error, context
from tuimail.model.account import Security, ServerAddress
from tuimail.model.errors import Offline, ServerBroken, ServerRefused, TuimailError

_EHLO_NAME = "[127.0.0.1]"
"""An address literal that tells nothing about this machine (RFC 5321 §4.1.4)."""
_INJECTED = "The server sent data before TLS was set up."
_CONNECT_SECONDS = 30.0
_COMMAND_SECONDS = 120.0
_PIECE_SECONDS = 180.0
"""For one piece of the message to leave (RFC 5321 §4.5.3.2.5)."""
_DOT_SECONDS = 600.0
"""For the answer to the final dot (RFC 5321 §4.5.3.2.6)."""


class PipelinedProtocol(SMTPProtocol):
    """aiosmtplib's protocol, for replies that come in one go, and with a log.

    Stock, whatever arrives between two replies being picked up is dropped as unsolicited.
    """

    def __init__(self, lost: Callable[[SMTPProtocol], None], log: ProtocolLog | None) -> None:
        super().__init__(asyncio.get_running_loop(), lost)
        self._log = log
        self._expected = 0
        self.secret = False
        """What is written now holds a secret."""
        self.secrets: frozenset[str] = frozenset()
        """What no reply may repeat, but a challenge, while signing in."""
        self._securing = False

    def data_received(self, data: bytes) -> None:
        """Keep replies that come before the one before them was picked up."""
        waiter = self._response_waiter
        if self._response_pending and waiter is not None and waiter.done():
            self._buffer.extend(data[: MAX_RESPONSE_LENGTH + 1 - len(self._buffer)])
        else:
            super().data_received(data)

    async def read_response(self, timeout: float | None = None) -> aiosmtplib.SMTPResponse:  # noqa: ASYNC109
        """The next reply, which may be here already."""
        waiter = self._response_waiter
        if self._buffer and waiter is not None and not waiter.done() and (waiting := self._read_response_from_buffer()):
            waiter.set_result(waiting)
        response = await super().read_response(timeout)
        self._expected -= 1
        self._response_pending = self._expected > 0
        if self._securing and self._buffer:
            raise ServerBroken(_INJECTED, "Use implicit TLS (port 465) if the server has it; this may be an attack.")
        if not self._response_pending:
            self._buffer.clear()
        if not 300 <= response.code < 400 and any(secret in response.message for secret in self.secrets):
            response = response._replace(message=STRUCK.decode())
        if self._log:
            # A challenge (334): with a SCRAM server's salt and signature, passwords can be tried out.
            challenge = response.code == 334 and response.message.strip()
            *before, last = [STRUCK.decode()] if challenge else response.message.split("\n")
            for line in (*(f"-{line}" for line in before), f" {last}"):
                self._log("S", f"{response.code}{line}".encode("utf-8", "replace"))
        return response

    async def start_tls(
        self,
        tls_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> aiosmtplib.SMTPResponse:
        """STARTTLS. Raises ServerBroken when an octet came behind the 220: it was written by somebody else."""
        self._securing = True
        try:
            return await super().start_tls(tls_context, server_hostname, timeout)
        finally:
            self._securing = False

    def write(self, data: bytes) -> None:
        """Send lines, and log them."""
        if self._log:
            for line in data.rstrip().split(b"\r\n"):
                self._log("C", struck(line) if self.secret else line)
        super().write(data)

    async def pipelined(self, commands: Sequence[bytes]) -> list[aiosmtplib.SMTPResponse]:
        """Send several commands in one go; their replies in the same order."""
        self._expected = len(commands)
        self._response_pending = True
        self.write(b"".join(command + b"\r\n" for command in commands))
        return [await self.read_response(_COMMAND_SECONDS) for _ in commands]

    async def write_piece(self, piece: bytes) -> None:
        """Send a piece of a message, and return when the kernel has taken it (all but 64 KiB under TLS)."""
        super().write(piece)
        async with asyncio.timeout(_PIECE_SECONDS):
            await self._drain_helper()
        await asyncio.sleep(0)  # a kernel that takes everything at once would keep the loop from everything else

    def keep_unasked_reply(self) -> None:
        """From now on a reply that comes before it is asked for is kept for `unasked_reply`."""
        self._response_pending = True

    def unasked_reply(self) -> aiosmtplib.SMTPResponse | None:
        """A reply to what is still being sent. Raises SMTPServerDisconnected when the server is gone."""
        waiter = self._response_waiter
        return waiter.result() if waiter is not None and waiter.done() else None


class _Client(aiosmtplib.SMTP):
    """aiosmtplib's client over our protocol."""

    log: ProtocolLog | None = None

    async def _create_connection(self, timeout: float | None) -> aiosmtplib.SMTPResponse:  # noqa: ASYNC109
        loop = asyncio.get_running_loop()
        tls = self.tls_context if self.use_tls else None
        protocol = PipelinedProtocol(self._on_connection_lost, self.log)
        handshake = timeout if tls else None
        async with asyncio.timeout(timeout):
            self.transport, _ = await loop.create_connection(
                lambda: protocol,
                sock=await socket_to(self.hostname or "", self.port or 0),
                ssl=tls,
                server_hostname=self.hostname if tls else None,
                ssl_handshake_timeout=handshake,
            )
        self.protocol = protocol
        response = await protocol.read_response(timeout)
        if response.code != 220:
            raise aiosmtplib.SMTPConnectResponseError(response.code, response.message)
        return response


class Connection:
    """A connection after EHLO, secured as the server's address says."""

    def __init__(self, client: _Client, server: ServerAddress) -> None:
        self._client = client
        self._server = server

    @property
    def extensions(self) -> Mapping[str, str]:
        """EHLO keywords in lower case, and their parameters."""
        return self._client.esmtp_extensions

    @property
    def mechanisms(self) -> frozenset[str]:
        """SASL mechanisms in upper case."""
        return frozenset(name.upper() for name in self._client.server_auth_methods)

    def hide(self, secret: str) -> None:
        """Strike out replies that repeat this, or what `say_secret` says; with an empty one no more."""
        self._protocol().secrets = frozenset({secret}) if secret else frozenset()

    async def say_secret(self, line: bytes) -> Reply:
        """Send one line whose last word, or all of it, is a secret."""
        protocol = self._protocol()
        protocol.secret = True
        if struck(line) != line:
            protocol.secrets |= {line.rpartition(b" ")[2].decode()} - {""}
        try:
            (reply,) = await self.say([line])
        finally:
            protocol.secret = False
        return reply

    async def say(self, commands: Sequence[bytes]) -> list[Reply]:
        """Send commands, in one go where the server takes that (RFC 2920); their replies in the same order."""
        flights = [commands] if "pipelining" in self.extensions else [[command] for command in commands]
        with _mapped(self._server):
            responses = [response for flight in flights for response in await self._protocol().pipelined(flight)]
        replies = [_reply(response) for response in responses]
        for reply in replies:
            if reply.code == 421:
                raise error_of(reply, "us")
        return replies

    async def data(self, message: bytes, progress: ProgressSink | None, before_dot: Callable[[], None] | None) -> Reply:
        """Hand over the message after a 354, and give the reply to the final dot.

        The server takes nothing that has no final dot. Raises Offline before it, AnswerUnknown after it.
        """
        protocol = self._protocol()
        # Not high=0: asyncio's TLS transport pauses at "size >= high" and would never resume.
        cast(asyncio.WriteTransport, protocol.transport).set_write_buffer_limits(high=1, low=0)
        protocol.keep_unasked_reply()
        with _mapped(self._server):
            for done, piece in data.pieces(message):
                _refuse_early(protocol)
                try:
                    await protocol.write_piece(piece)
                except ConnectionError:
                    _refuse_early(protocol)
                    raise
                if progress:
                    progress(done, len(message))
            _refuse_early(protocol)
            if before_dot:
                before_dot()
        if self._client.log:
            self._client.log("C", octets(len(message)))
        try:
            with _mapped(self._server):
                protocol.write(b".\r\n")
                reply = _reply(await protocol.read_response(_DOT_SECONDS))
        except (Offline, ServerBroken) as error:
            raise answer_unknown() from error
        if not (reply.ok or 400 <= reply.code < 600):
            raise answer_unknown()
        return reply

    def quit(self) -> None:
        """Say good-bye without waiting for an answer: the server's last one is known."""
        protocol = self._client.protocol
        if protocol is not None and protocol.is_connected:
            protocol.write(b"QUIT\r\n")
        self.abort()

    def abort(self) -> None:
        """End the connection at once; what still waits to be written is dropped."""
        transport = self._client.transport
        if transport is not None:
            cast(asyncio.WriteTransport, transport).abort()
        self._client.close()

    def _protocol(self) -> PipelinedProtocol:
        protocol = self._client.protocol
        if not isinstance(protocol, PipelinedProtocol) or protocol.transport is None:
            raise connect_error(ConnectionResetError(), self._server)
        return protocol


@asynccontextmanager
async def connected(server: ServerAddress, log: ProtocolLog | None) -> AsyncIterator[Connection]:
    """A connection; ended by QUIT, or at once when the block is left by an error or cancelled."""
    client = _Client(
        hostname=server.host,
        port=server.port,
        local_hostname=_EHLO_NAME,
        timeout=_COMMAND_SECONDS,
        use_tls=server.security is Security.TLS,
        start_tls=server.security is Security.STARTTLS,
        tls_context=None if server.security is Security.NONE else await asyncio.to_thread(context, server),
    )
    client.log = log
    connection = Connection(client, server)
    try:
        with _mapped(server, believed=server.security is not Security.STARTTLS):
            await client.connect(timeout=_CONNECT_SECONDS)
        with _mapped(server):
            if server.security is Security.STARTTLS and client.get_transport_info("sslcontext") is None:
                raise ServerBroken("The connection was not encrypted.")
            await client.ehlo()
        yield connection
    except BaseException:
        connection.abort()
        raise
    connection.quit()


@contextmanager
def _mapped(server: ServerAddress, *, believed: bool = True) -> Iterator[None]:
    """aiosmtplib's errors and the socket's as ours; ``believed`` False: anybody may have written the replies."""
    try:
        yield
    except TuimailError:
        raise
    except aiosmtplib.SMTPResponseException as error:
        if error.code < 0:
            raise ServerBroken(f"What {server.host}:{server.port} says is no SMTP.", "Check the port.") from error
        if not believed:
            raise before_tls(f"{server.host}:{server.port}", error.code) from None
        raise error_of(Reply.of(error.code, error.message), "us") from error
    except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPTimeoutError, OSError) as error:
        raise connect_error(_cause(error), server) from error
    except aiosmtplib.SMTPException as error:
        message = f"{server.host}:{server.port} offers no encryption by STARTTLS, so nothing was sent."
        raise ServerRefused(message, IMPLICIT_TLS) from error


def _cause(error: Exception) -> Exception:
    return error.__cause__ if isinstance(error.__cause__, OSError) else error


def _reply(response: aiosmtplib.SMTPResponse) -> Reply:
    return Reply.of(response.code, response.message)


def _refuse_early(protocol: PipelinedProtocol) -> None:
    """A refusal may come while the message is still going out; an acceptance may not."""
    response = protocol.unasked_reply()
    if response is None:
        return
    reply = _reply(response)
    if reply.ok:
        raise ServerBroken("The server accepted a message that it had not seen yet.")
    raise error_of(reply, "the message")
