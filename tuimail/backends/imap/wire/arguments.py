# SPDX-License-Identifier: GPL-3.0-or-later
"""Values → what a command holds: strings, flags, dates (RFC 9051 §9)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from tuimail.model.errors import InputWrong

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_QUOTABLE = re.compile(rb"[\x20-\x7e]{0,1000}")
_QUOTABLE_UTF8 = re.compile(rb"[^\0-\x1f\x7f]{0,1000}")
_KEYWORD = re.compile(r"\\?[^\x00-\x20\x7f-\U0010ffff(){%*\"\\\]]+")


@dataclass(frozen=True, slots=True)
class Literal:
    """Octets to be sent as a literal."""

    data: bytes
    binary: bool = False
    """A literal8, which may hold NUL (RFC 9051 §4.3, RFC 6855 §4)."""


@dataclass(frozen=True, slots=True)
class Secret:
    """Text that no log gets."""

    data: bytes


Argument = bytes | Literal | Secret
Command = tuple[Argument, ...]
"""A command without its tag and CRLF: text, literals and secrets in order."""


def command(*arguments: Argument) -> Command:
    """Join arguments by single spaces; neighbouring text becomes one piece."""
    joined: list[Argument] = []
    for argument in arguments:
        if joined and isinstance(previous := joined[-1], bytes):
            joined[-1] = previous + b" "
        elif joined:
            joined.append(b" ")
        if isinstance(argument, bytes) and joined and isinstance(previous := joined[-1], bytes):
            joined[-1] = previous + argument
        else:
            joined.append(argument)
    return tuple(joined)


def string(data: bytes, *, utf8: bool = False) -> bytes | Literal:
    """A quoted string where that is possible, else a literal. ``utf8``: UTF8=ACCEPT is in force (RFC 6855 §3)."""
    if (_QUOTABLE_UTF8 if utf8 else _QUOTABLE).fullmatch(data):
        return b'"' + data.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
    return Literal(data)


def flag_list(flags: Iterable[str]) -> bytes:
    """``(\\Seen $Junk)``. Raises InputWrong for what can be no flag."""
    names = sorted(flags)
    for name in names:
        if not _KEYWORD.fullmatch(name):
            raise InputWrong("A flag or label must be one word of ASCII letters.", "Leave out spaces, brackets and quotes.")
    return b"(" + " ".join(names).encode("ascii") + b")"


def date_time(seconds: int) -> bytes:
    """An internal date, in UTC; what no calendar holds becomes 1970 or 9999."""
    moment = datetime.fromtimestamp(min(max(seconds, 0), 253_402_300_799), UTC)
    return f'"{moment.day:2}-{_MONTHS[moment.month - 1]}-{moment:%Y %H:%M:%S} +0000"'.encode("ascii")
