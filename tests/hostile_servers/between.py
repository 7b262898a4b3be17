# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody on the way to a server: plays it until TLS begins, changes what it says there, and then can only pass octets on."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

HOST = "127.0.0.1"
HANG_UP = b"(hang up)"
"""An answer that is none: the connection ends."""


@dataclass(frozen=True, slots=True)
class Speech:
    """What an eager server says in the clear: it takes everything, and offers STARTTLS."""

    greeting: bytes
    answers: Mapping[bytes, bytes]
    """Command → answer; ``{tag}`` is the tag. What is not in it gets the answer of ``b""``."""
    start_tls: bytes
    """The command that begins TLS."""
    harmless: frozenset[bytes]
    """Commands that may be said in the clear where TLS was wanted."""

    def command_of(self, line: bytes) -> tuple[bytes, bytes]:
        """Tag and command of a line."""
        words = line.split(b" ")
        if self.start_tls == b"STARTTLS" and b"{tag}" in self.answers[b""]:
            return words[0], words[1].upper() if len(words) > 1 else b""
        return b"", words[0].upper()


IMAP = Speech(
    b"* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] ready\r\n",
    {
        b"CAPABILITY": b"* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\n{tag} OK done\r\n",
        b"STARTTLS": b"{tag} OK begin TLS\r\n",
        b"LOGOUT": b"* BYE bye\r\n{tag} OK done\r\n",
        b"": b"{tag} OK done\r\n",
    },
    b"STARTTLS",
    frozenset({b"CAPABILITY", b"STARTTLS", b"LOGOUT"}),
)
SMTP = Speech(
    b"220 ready\r\n",
    {
        b"EHLO": b"250-test\r\n250 STARTTLS\r\n",
        b"STARTTLS": b"220 begin TLS\r\n",
        b"AUTH": b"235 welcome\r\n",
        b"DATA": b"354 go on\r\n",
        b"QUIT": b"221 bye\r\n",
        b"": b"250 done\r\n",
    },
    b"STARTTLS",
    frozenset({b"EHLO", b"HELO", b"STARTTLS", b"QUIT"}),
)
POP3 = Speech(
    b"+OK ready\r\n",
    {b"CAPA": b"+OK\r\nUSER\r\nUIDL\r\nSTLS\r\n.\r\n", b"STLS": b"+OK begin TLS\r\n", b"": b"+OK\r\n"},
    b"STLS",
    frozenset({b"CAPA", b"STLS", b"QUIT"}),
)
SPEECHES: Mapping[str, Speech] = {"imap": IMAP, "smtp": SMTP, "pop3": POP3}


@dataclass(frozen=True, slots=True)
class Attack:
    """What is changed."""

    greeting: bytes | None = None
    answers: Mapping[bytes, bytes] = field(default_factory=dict)
    handshake: bool = True
    """After STARTTLS was agreed to, the octets go to the server and back; else nothing is said any more."""


class Between:
    """Takes connections for a server, and notes what the client says in the clear."""

    def __init__(self, speech: Speech, attack: Attack, server_port: int) -> None:
        """``server_port``: of the server that begins TLS when it is asked for."""
        self.speech, self._attack, self._server_port = speech, attack, server_port
        self.port = 0
        self.lines: list[bytes] = []
        """In the clear, of all connections."""
        self.octets = bytearray()
        """All that came before the handshake."""
        self.connections = self.handshakes = 0
        """Of these, client hellos were passed on."""
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Between"]:
        """Listen."""
        server = await asyncio.start_server(self._serve, HOST, 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in tuple(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def visitors(self) -> int:
        """How many connections were made before this call: one of our own waits until those are counted."""
        reader, writer = await asyncio.open_connection(HOST, self.port)
        with suppress(OSError):
            await reader.read(1)
        writer.transport.abort()
        return self.connections - 1

    @property
    def said(self) -> set[bytes]:
        """The commands in the clear."""
        return {self.speech.command_of(line)[1] for line in self.lines}

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
                await self._talk(reader, writer)
        except asyncio.CancelledError:
            pass
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        greeting = self.speech.greeting if self._attack.greeting is None else self._attack.greeting
        writer.write(greeting.removesuffix(HANG_UP))
        await writer.drain()
        answers = {**self.speech.answers, **self._attack.answers}
        while not greeting.endswith(HANG_UP) and (line := await reader.readuntil(b"\n")):
            self.octets += line
            self.lines.append(line.rstrip(b"\r\n"))
            tag, command = self.speech.command_of(line.rstrip(b"\r\n"))
            answer = answers.get(command, answers[b""]).replace(b"{tag}", tag)
            writer.write(answer.removesuffix(HANG_UP))
            await writer.drain()
            if answer.endswith(HANG_UP):
                return
            if command == self.speech.start_tls and _agreed(answer) and self._attack.handshake:
                await self._pass_on(reader, writer)
                return

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """From the client's hello on."""
        hello = await reader.read(1 << 16)
        if not hello.startswith(b"\x16"):
            self.octets += hello
            return
        self.handshakes += 1
        upstream, out = await asyncio.open_connection(HOST, self._server_port)
        try:
            await upstream.readline()
            out.write((b"a " if self.speech is IMAP else b"EHLO x\r\n" if self.speech is SMTP else b"") + self.speech.start_tls)
            out.write(b"\r\n")
            answer = b""
            while not _agreed(answer):
                answer = await upstream.readline()
            out.write(hello)
            await asyncio.gather(_pump(reader, out), _pump(upstream, writer))
        finally:
            out.transport.abort()


def _agreed(answer: bytes) -> bool:
    return re.search(rb"(?mi)^(?:\S+ OK|220|\+OK)\b", answer) is not None


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    writer.transport.abort()
