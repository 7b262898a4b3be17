# SPDX-License-Identifier: GPL-3.0-or-later
"""What kind of response a unit is (RFC 9051 §7)."""

import re
from typing import NamedTuple

from tuimail.backends.imap.wire.codes import StatusText, parse_status_text
from tuimail.backends.imap.wire.numbers import number
from tuimail.backends.imap.wire.splitter import Shortened, Unit


class Untagged(NamedTuple):
    """An untagged response: ``* 12 FETCH (…)`` is ``("FETCH", 12, (b"(…)",))``."""

    kind: str
    """In upper case."""
    number: int
    """The number before the kind; 0 where there is none."""
    unit: Unit
    """What follows the kind."""


class Tagged(NamedTuple):
    """The response that ends a command."""

    tag: str
    status: str
    """``OK``, ``NO`` or ``BAD``; empty when it is none of them."""
    text: StatusText


TOO_LONG = "TOO LONG"
"""Kind of a response that was passed over; no server can say a kind with a space in it."""
_UNTAGGED = re.compile(rb"\*?[ \t]*(?:(\d{1,20})[ \t]+)?+(\[|[^ \t\[]*)[ \t]?")
_FETCH = re.compile(rb"\* (\d{1,10}) FETCH (?=\()")
"""Nearly all of what a server says."""
_KINDS = {
    kind.encode(): kind
    for kind in (
        *("OK", "NO", "BAD", "BYE", "PREAUTH", "CAPABILITY", "ENABLED", "NAMESPACE", "ID", "LIST", "LSUB", "XLIST", "STATUS"),
        *("FLAGS", "EXISTS", "RECENT", "SEARCH", "ESEARCH", "FETCH", "EXPUNGE", "VANISHED"),
    )
}
STATUS_KINDS = frozenset({"OK", "NO", "BAD", "BYE", "PREAUTH"})


def untagged(unit: Unit) -> Untagged:
    """Classify a unit that begins with ``*``; a bare ``* [CODE …]`` or ``[CODE …]``, as Office 365 and Exchange send, is OK."""
    head = unit[0]
    usual = _FETCH.match(head)
    if isinstance(unit, Shortened):
        return Untagged(TOO_LONG, 0, unit)
    if usual is not None:
        return Untagged("FETCH", int(usual[1]), (head[usual.end() :], *unit[1:]))
    match = _UNTAGGED.match(head)
    assert match is not None
    word = match[2]
    if word == b"[":
        return Untagged("OK", 0, (head[match.start(2) :], *unit[1:]))
    kind = _KINDS.get(word) or word.decode("ascii", "replace").upper()
    return Untagged(kind, number(match[1]) or 0, (head[match.end() :], *unit[1:]))


def tagged(unit: Unit) -> Tagged:
    """Read a tagged response."""
    tag, _, rest = unit[0].partition(b" ")
    status, _, text = rest.partition(b" ")
    word = status.upper().decode("ascii", "replace")
    return Tagged(tag.decode("ascii", "replace"), word if word in ("OK", "NO", "BAD") else "", parse_status_text(text))
