# SPDX-License-Identifier: GPL-3.0-or-later
"""Message files as the reader would show them: no account, no store, no network."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

from tuimail.engine.rendering import (
    View,
    in_words,
    joined,
    kind_in,
    opened_part,
    rendered_part,
    rendered_source,
    words_elsewhere,
)
from tuimail.model.deception import doubts, header_doubts
from tuimail.model.errors import MailMalformed
from tuimail.model.message import Envelope
from tuimail.model.part import Part
from tuimail.model.rendered import Rendered

_LARGEST = 256 * 1024 * 1024
"""Octets of a file that is one message."""
_LONGEST = 1 << 16
"""Octets of the line that tells an mbox."""


@dataclass(frozen=True, slots=True)
class Viewed:
    """A message, ready to be printed. All text is safe."""

    envelope: Envelope
    size: int
    """Octets."""
    root: Part
    attachments: tuple[Part, ...]
    body: Rendered
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def has_attachment(self) -> bool:
        """Whether a list would show a paper clip."""
        from tuimail.mime.choose import has_attachment

        return has_attachment(self.root)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the reader should beware of, in its senders and in its text, and why there is no text."""
        from tuimail.mime.choose import hidden_text

        return (*doubts(self.envelope), *header_doubts(self.headers), *hidden_text(self.root), *self.body.warnings)

    @property
    def snippet(self) -> str:
        """The first words of the text."""
        return self.body.snippet


def messages_in(file: BinaryIO) -> Iterator[bytes]:
    """The message that a file is; those of an mbox one after the other (RFC 4155), one in memory at a time."""
    from tuimail.mime.mbox import is_separator, mbox_messages

    first = file.readline(_LONGEST)
    if is_separator(first):
        yield from (raw for raw, _, _ in mbox_messages(chain([first], file)))
    else:
        yield first + file.read(_LARGEST - len(first))


def envelope_in(raw: bytes) -> Envelope:
    """Who wrote a message, when, and what about; what is no message has an empty one."""
    from tuimail.mime.envelope import envelope_of
    from tuimail.mime.parse import parse

    return envelope_of(parse(raw).headers)


def view_message(raw: bytes, *, width: int, view: View, prefer_html: bool = False) -> Viewed:
    """Take a message apart and render its text. Raises MailMalformed for octets that are no message at all."""
    from tuimail.mime.choose import attachments, body_in, body_parts
    from tuimail.mime.envelope import envelope_of
    from tuimail.mime.parse import parse

    parsed = parse(raw)
    if not len(parsed.headers):
        raise MailMalformed("This is no message: it does not begin with header fields.", "Message files begin like “From: …”.")
    preferred = "text/plain" if view is View.PLAIN else "text/html" if prefer_html else ""
    chosen = body_in(parsed.root, preferred) if preferred else ()
    parts = chosen or body_parts(parsed.root)
    if view is View.SOURCE:
        body = rendered_source(raw)
    else:

        def rendered(part: Part) -> Rendered:
            return rendered_part(opened_part(parsed.encoded(part.section), part), part, kind_in(view, part), width)

        body = joined(map(rendered, parts))
        if view is View.READER and not chosen and (plain := words_elsewhere(parsed.root, parts, body)) is not None:
            body = in_words(rendered(plain), body)
    return Viewed(
        envelope_of(parsed.headers), len(raw), parsed.root, attachments(parsed.root), body, tuple(iter(parsed.headers))
    )
