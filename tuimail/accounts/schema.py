# SPDX-License-Identifier: GPL-3.0-or-later
"""What may stand in the configuration file. Pure; every problem is collected, so that one run tells them all."""

import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TypeVar

from tuimail.accounts.lines import KeyPath, written
from tuimail.mime.addresses import ascii_address
from tuimail.model.account import is_host
from tuimail.model.errors import InputWrong
from tuimail.model.text import safe_line

T = TypeVar("T")
_SHA256 = re.compile("[0-9A-F]{64}")
Reader = Callable[[object], object]
"""Checks one value and gives it as the program wants it. Raises ValueError, whose text goes on after the key's name."""
Keys = Mapping[str, Reader]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong in the file."""

    path: KeyPath
    text: str


@dataclass(slots=True)
class Problems:
    """All that is wrong, in the order of finding."""

    found: list[Problem] = field(default_factory=list)

    def add(self, path: KeyPath, text: str) -> None:
        """Note a problem; ``text`` is a sentence without its full stop, and may quote the file."""
        self.found.append(Problem(path, safe_line(text, limit=4000)))

    def table(self, path: KeyPath, value: object, keys: Keys) -> dict[str, object]:
        """Read a table by its keys: what is unknown or wrong is noted and left out."""
        if not isinstance(value, dict):
            self.add(path, f"`{written(path)}` must be a table")
            return {}
        read: dict[str, object] = {}
        for name, given in value.items():
            here = (*path, name)
            if name not in keys:
                self.add(here, f"`{safe_line(written(here))}` is no key{nearest(name, keys)}")
                continue
            try:
                read[name] = keys[name](given)
            except ValueError as error:
                self.add(here, f"`{safe_line(written(here))}` {error}")
        return read


def nearest(name: str, known: Mapping[str, object]) -> str:
    """`` (did you mean …?)``, else the allowed names."""
    close = get_close_matches(name, known, 1)
    return f": did you mean `{close[0]}`?" if close else f"; known here: {', '.join(known)}"


def text(value: object) -> str:
    """A string."""
    if not isinstance(value, str):
        raise ValueError("must be text in quotes")
    return value


def line(value: object) -> str:
    """A string of one line that is not empty."""
    given = text(value).strip()
    if not given or given != safe_line(given):
        raise ValueError("must be one line of text")
    return given


def host(value: object) -> str:
    """The name or address of a server, IPv6 with or without brackets."""
    given = line(value)
    if not is_host(given):
        raise ValueError("must be the name of a server, such as imap.example.org")
    return given


def file_name(value: object) -> str:
    """The name of a file."""
    if value == "":
        raise ValueError("must name a file: leave the line out where there is none")
    return line(value)


def file_or_none(value: object) -> str:
    """The name of a file; empty is none, whatever holds for the rest."""
    return file_name(value) if value != "" else ""


def fingerprint(value: object) -> str:
    """SHA-256 of a certificate, as ``openssl x509 -fingerprint -sha256`` shows it, or bare; empty is none."""
    digits = text(value).upper().removeprefix("SHA256:").replace(":", "").strip()
    if digits and not _SHA256.fullmatch(digits):
        raise ValueError("must be the SHA-256 fingerprint of a certificate: 64 hexadecimal digits, with or without colons")
    return bytes.fromhex(digits).hex(":").upper()


def truth(value: object) -> bool:
    """A boolean."""
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def number(low: int, high: int) -> Callable[[object], int]:
    """A whole number of a range."""

    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return value

    return read


def one_of(*allowed: str) -> Callable[[object], str]:
    """One of a few words."""

    def read(value: object) -> str:
        if value not in allowed:
            close = get_close_matches(str(value), allowed, 1)
            raise ValueError(f"must be one of {', '.join(allowed)}{f': did you mean {close[0]}?' if close else ''}")
        return str(value)

    return read


def many(read_one: Callable[[object], T]) -> Callable[[object], tuple[T, ...]]:
    """A list."""

    def read(value: object) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise ValueError("must be a list in brackets")
        return tuple(read_one(entry) for entry in value)

    return read


def one_or_many(value: object) -> tuple[str, ...]:
    """A string, or a list of strings."""
    return many(text)([value] if isinstance(value, str) else value)


def sort_order(value: object) -> str:
    """``-date``: a column, with ``-`` for descending."""
    given = text(value)
    one_of("date", "from", "subject", "size")(given.removeprefix("-"))
    return given


def mark_read(value: object) -> int | None:
    """``"open"`` is 0 seconds, ``"never"`` is None."""
    if value == "open":
        return 0
    if value == "never":
        return None
    try:
        return number(0, 3600)(value)
    except ValueError:
        raise ValueError("must be open, never, or a number of seconds") from None


def command(value: object) -> tuple[str, ...]:
    """A program with its arguments: as one string, quoted as for a shell but without one, or as a list. Empty is none."""
    try:
        return many(text)(value) if isinstance(value, list) else tuple(shlex.split(text(value)))
    except ValueError as error:
        raise ValueError(f"cannot be read as a command: {error}") from None


def email(value: object) -> str:
    """One e-mail address."""
    given = line(value)
    try:
        ascii_address(given, smtputf8=True)
    except InputWrong:
        raise ValueError("must be an e-mail address") from None
    return given


def alias(value: object) -> str:
    """An e-mail address, or ``*@domain``."""
    given = line(value)
    try:
        email(f"any{given[1:]}" if given.startswith("*@") else given)
    except ValueError:
        raise ValueError("must hold e-mail addresses, or *@domain") from None
    return given
