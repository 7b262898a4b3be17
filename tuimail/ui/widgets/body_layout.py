# SPDX-License-Identifier: GPL-3.0-or-later
"""Which line of a body stands on which row, at a given width. Pure.

Lines near the beginning are counted exactly; those after `EXACT` are estimated by their length, and made exact when they come
near the screen (`settle`) or piece by piece in idle time (`correct`). Very long lines stand in pieces: no more is to be wrapped
than is looked at.
"""

from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate
from unicodedata import category

from tuimail.model.rendered import Line, Span, Style
from tuimail.model.wrap import Row, count_rows, wrap

EXACT = 2000
"""Lines that are counted exactly at once."""
EXACT_CHARACTERS = 40_000
"""Characters of lines that are: clusters are looked for in those with characters beyond Latin."""
PIECE = 4_000
"""Characters of a line from which on it stands in several lines."""
_NEAR = 200
"""Characters around its end in which a better one is looked for."""
PROSE_WIDTH = 100
"""Text that is not preformatted is wrapped at so many columns even where there is more room."""
QUOTE_COLUMNS = 2
"""Columns of one quote bar with its space."""
DEEPEST = 6
"""Deeper quotes get no more bars."""
SHORTEST_FOLD = 3
"""Quotes of fewer lines are not folded."""


def net_width(line: Line, width: int) -> int:
    """Columns for a line's text once its quote bars are drawn."""
    room = width if line.preformatted else min(width, PROSE_WIDTH)
    return max(8, room - QUOTE_COLUMNS * min(line.quote, DEEPEST))


def fold_quotes(lines: Sequence[Line], sign: str) -> tuple[Line, ...]:
    """Each stretch of quoted lines as one muted line that tells how many they are."""
    folded: list[Line] = []
    stretch: list[Line] = []
    for line in (*lines, None):
        if line is not None and line.quote:
            stretch.append(line)
            continue
        if len(stretch) >= SHORTEST_FOLD:
            text = f"{sign} {len(stretch)} quoted lines"
            folded.append(Line(text, (Span(0, len(text), Style.MUTED),)))
        else:
            folded += stretch
        stretch = []
        if line is not None:
            folded.append(line)
    return tuple(folded)


def in_pieces(line: Line) -> Iterator[Line]:
    """The line, or several lines of at most about `PIECE` characters."""
    text, start = line.text, 0
    while len(text) - start > PIECE:
        end = _piece_end(text, start)
        yield _piece(line, start, end)
        start = end
    yield _piece(line, start, len(text)) if start else line


def _piece_end(text: str, start: int) -> int:
    """Behind a blank, else anywhere but before a mark or what joins, as far as that is near."""
    end = start + PIECE
    if blank := text.rfind(" ", end - _NEAR, end) + 1:
        return blank
    last = min(end + _NEAR, len(text) - 1)
    while end < last and (category(text[end])[0] == "M" or "\u200d" in text[end - 1 : end + 1]):
        end += 1
    return end


def _piece(line: Line, start: int, end: int) -> Line:
    spans = tuple(
        replace(span, start=max(span.start, start) - start, end=min(span.end, end) - start)
        for span in line.spans
        if span.start < end and span.end > start
    )
    return replace(line, text=line.text[start:end], spans=spans)


def _first_lines(lines: Sequence[Line], count: int) -> int:
    """How many lines are counted at once."""
    room = EXACT_CHARACTERS
    for number, line in enumerate(lines[:count]):
        room -= len(line.text)
        if room < 0:
            return number
    return min(count, len(lines))


class BodyLayout:
    """Rows of lines at one width."""

    def __init__(self, lines: Sequence[Line], width: int, exact: int = EXACT) -> None:
        if any(len(line.text) > PIECE for line in lines):
            lines = tuple(piece for line in lines for piece in in_pieces(line))
        exact = _first_lines(lines, exact)
        self.lines = lines
        self.width = width
        self._counts = array("l", (self._count(line) for line in lines[:exact]))
        self._counts.extend(1 + len(line.text) // net_width(line, width) for line in lines[exact:])
        self._exact = bytearray(b"\1") * exact + bytearray(len(lines) - exact)
        self._next = exact
        self._wrapped: OrderedDict[int, list[Row]] = OrderedDict()
        self._sum()

    def _count(self, line: Line) -> int:
        return count_rows(line, net_width(line, self.width))

    def _sum(self) -> None:
        self._starts = list(accumulate(self._counts, initial=0))

    @property
    def row_count(self) -> int:
        """Rows of all lines, as far as they are known."""
        return self._starts[-1]

    @property
    def is_exact(self) -> bool:
        """Whether `correct` has nothing left to do."""
        return self._next == len(self.lines)

    def start_of(self, line: int) -> int:
        """The first row of a line."""
        return self._starts[line]

    def locate(self, row: int) -> tuple[int, int]:
        """The line that stands on a row, and which of its rows that is."""
        line = min(bisect_right(self._starts, row) - 1, len(self.lines) - 1)
        return line, row - self._starts[line]

    def row(self, row: int) -> tuple[Line, Row] | None:
        """What stands on a row; None after the end."""
        if not 0 <= row < self.row_count:
            return None
        number, part = self.locate(row)
        rows = self.rows_of(number)
        return (self.lines[number], rows[part]) if part < len(rows) else None

    def rows_of(self, number: int) -> list[Row]:
        """A line, wrapped."""
        rows = self._wrapped.get(number)
        if rows is None:
            rows = wrap(self.lines[number], net_width(self.lines[number], self.width))
            self._wrapped[number] = rows
            while len(self._wrapped) > 500:
                self._wrapped.popitem(last=False)
        return rows

    def row_of(self, number: int, position: int) -> int:
        """The row on which a character of a line stands."""
        rows = self.rows_of(number)
        starts = [row.start for row in rows]
        return self._starts[number] + max(0, bisect_right(starts, position) - 1)

    def settle(self, row: int, count: int) -> bool:
        """Make ``count`` rows from ``row`` on exact. Whether anything changed; the line at ``row`` keeps its first row."""
        if not self.lines:
            return False
        number, _ = self.locate(max(0, row))
        covered, changed = 0, False
        while number < len(self.lines) and covered < count + 1:
            changed |= self._make_exact(number)
            covered += self._counts[number]
            number += 1
        if changed:
            self._sum()
        return changed

    def _make_exact(self, number: int) -> bool:
        if self._exact[number]:
            return False
        self._exact[number] = 1
        count = self._count(self.lines[number])
        if count == self._counts[number]:
            return False
        self._counts[number] = count
        return True

    def correct(self, lines: int) -> bool:
        """Make the next ``lines`` lines exact. Whether any are left to do; positions may have changed."""
        stop = min(len(self.lines), self._next + lines)
        changed = [number for number in range(self._next, stop) if self._make_exact(number)]
        if changed:
            self._sum()
        self._next = stop
        return stop < len(self.lines)
