# SPDX-License-Identifier: GPL-3.0-or-later
"""ENVELOPE (RFC 9051 §7.5.2) → `Envelope`."""

import json
import re
from collections.abc import Sequence

from tuimail.backends.imap.wire.dates import seconds
from tuimail.backends.imap.wire.tokens import Malformed, tokens
from tuimail.mime.headers import message_ids
from tuimail.mime.words import decode_words
from tuimail.model.address import Address, addr_spec
from tuimail.model.message import Envelope, sent_for
from tuimail.model.remember import LONG, remember
from tuimail.model.text import safe_line

Field = str | bytes | None | Sequence["Field"]
"""A string (octets that are no UTF-8 as surrogates), NIL, or a list."""

_FIELDS = 10
_MAX_ADDRESSES = 10_000
_STAND_INS = frozenset(
    {"MISSING_DOMAIN", "MISSING_MAILBOX", "SYNTAX_ERROR", ".MISSING-HOST-NAME.", ".SYNTAX-ERROR.", "UNSPECIFIED-DOMAIN"}
)
"""What Dovecot, UW, Gmail and Cyrus write where an address has no mailbox or no domain."""

_decode_json = json.JSONDecoder(strict=False).decode
_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
_ESCAPES = {b'"': b"\\u0022", b"\\": b"\\u005c"}
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,900}>")
_WORD = re.compile(r"[^ ()]+")
_syntax_known: dict[str, str] = {}


def parse_envelope(raw: bytes, references: tuple[str, ...] = ()) -> Envelope:
    """An envelope as it stands in the response, literals quoted. Raises Malformed."""
    try:
        fields = _decode_json(_as_json(raw))
    except (ValueError, RecursionError):
        fields = tokens((raw,))[0]
    if not isinstance(fields, list):
        raise Malformed("an envelope is a list")
    return envelope_of_fields(fields, references)


def _as_json(raw: bytes) -> str:
    """The same list in JSON. What is no JSON afterwards (odd spacing) is left to the tokenizer: never a wrong value."""
    if b"\\" in raw:
        raw = _ESCAPE.sub(lambda match: _ESCAPES.get(match[1], match[1]), raw)
    pieces = raw.decode("utf-8", "surrogateescape").split('"')
    known = _syntax_known
    pieces[::2] = [known.get(piece) or _syntax(piece) for piece in pieces[::2]]
    return '"'.join(pieces)


def _syntax(piece: str) -> str:
    """What stands between two strings, in JSON; remembered, because there are few different ones."""
    words = _WORD.sub(_json_word, piece)
    syntax = words.replace(")(", "],[").replace("(", "[").replace(")", "]").replace(" ", ",")
    if len(_syntax_known) < 4096 and len(piece) <= LONG:
        _syntax_known[piece] = syntax
    return syntax


def _json_word(match: re.Match[str]) -> str:
    return "null" if match[0].upper() == "NIL" else json.dumps(match[0])


def envelope_of_fields(fields: Sequence[Field], references: tuple[str, ...] = ()) -> Envelope:
    """The ten fields of ENVELOPE; missing ones count as NIL."""
    if len(fields) == 1 and isinstance(fields[0], list):  # Domino
        fields = fields[0]
    date, subject, from_, sender, reply_to, to, cc, bcc, in_reply_to, message_id = (*fields, *([None] * _FIELDS))[:_FIELDS]
    authors = _addresses(from_ or sender)
    return Envelope(
        subject=text_of(subject),
        date=seconds(text_of(date)),
        from_=authors,
        reply_to=_addresses(reply_to),
        to=_addresses(to),
        cc=_addresses(cc),
        bcc=_addresses(bcc),
        message_id=message_id_of(message_id),
        in_reply_to=message_id_of(in_reply_to),
        references=references,
        sender=() if sender == from_ else sent_for(authors, _addresses(sender)),
    )


def text_of(value: Field) -> str:
    """Encoded words decoded (RFC 2047)."""
    if isinstance(value, str):
        if value.isascii() and value.isprintable() and len(value) < 998 and "=?" not in value:
            return value.strip()
        value = value.encode("utf-8", "surrogateescape")
    return decode_words(value) if isinstance(value, bytes) else ""


def message_id_of(value: Field) -> str:
    """The first message id; empty without one."""
    if isinstance(value, str):
        if _MESSAGE_ID.fullmatch(value):
            return value
        value = value.encode("utf-8", "surrogateescape")
    return next(iter(message_ids(value)), "") if isinstance(value, bytes) else ""


def addresses_of(raw: bytes) -> tuple[Address, ...]:
    """A list of addresses as it stands in the response, without escaped quotes. Raises Malformed."""
    try:
        return _addresses(_decode_json(_as_json(raw)))
    except ValueError as error:
        raise Malformed("a list of addresses") from error


def _addresses(value: Field) -> tuple[Address, ...]:
    if not isinstance(value, list):
        return ()
    people = [person for person in value[:_MAX_ADDRESSES] if isinstance(person, list)]
    try:
        found = [_address(name, mailbox, host) for name, _, mailbox, host in people]
    except (TypeError, ValueError):  # not four strings each
        found = [_odd_address(person) for person in people]
    return tuple([address for address in found if address is not None])


def _odd_address(parts: list[Field]) -> Address | None:
    name, _, mailbox, host = (part if isinstance(part, str | bytes) else None for part in (*parts, None, None, None, None)[:4])
    return _address(name, mailbox, host)


@remember(8192, size=lambda name, mailbox, host: len(name or "") + len(mailbox or "") + len(host or ""))
def _address(name: str | bytes | None, mailbox: str | bytes | None, host: str | bytes | None) -> Address | None:
    """None for the marks around the members of a group (RFC 9051 §7.5.2)."""
    if host is None and name is None:
        return None
    local, domain = _plain(mailbox), _plain(host)
    email = addr_spec(local, domain) if domain else local
    shown = text_of(name)
    if len(shown) > 1 and shown[0] == shown[-1] and shown[0] in "\"'":
        shown = shown[1:-1].strip()
    return Address(shown, email) if shown or email else None


def _plain(part: str | bytes | None) -> str:
    octets = part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part or b""
    text = safe_line(octets.decode("utf-8", "replace"), limit=320)
    return "" if text.upper() in _STAND_INS else text
