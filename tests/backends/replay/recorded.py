# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that say again what was recorded: to each kind of command its answers, one after the other."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tuimail.model.account import AuthMethod, Security, ServerAddress

FOLDER = Path(__file__).parents[2] / "data" / "mailkit-wire"
TAG = b"A########"
"""What stands in the transcripts for the tag of the command."""
_LITERAL = re.compile(rb"\{(\d+)(\+?)\}$")


def octets(name: str | Path) -> bytes:
    """A transcript with the line ends that it had on the wire."""
    data = (FOLDER / f"{name}.txt" if isinstance(name, str) else name).read_bytes()
    return data.replace(b"\r\n", b"\n").removesuffix(b"\n").replace(b"\n", b"\r\n") + b"\r\n"


@dataclass
class Recorded:
    """A server. The answer is that of the longest beginning of a command; the last of several is said again."""

    greeting: bytes
    answers: Mapping[bytes, bytes | tuple[bytes, ...]]
    heard: list[bytes] = field(default_factory=list)
    """Commands, without tags."""
    unrecorded: set[bytes] = field(default_factory=set)
    """First words of commands to which nobody recorded an answer: they are refused."""
    _said: Counter[bytes] = field(default_factory=Counter)

    def answer(self, command: bytes) -> bytes | None:
        """What was recorded; None where nothing was."""
        self.heard.append(command)
        beginnings = [begin for begin in self.answers if command.startswith(begin)]
        if not beginnings:
            self.unrecorded.add(command.split(b" ", 1)[0])
            return None
        begin = max(beginnings, key=len)
        recorded = self.answers[begin]
        if isinstance(recorded, bytes):
            return recorded
        self._said[begin] += 1
        return recorded[min(self._said[begin], len(recorded)) - 1]


Talk = Callable[[Recorded, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def playing(recorded: Recorded, talk: Talk, auth: AuthMethod) -> AsyncIterator[ServerAddress]:
    """Serve on the loopback interface."""

    talks = 0
    silent = asyncio.Event()
    silent.set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal talks
        talks += 1
        silent.clear()
        writer.write(recorded.greeting)
        try:
            await talk(recorded, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()
            talks -= 1
            if not talks:
                silent.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield ServerAddress("127.0.0.1", server.sockets[0].getsockname()[1], Security.NONE, "ada", auth)
    finally:
        server.close()
        await silent.wait()


async def imap(recorded: Recorded, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say IMAP: the commands' tags, literals, what follows AUTHENTICATE and IDLE."""
    while True:
        line = await _line(reader)
        tag, _, command = line.partition(b" ")
        while literal := _LITERAL.search(command):
            if not literal[2]:
                writer.write(octets("gmail-go-ahead"))
            await reader.readexactly(int(literal[1]))
            command = command[: literal.start()] + b"{}" + await _line(reader)
        verb = command.upper()
        if verb.startswith(b"AUTHENTICATE") and command.count(b" ") == 1:
            writer.write(b"+ \r\n")
            await _line(reader)
        answer = recorded.answer(command)
        if verb == b"IDLE" and answer is not None:
            writer.write(answer)
            await _line(reader)
            answer = TAG + b" OK IDLE terminated\r\n"
        if answer is None:
            usual = verb in (b"NOOP", b"LOGOUT")
            answer = TAG + (b" OK done\r\n" if usual else b" BAD nobody recorded this\r\n")
        writer.write(answer.replace(TAG, tag))


async def pop3(recorded: Recorded, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say POP3: ``+`` asks for the next line of AUTH."""
    while True:
        answer = recorded.answer(await _line(reader))
        while answer is not None and answer.startswith(b"+\r\n"):
            writer.write(answer[:3])
            await _line(reader)
            answer = answer[3:]
        writer.write(b"-ERR nobody recorded this\r\n" if answer is None else answer)


async def smtp(recorded: Recorded, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say SMTP: what follows 354 is a message."""
    while True:
        answer = recorded.answer(await _line(reader))
        writer.write(b"502 nobody recorded this\r\n" if answer is None else answer)
        if answer is not None and answer.startswith(b"354"):
            await reader.readuntil(b"\r\n.\r\n")
            writer.write(recorded.answer(b".") or b"250 taken\r\n")


async def _line(reader: asyncio.StreamReader) -> bytes:
    return (await reader.readuntil(b"\r\n"))[:-2]
