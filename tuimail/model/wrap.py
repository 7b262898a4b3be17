# SPDX-License-Identifier: GPL-3.0-or-later
"""From logical lines to the rows of a screen, at any width, in time linear in the text."""

from collections.abc import Iterator
from dataclasses import dataclass

from tuimail.model.rendered import Line, Span
from tuimail.model.width import CellSpan, is_narrow, split_graphemes


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a wrapped line, ready to be drawn. Only a cluster wider than the row makes it wider than asked."""

    text: str
    """With the line's indent as leading spaces in rows after the first; without quote marks."""
    spans: tuple[Span, ...]
    """Positions in ``text``."""
    first: bool
    """Whether it begins its line."""
    start: int = 0
    """Where in the line's text the row begins."""
    indent: int = 0
    """Leading spaces of ``text`` that the line's text does not have."""


def wrap(line: Line, width: int) -> list[Row]:
    """The rows of a line in ``width`` columns, quote marks not counted. An empty line has one empty row."""
    indent = _indent(line, width)
    rows = []
    coming = sorted(line.spans, key=lambda span: -span.start)
    open_spans: list[Span] = []
    for number, (start, end) in enumerate(_breaks(line, width)):
        padding = indent if number else 0
        while coming and coming[-1].start < end:
            open_spans.append(coming.pop())
        open_spans = [span for span in open_spans if span.end > start]
        spans = tuple(_clipped(span, start, end, padding) for span in open_spans if span.start < span.end)
        rows.append(Row(" " * padding + line.text[start:end], spans, number == 0, start, padding))
    return rows


def count_rows(line: Line, width: int) -> int:
    """``len(wrap(line, width))``, without making the rows."""
    if len(line.text) <= width and is_narrow(line.text):
        return 1
    return sum(1 for _ in _breaks(line, width))


def _indent(line: Line, width: int) -> int:
    """An indent that eats more than half of the row is given up."""
    return line.indent if line.indent <= width // 2 else 0


def _clipped(span: Span, start: int, end: int, padding: int) -> Span:
    shift = padding - start
    return Span(max(span.start, start) + shift, min(span.end, end) + shift, span.style, span.link)


def _breaks(line: Line, width: int) -> Iterator[tuple[int, int]]:
    """Where the rows begin and end in the line's text."""
    width = max(width, 1)
    later = width - _indent(line, width)
    text = line.text
    if is_narrow(text):
        return _narrow_breaks(text, width, later, words=not line.preformatted)
    return _wide_breaks(text, width, later, words=not line.preformatted)


def _narrow_breaks(text: str, width: int, later: int, *, words: bool) -> Iterator[tuple[int, int]]:
    """For text where every character takes one column."""
    start, room, length = 0, width, len(text)
    while length - start > room:
        end = following = start + room
        space = text.rfind(" ", start, end + 1) if words else -1
        if space > start and not text[start:space].isspace():
            end, following = start + len(text[start:space].rstrip(" ")), space + 1
        if words:
            while following < length and text[following] == " ":
                following += 1
        yield start, end
        start, room = following, later
        if start >= length:
            return
    yield start, length


def _wide_breaks(text: str, width: int, later: int, *, words: bool) -> Iterator[tuple[int, int]]:
    """For any text: clusters stay whole, and two wide characters may be parted without a space between them."""
    clusters, _ = split_graphemes(text)
    count = len(clusters)
    first, room = 0, width
    while first < count:
        stop = _wide_row(text, clusters, first, room, words=words)
        yield clusters[first][0], clusters[stop][0] if stop < count else len(text)
        while words and stop < count and _blank(text, clusters[stop]):
            stop += 1
        first, room = stop, later
    if not clusters:
        yield 0, 0


def _wide_row(text: str, clusters: list[CellSpan], first: int, room: int, *, words: bool) -> int:
    """The cluster that follows the row which begins with cluster ``first``."""
    used, chance, inked, parts_before = 0, -1, False, False
    for at in range(first, len(clusters)):
        start, _, cells = clusters[at]
        blank = _blank(text, clusters[at])
        parts = not blank and _parts(text, clusters[at])
        if words and inked and ((blank and text[start - 1] != " ") or (parts and parts_before)):
            chance = at
        if used + cells > room and at > first:
            return chance if chance > first else at
        inked = inked or not blank
        used += cells
        parts_before = parts
    return len(clusters)


def _blank(text: str, cluster: CellSpan) -> bool:
    return text[cluster[0] : cluster[1]] == " "


def _parts(text: str, cluster: CellSpan) -> bool:
    """Whether a line may end beside this cluster: ideographs and kana, but not the punctuation that clings to its neighbour."""
    return cluster[2] == 2 and text[cluster[0]] not in _CLINGING


_CLINGING = frozenset("、。，．：；！？）］｝」』】〉》〕（［｛「『【〈《〔ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ")
