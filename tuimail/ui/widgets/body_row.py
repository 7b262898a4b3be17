# SPDX-License-Identifier: GPL-3.0-or-later
"""Drawing one row of a message body: quote bars, styled spans, links, what was found, link labels. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count, pairwise

from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.strip import Strip

from tuimail.model.rendered import Line, Link
from tuimail.model.width import cell_len
from tuimail.model.wrap import Row
from tuimail.ui.look import Component, Look
from tuimail.ui.widgets.body_layout import DEEPEST
from tuimail.ui.widgets.symbols import Symbols

MARGIN = 2
"""Blank columns left of the text."""

_OPENABLE = re.compile(r"(?:https?://|mailto:)[!-~]{1,2000}", re.IGNORECASE)


def openable(link: Link) -> bool:
    """Whether a link may be given to the terminal or to a program: http, https or mailto, in printable ASCII."""
    return _OPENABLE.fullmatch(link.target) is not None


_messages = count()


class LinkStyles:
    """The Rich styles of a message's links, and the OSC 8 ``id`` that all pieces of a link share."""

    def __init__(self, links: Sequence[Link]) -> None:
        self._links = links
        self._message = next(_messages)
        self._styles: dict[int, RichStyle] = {}

    def __getitem__(self, index: int) -> RichStyle:
        style = self._styles.get(index)
        if style is None:
            link = self._links[index] if 0 <= index < len(self._links) else None
            style = RichStyle.null()
            if link is not None and openable(link):
                style = RichStyle(link=link.target, meta={"link": index})
            self._styles[index] = style
        return style

    def unify(self, strip: Strip) -> Strip:
        """Give all pieces of a link one id. To be done last: Rich makes a new id whenever styles are added."""
        for segment in strip:
            if segment.style is not None and segment.style.link:
                segment.style._link_id = f"{self._message}.{segment.style.meta['link']}"
        return strip


@dataclass(frozen=True, slots=True)
class Over:
    """A stretch of a row's text that is drawn differently for a moment."""

    start: int
    end: int
    component: Component


def quote_bars(line: Line, look: Look, signs: Symbols) -> list[Segment]:
    """The margin and the bars of a quoted line."""
    bars = [Segment(signs.quote + " ", look.quote(depth)) for depth in range(1, min(line.quote, DEEPEST) + 1)]
    return [Segment(" " * MARGIN, RichStyle.null()), *bars]


def lead_columns(line: Line) -> int:
    """Columns, and characters, that `quote_bars` draws."""
    return MARGIN + 2 * min(line.quote, DEEPEST)


def body_segments(
    line: Line, row: Row, look: Look, signs: Symbols, links: LinkStyles, overs: Sequence[Over] = ()
) -> list[Segment]:
    """The segments of one row. ``overs`` count characters of the row's text; later ones win."""
    base = _base_style(line, look)
    segments = quote_bars(line, look, signs)
    if not row.spans and not overs:
        return [*segments, Segment(row.text, base)]
    edges = {0, len(row.text)}
    for span in row.spans:
        edges |= {span.start, span.end}
    for over in overs:
        edges |= {over.start, over.end}
    cuts = sorted(edge for edge in edges if 0 <= edge <= len(row.text))
    for start, end in pairwise(cuts):
        style = base
        for span in row.spans:
            if span.start <= start and end <= span.end:
                style += look[Component(span.style)]
                if span.link is not None:
                    style += links[span.link]
        for over in overs:
            if over.start <= start and end <= over.end:
                style += look[over.component]
        segments.append(Segment(row.text[start:end], style))
    return segments


def _base_style(line: Line, look: Look) -> RichStyle:
    if line.quote:
        return look.quote(line.quote)
    return look[Component.SIGNATURE if line.signature else Component.TEXT]


def character_at(row: Row, column: int) -> int | None:
    """Which character of a row's text stands in a column of it."""
    used = 0
    for position, character in enumerate(row.text):
        used += cell_len(character)
        if column < used:
            return position
    return None
