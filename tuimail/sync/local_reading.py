# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read from the files of local mail. Everything here may take long and belongs into a thread."""

import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import TypeVar

from tuimail.backends.port import FetchedMessage
from tuimail.mime.choose import body_parts, has_attachment
from tuimail.mime.envelope import envelope_of
from tuimail.mime.headers import Headers, parse_date
from tuimail.mime.parse import ParsedMessage, parse
from tuimail.mime.search_text import search_text
from tuimail.mime.structure import bodystructure
from tuimail.model.errors import FileProblem
from tuimail.model.message import Envelope
from tuimail.model.query import Field, Query, Term
from tuimail.store.bodies import Blobs
from tuimail.store.local_mail import LocalMessage

Key = TypeVar("Key", str, int)
_MISSING = Envelope(subject="(the file of this message is missing)")


@dataclass(frozen=True, slots=True)
class Described:
    """What a list needs of a message, see `tuimail.backends.port.FetchedMessage`."""

    envelope: Envelope
    bodystructure: bytes = b""
    """Empty where the header only is here."""
    has_attachment: bool = False


def described(raw: bytes) -> Described:
    """Of a whole message."""
    return _of(parse(raw))


def describe(files: Blobs, messages: Iterable[tuple[Key, str, bool]]) -> dict[Key, Described]:
    """Read messages: a key, the file's name, and whether it holds the whole message."""
    return {key: _read(files, name, whole)[0] for key, name, whole in messages}


def sections(files: Blobs, file: str, names: Collection[str]) -> dict[str, bytes]:
    """Sections of a message, still encoded. Raises FileProblem."""
    raw = files.read(file)
    if names == {""}:
        return {"": raw}
    parsed = parse(raw)
    return {name: parsed.encoded(name) for name in names}


def find(
    files: Blobs, messages: Iterable[tuple[Key, str, bool]], matches: Callable[[Described, str], bool], *, texts: bool
) -> list[Key]:
    """The keys of messages that match; ``texts``: their text is looked at as well."""
    found = []
    for key, name, whole in messages:
        described, parsed = _read(files, name, whole)
        text = _text(parsed) if texts and parsed is not None else ""
        if matches(described, text):
            found.append(key)
    return found


def matches(query: Query, described: Described, text: str) -> bool:
    """Whether the words of a query are in a message. Flags and days are looked at by whoever asked."""
    envelope = described.envelope
    people = {
        Field.FROM: envelope.from_,
        Field.TO: (*envelope.to, *envelope.cc, *envelope.bcc),
    }
    fields = {field: " ".join(f"{one.name} {one.email}" for one in addresses).casefold() for field, addresses in people.items()}
    fields[Field.SUBJECT] = envelope.subject.casefold()
    fields[Field.ANYWHERE] = " ".join((*fields.values(), text.casefold()))

    def has(term: Term) -> bool:
        return term.text.casefold() in fields[term.field]

    return all(map(has, query.terms)) and not any(map(has, query.without))


def arrival(headers: Headers) -> int:
    """When a message arrived, in seconds since 1970: by its newest Received field, else its date, but not in the future."""
    received = headers.get("Received").rpartition(";")[2]
    told = parse_date(received) or parse_date(headers.get("Date"))
    return min(told, now()) if told is not None and told > 0 else now()


def fetched(message: LocalMessage, described: Described) -> FetchedMessage:
    """The message as a server would give it."""
    return FetchedMessage(
        message.uid,
        message.flags,
        message.arrived,
        message.size,
        described.envelope,
        described.bodystructure,
        described.has_attachment,
        message.modseq,
    )


def now() -> int:
    """Seconds since 1970."""
    return int(time.time())


def _read(files: Blobs, name: str, whole: bool) -> tuple[Described, ParsedMessage | None]:
    try:
        raw = files.read(name)
    except FileProblem:  # one file that is lost costs no other message
        return Described(_MISSING), None
    if not whole:
        return Described(envelope_of(Headers.parse(raw))), None
    parsed = parse(raw)
    return _of(parsed), parsed


def _of(parsed: ParsedMessage) -> Described:
    return Described(envelope_of(parsed.headers), bodystructure(parsed.root), has_attachment(parsed.root))


def _text(parsed: ParsedMessage) -> str:
    return " ".join(
        search_text(part.content_type, part.charset, parsed.content(part.section)) for part in body_parts(parsed.root)
    )
