# SPDX-License-Identifier: GPL-3.0-or-later
"""FETCH responses (RFC 9051 §7.5.2) → messages, flags and section data.

Most header rows are what `tuimail.backends.imap.wire.usual_row` reads. Of the others one regular expression takes the items
apart, ENVELOPE is rewritten to JSON for the C decoder, BODYSTRUCTURE stays as it is. What does not fit goes through the
generic tokenizer, and what that refuses is kept with what is known.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

from tuimail.backends.imap.wire import envelope as envelopes
from tuimail.backends.imap.wire.bodystructure import has_attachment
from tuimail.backends.imap.wire.dates import seconds
from tuimail.backends.imap.wire.flags import flag, flag_set
from tuimail.backends.imap.wire.numbers import number
from tuimail.backends.imap.wire.splitter import Unit
from tuimail.backends.imap.wire.tokens import Malformed, Value, tokens
from tuimail.backends.imap.wire.usual_row import simple_references, usual_row
from tuimail.backends.port import FetchedMessage, FlagUpdate
from tuimail.mime.charset import header_text
from tuimail.mime.envelope import envelope_of
from tuimail.mime.headers import Headers, message_ids
from tuimail.model.flags import Flags
from tuimail.model.message import Envelope

HEADER_ITEMS = b"UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS (REFERENCES)]"
"""What `message` wants."""
FIELD_ITEMS = (
    b"UID FLAGS INTERNALDATE RFC822.SIZE BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS "
    b"(DATE SUBJECT FROM SENDER REPLY-TO TO CC BCC MESSAGE-ID IN-REPLY-TO REFERENCES)]"
)
"""The same of a server whose ENVELOPE leaves something out."""
HEAD_ITEMS = b"UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE"
SCALAR_ITEMS = b"UID FLAGS INTERNALDATE RFC822.SIZE"
FLAG_ITEMS = b"UID FLAGS"
UNREADABLE = Envelope(subject="(unreadable header)")

_STRUCTURE = b" BODYSTRUCTURE ("
_MAX_INLINE = 65_536
MAX_ROW = 1 << 18
_QUOTED = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'


def _nested(depth: int) -> bytes:
    pattern = rb'\((?:[^()"]++|' + _QUOTED + rb")*+\)"
    for _ in range(depth):
        pattern = rb'\((?:[^()"]++|' + _QUOTED + rb"|" + pattern + rb")*+\)"
    return pattern


_ITEM = re.compile(
    rb"([A-Za-z][A-Za-z0-9.-]*+(?:\[[^\]]{0,2000}+\](?:<\d++>)?+)?+) (" + _QUOTED + rb"|" + _nested(12) + rb'|[^\s()"]++)',
    re.DOTALL,
)
_UID = re.compile(rb"[( ]UID (\d{1,10})\b", re.IGNORECASE)
_UID_FIRST = re.compile(rb"\(UID (\d{1,10})[ )]")
_FLAG_ROW = re.compile(rb"\((?: ?(?:UID (?P<uid>\d{1,10})|FLAGS \((?P<flags>[^()]*+)\)|MODSEQ \((?P<modseq>-?\d{1,20})\)))++\)")
_CHARSET = re.compile(rb'"CHARSET" "([\w.:-]{1,40})"', re.IGNORECASE)
_SECTION = re.compile(r"(?:BODY|BINARY)\[(.*?)\](?:<(\d+)>)?", re.IGNORECASE | re.DOTALL)


class SectionData(NamedTuple):
    """``BODY[section]<origin>`` of one message."""

    section: str
    origin: int | None
    data: bytes | None
    """None: the server says NIL, there is no such section."""


class Sections(NamedTuple):
    """All section data in one FETCH response."""

    uid: int | None
    found: tuple[SectionData, ...]
    size: int | None
    """RFC822.SIZE, when it was asked for."""
    bodystructure: Value
    """Tokens, when it was asked for."""


def is_header_row(unit: Unit) -> bool:
    """Whether a FETCH response is one for `message`, and not flags or section data."""
    return b"ENVELOPE " in unit[0] or any(b"ENVELOPE " in piece or b"INTERNALDATE " in piece for piece in unit[::2])


def uid_of(unit: Unit) -> int:
    """The UID in a FETCH response; 0 without one. Looks before the first string and behind the last, and only then inside."""
    head = unit[0]
    if usual := _UID_FIRST.match(head):
        return int(usual[1])
    quote = head.find(b'"')
    match = _UID.search(head, 0, quote if quote >= 0 else len(head)) or _UID.search(unit[-1].rpartition(b'"')[2])
    if match is None and quote >= 0:
        with suppress(Malformed):
            return number(_pairs(tokens(unit)).get("UID")) or 0
    return int(match[1]) if match else 0


def joined(first: Unit, second: Unit) -> Unit:
    """Two FETCH responses of one message as one; they may tell of different items (RFC 9051 §7.5.2)."""
    *before, end = first
    begin, *behind = second
    return (*before, end.rstrip().removesuffix(b")") + b" " + begin.lstrip().removeprefix(b"("), *behind)


def message(unit: Unit) -> FetchedMessage | None:
    """A header row; None without a UID. Of one longer than any real one the structure is left out, or all but scalars."""
    if sum(map(len, unit)) > MAX_ROW:
        return _without_structure(unit) or _scalars(unit)
    if not all(map(bytes.isascii, unit[1::2])):
        unit = _in_utf_8(unit)
    try:
        return usual_row(unit) or _message(_items(unit))
    except (Malformed, ValueError):
        return _what_is_known(unit)


def _in_utf_8(unit: Unit) -> Unit:
    """Literals of octets that no charset is told of, read by that of the message's first text: it is mostly theirs, too."""
    told = next(filter(None, map(_CHARSET.search, unit[::2])), None)
    charset = told[1].decode("ascii") if told else ""
    return tuple(header_text(piece, charset).encode("utf-8") if at % 2 else piece for at, piece in enumerate(unit))


