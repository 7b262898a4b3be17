# SPDX-License-Identifier: GPL-3.0-or-later
"""aioimaplib with its receiving half replaced; the only file that imports it.

aioimaplib gives the connection, tags, states and its command methods. Replaced is what reads (it recurses once per line, alters
text, loses untagged responses and does not notice a lost connection) and what orders commands (no pipelining; answers of
concurrent commands get mixed up). Every overridden name is held to by a contract test.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable, Iterator
from typing import Any

import aioimaplib

from tuimail.backends.imap.flights import MAX_BEFORE, Accept, Flight, Flights
from tuimail.backends.imap.limits import USUAL, Limits
from tuimail.backends.imap.patience import Patience
from tuimail.backends.imap.transport import keep_alive, transport_to
from tuimail.backends.imap.turns import Turns
from tuimail.backends.imap.wire.deflate import Deflater, Inflater
from tuimail.backends.imap.wire.responses import Untagged, tagged, untagged
from tuimail.backends.imap.wire.shown import shown, without_echo
from tuimail.backends.imap.wire.splitter import MAX_LITERAL, Splitter, Unit
from tuimail.backends.log import ProtocolLog
from tuimail.backends.tls import connect_error
from tuimail.model.account import ServerAddress
from tuimail.model.errors import Offline, ServerBroken, TuimailError
from tuimail.model.text import safe_line

CONNECT_SECONDS = 20.0
READ_SECONDS = 60.0
"""How long a server that owes an answer may be silent."""
_INJECTED = "The server sent data before TLS was set up."
_TELL = "If it happens again, tell whoever runs the server."


class TuiProtocol(aioimaplib.IMAP4ClientProtocol):  # type: ignore[misc]
    """Octets of one connection, both ways. After an error ``lost`` says why, and every waiting command has failed with it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, log: ProtocolLog | None, read_seconds: float) -> None:
        super().__init__(loop)
        self.loop = loop
        self.transport: Any = None
        self.flights = Flights(loop)
        self.greeting: asyncio.Future[Untagged] = loop.create_future()
        self.lost: TuimailError | None = None
        self.secrets: frozenset[bytes] = frozenset()
        """What no status response may repeat, while signing in."""
        self._log = log
        self._splitter = Splitter(max_literal=MAX_BEFORE)
        self._turns = Turns(loop, self._hold, self.fail)
        self._inflater: Inflater | None = None
        self._deflater: Deflater | None = None
        self._switching = False
        self.not_compressed: Callable[[bool], None] = lambda _: None
        """Is told when the connection ends before anything compressed came, and whether it was something else that came."""
        self.goodbye = ""
        """What the server said with BYE."""
        self._writable = asyncio.Event()
        self._writable.set()
        self._patience = Patience(loop, read_seconds, self.flights.seconds, self.fail)

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep-alive notices a peer that is gone while nothing is said."""
        super().connection_made(transport)
        keep_alive(transport)

    def data_received(self, data: bytes) -> None:
        """Split into responses and hand them on."""
        self._turns.add(self._read(data))

    def eof_received(self) -> None:
        """The server will say nothing more."""
        self._turns.end_with(lambda: self.fail(self._lost_error()))

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail whatever waits, behind what came before."""
        self._turns.end_with(lambda: self.fail(self._lost_error()))
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Too much is waiting to be sent."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """What was sent arrived; that counts as a sign of life."""
        self._patience.gets_on()
        self._writable.set()

    # What aioimaplib's own methods call.

    async def execute(self, command: Any, scrub: str | None = None) -> Any:
        """Send one of aioimaplib's commands, pipelined like our own. ``scrub`` is a secret in it, which is not logged."""
        names = {command.untagged_resp_name, command.name}
        if command.name in ("SELECT", "EXAMINE"):
            names |= {"FLAGS", "EXISTS", "RECENT", "OK"}
        flight = self.open_flight(lambda item: item.kind in names)
        line = f"{flight.tag} {str(command).removeprefix(f'{command.tag} ')}"
        self.say(f"{line}\r\n".encode(), line.replace(scrub, "***").encode() if scrub else line.encode())
        response = await flight.done
        lines = [b" ".join((*([b"%d" % item.number] if item.number else []), b"".join(item.unit))) for item in flight.taken]
        return aioimaplib.Response(response.status, [*lines, response.text.text])

    async def append(self, *_: Any, **__: Any) -> Any:
        """Not by this way: it would hold the message in one slot for all commands."""
        raise aioimaplib.Error("append through tuimail.backends.imap.append")

    async def capability(self) -> None:
        """Ask for the capabilities, and forget those of before."""
        response = await self.execute(aioimaplib.Command("CAPABILITY", self.new_tag(), loop=self.loop))
        self.capabilities = {word.upper() for line in response.lines[:-1] for word in line.decode("ascii", "replace").split()}

    # What the rest of tuimail calls.

    def open_flight(self, accept: Accept | None, limits: Limits = USUAL) -> Flight:
        """Register a command. Raises why the connection was lost."""
        if self.lost is not None:
            raise self.lost
        if not self.flights.timed():
            self.expect_answer()
        return self.flights.open(self.new_tag(), accept, limits)

    def expect_answer(self) -> None:
        """Start to measure the server's silence."""
        self._patience.begin()

    def let_in(self) -> None:
        """We are signed in: from here on long answers are awaited, for as long as they come."""
        self._patience.signed_in = self.flights.signed_in = True
        self._splitter.max_literal = MAX_LITERAL

    def say(self, data: bytes, shown: bytes | None) -> None:
        """Send octets; ``shown`` is what the log gets, None for nothing."""
        if self.lost is not None:
            raise self.lost
        if self._log is not None and shown is not None:
            self._log("C", shown.rstrip(b"\r\n"))
        self.transport.write(self._deflater.deflate(data) if self._deflater else data)

    async def drain(self) -> None:
        """Wait until what was said is mostly on its way. Raises why the connection was lost."""
        await self._writable.wait()
        if self.lost is not None:
            raise self.lost

    @property
    def heard(self) -> float:
        """When the server last gave a sign of life, in the loop's time."""
        return self._patience.heard

    def fail(self, error: TuimailError) -> None:
        """Give the connection up."""
        if self.lost is not None:
            return
        sure = isinstance(error, ServerBroken)
        if self._inflater is not None and not self._inflater.began and (sure or self.flights.timed()):
            self.not_compressed(sure)
            if sure:  # the next connection will do without
                error = Offline("The server said that it would compress, and does not.")
        if isinstance(error, ServerBroken) and not error.advice:
            error.advice = _TELL
        self.lost = error
        self.state = aioimaplib.LOGOUT
        self._patience.end()
        if self.transport is not None:
            self.transport.abort()
        self._writable.set()
        if not self.greeting.done():
            self.greeting.set_exception(error)
            self.greeting.exception()
        self.flights.fail(error)

    def prepare_tls(self) -> None:
        """At the OK of STARTTLS: from here every octet belongs to TLS, and one that came already is an attack."""
        if self._splitter.rest():
            raise ServerBroken(_INJECTED, "Use implicit TLS (port 993) if the server has it; this may be an attack.")
        self._switching = True
        self.transport.pause_reading()

    async def start_tls(self, context: ssl.SSLContext, host: str) -> None:
        """The handshake. Raises what asyncio and ssl raise."""
        self.transport = await self.loop.start_tls(self.transport, self, context, server_hostname=host)
        self._switching = False
        self.capabilities = set()

    def start_compression(self) -> None:
        """At the OK of COMPRESS: what follows is deflated, both ways."""
        self._inflater, self._deflater = Inflater(), Deflater()
        self._turns.add_next(self._read(self._splitter.rest()))

    @property
    def encrypted(self) -> bool:
        """Whether TLS protects the connection."""
        return self.transport is not None and self.transport.get_extra_info("ssl_object") is not None

    def _hold(self, hold: bool) -> None:
        if hold:
            self.transport.pause_reading()
        elif not self._switching and self.lost is None:
            self.transport.resume_reading()

    def _read(self, data: bytes) -> Iterator[None]:
        """Yields after each response."""
        if self._switching:
            raise ServerBroken(_INJECTED)
        for piece in self._inflater.inflate(data) if self._inflater else (data,):
            self._patience.came(len(piece))
            self._splitter.most_kept = self.flights.literal()
            self._splitter.feed(piece)
            for unit in self._splitter.units():
                if self.lost is not None or self._unit(unit):
                    return
                yield None

    def _unit(self, unit: Unit) -> bool:
        """Hand one response on; True when it changed what the following octets mean, and they were seen to."""
        if self.secrets:
            unit = without_echo(unit, self.secrets)
        if self._log is not None:
            self._log("S", shown(unit))
        start = unit[0][:1]
        if start in (b"*", b"["):
            item = untagged(unit)
            if not self.greeting.done():
                self.greeting.set_result(item)
                return False
            if item.kind == "BYE" and self.flights.observer is not None:  # not before TLS
                self.goodbye = safe_line(item.unit[0].decode("utf-8", "replace"), limit=200)
            self.flights.untagged(item)
            if self._patience.signed_in:
                self._patience.counts()
        elif not self.greeting.done():
            raise ServerBroken("This is no IMAP server.", "Check the host name and the port.")
        elif start == b"+":
            if self.flights.continuation(unit[0][1:].strip()):
                self._patience.gets_on()
            else:
                self.flights.idle_talk(unit)
        elif unit[0].strip():
            response = tagged(unit)
            flight = self.flights.tagged(response)
            self._patience.gets_on()
            if flight.lets_in and response.status == "OK":
                self.let_in()
            if flight.switch is not None and response.status == "OK":
                flight.switch()
                return True
        else:
            self.flights.idle_talk(unit)
        return False

    def _lost_error(self) -> Offline:
        if self.goodbye:
            return Offline(f"The server closed the connection: “{self.goodbye}”.")
        return Offline("The connection to the mail server was lost.")


