# SPDX-License-Identifier: GPL-3.0-or-later
"""The bodies of a message, decoded and as lines: one below the other, as much of them as anybody reads."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from tuimail.model.ids import MessageId
from tuimail.model.part import Part
from tuimail.model.rendered import MAX_LINES, MAX_TEXT, PLACEHOLDER, TOO_LONG, Line, Rendered
from tuimail.model.text import safe_text

_LOOKED_AT, _LOOKED_AT_HTML = 4_000_000, 10_000_000
"""Octets of a part, still encoded, that are fetched and looked at to show it; HTML is mostly markup and images."""


_DEAR = 50_000
"""Octets of texts from which on what was laid out is kept."""
_KEPT = 3
"""Such bodies."""


class View(StrEnum):
    """How a message is shown; `H` goes from one to the next."""

    READER = "reader"
    FULL = "full"
    PLAIN = "plain"
    SOURCE = "source"


class Joining:
    """Puts bodies one below the other, one blank line between, until there is more than is shown."""

    def __init__(self) -> None:
        self._bodies: list[Rendered] = []
        self._lines: list[Line] = []
        self._links = 0
        self._room = MAX_TEXT
        self._cut = False

    @property
    def is_full(self) -> bool:
        """Whether nothing of a further body would be shown."""
        return self._room <= 0 or len(self._lines) >= MAX_LINES

    def add(self, body: Rendered) -> None:
        """The next body; of what is too much nothing is kept."""
        self._cut |= body.cut or self.is_full
        if self.is_full:
            return
        if self._lines and self._lines[-1].text:
            self._lines.append(Line(""))
        for line in body.lines:
            if self.is_full:
                self._cut = True
                break
            self._lines.append(_shifted(_shortened(line, self._room), self._links))
            self._cut |= len(line.text) > self._room
            self._room -= len(line.text) + 1
        self._links += len(body.links)
        self._bodies.append(body)

    def leave_out(self) -> None:
        """There is more, and it was not even looked at."""
        self._cut = True

    def whole(self) -> Rendered:
        """All of it; that something was left out is told once."""
        bodies = self._bodies
        warnings = [warning for body in bodies for warning in body.warnings if warning != TOO_LONG]
        return Rendered(
            tuple(self._lines),
            tuple(link for body in bodies for link in body.links),
            blocked_images=sum(body.blocked_images for body in bodies),
            trackers=sum(body.trackers for body in bodies),
            warnings=(*warnings, TOO_LONG) if self._cut else tuple(warnings),
            width=next((body.width for body in reversed(bodies) if body.width is not None), None),
            cut=self._cut,
        )


Key = tuple[MessageId, int, tuple[tuple[str, str], ...]]
"""A message, the width, and section and media type of each body."""


class LaidOut:
    """What took long to lay out of the message on the screen: its other views need it as well."""

    def __init__(self) -> None:
        self._bodies: dict[Key, Rendered] = {}

    def get(self, key: Key) -> Rendered | None:
        """The body, where it is kept."""
        return self._bodies.get(key)

    def keep(self, key: Key, body: Rendered, octets: int) -> Rendered:
        """Keep a body made of so many octets, if that is worth it."""
        if octets >= _DEAR:
            self._bodies[key] = body
            if len(self._bodies) > _KEPT:
                del self._bodies[next(iter(self._bodies))]
        return body

    def forget_others(self, message: MessageId) -> None:
        """Another message is on the screen now."""
        self._bodies = {key: body for key, body in self._bodies.items() if key[0] == message}


def joined(bodies: Iterable[Rendered]) -> Rendered:
    """Bodies one below the other. No more of them is made than is shown."""
    joining = Joining()
    for body in bodies:
        joining.add(body)
        if joining.is_full:
            break
    return joining.whole()


def words_elsewhere(root: Part, shown: Iterable[Part], body: Rendered) -> Part | None:
    """The plain text to be shown instead of HTML that, without its images, holds no word; None where it is fine as it is."""
    from tuimail.mime.choose import plain_part

    if _has_words(body):
        return None
    plain = plain_part(root)
    return plain if plain is not None and plain not in shown else None


def in_words(plain: Rendered, body: Rendered) -> Rendered:
    """The plain text with what is told of the HTML that it stands for; the HTML where both hold no word."""
    return replace(plain, blocked_images=body.blocked_images, trackers=body.trackers) if _has_words(plain) else body


def _has_words(body: Rendered) -> bool:
    return any(any(map(str.isalnum, line.text.replace(PLACEHOLDER, ""))) for line in body.lines)


def _shortened(line: Line, room: int) -> Line:
    if len(line.text) <= room:
        return line
    spans = tuple(replace(span, end=min(span.end, room)) for span in line.spans if span.start < room)
    return replace(line, text=line.text[:room], spans=spans)


def _shifted(line: Line, links: int) -> Line:
    if not links or not any(span.link is not None for span in line.spans):
        return line
    spans = tuple(span if span.link is None else replace(span, link=span.link + links) for span in line.spans)
    return replace(line, spans=spans)


@dataclass(frozen=True, slots=True)
class Opened:
    """The content of a part, its transfer encoding undone; of a long one the beginning."""

    content: bytes
    cut: bool = False


def octets_to_show(part: Part) -> int:
    """How many octets of a part, still encoded, are looked at."""
    return _LOOKED_AT_HTML if part.content_type == "text/html" else _LOOKED_AT


def opened_part(encoded: bytes, part: Part, *, cut: bool = False) -> Opened:
    """A part as it is to be shown; ``cut``: there is more of it."""
    from tuimail.mime.charset import beginning
    from tuimail.mime.transfer import decode_transfer

    most = octets_to_show(part)
    cut |= len(encoded) > most
    content = decode_transfer(encoded[:most], part.encoding)
    return Opened(beginning(content, len(content) - 1) if cut else content, cut)


def kind_in(view: View, part: Part) -> str:
    """The media type to show a part as."""
    return "text/plain" if view is View.FULL and part.content_type != "text/html" else part.content_type


def rendered_part(opened: Opened, part: Part, kind: str, width: int) -> Rendered:
    """A text part, decoded, as lines; ``kind`` is the media type to show it as."""
    from tuimail.mime.charset import decode
    from tuimail.render.port import render

    rendered = render(kind, decode(opened.content, part.charset), width=width, params=part.params)
    return replace(rendered, cut=True) if opened.cut else rendered


def editable_part(opened: Opened, part: Part) -> tuple[str, bool]:
    """A text/plain part to be written on, and whether that is all of it."""
    from tuimail.mime.charset import decode
    from tuimail.render.port import editable

    text, is_whole = editable(decode(opened.content, part.charset), part.params)
    return text, is_whole and not opened.cut


def rendered_source(raw: bytes) -> Rendered:
    """The octets of a message as lines."""
    from tuimail.mime.charset import beginning, decode

    lines = safe_text(decode(beginning(raw, MAX_TEXT), ""), limit=MAX_TEXT).split("\n", MAX_LINES)
    cut = len(raw) > MAX_TEXT or len(lines) > MAX_LINES
    return Rendered(
        tuple(Line(line, preformatted=True) for line in lines[:MAX_LINES]), warnings=(TOO_LONG,) if cut else (), cut=cut
    )
