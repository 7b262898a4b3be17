# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of an IMAP command, read strictly (RFC 9051 §9): whatever is not in the grammar raises `Bad`."""

import re
from calendar import timegm
from datetime import UTC, date, datetime

from tuimail.demo.names import decode_name
from tuimail.model.flags import SYSTEM_FLAGS, canonical

Ranges = list[tuple[int | None, int | None]]
"""Inclusive ranges of sequence numbers or UIDs; None is ``*``."""

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ATOM = re.compile(rb"[^\x00-\x20\x7f-\xff(){%*\"\\\]]+")
_ASTRING = re.compile(rb"[^\x00-\x20\x7f-\xff(){%*\"\\]+")
_LIST_ATOM = re.compile(rb"[^\x00-\x20\x7f-\xff(){\"\\]+")
_QUOTED = re.compile(rb'"((?:[^"\\\r\n\x00]|\\["\\])*)"')
_LITERAL = re.compile(rb"~?\{(\d{1,10})\+?\}\r\n")
_NUMBER = re.compile(rb"\d{1,20}")
_SET = re.compile(rb"(?:\d{1,10}|\*)(?::(?:\d{1,10}|\*))?(?:,(?:\d{1,10}|\*)(?::(?:\d{1,10}|\*))?)*")
_FLAG = re.compile(rb"\\?[^\x00-\x20\x7f-\xff(){%*\"\\\]]+")
_DATE = re.compile(r"(\d{1,2})-([A-Za-z]{3})-(\d{4})")
_DATE_TIME = re.compile(r"([ \d]\d)-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)")


class Bad(Exception):
    """The command is answered by ``BAD`` and this text."""


class No(Exception):
    """The command is answered by ``NO`` and this text, a response code included."""


class Arguments:
    """A cursor over the octets of one command, its literals inline."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def peek(self, octets: bytes) -> bool:
        """Whether these octets come next."""
        return self.data.startswith(octets, self.at)

    def take(self, octets: bytes) -> bool:
        """Step over these octets if they come next."""
        found = self.peek(octets)
        self.at += len(octets) * found
        return found

    def expect(self, octets: bytes) -> None:
        """Step over these octets."""
        if not self.take(octets):
            raise Bad(f"Expected {octets.decode()!r} at octet {self.at}")

    def space(self) -> None:
        """Step over one space."""
        self.expect(b" ")

    def end(self) -> None:
        """Nothing may follow."""
        if self.at != len(self.data):
            raise Bad(f"Junk after the command, at octet {self.at}")

    @property
    def done(self) -> bool:
        """Whether everything was read."""
        return self.at == len(self.data)

    def word(self) -> str:
        """An atom in upper case."""
        return self._match(_ATOM, "an atom").decode().upper()

    def number(self) -> int:
        """A number."""
        return int(self._match(_NUMBER, "a number"))

    def string(self) -> bytes:
        """A quoted string or a literal."""
        if quoted := _QUOTED.match(self.data, self.at):
            self.at = quoted.end()
            return re.sub(rb'\\(["\\])', rb"\1", quoted[1])
        if literal := _LITERAL.match(self.data, self.at):
            start = literal.end()
            self.at = start + int(literal[1])
            return self.data[start : self.at]
        raise Bad(f"Expected a string at octet {self.at}")

    def astring(self) -> bytes:
        """An atom or a string."""
        return self._match(_ASTRING, "a string") if _ASTRING.match(self.data, self.at) else self.string()

    def nstring(self) -> bytes | None:
        """A string or NIL."""
        return None if self.data[self.at : self.at + 3].upper() == b"NIL" and self._match(_ATOM, "NIL") else self.string()

    def mailbox(self, utf8: bool) -> str:
        """A mailbox name in Unicode; INBOX in upper case."""
        return self._name(self.astring(), utf8)

    def list_mailbox(self, utf8: bool) -> str:
        """A mailbox name with the wildcards of LIST."""
        return self._name(self._match(_LIST_ATOM, "") if _LIST_ATOM.match(self.data, self.at) else self.string(), utf8)

    def sequence_set(self) -> Ranges:
        """A set of sequence numbers or UIDs."""
        ranges: Ranges = []
        for piece in self._match(_SET, "a sequence set").split(b","):
            low, _, high = piece.partition(b":")
            ends = [None if end == b"*" else int(end) for end in (low, high or low)]
            if 0 in ends:
                raise Bad("Zero is no sequence number")
            ranges.append((ends[0], ends[1]))
        return ranges

    def flags(self) -> frozenset[str]:
        r"""A list of flags in parentheses; ``\Recent`` may not be set."""
        self.expect(b"(")
        found: list[str] = []
        while not self.take(b")"):
            if found:
                self.space()
            found.append(self.flag())
        return frozenset(found)

    def bare_flags(self) -> frozenset[str]:
        """Flags in parentheses or without."""
        if self.peek(b"("):
            return self.flags()
        found = [self.flag()]
        while self.take(b" "):
            found.append(self.flag())
        return frozenset(found)

    def flag(self) -> str:
        """One flag in the RFC's spelling."""
        flag = canonical(self._match(_FLAG, "a flag").decode())
        if flag.startswith("\\") and flag not in SYSTEM_FLAGS:
            raise Bad(f"Unknown system flag {flag}")
        return flag

    def date(self) -> date:
        """A date of SEARCH, quoted or not."""
        match = _DATE.fullmatch(self.astring().decode("ascii", "replace"))
        if not match or match[2].lower() not in MONTHS:
            raise Bad("Expected a date")
        try:
            return date(int(match[3]), MONTHS.index(match[2].lower()) + 1, int(match[1]))
        except ValueError as wrong:
            raise Bad("No such day") from wrong

    def date_time(self) -> int:
        """The date-time of APPEND in seconds since 1970."""
        match = _DATE_TIME.fullmatch(self.string().decode("ascii", "replace"))
        if not match or match[2].lower() not in MONTHS:
            raise Bad("Expected a date-time")
        month = MONTHS.index(match[2].lower()) + 1
        seconds = timegm((int(match[3]), month, int(match[1]), int(match[4]), int(match[5]), int(match[6])))
        return seconds - int(match[7] + "1") * (int(match[8]) * 3600 + int(match[9]) * 60)

    def _name(self, raw: bytes, utf8: bool) -> str:
        try:
            name = decode_name(raw, utf8)
        except ValueError as wrong:
            raise Bad("Malformed mailbox name") from wrong
        return "INBOX" if name.upper() == "INBOX" else name

    def _match(self, pattern: re.Pattern[bytes], what: str) -> bytes:
        match = pattern.match(self.data, self.at)
        if not match:
            raise Bad(f"Expected {what} at octet {self.at}")
        self.at = match.end()
        return match[0]


def internal_date(seconds: int) -> bytes:
    """A date-time as INTERNALDATE gives it."""
    moment = datetime.fromtimestamp(seconds, UTC)
    month = MONTHS[moment.month - 1].capitalize()
    return f'"{moment.day:2d}-{month}-{moment.year:04d} {moment:%H:%M:%S} +0000"'.encode()
