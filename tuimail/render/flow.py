# SPDX-License-Identifier: GPL-3.0-or-later
"""Text in, lines out: white space collapsed, blank lines never doubled, styles kept as spans."""

import re
from dataclasses import dataclass, replace
from itertools import islice

from tuimail.model.rendered import Line, Span, Style
from tuimail.model.text import safe_text
from tuimail.render.links import MAX_LINKS, find_links

MAX_TEXT_NODE = 10_000_000
"""Characters of one stretch of text."""

_SPACES = re.compile("[ \t\n\r\f]+")
_WIDE_GAP = re.compile("[ \xa0]{3,}")
# Padding that keeps the first words of the body out of a preview: invisible characters mixed with spaces.
_FILLER_CHARS = "\u034f\u00ad\u200b-\u200f\ufeff\u2060-\u2064\u115f\u1160\u3164\u180e\u061c\u2007"
_FILLER = re.compile(f"[{_FILLER_CHARS}][\\s{_FILLER_CHARS}]+")


@dataclass(slots=True, eq=False)
class Anchor:
    """A hyperlink being walked through. Gets its number when it turns out to hold something to see."""

    target: str
    number: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """What text inherits from the elements around it."""

    styles: tuple[Style, ...] = ()
    anchor: Anchor | None = None
    quote: int = 0
    indent: int = 0
    """Columns before the text, for list items."""
    preformatted: bool = False
    font: float = 16.0
    """Pixels."""
    invisible: bool = False
    hidden_by_visibility: bool = False
    signature: bool = False
    script: str = ""
    """``sup`` or ``sub``."""

    def styled(self, *styles: Style) -> "Context":
        """With further styles."""
        new = tuple(style for style in styles if style not in self.styles)
        return replace(self, styles=self.styles + new) if new else self


class Flow:
    """Builds lines from text and breaks."""

    def __init__(self, anchors: list[Anchor]) -> None:
        self.lines: list[Line] = []
        self.leading_gap = False
        """An empty line was asked for before the first line."""
        self.gap = False
        """An empty line is due before the next line."""
        self._anchors = anchors
        self._pieces: list[str] = []
        self._length = 0
        self._spans: list[Span] = []
        self._open: dict[tuple[Style, int | None], int] = {}
        self._context = Context()
        self._space = True
        self._marker = ""

    def add(self, text: str, context: Context) -> None:
        """Text as it stands in the source."""
        if len(text) > 1:
            text = _FILLER.sub(" ", text)
        if context.preformatted:
            self._add_preformatted(text, context)
            return
        text = _WIDE_GAP.sub("\xa0\xa0", _SPACES.sub(" ", text))
        if self._space:
            text = text.lstrip(" ")
        if shown := safe_text(text, limit=MAX_TEXT_NODE).replace("\n", " "):
            self._put(shown, context)

    def _add_preformatted(self, text: str, context: Context) -> None:
        for number, line in enumerate(safe_text(text, limit=MAX_TEXT_NODE).split("\n")):
            if number:
                self.line_break()
            if line:
                self._put(line, context)

    def _put(self, text: str, context: Context) -> None:
        if not self._pieces:
            self._begin(context)
        start, end = self._length, self._length + len(text)
        self._pieces.append(text)
        self._length = end
        self._space = text[-1] == " " and not context.preformatted
        for style in context.styles:
            self._mark(style, None, start, end)
        if context.anchor:
            self._mark(Style.LINK, self._number(context.anchor, text), start, end)

    def _number(self, anchor: Anchor, text: str) -> int | None:
        if anchor.number is None and text.strip():
            anchor.number = len(self._anchors)
            self._anchors.append(anchor)
        if len(anchor.text) < 200:
            anchor.text += text
        return anchor.number

    def _mark(self, style: Style, link: int | None, start: int, end: int) -> None:
        if style is Style.LINK and link is None:
            return
        index = self._open.get((style, link))
        if index is not None and self._spans[index].end == start:
            self._spans[index] = replace(self._spans[index], end=end)
            return
        self._open[style, link] = len(self._spans)
        self._spans.append(Span(start, end, style, link))

    def _begin(self, context: Context) -> None:
        self._context = context
        prefix = self._marker.rjust(context.indent)
        self._marker = ""
        if prefix:
            self._pieces.append(prefix)
            self._length = len(prefix)

    def line_break(self) -> None:
        """``<br>``: ends the line; on an empty line it makes an empty line."""
        if not self.end_line():
            self._ask_gap()

    def block(self, *, gap: bool) -> None:
        """A block begins or ends here, with an empty line if ``gap``."""
        self.end_line()
        if gap and not self._marker:
            self._ask_gap()

    def marker(self, text: str) -> None:
        """The next line begins with this, right-aligned in the context's indent."""
        self.end_line()
        self._marker = text

    def end_line(self) -> bool:
        """End the line, if there is one. A line of no-break spaces only counts as an empty line."""
        if not self._pieces:
            return False
        text = "".join(self._pieces).rstrip(" \xa0")
        inked = bool(text)
        if inked:
            spans = [replace(span, end=min(span.end, len(text))) for span in self._spans if span.start < len(text)]
            context = self._context
            self.append(
                Line(
                    text,
                    (*spans, *self._written_links(text, spans)),
                    context.quote,
                    context.indent,
                    signature=context.signature,
                )
            )
        else:
            self._ask_gap()
        self._pieces, self._length, self._spans = [], 0, []
        self._open.clear()
        self._space = True
        return inked

    def _written_links(self, text: str, spans: list[Span]) -> list[Span]:
        """Links that are written out and have no markup."""
        if any(span.link is not None for span in spans):
            return []
        found = []
        for start, end, target in islice(find_links(text), MAX_LINKS - min(len(self._anchors), MAX_LINKS)):
            found.append(Span(start, end, Style.LINK, len(self._anchors)))
            self._anchors.append(Anchor(target, len(self._anchors), text[start:end]))
        return found

    def append(self, line: Line) -> None:
        """A finished line, after the empty line that is due."""
        if self.gap and self.lines:
            last = self.lines[-1]
            self.lines.append(Line("", (), min(last.quote, line.quote), signature=last.signature and line.signature))
        self.gap = False
        self.lines.append(line)

    def extend(self, other: "Flow", context: Context) -> None:
        """The lines of another flow that was walked with an indent of 0."""
        other.end_line()
        self.block(gap=other.leading_gap)
        for number, line in enumerate(other.lines):
            prefix = (self._marker if number == 0 else "").rjust(context.indent)
            self.append(shifted(line, prefix) if prefix else line)
            self._marker = ""
        self.block(gap=other.gap)

    def _ask_gap(self) -> None:
        if self.lines:
            self.gap = True
        else:
            self.leading_gap = True


def shifted(line: Line, prefix: str) -> Line:
    """The line with a prefix, its styles kept in place."""
    if not line.text:
        return line
    by = len(prefix)
    spans = tuple(replace(span, start=span.start + by, end=span.end + by) for span in line.spans)
    return replace(line, text=prefix + line.text, spans=spans, indent=line.indent + by)
