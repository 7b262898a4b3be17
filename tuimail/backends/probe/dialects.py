# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said before a sign-in: greeting, capabilities and STARTTLS of IMAP (RFC 9051), POP3 (RFC 2449, RFC 2595), SMTP."""

import re
from dataclasses import dataclass
from typing import Protocol

from tuimail.backends.probe.line import Line

_MOST_LINES = 200
"""Of one answer."""
_GOES_ON = re.compile(rb"[2-5]\d\d-")
"""A line of an SMTP reply that is not its last."""


class Dialect(Protocol):
    """One protocol. The methods raise what `Line` raises, and ValueError for an answer that makes no sense."""

    name: str
    goodbye: bytes

    def welcomes(self, greeting: bytes) -> bool:
        """Whether a greeting lets us in."""
        ...

    async def greeting(self, line: Line) -> bytes:
        """What the server says first, the last line of it."""
        ...

    async def capabilities(self, line: Line) -> tuple[str, ...]:
        """What the server offers, in capitals; empty when it does not say."""
        ...

    async def start_tls(self, line: Line) -> bool:
        """Ask for TLS; whether the server is ready for it."""
        ...


class Imap:
    """RFC 9051."""

    name = "IMAP"
    goodbye = b"z LOGOUT"

    def welcomes(self, greeting: bytes) -> bool:
        """``* OK`` or ``* PREAUTH``."""
        return greeting.upper().startswith((b"* OK", b"* PREAUTH"))

    async def greeting(self, line: Line) -> bytes:
        """One line."""
        return await line.line()

    async def capabilities(self, line: Line) -> tuple[str, ...]:
        """CAPABILITY."""
        found: list[str] = []
        for answer in await self._answers(line, b"a CAPABILITY"):
            if answer.upper().startswith(b"* CAPABILITY "):
                found = _words(answer[13:])
        return tuple(found)

    async def start_tls(self, line: Line) -> bool:
        """STARTTLS."""
        return (await self._answers(line, b"b STARTTLS"))[-1].upper().startswith(b"B OK")

    async def _answers(self, line: Line, command: bytes) -> list[bytes]:
        async with line.one_answer():
            await line.say(command)
            answers = [await line.line()]
            while not answers[-1].startswith(command[:2]):
                answers.append(await _next(line, answers))
        return answers


class Pop3:
    """RFC 1939, RFC 2449."""

    name = "POP3"
    goodbye = b"QUIT"

    def welcomes(self, greeting: bytes) -> bool:
        """``+OK``."""
        return greeting.startswith(b"+OK")

    async def greeting(self, line: Line) -> bytes:
        """One line."""
        return await line.line()

    async def capabilities(self, line: Line) -> tuple[str, ...]:
        """CAPA, which old servers do not know."""
        async with line.one_answer():
            await line.say(b"CAPA")
            answers = [await line.line()]
            if not answers[0].startswith(b"+OK"):
                return ()
            while answers[-1] != b".":
                answers.append(await _next(line, answers))
        return tuple(" ".join(_words(answer)) for answer in answers[1:-1])

    async def start_tls(self, line: Line) -> bool:
        """STLS."""
        await line.say(b"STLS")
        return (await line.line()).startswith(b"+OK")


class Smtp:
    """RFC 5321, RFC 3207."""

    name = "SMTP"
    goodbye = b"QUIT"

    def welcomes(self, greeting: bytes) -> bool:
        """``220``."""
        return greeting.startswith(b"220")

    async def greeting(self, line: Line) -> bytes:
        """May have several lines (RFC 5321 §4.2)."""
        return (await self._reply(line))[-1]

    async def capabilities(self, line: Line) -> tuple[str, ...]:
        """EHLO."""
        answers = await self._reply(line, b"EHLO localhost")
        return tuple(" ".join(_words(answer[4:].replace(b"=", b" "))) for answer in answers[1:] if answer.startswith(b"250"))

    async def start_tls(self, line: Line) -> bool:
        """STARTTLS."""
        return (await self._reply(line, b"STARTTLS"))[-1].startswith(b"220")

    async def _reply(self, line: Line, command: bytes | None = None) -> list[bytes]:
        async with line.one_answer():
            if command is not None:
                await line.say(command)
            answers = [await line.line()]
            while _GOES_ON.match(answers[-1]):
                answers.append(await _next(line, answers))
        return answers


DIALECTS: dict[str, Dialect] = {"imap": Imap(), "pop3": Pop3(), "smtp": Smtp()}


@dataclass(frozen=True, slots=True)
class Spoken:
    """A protocol told by its first line."""

    name: str
    pattern: re.Pattern[bytes]


_SPOKEN = (
    Spoken("IMAP", re.compile(rb"\* (?:OK|PREAUTH|BYE)\b", re.IGNORECASE)),
    Spoken("POP3", re.compile(rb"(?:\+OK|-ERR)\b")),
    Spoken("SMTP", re.compile(rb"[245]\d\d[ -]")),
    Spoken("SSH", re.compile(rb"SSH-")),
    Spoken("HTTP", re.compile(rb"HTTP/\d|<!DOCTYPE|<html", re.IGNORECASE)),
)


def spoken(greeting: bytes) -> str:
    """Which protocol a server speaks, by the first line that it says; empty when it is none of the known ones."""
    return next((each.name for each in _SPOKEN if each.pattern.match(greeting)), "")


async def _next(line: Line, before: list[bytes]) -> bytes:
    if len(before) >= _MOST_LINES:
        raise ValueError
    return await line.line()


def _words(text: bytes) -> list[str]:
    return text.decode("ascii", "replace").upper().split()
