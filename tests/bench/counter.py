# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts octets, turns and commands of the connections that pass a proxy. Pure: fed with times and octets."""

import re
import zlib
from dataclasses import dataclass, field

from tests.bench.figures import Traffic

_COMMAND = re.compile(rb"(?i)^[^\s{}()*%\"\\+]+ (UID )?([A-Z]+)")
_LITERAL = re.compile(rb"\{(\d+)\+?\}\r\n\Z")
_COMPRESS = re.compile(rb"(?mi)^\S+ COMPRESS DEFLATE\r\n")


class Commands:
    """Finds the names of IMAP commands in what a client sends, also after COMPRESS (RFC 4978). Keeps nothing else of it."""

    def __init__(self) -> None:
        self._line = b""
        self._skip = 0
        self._inflate: zlib._Decompress | None = None

    def feed(self, data: bytes) -> list[str]:
        """The names of the commands that begin in lines completed by ``data``, such as ``UID FETCH``."""
        if self._inflate is not None:
            data = self._inflate.decompress(data)
        elif found := _COMPRESS.search(self._line + data):
            end = found.end() - len(self._line)
            names = self._lines(data[:end])
            self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
            return names + self.feed(data[end:])
        return self._lines(data)

    def _lines(self, data: bytes) -> list[str]:
        names = []
        while data:
            if self._skip:
                taken = min(self._skip, len(data))
                data, self._skip = data[taken:], self._skip - taken
                continue
            head, newline, data = data.partition(b"\n")
            self._line += head + newline
            if newline:
                names += self._name(self._line)
                literal = _LITERAL.search(self._line)
                # What follows a literal goes on with the same command: it begins with a space, or is empty.
                self._skip = int(literal[1]) if literal else 0
                self._line = b""
        return names

    @staticmethod
    def _name(line: bytes) -> list[str]:
        if line.strip().upper() == b"DONE":
            return []
        found = _COMMAND.match(line)
        return [((found[1] or b"") + found[2]).decode("ascii").upper()] if found else []


@dataclass(slots=True)
class _Connection:
    heard: bool = False
    """The server spoke last."""
    commands: Commands = field(default_factory=Commands)


@dataclass(frozen=True, slots=True)
class _Event:
    at: float
    connection: int
    down: int = 0
    up: int = 0
    turn: bool = False
    commands: tuple[str, ...] = ()


class Counter:
    """The record of one client's connections."""

    def __init__(self) -> None:
        self._connections: dict[int, _Connection] = {}
        self._events: list[_Event] = []

    def opened(self, at: float, connection: int) -> None:
        """A client connected."""
        self._connections[connection] = _Connection()
        self._events.append(_Event(at, connection))

    def down(self, at: float, connection: int, size: int) -> None:
        """Octets reached the client."""
        self._connections[connection].heard = True
        self._events.append(_Event(at, connection, down=size))

    def up(self, at: float, connection: int, data: bytes) -> None:
        """Octets left the client."""
        known = self._connections[connection]
        turn, known.heard = known.heard, False
        self._events.append(_Event(at, connection, up=len(data), turn=turn, commands=tuple(known.commands.feed(data))))

    def until(self, at: float) -> Traffic:
        """Everything up to a time."""
        events = [event for event in self._events if event.at <= at]
        turns: dict[int, int] = {}
        for event in events:
            turns[event.connection] = turns.get(event.connection, 0) + event.turn
        place = {connection: at for at, connection in enumerate(turns)}
        said = [(name, place[event.connection]) for event in events for name in event.commands]
        return Traffic(
            sum(event.down for event in events),
            sum(event.up for event in events),
            tuple(turns.values()),
            tuple(name for name, _ in said),
            tuple(by for _, by in said),
        )
