# SPDX-License-Identifier: GPL-3.0-or-later
"""Saying commands and hearing their answers: pipelining, literals, continuation, IDLE, cancelling.

One command is written at a time, any number may wait for their answers. A cancelled command is abandoned: its answer is still
read and dropped. Only one that is cancelled within a literal costs the connection, because the server waits for the rest.
"""

import asyncio
import base64
import binascii
import contextlib
from collections.abc import AsyncIterator, Callable

from tuimail.backends.exchange import Exchange
from tuimail.backends.imap.connection import TuiProtocol
from tuimail.backends.imap.flights import Accept, Answer, Flight
from tuimail.backends.imap.limits import limits_of
from tuimail.backends.imap.wire.arguments import Command, Literal, Secret
from tuimail.backends.imap.wire.codes import StatusText, refusal
from tuimail.backends.imap.wire.responses import Tagged
from tuimail.backends.log import STRUCK, octets
from tuimail.backends.port import ProgressSink
from tuimail.model.errors import Offline, ServerBroken

_PIECE = 65_536
_LITERAL_MINUS = 4096
"""RFC 7888 §5: longer literals wait for the server even with LITERAL-."""
Guard = Callable[[], None]
"""Raises when a command has lost its meaning while it waited for its turn."""


class Dialogue:
    """The commands of one connection."""

    def __init__(self, protocol: TuiProtocol) -> None:
        self.protocol = protocol
        self.capabilities: frozenset[str] = frozenset()
        """Decides which literals need no permission."""
        self.rider: Callable[[], Flight] | None = None
        """Said once, right behind the next command: COMPRESS, which would cost a turn of its own."""
        self._saying = asyncio.Lock()
        self._idle: Flight | None = None
        self._barrier: Flight | None = None

    async def run(
        self,
        command: Command,
        what: str,
        *,
        accept: Accept | None = None,
        progress: ProgressSink | None = None,
        guard: Guard | None = None,
    ) -> Answer:
        """Say a command and wait for its OK. Raises the error for NO and BAD; ``what`` was to be done, in words."""
        return await self.finish(await self.start(command, accept=accept, progress=progress, guard=guard), what)

    async def start(
        self,
        command: Command,
        *,
        accept: Accept | None = None,
        progress: ProgressSink | None = None,
        switch: Callable[[], None] | None = None,
        guard: Guard | None = None,
    ) -> Flight:
        """Say a command; `finish` waits for its answer. ``guard`` may refuse right before the first octet."""
        async with self._turn():
            if guard is not None:
                guard()
            flight = self.protocol.open_flight(accept, limits_of(command))
            flight.switch = switch
            try:
                await self._say(flight, command, progress)
            except BaseException:  # cancelled within a literal: the server waits for the rest of it
                self.protocol.fail(Offline("The connection was given up in the middle of a command."))
                raise
            if self.rider is not None:
                rider, self.rider = self.rider, None
                rider()
            return flight

    def throw(
        self,
        command: Command,
        *,
        accept: Accept | None = None,
        switch: Callable[[], None] | None = None,
        aside: bool = False,
        alone: bool = False,
    ) -> Flight:
        """Say a command without literals at once, behind what is being said. ``alone``: nothing may follow until its answer."""
        line = b"".join(argument for argument in command if isinstance(argument, bytes))
        flight = self.protocol.open_flight(accept, limits_of(command))
        flight.switch, flight.aside = switch, aside
        said = b"%s %s" % (flight.tag.encode(), line)
        self.protocol.say(said + b"\r\n", said)
        if alone:
            self._barrier = flight
        return flight

    async def finish(self, flight: Flight, what: str, *, signing_in: bool = False) -> Answer:
        """Wait for the tagged response of a command. Raises the error for NO and BAD."""
        response = await self.hear(flight)
        if response.status != "OK":
            raise refusal(response.status, response.text, what, signing_in=signing_in)
        return Answer(response.text, flight.taken, flight.crowded)

    async def hear(self, flight: Flight) -> Tagged:
        """Wait for the tagged response of a command, whatever it says."""
        try:
            return await flight.done
        except asyncio.CancelledError:
            flight.abandon()
            raise

    async def quiet(self) -> None:
        """Wait until nothing is under way: before the meaning of UIDs changes."""
        async with self._turn():
            pass
        while waiting := self.protocol.flights.waiting():
            await asyncio.wait(waiting)

    async def authenticate(
        self, mechanism: str, exchange: Exchange, what: str, *, behind: Callable[[], bool] = lambda: False
    ) -> Answer:
        """AUTHENTICATE (RFC 9051 §6.2.2), with the first message at once where the server takes it (SASL-IR, RFC 4959).

        ``behind`` says more right behind the client's last message, and tells whether it did. A challenge that comes then is a
        refusal: its answer would not be the next thing that the server reads.
        """
        followed = False
        async with self._saying:
            flight = self.protocol.open_flight(None)
            flight.lets_in = True
            line = f"{flight.tag} AUTHENTICATE {mechanism}".encode("ascii")
            self.protocol.flights.renew_prompt(flight)
            pending = exchange.first
            if pending is not None and "SASL-IR" in self.capabilities:
                message = base64.b64encode(pending) or b"="
                self.protocol.secrets |= {message}
                self.protocol.say(b"%s %s\r\n" % (line, message), line + b" " + STRUCK)
                pending = None
                followed = exchange.spoken_out and behind()
            else:
                self.protocol.say(line + b"\r\n", line)
            while (challenge := await self._prompt(flight)) is not None:
                if followed:
                    raise refusal("NO", StatusText("", b"", b""), what, signing_in=True)
                answer = await exchange.respond(_decoded(challenge)) if pending is None else pending
                pending = None
                message = base64.b64encode(answer)
                self.protocol.secrets |= {message} if message else set()
                self.protocol.flights.renew_prompt(flight)
                self.protocol.say(message + b"\r\n", STRUCK)
                followed = exchange.spoken_out and behind()
        return await self.finish(flight, what, signing_in=True)

    async def begin_idle(self) -> Flight:
        """IDLE (RFC 2177), or the one that is running. It lasts until the next command; nobody has to end it."""
        async with self._free():
            if self._idle is None or self._idle.done.done():
                flight = self.protocol.open_flight(None)
                flight.idles = True
                self.protocol.flights.renew_prompt(flight)
                self._idle = flight
                said = b"%s IDLE" % flight.tag.encode()
                self.protocol.say(said + b"\r\n", said)
            flight = self._idle
            await self._prompt(flight)
            return flight

    async def end_idle(self) -> None:
        """DONE, if it idles."""
        async with self._turn():
            pass

    @contextlib.asynccontextmanager
    async def _free(self) -> AsyncIterator[None]:
        """Nobody else says anything, and nothing is under way that must be alone."""
        async with self._saying:
            if self._barrier is not None:
                await asyncio.wait((self._barrier.done,))
                self._barrier = None
            yield

    @contextlib.asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """As `_free`, and it does not idle."""
        async with self._free():
            await self._end_idle()
            yield

    async def _end_idle(self) -> None:
        flight = self._idle
        if flight is None:
            return
        if await self._prompt(flight) is not None and not flight.done.done():
            flight.timed, flight.idles = True, False
            self.protocol.expect_answer()
            self.protocol.say(b"DONE\r\n", b"DONE")
        self._idle = None

    async def _prompt(self, flight: Flight) -> bytes | None:
        """The continuation request; None when the command ended instead."""
        await asyncio.wait((flight.prompt, flight.done), return_when=asyncio.FIRST_COMPLETED)
        if flight.done.done():
            return None
        return flight.prompt.result()

    async def _say(self, flight: Flight, command: Command, progress: ProgressSink | None) -> None:
        text = bytearray(flight.tag.encode() + b" ")
        shown = bytearray(text)
        for argument in command:
            if isinstance(argument, bytes):
                text += argument
                shown += argument
            elif isinstance(argument, Secret):
                text += argument.data
                shown += STRUCK
            else:
                text += self._announced(argument)
                shown += octets(len(argument.data))
                self.protocol.flights.renew_prompt(flight)
                waits = not text.endswith(b"+}\r\n")
                if not waits and progress is None and len(argument.data) + len(text) <= _PIECE:
                    text += argument.data
                    continue
                self.protocol.say(bytes(text), bytes(shown))
                text.clear()
                shown.clear()
                if waits and await self._prompt(flight) is None:
                    return
                await self._upload(argument.data, progress)
        self.protocol.say(bytes(text) + b"\r\n", bytes(shown) or None)

    def _announced(self, literal: Literal) -> bytes:
        size = len(literal.data)
        at_once = "LITERAL+" in self.capabilities or (
            size <= _LITERAL_MINUS and not self.capabilities.isdisjoint({"LITERAL-", "IMAP4REV2"})
        )
        return b"%s{%d%s}\r\n" % (b"~" if literal.binary else b"", size, b"+" if at_once else b"")

    async def _upload(self, data: bytes, progress: ProgressSink | None) -> None:
        for start in range(0, len(data), _PIECE):
            self.protocol.say(data[start : start + _PIECE], None)
            await self.protocol.drain()
            if progress is not None:
                progress(min(start + _PIECE, len(data)), len(data))


def _decoded(challenge: bytes) -> bytes:
    try:
        return base64.b64decode(challenge, validate=True)
    except binascii.Error as error:
        raise ServerBroken("The server's sign-in challenge cannot be read.") from error