def _items(unit: Unit) -> dict[bytes, bytes]:
    """Names, in upper case, and raw values."""
    text = unit[0] if len(unit) == 1 else _inlined(unit)
    if not text.startswith(b"("):
        raise Malformed("no list")
    found = _ITEM.findall(text, 1)
    # Nothing was skipped over if items, one space after each name and between items, and two parentheses make the whole.
    if sum([len(name) + len(value) for name, value in found]) + 2 * len(found) + 1 != len(text):
        raise Malformed("an item cannot be read")
    return {name.upper(): value for name, value in found}


def _inlined(unit: Unit) -> bytes:
    if sum(map(len, unit[1::2])) > _MAX_INLINE:
        raise Malformed("literals too long for the fast path")
    pieces = list(unit)
    for at in range(1, len(unit), 2):
        pieces[at] = b'"' + unit[at].replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
    return b"".join(pieces)


def _message(items: Mapping[bytes, bytes]) -> FetchedMessage | None:
    if (uid := number(items.get(b"UID"))) is None:
        return None
    structure = items.get(b"BODYSTRUCTURE", b"")
    if not structure.startswith(b"("):
        structure = b""
    raw = items.get(b"ENVELOPE")
    fields = next((name for name in items if name.startswith(b"BODY[HEADER.FIELDS")), b"")
    block = items.get(fields, b"")
    return FetchedMessage(
        uid,
        flag_set(items.get(b"FLAGS", b"")[1:-1]),
        internal_date(items.get(b"INTERNALDATE", b"")),
        number(items.get(b"RFC822.SIZE")) or 0,
        envelopes.parse_envelope(raw, _references(block)) if raw else _spelt_out(fields, _unquoted(block)),
        structure,
        has_attachment(structure),
        _modseq(items.get(b"MODSEQ", b"")[1:-1]),
    )


def _references(quoted: bytes) -> tuple[str, ...]:
    """The message ids in a quoted header block; most messages have none."""
    block = _unquoted(quoted)
    simple = simple_references(block)
    return message_ids(Headers.parse(block).get("References")) if simple is None else simple


def _unquoted(quoted: bytes) -> bytes:
    return quoted[1:-1].replace(b'\\"', b'"').replace(b"\\\\", b"\\")


def _spelt_out(fields: bytes, block: bytes) -> Envelope:
    """What the header itself says, if it was asked; Reply-To is From where it is missing, as in ENVELOPE."""
    if b"SUBJECT" not in fields:
        return UNREADABLE
    envelope = envelope_of(Headers.parse(block))
    return replace(envelope, reply_to=envelope.reply_to or envelope.from_)


