# SPDX-License-Identifier: GPL-3.0-or-later
"""The search keys of SEARCH (RFC 9051 §6.4.4), read into predicates."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.header import decode_header, make_header
from email.utils import parsedate_to_datetime

from tuimail.demo.entity import Entity
from tuimail.demo.grammar import Arguments, Bad, No
from tuimail.demo.mailbox import Message
from tuimail.demo.transfer import decoded_text
from tuimail.demo.view import View
from tuimail.model.flags import ANSWERED, DELETED, DRAFT, FLAGGED, SEEN

Predicate = Callable[[int, Message], bool]
"""Sequence number and message → whether it is found."""

_FLAGS = {"ANSWERED": ANSWERED, "DELETED": DELETED, "DRAFT": DRAFT, "FLAGGED": FLAGGED, "SEEN": SEEN}
_ADDRESSES = ("FROM", "TO", "CC", "BCC", "SUBJECT")
_DATES: dict[str, Callable[[date, date], bool]] = {
    "BEFORE": lambda day, wanted: day < wanted,
    "ON": lambda day, wanted: day == wanted,
    "SINCE": lambda day, wanted: day >= wanted,
}


@dataclass(slots=True)
class Query:
    """A whole search."""

    matches: Predicate
    modseq: bool = False
    """The MODSEQ key was used."""


def read_query(arguments: Arguments, charset: str, view: View, has: Callable[[str], bool]) -> Query:
    """Read the keys up to the end of the command."""
    reader = _Reader(arguments, charset, view, has)
    predicate = reader.all_of(b"")
    return Query(predicate, reader.modseq)


class _Reader:
    """Reads keys one after the other."""

    def __init__(self, arguments: Arguments, charset: str, view: View, has: Callable[[str], bool]) -> None:
        self.arguments, self.charset, self.view, self.has = arguments, charset, view, has
        self.modseq = False

    def all_of(self, end: bytes) -> Predicate:
        """Keys up to ``end``, all of which must hold; an empty ``end`` is the end of the command."""
        keys = [self.key()]
        while not (self.arguments.take(end) if end else self.arguments.done):
            self.arguments.space()
            keys.append(self.key())
        return keys[0] if len(keys) == 1 else lambda number, message: all(key(number, message) for key in keys)

    def key(self) -> Predicate:
        """One key."""
        arguments = self.arguments
        if arguments.take(b"("):
            return self.all_of(b")")
        if re.compile(rb"[\d*]").match(arguments.data, arguments.at):
            return self.members(by_uid=False)
        name = arguments.word()
        for read in (self._flag_key, self._date_key, self._text_key, self._other_key):
            predicate = read(name)
            if predicate is not None:
                return predicate
        raise Bad(f"Unknown search key {name}")

    def members(self, *, by_uid: bool) -> Predicate:
        """A sequence set or a UID set."""
        found = {message.uid for _, message in self.view.resolve(self.arguments.sequence_set(), by_uid=by_uid)}
        return lambda _, message: message.uid in found

    def text(self) -> str:
        """A string to look for, in lower case."""
        self.arguments.space()
        raw = self.arguments.astring()
        try:
            return raw.decode(self.charset).lower()
        except UnicodeDecodeError as wrong:
            raise No("[BADCHARSET (UTF-8 US-ASCII)] The string is not in that charset") from wrong

    def _flag_key(self, name: str) -> Predicate | None:
        if name in _FLAGS:
            return lambda _, message: _FLAGS[name] in message.flags
        if name.startswith("UN") and name[2:] in _FLAGS:
            return lambda _, message: _FLAGS[name[2:]] not in message.flags
        if name in ("KEYWORD", "UNKEYWORD"):
            self.arguments.space()
            keyword = self.arguments.flag()
            return lambda _, message: (keyword in message.flags) is (name == "KEYWORD")
        return None

    def _date_key(self, name: str) -> Predicate | None:
        compare = _DATES.get(name.removeprefix("SENT"))
        if compare is None:
            return None
        self.arguments.space()
        wanted = self.arguments.date()
        if name.startswith("SENT"):
            return lambda _, message: (day := _sent(message)) is not None and compare(day, wanted)
        return lambda _, message: compare(datetime.fromtimestamp(message.arrived, UTC).date(), wanted)

    def _text_key(self, name: str) -> Predicate | None:
        if name in _ADDRESSES or name == "HEADER":
            field = name
            if name == "HEADER":
                self.arguments.space()
                field = self.arguments.astring().decode("ascii", "replace")
            text = self.text()
            return lambda _, message: any(text in value for value in _values(message.entity, field))
        if name == "BODY":
            text = self.text()
            return lambda _, message: text in decoded_text(message.entity)
        if name == "TEXT":
            text = self.text()
            return lambda _, message: text in decoded_text(message.entity) or text in _header_text(message.entity)
        return None

    def _other_key(self, name: str) -> Predicate | None:
        arguments = self.arguments
        if name in ("ALL", "OLD"):
            return lambda _, __: True
        if name in ("NEW", "RECENT"):
            return lambda _, __: False
        if name in ("LARGER", "SMALLER"):
            arguments.space()
            size = arguments.number()
            return lambda _, message: (len(message.raw) > size) if name == "LARGER" else (len(message.raw) < size)
        if name == "UID":
            arguments.space()
            return self.members(by_uid=True)
        if name == "NOT":
            arguments.space()
            inner = self.key()
            return lambda number, message: not inner(number, message)
        if name == "OR":
            arguments.space()
            first = self.key()
            arguments.space()
            second = self.key()
            return lambda number, message: first(number, message) or second(number, message)
        return self._extension_key(name)

    def _extension_key(self, name: str) -> Predicate | None:
        arguments = self.arguments
        if name == "MODSEQ" and self.has("CONDSTORE"):
            arguments.space()
            if arguments.peek(b'"'):
                arguments.string()
                arguments.space()
                arguments.word()
                arguments.space()
            modseq = arguments.number()
            self.modseq = True
            return lambda _, message: message.modseq >= modseq
        if name == "EMAILID" and self.has("OBJECTID"):
            arguments.space()
            wanted = arguments.astring().decode("ascii", "replace")
            return lambda _, message: message.email_id == wanted
        if name == "THREADID" and self.has("OBJECTID"):
            arguments.space()
            arguments.astring()
            return lambda _, __: False
        return None


def _sent(message: Message) -> date | None:
    """The day of the Date field, in its own zone."""
    value = message.entity.get(b"Date")
    try:
        return parsedate_to_datetime(value.decode("ascii", "replace")).date() if value else None
    except ValueError:
        return None


def _values(message: Entity, field: str) -> list[str]:
    name = field.lower().encode()
    return [_decoded(value) for key, value in message.fields if key.lower() == name]


def _header_text(message: Entity) -> str:
    return "\n".join(f"{name.decode('ascii', 'replace').lower()}: {_decoded(value)}" for name, value in message.fields)


def _decoded(value: bytes) -> str:
    text = value.decode("utf-8", "replace")
    if "=?" not in text:
        return text.lower()
    try:
        return str(make_header(decode_header(text))).lower()
    except (LookupError, ValueError):
        return text.lower()
