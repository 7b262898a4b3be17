# SPDX-License-Identifier: GPL-3.0-or-later
"""A header row as most servers write it: one regular expression takes it apart, ENVELOPE and all.

Twice as fast as the general way of `tuimail.backends.imap.wire.fetch`, which decides whenever anything is unusual here: an
escaped quote, a literal, another order of items. What both can read they read alike.
"""

import re
from collections.abc import Sequence
from typing import Any

from tuimail.backends.imap.wire import envelope as envelopes
from tuimail.backends.imap.wire.bodystructure import has_attachment
from tuimail.backends.imap.wire.dates import seconds, usual_seconds
from tuimail.backends.imap.wire.flags import flag_set
from tuimail.backends.imap.wire.splitter import Unit
from tuimail.backends.port import FetchedMessage
from tuimail.model.address import Address
from tuimail.model.flags import Flags
from tuimail.model.message import Envelope, sent_for
from tuimail.model.remember import remember


def _scalar(place: str) -> str:
    """One item that is no envelope; ``place`` is added to the names of what it holds."""
    return (
        rf"(?:UID (?P<uid_{place}>\d{{1,10}})|FLAGS \((?P<flags_{place}>[^()\"]*+)\)"
        rf"|INTERNALDATE \"(?P<arrived_{place}>[^\"\\]{{1,40}}+)\"|RFC822\.SIZE (?P<size_{place}>\d{{1,18}})"
        rf"|MODSEQ \((?P<modseq_{place}>\d{{1,18}})\)|(?:EMAILID|THREADID) \([\w-]++\))"
    )


def _string(name: str) -> str:
    return rf'(?:NIL|"(?P<{name}>[^"\\]*+)")'


def _list(name: str) -> str:
    return rf"(?P<{name}>{_ADDRESSES})"


_STRING = r'(?:NIL|"[^"\\]*+")'
_ADDRESSES = r"(?:NIL|\((?:\(" + " ".join([_STRING] * 4) + r"\) ?)++\))"
_ENVELOPE = " ".join(
    (
        _string("date"), _string("subject"), _list("from"), _list("sender"), _list("reply_to"), _list("to"), _list("cc"),
        _list("bcc"), _string("in_reply_to"), _string("message_id"),
    )
)  # fmt: skip
_BEGINNING = (
    rf"\((?:{_scalar('before')} )++ENVELOPE \({_ENVELOPE}\)"
    r' BODYSTRUCTURE (?P<structure>\((?:[^"\\]*+"[^"\\]*+")*?[^"\\]*?\)) BODY\[HEADER\.FIELDS \(REFERENCES\)\] '
)
_BEFORE_LITERAL = re.compile(_BEGINNING, re.ASCII)
"""A row whose only literal is the block of References, and its last item: so Dovecot writes it."""
_ROW = re.compile(rf'{_BEGINNING}"(?P<references>[^"\\]*+)"(?: {_scalar("behind")})*+\)', re.ASCII)
_NOTHING = (None,) * 5
_REFERENCES = re.compile(rb"(?:References:((?:\s++<[!#-;=?-~]++>)++)\s*+)?+\s*+", re.IGNORECASE)


def usual_row(unit: Unit) -> FetchedMessage | None:
    """The message, or None where the row must be read the general way."""
    found = _taken_apart(unit)
    if found is None:
        return None
    groups, references = found
    uid, flags, arrived, size, modseq, *envelope, structure = groups
    chain = simple_references(references)
    if chain is None or uid is None or flags is None or arrived is None or size is None:
        return None
    date, subject, from_, sender, reply_to, to, cc, bcc, in_reply_to, message_id = envelope
    authors = _people(sender if from_ == "NIL" else from_)
    octets = structure.encode("utf-8", "surrogateescape")
    return FetchedMessage(
        int(uid),
        _flags(flags),
        _arrival(arrived),
        int(size),
        Envelope(
            envelopes.text_of(subject), _date(date), authors, _people(reply_to), _people(to), _people(cc), _people(bcc),
            envelopes.message_id_of(message_id), envelopes.message_id_of(in_reply_to), chain,
            () if sender == from_ else sent_for(authors, _people(sender)),
        ),
        octets,
        has_attachment(octets),
        int(modseq or "0") or None,
    )  # fmt: skip


def _taken_apart(unit: Unit) -> tuple[Sequence[Any], bytes] | None:
    """The groups of `_BEGINNING` and the block of References, where that is a literal or the row has none."""
    text = unit[0].decode("utf-8", "surrogateescape")
    if len(unit) == 3 and unit[2] == b")":
        match = _BEFORE_LITERAL.fullmatch(text)
        return (match.groups(), unit[1]) if match else None
    if len(unit) == 3 and b'"' not in unit[1] and b"\\" not in unit[1]:
        text = (b'%s"%s"%s' % unit).decode("utf-8", "surrogateescape")
    elif len(unit) != 1:
        return None
    match = _ROW.fullmatch(text)
    if match is None:
        return None
    *groups, references = match.groups()[:-5]
    behind = match.groups()[-5:]
    if behind != _NOTHING:
        groups[:5] = [first if last is None else last for first, last in zip(groups[:5], behind, strict=True)]
    return groups, references.encode("utf-8", "surrogateescape")


def simple_references(block: bytes) -> tuple[str, ...] | None:
    """The message ids of a References field as it should be written; none where there is no field; None: it is unusual."""
    if b"<" not in block:
        return ()
    match = _REFERENCES.fullmatch(block)
    return tuple(dict.fromkeys(match[1].decode("ascii").split())) if match and match[1] else None


def _date(text: str | None) -> int | None:
    """One that is written as usual needs no look for encoded words."""
    usual = usual_seconds(text or "")
    return seconds(envelopes.text_of(text)) if usual is None else usual


def _arrival(text: str) -> int:
    usual = usual_seconds(text)
    return seconds(text.strip()) or 0 if usual is None else usual


@remember(4096)
def _flags(words: str) -> Flags:
    return flag_set(words.encode("utf-8", "surrogateescape"))


@remember(8192)
def _people(text: str) -> tuple[Address, ...]:
    """Most mail comes from somebody who wrote before, and goes to the same few."""
    return () if text == "NIL" else envelopes.addresses_of(text.encode("utf-8", "surrogateescape"))
