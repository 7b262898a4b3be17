# SPDX-License-Identifier: GPL-3.0-or-later
"""A header row as most servers write it: one regular expression takes it apart, ENVELOPE and all.

Twice as fast as the general way of `tuimail.backends.imap.wire.fetch`, which decides whenever anything is unusual here: an
escaped quote, a literal, another order of items. What both can read they read alike.
"""

import re
from functools import lru_cache

from tuimail.backends.imap.wire import envelope as envelopes
from tuimail.backends.imap.wire.bodystructure import has_attachment
from tuimail.backends.imap.wire.dates import seconds, usual_seconds
from tuimail.backends.imap.wire.flags import flag_set
from tuimail.backends.imap.wire.splitter import Unit
from tuimail.backends.port import FetchedMessage
from tuimail.model.address import Address
from tuimail.model.message import Envelope


def _scalar(place: bytes) -> bytes:
    """One item that is no envelope; ``place`` is added to the names of what it holds."""
    return (
        rb"(?:UID (?P<uid_%(place)s>\d{1,10})|FLAGS \((?P<flags_%(place)s>[^()\"]*+)\)"
        rb"|INTERNALDATE \"(?P<arrived_%(place)s>[^\"\\]{1,40}+)\"|RFC822\.SIZE (?P<size_%(place)s>\d{1,18})"
        rb"|MODSEQ \((?P<modseq_%(place)s>\d{1,18})\)|(?:EMAILID|THREADID) \([\w-]++\))" % {b"place": place}
    )


_STRING = rb'(?:NIL|"[^"\\]*+")'
_ADDRESSES = rb"(?:NIL|\((?:\(" + rb" ".join([_STRING] * 4) + rb"\) ?)++\))"
_REFERENCES_ITEM = rb"BODY\[HEADER\.FIELDS \(REFERENCES\)\] "
_ROW = re.compile(
    rb"\((?:%(before)s )++"
    rb"ENVELOPE \((?P<date>%(string)s) (?P<subject>%(string)s) (?P<from>%(list)s) %(list)s (?P<reply_to>%(list)s)"
    rb" (?P<to>%(list)s) (?P<cc>%(list)s) (?P<bcc>%(list)s) (?P<in_reply_to>%(string)s) (?P<message_id>%(string)s)\)"
    rb' BODYSTRUCTURE (?P<structure>\((?:[^"\\]*+"[^"\\]*+")*?[^"\\]*?\)) %(references)s(?P<references>"[^"\\]*+")'
    rb"(?: %(behind)s)*+\)"
    % {
        b"before": _scalar(b"before"),
        b"behind": _scalar(b"behind"),
        b"string": _STRING,
        b"list": _ADDRESSES,
        b"references": _REFERENCES_ITEM,
    }
)
_NOTHING = [None] * 5
_REFERENCES = re.compile(rb"(?:References:((?:\s++<[!#-;=?-~]++>)++)\s*+)?+\s*+", re.IGNORECASE)


def usual_row(unit: Unit) -> FetchedMessage | None:
    """The message, or None where the row must be read the general way."""
    text = _on_one_line(unit)
    match = _ROW.fullmatch(text) if text is not None else None
    if match is None:
        return None
    (
        uid, flags, arrived, size, modseq, date, subject, from_, reply_to, to, cc, bcc, in_reply_to, message_id,
        structure, references, *behind,
    ) = match.groups()  # fmt: skip
    if uid is None or flags is None or arrived is None or size is None or behind != _NOTHING:
        found = [
            first if last is None else last for first, last in zip((uid, flags, arrived, size, modseq), behind, strict=True)
        ]
        uid, flags, arrived, size, modseq = found
    chain = simple_references(references[1:-1])
    if chain is None or uid is None or flags is None or arrived is None or size is None:
        return None
    envelope = Envelope(
        _text(subject), _date(date), _people(from_), _people(reply_to), _people(to), _people(cc), _people(bcc),
        _message_id(message_id), _message_id(in_reply_to), chain,
    )  # fmt: skip
    return FetchedMessage(
        int(uid),
        flag_set(flags),
        _arrival(arrived),
        int(size),
        envelope,
        structure,
        has_attachment(structure),
        int(modseq or b"0") or None,
    )


def _on_one_line(unit: Unit) -> bytes | None:
    """The row with the block of References, which is often the only literal, in its place."""
    if len(unit) == 1:
        return unit[0]
    if len(unit) == 3 and b'"' not in unit[1] and b"\\" not in unit[1]:
        return b'%s"%s"%s' % unit
    return None


def simple_references(block: bytes) -> tuple[str, ...] | None:
    """The message ids of a References field as it should be written; none where there is no field; None: it is unusual."""
    if b"<" not in block:
        return ()
    match = _REFERENCES.fullmatch(block)
    return tuple(dict.fromkeys(match[1].decode("ascii").split())) if match and match[1] else None


def _text(raw: bytes) -> str:
    return "" if raw == b"NIL" else envelopes.text_of(raw[1:-1].decode("utf-8", "surrogateescape"))


def _date(raw: bytes) -> int | None:
    """One that is written as usual needs no look for encoded words."""
    usual = usual_seconds(raw[1:-1].decode("ascii", "replace"))
    return seconds(_text(raw)) if usual is None else usual


def _arrival(raw: bytes) -> int:
    text = raw.decode("ascii", "replace")
    usual = usual_seconds(text)
    return seconds(text.strip()) or 0 if usual is None else usual


def _message_id(raw: bytes) -> str:
    return "" if raw == b"NIL" else envelopes.message_id_of(raw[1:-1].decode("utf-8", "surrogateescape"))


@lru_cache(maxsize=8192)
def _people(raw: bytes) -> tuple[Address, ...]:
    """Most mail comes from somebody who wrote before, and goes to the same few."""
    return () if raw == b"NIL" else envelopes.addresses_of(raw)
