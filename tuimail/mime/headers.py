# SPDX-License-Identifier: GPL-3.0-or-later
"""The header block of a message or part (RFC 5322 §2.2), and how its values are read."""

import re
from collections.abc import Iterator

from tuimail.mime.charset import header_text
from tuimail.mime.dates import parse_date
from tuimail.mime.parameters import parameters
from tuimail.mime.words import MAX_VALUE, decode_words, unsafe_words
from tuimail.model.text import SafeText, safe_line

__all__ = ["Headers", "decode_words", "message_ids", "parameters", "parse_date"]

MAX_BLOCK = 262_144
"""Octets of a header block that are looked at."""
MAX_FIELDS = 1000
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_CHARSET = re.compile(
    rb"^content-type:[^\n]{0,500}?(?:\n[ \t][^\n]{0,500}?){0,3}charset=\"?([\w-]{1,40})", re.IGNORECASE | re.MULTILINE
)
_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]{0,20}:[ \t]*+")
_MESSAGE_ID = re.compile(r"<([^<>]{1,1000})>")


class Headers:
    """Header fields in order. Names are matched without regard to case."""

    def __init__(self, fields: tuple[tuple[str, str], ...] = ()) -> None:
        self._fields = fields
        self._by_name: dict[str, list[str]] = {}
        for name, value in fields:
            self._by_name.setdefault(name.lower(), []).append(value)

    @classmethod
    def parse(cls, raw: bytes) -> "Headers":
        """Read a header block; a body behind it is not looked at. Never raises; lines that are no fields are skipped."""
        if raw.startswith((b"\n", b"\r\n")):
            return cls()
        end = _BLANK_LINE.search(raw, 0, MAX_BLOCK)
        block = raw[: end.start() if end else MAX_BLOCK]
        fields: list[tuple[str, list[bytes]]] = []
        for line in block.split(b"\n"):
            if line[:1] in (b" ", b"\t"):
                if fields:
                    fields[-1][1].append(b" " + line.strip())
                continue
            field = _FIELD.match(line)
            if field:
                if len(fields) == MAX_FIELDS:
                    break
                fields.append((field[1].decode("ascii"), [line[field.end() :].rstrip()]))
        charset = _CHARSET.search(block) if not block.isascii() else None
        hint = charset[1].decode("ascii") if charset else ""
        return cls(tuple((name, header_text(b"".join(pieces)[:MAX_VALUE], hint)) for name, pieces in fields))

    def get(self, name: str) -> str:
        """The first value of that name, unfolded, only raw octets decoded; empty where there is none. Not safe to show."""
        values = self._by_name.get(name.lower())
        return values[0] if values else ""

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of that name, as `get` gives it."""
        return tuple(self._by_name.get(name.lower(), ()))

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._by_name

    def __len__(self) -> int:
        return len(self._fields)

    def __iter__(self) -> Iterator[tuple[SafeText, SafeText]]:
        """Names and values as a person reads them, safe to show."""
        for name, value in self._fields:
            yield safe_line(name), decode_words(value, limit=MAX_VALUE)


def is_header_line(line: bytes) -> bool:
    """Whether a line is a field, or goes on with one."""
    return line[:1] in (b" ", b"\t") or _FIELD.match(line) is not None


def message_ids(value: str | bytes) -> tuple[str, ...]:
    """The message ids of a Message-ID, In-Reply-To or References field, each with its angle brackets, in order, none twice."""
    text = unsafe_words(value)
    found = ["".join(match[1].split()) for match in _MESSAGE_ID.finditer(text)]
    if not found and "<" not in text:
        found = [word.strip(",;>") for word in text.split() if "@" in word]
    return tuple(dict.fromkeys(f"<{safe_line(word)}>" for word in found if word))