class TuiIMAP(aioimaplib.IMAP4):  # type: ignore[misc]
    """aioimaplib's client over `TuiProtocol`. Nothing is asked before the greeting was looked at."""

    protocol: TuiProtocol

    def __init__(
        self,
        server: ServerAddress,
        context: ssl.SSLContext | None,
        log: ProtocolLog | None,
        read_seconds: float,
        line: socket.socket | None,
    ) -> None:
        self._line = line
        self._log = log
        self._read_seconds = read_seconds
        super().__init__(server.host, server.port, timeout=CONNECT_SECONDS, ssl_context=context)

    def create_client(
        self,
        host: str,
        port: int,
        loop: asyncio.AbstractEventLoop | None,
        conn_lost_cb: Callable[[Exception | None], None] | None = None,  # noqa: ARG002  aioimaplib's signature
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        """Connect, over the line that is there or a new one."""
        loop = loop or asyncio.get_running_loop()
        self.protocol = TuiProtocol(loop, self._log, self._read_seconds)
        self._client_task = loop.create_task(transport_to(lambda: self.protocol, host, port, ssl_context, self._line))

    async def _wait_connection_and_hello(self) -> None:
        await self._client_task
        await self.protocol.greeting


async def connect(
    server: ServerAddress,
    context: ssl.SSLContext | None,
    log: ProtocolLog | None,
    read_seconds: float = READ_SECONDS,
    line: socket.socket | None = None,
) -> TuiProtocol:
    """A connection whose greeting has arrived; ``context`` for implicit TLS; over ``line``, which is ours from now on."""
    client = TuiIMAP(server, context, log, read_seconds, line)
    try:
        await client.wait_hello_from_server()
    except (TimeoutError, OSError) as error:
        client.protocol.fail(connect_error(error, server))
        raise connect_error(error, server) from error
    except BaseException:
        client._client_task.cancel()
        await asyncio.wait((client._client_task,))  # no socket stays behind, should the program end now
        if line is not None and client.protocol.transport is None:
            line.close()
        client.protocol.fail(Offline("The connection was given up."))
        raise
    return client.protocol
