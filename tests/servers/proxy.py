# SPDX-License-Identifier: GPL-3.0-or-later
"""A wire between a client and any server that does to the octets what networks and bad servers do.

It is cut after so many octets or at a line, held, slowed, swallowed, reset, half closed, and says what the server did not say.
"""

import asyncio
import re
import socket
import struct
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from types import TracebackType
from typing import Self

_CHUNK = 65_536
_AT_ONCE = struct.pack("ii", 1, 0)
"""SO_LINGER: the end of the socket is a reset."""


class Way(Enum):
    """A direction."""

    UP = "to the server"
    DOWN = "to the client"


class Deed(Enum):
    """What happens to a connection."""

    CUT = "both sides lose it"
    RESET = "both sides get a RST"
    HALF_CLOSE = "who would have got the line hears that no more will come; nothing of it passes any more"
    HOLD = "nothing passes in this direction, until `Proxy.release`"
    SWALLOW = "nothing passes in any direction, for good, and nobody is told"
    NOTHING = "the line passes; it is only noticed"


@dataclass
class Trap:
    """A line that something happens at."""

    way: Way
    pattern: re.Pattern[bytes]
    deed: Deed
    after: bool
    """The line itself still passes."""
    left: int
    """How many times it still strikes."""
    sprung: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by the first time."""
    times: int = 0
    lines: list[bytes] = field(default_factory=list)
    """Those that it struck at."""
    more: int = 0
    """Octets that pass after the line, before a cut."""


@dataclass
class _Words:
    way: Way
    pattern: re.Pattern[bytes]
    by: bytes
    left: int


@dataclass
class Flood:
    """A line that is replaced by more than anybody wants."""

    way: Way
    pattern: re.Pattern[bytes]
    first: bytes
    again: bytes
    left: int
    """How many times it still strikes."""
    times: int = 0


@dataclass(eq=False)
class _Connection:
    writers: dict[Way, asyncio.StreamWriter]
    passing: dict[Way, asyncio.Event]
    swallowing: bool = False
    last: dict[Way, int] = field(default_factory=dict)
    """Octets that still pass, then it is cut."""


class Proxy:
    """A context manager. It listens on a loopback address and passes octets on, both ways."""

    def __init__(self, host: str, port: int, *, listen: str = "127.0.0.1") -> None:
        self.target = (host, port)
        """Where the next connections go."""
        self.passed = 0
        """Octets of both directions that came to the proxy."""
        self.limit: int | None = None
        """The octet that makes ``passed`` larger than this cuts, in this connection and every later one; None: no cut."""
        self.pause = 0.0
        """Seconds that every piece comes late."""
        self.piece = _CHUNK
        """Octets that pass at once, at most."""
        self.connections = 0
        """How many were made."""
        self._listen = listen
        self._port = 0
        self._listener: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._open: set[_Connection] = set()
        self._traps: list[Trap] = []
        self._words: list[_Words] = []
        self._floods: list[Flood] = []

    async def __aenter__(self) -> Self:
        await self.listen()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.refuse()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._port

    @property
    def is_listening(self) -> bool:
        """Whether connections are taken."""
        return self._listener is not None

    # What can be done to all connections at once.

    async def listen(self) -> None:
        """Take connections, at the same port as before."""
        self._listener = await asyncio.start_server(self._serve, self._listen, self._port)
        self._port = self._listener.sockets[0].getsockname()[1]

    async def refuse(self) -> None:
        """Lose every connection, and refuse new ones until `listen`."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        self.cut()

    def hold(self, way: Way = Way.DOWN) -> None:
        """Keep back what is said in this direction from now on; new connections are free."""
        for connection in self._open:
            connection.passing[way].clear()

    def release(self) -> None:
        """Let pass again what was held."""
        for connection in self._open:
            for passing in connection.passing.values():
                passing.set()

    def cut(self, deed: Deed = Deed.CUT) -> None:
        """End all connections without a goodbye: by ``RESET`` both sides hear it, by ``SWALLOW`` neither."""
        for connection in tuple(self._open):
            self._do(connection, deed, Way.DOWN)

    # What happens at a certain line.

    def on(self, way: Way, pattern: bytes, deed: Deed, *, after: bool = False, times: int = 1, more: int | None = None) -> Trap:
        """Do something at a line that the pattern is found in: before it passes, or after, or cut so many octets after it.

        Lines end in LF, those of a literal are lines too. Nothing can be seen in what is encrypted or compressed.
        """
        trap = Trap(way, re.compile(pattern), deed, after or more is not None, times, more=more or 0)
        self._traps.append(trap)
        return trap

    def replace(self, way: Way, pattern: bytes, by: bytes, *, times: int = 0) -> None:
        """Put other octets in the place of those that the pattern finds in a line; ``times`` 0: always."""
        self._words.append(_Words(way, re.compile(pattern), by, times or sys.maxsize))

    def hide(self, *capabilities: str) -> None:
        """The server does not seem to offer these: ``COMPRESS=DEFLATE``, ``MOVE``; of SMTP ``PIPELINING``."""
        for name in capabilities:
            self.replace(Way.DOWN, rb"(?i)(?<=[ -])%b(?=[ \]\r])" % re.escape(name.encode()), b"X-HIDDEN")

    def flood(self, way: Way, pattern: bytes, first: bytes, again: bytes = b"", *, times: int = 0) -> Flood:
        """Say ``first`` in the place of a line, then ``again`` over and over until the connection ends; ``times`` 0: always."""
        flood = Flood(way, re.compile(pattern), first, again, times or sys.maxsize)
        self._floods.append(flood)
        return flood

    def plain(self) -> None:
        """Forget everything that was to happen at lines."""
        self._floods.clear()
        self._traps.clear()
        self._words.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            server_reader, server_writer = await asyncio.open_connection(*self.target)
        except OSError:
            writer.transport.abort()
            return
        writers = {Way.UP: server_writer, Way.DOWN: writer}
        connection = _Connection(writers, {way: asyncio.Event() for way in Way})
        for passing in connection.passing.values():
            passing.set()
        self._open.add(connection)
        try:
            await asyncio.gather(
                self._pass(connection, Way.UP, reader),
                self._pass(connection, Way.DOWN, server_reader),
            )
        except asyncio.CancelledError:
            return  # by `__aexit__`
        finally:
            self._end(connection)

    async def _pass(self, connection: _Connection, way: Way, reader: asyncio.StreamReader) -> None:
        rest = b""
        with suppress(ConnectionError):
            while data := await reader.read(_CHUNK):
                rest += data
                if self._looks_at_lines(way):
                    lines, rest = _lines(rest)
                    for line in lines:
                        await self._line(connection, way, line)
                else:
                    rest, all_of_it = b"", rest
                    await self._send(connection, way, all_of_it)
            await self._send(connection, way, rest)
        if not connection.swallowing:
            self._end(connection)

    def _looks_at_lines(self, way: Way) -> bool:
        ways = {trap.way for trap in self._traps} | {words.way for words in self._words}
        return way in ways | {flood.way for flood in self._floods}

    async def _line(self, connection: _Connection, way: Way, line: bytes) -> None:
        for words in self._words:
            if words.way is way and words.left and words.pattern.search(line):
                words.left -= 1
                line = words.pattern.sub(words.by, line)
        for trap in self._traps:
            if trap.way is way and trap.left and trap.pattern.search(line):
                trap.left -= 1
                trap.times += 1
                trap.lines.append(line)
                if trap.after:
                    await self._send(connection, way, line)
                if trap.more:
                    connection.last[way] = trap.more
                else:
                    self._do(connection, trap.deed, way)
                trap.sprung.set()
                if trap.after:
                    return
        for flood in self._floods:
            if flood.way is way and flood.left and flood.pattern.search(line):
                flood.left -= 1
                flood.times += 1
                line = flood.first
                while flood.again and connection in self._open:
                    await self._send(connection, way, line)
                    line = flood.again
        await self._send(connection, way, line)

    async def _send(self, connection: _Connection, way: Way, data: bytes) -> None:
        writer = connection.writers[way]
        while data:
            now, data = data[: self.piece], data[self.piece :]
            await connection.passing[way].wait()
            if self.pause:
                await asyncio.sleep(self.pause)
            left = len(now) if self.limit is None else max(self.limit - self.passed, 0)
            self.passed += len(now)
            if way in connection.last:
                left = min(left, connection.last[way])
                connection.last[way] -= left
            if connection.swallowing or writer.transport.is_closing():
                continue
            writer.write(now[:left])
            await writer.drain()
            if left < len(now):
                self._end(connection)

    def _do(self, connection: _Connection, deed: Deed, way: Way) -> None:
        match deed:
            case Deed.HOLD:
                connection.passing[way].clear()
            case Deed.SWALLOW:
                connection.swallowing = True
            case Deed.HALF_CLOSE:
                with suppress(OSError):
                    connection.writers[way].write_eof()
                connection.swallowing = True
            case Deed.CUT | Deed.RESET:
                self._end(connection, reset=deed is Deed.RESET)

    def _end(self, connection: _Connection, *, reset: bool = False) -> None:
        self._open.discard(connection)
        for passing in connection.passing.values():
            passing.set()
        for writer in connection.writers.values():
            line: socket.socket | None = writer.get_extra_info("socket")
            if reset and line is not None and line.fileno() >= 0:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            writer.transport.abort()


def _lines(data: bytes) -> tuple[list[bytes], bytes]:
    """Whole lines, and what came of the next."""
    *lines, rest = data.split(b"\n")
    return [line + b"\n" for line in lines], rest
