# SPDX-License-Identifier: GPL-3.0-or-later
"""The data items of FETCH (RFC 9051 §6.4.5): read from a command, and written for a message."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from tuimail.demo.entity import Entity, bodystructure, envelope
from tuimail.demo.grammar import Arguments, Bad, internal_date
from tuimail.demo.mailbox import Message
from tuimail.demo.names import string
from tuimail.model.flags import Flags

_SECTION_PATH = re.compile(rb"(\d+(?:\.\d+)*)(?:\.|(?=\]))")
_MACROS = {
    "ALL": ("FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"),
    "FAST": ("FLAGS", "INTERNALDATE", "RFC822.SIZE"),
    "FULL": ("FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"),
}
_TEXTS = (b"HEADER.FIELDS.NOT", b"HEADER.FIELDS", b"HEADER", b"TEXT", b"MIME")


@dataclass(frozen=True, slots=True)
class Item:
    """One data item: its label in the answer, and how it is made."""

    label: bytes
    make: Callable[[Message], bytes]
    sets_seen: bool = False


def flag_list(flags: Flags) -> bytes:
    """Flags in parentheses."""
    return b"(%b)" % b" ".join(sorted(flag.encode() for flag in flags))


_SIMPLE: dict[str, Callable[[Message], bytes]] = {
    "UID": lambda message: b"%d" % message.uid,
    "FLAGS": lambda message: flag_list(message.flags),
    "INTERNALDATE": lambda message: internal_date(message.arrived),
    "RFC822.SIZE": lambda message: b"%d" % len(message.raw),
    "ENVELOPE": lambda message: envelope(message.entity),
    "BODYSTRUCTURE": lambda message: bodystructure(message.entity, extended=True),
    "MODSEQ": lambda message: b"(%d)" % message.modseq,
    "EMAILID": lambda message: b"(%b)" % message.email_id.encode(),
    "THREADID": lambda _: b"NIL",
    "RFC822.HEADER": lambda message: string(message.entity.header_octets),
    "RFC822.TEXT": lambda message: string(message.entity.body_octets),
    "RFC822": lambda message: string(message.raw),
}
_SETS_SEEN = ("RFC822", "RFC822.TEXT")
_NEEDS = {"MODSEQ": "CONDSTORE", "EMAILID": "OBJECTID", "THREADID": "OBJECTID"}


def simple(name: str) -> Item:
    """The item of that name, without arguments."""
    return Item(name.encode(), _SIMPLE[name], name in _SETS_SEEN)


def read_items(arguments: Arguments, has: Callable[[str], bool]) -> list[Item]:
    """One item, a macro, or a list of items; ``has`` tells which capabilities there are."""
    if not arguments.take(b"("):
        return _read_one(arguments, has, macros=True)
    items = _read_one(arguments, has, macros=False)
    while not arguments.take(b")"):
        arguments.space()
        items += _read_one(arguments, has, macros=False)
    return items


def _read_one(arguments: Arguments, has: Callable[[str], bool], *, macros: bool) -> list[Item]:
    match = re.compile(rb"[A-Za-z0-9.]+").match(arguments.data, arguments.at)
    if not match:
        raise Bad("Expected a data item")
    arguments.at = match.end()
    name = match[0].decode().upper()
    if macros and name in _MACROS:
        return [_body_or_simple(part) for part in _MACROS[name]]
    if name in ("BODY", "BODY.PEEK") and arguments.take(b"["):
        return [_section(arguments, peek=name == "BODY.PEEK")]
    if (name not in _SIMPLE and name != "BODY") or not has(_NEEDS.get(name, "")):
        raise Bad(f"Unknown data item {name}")
    return [_body_or_simple(name)]


def _body_or_simple(name: str) -> Item:
    if name == "BODY":
        return Item(b"BODY", lambda message: bodystructure(message.entity, extended=False))
    return simple(name)


def _section(arguments: Arguments, *, peek: bool) -> Item:
    start = arguments.at
    path: tuple[int, ...] = ()
    if match := _SECTION_PATH.match(arguments.data, arguments.at):
        path = tuple(int(number) for number in match[1].split(b"."))
        arguments.at = match.end()
    text = next((text for text in _TEXTS if arguments.data[arguments.at : arguments.at + len(text)].upper() == text), b"")
    arguments.at += len(text)
    if text == b"MIME" and not path:
        raise Bad("MIME needs a part number")
    names = _header_names(arguments) if text.startswith(b"HEADER.FIELDS") else frozenset()
    label = b"BODY[%b]" % arguments.data[start : arguments.at]
    arguments.expect(b"]")
    origin, length = _partial(arguments)

    def make(message: Message) -> bytes:
        octets = section_octets(message.entity, path, text, names)
        if octets is None:
            return b"NIL"
        return string(octets if length is None else octets[origin : origin + length])

    return Item(label if length is None else b"%b<%d>" % (label, origin), make, not peek)


def _header_names(arguments: Arguments) -> frozenset[bytes]:
    arguments.space()
    arguments.expect(b"(")
    names = {arguments.astring().lower()}
    while not arguments.take(b")"):
        arguments.space()
        names.add(arguments.astring().lower())
    return frozenset(names)


def _partial(arguments: Arguments) -> tuple[int, int | None]:
    if not arguments.take(b"<"):
        return 0, None
    origin = arguments.number()
    arguments.expect(b".")
    length = arguments.number()
    arguments.expect(b">")
    if not length:
        raise Bad("A partial fetch of nothing")
    return origin, length


def section_octets(message: Entity, path: tuple[int, ...], text: bytes, names: frozenset[bytes]) -> bytes | None:
    """The octets of a section; None when there is no such part."""
    part = message.part(path)
    if part is None:
        return None
    if text == b"MIME":
        return part.header_octets
    whole = _enclosed(part, top=not path) if text or not path else part
    if whole is None:
        return None
    if not text:
        return whole.raw if not path else whole.body_octets
    if text == b"TEXT":
        return whole.body_octets
    if text == b"HEADER":
        return whole.header_octets
    return _some_fields(whole, names, wanted=text == b"HEADER.FIELDS")


def _enclosed(part: Entity, *, top: bool) -> Entity | None:
    """The message that HEADER and TEXT speak of: the whole one, or the one inside a message/rfc822."""
    if top:
        return part
    return part.children[0] if part.maintype == b"message" and part.children else None


def _some_fields(message: Entity, names: frozenset[bytes], *, wanted: bool) -> bytes:
    fields = re.findall(rb"(?m)^[^\r\n]++\r\n(?:[ \t][^\r\n]*+\r\n)*+", message.header_octets)
    kept = [octets for octets in fields if (octets.split(b":", 1)[0].strip().lower() in names) is wanted]
    return b"".join(kept) + b"\r\n"