def _what_is_known(unit: Unit) -> FetchedMessage | None:
    """The generic way: each item by itself, so that one bad item costs no other."""
    try:
        items = _pairs(tokens(unit))
    except Malformed:
        return _scalars(unit)
    uid = number(items.get("UID"))
    if uid is None:
        return None
    structure = items.get("BODYSTRUCTURE")
    raw = _written(structure) if isinstance(structure, list) else b""
    fields = next((name for name in items if name.startswith("BODY[HEADER.FIELDS")), "")
    block = _bytes(items.get(fields))
    envelope = items.get("ENVELOPE")
    return FetchedMessage(
        uid,
        _flag_set(items.get("FLAGS")),
        internal_date(_bytes(items.get("INTERNALDATE"))),
        number(items.get("RFC822.SIZE")) or 0,
        envelopes.envelope_of_fields(envelope, message_ids(Headers.parse(block).get("References")))
        if isinstance(envelope, list)
        else _spelt_out(fields.encode(), block),
        raw,
        has_attachment(raw),
        _modseq(_first(items.get("MODSEQ"))),
    )


def _without_structure(unit: Unit) -> FetchedMessage | None:
    """What stands before the structure of a message with very many parts; None where that is too long as well."""
    for at in range(0, len(unit), 2):
        before, found, _ = unit[at].partition(_STRUCTURE)
        if found:
            kept = (*unit[:at], before + b")")
            return message(kept) if sum(map(len, kept)) <= MAX_ROW else None
    return None


def _scalars(unit: Unit) -> FetchedMessage | None:
    """What regular expressions find in a row whose structure is broken."""
    head = unit[0]
    uid = uid_of(unit)
    if not uid:
        return None
    flags = re.search(rb"FLAGS \(([^()]*)\)", head)
    date = re.search(rb'INTERNALDATE ("[^"]*")', head)
    size = re.search(rb"RFC822\.SIZE (\d{1,20})", head)
    return FetchedMessage(
        uid,
        flag_set(flags[1]) if flags else frozenset(),
        internal_date(date[1]) if date else 0,
        (number(size[1]) or 0) if size else 0,
        UNREADABLE,
        b"",
        has_attachment=False,
    )


def flag_update(unit: Unit) -> FlagUpdate | None:
    """UID and flags; None when the response holds not both."""
    match = _FLAG_ROW.fullmatch(unit[0]) if len(unit) == 1 else None
    if match:
        if match["uid"] is None or match["flags"] is None:
            return None
        return FlagUpdate(int(match["uid"]), flag_set(match["flags"]), _modseq(match["modseq"] or b""))
    try:
        items = _pairs(tokens(unit))
    except Malformed:
        return None
    uid = number(items.get("UID"))
    if uid is None or not isinstance(items.get("FLAGS"), list):
        return None
    return FlagUpdate(uid, _flag_set(items["FLAGS"]), _modseq(_first(items.get("MODSEQ"))))


def sections(unit: Unit) -> Sections:
    """The section data of a FETCH response. Raises Malformed."""
    items = _pairs(tokens(unit))
    found = []
    for name, value in items.items():
        match = _SECTION.fullmatch(name)
        if match and not isinstance(value, list):
            found.append(SectionData(match[1].upper(), int(match[2]) if match[2] else None, value))
    return Sections(number(items.get("UID")), tuple(found), number(items.get("RFC822.SIZE")), items.get("BODYSTRUCTURE"))


def internal_date(quoted: bytes) -> int:
    """Seconds since 1970; 0 for what cannot be read."""
    return seconds(quoted.strip(b'" ').decode("ascii", "replace")) or 0


def _pairs(found: list[Value]) -> dict[str, Value]:
    listed = found[0] if found else None
    if not isinstance(listed, list):
        raise Malformed("no list")
    pairs = {}
    for at in range(0, len(listed) - 1, 2):
        name = listed[at]
        if not isinstance(name, bytes):
            raise Malformed("no item name")
        pairs[name.decode("ascii", "replace").upper()] = listed[at + 1]
    return pairs


def _first(value: Value) -> bytes:
    return value[0] if isinstance(value, list) and value and isinstance(value[0], bytes) else b""


def _bytes(value: Value) -> bytes:
    return value if isinstance(value, bytes) else b""


def _modseq(raw: bytes) -> int | None:
    """None for 0 and negative ones, which some servers send though they keep none."""
    return number(raw) or None


def _flag_set(value: Value) -> Flags:
    words = value if isinstance(value, list) else []
    return frozenset(flag(word) for word in words if isinstance(word, bytes)) - {"\\Recent"}


def _written(value: Value) -> bytes:
    """A value as IMAP writes it, every string quoted."""
    if isinstance(value, list):
        return b"(" + b" ".join(map(_written, value)) + b")"
    if value is None:
        return b"NIL"
    return value if value.isdigit() else b'"' + value.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
