# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables side by side where they hold data and fit; `lay_out` says None where cells are better stacked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from tuimail.model.rendered import Line, Span, Style
from tuimail.model.width import cell_len
from tuimail.model.wrap import Row, wrap

MAX_ROWS = 5000
"""Of a table that is laid out as a grid."""
MAX_COLUMNS = 40
GUTTER = 2
"""Columns between cells."""

_NUMBER = re.compile(r"[-+−(]?\s*(?:[A-Z]{0,3}[$€£¥₹]|[A-Z]{3})?\s*[-+−]?\d[\d.,'’\s]*\s*(?:%|[€$£¥₹]|[A-Z]{3})?\)?")
_LONGEST_NUMBER = 32
_LONG_CELL = 160
_MOST_LINES = 8
_LONGEST_KEPT_WORD = 24


@dataclass(frozen=True, slots=True)
class Cell:
    """A rendered cell."""

    lines: tuple[Line, ...]
    columns: int = 1
    """How many it spans."""
    rows: int = 1
    """How many it spans, with its own."""
    header: bool = False
    right: bool = False
    """Right-aligned by its markup."""

    @property
    def length(self) -> int:
        """Characters in all."""
        return sum(len(line.text) for line in self.lines)


def spanned(rows: Sequence[Sequence[Cell]]) -> list[list[Cell]]:
    """The rows with empty cells where a cell of a row above reaches down."""
    below: dict[int, tuple[int, int]] = {}
    """Column → rows to come that a cell above takes, and how many columns."""
    found = []
    for row in rows:
        line: list[Cell] = []
        column = 0
        taken, below = below, {at: (left - 1, columns) for at, (left, columns) in below.items() if left > 1}
        for cell in (*row, None):
            while column in taken:
                line.append(Cell((), taken[column][1]))
                column += taken[column][1]
            if cell is not None:
                line.append(cell)
                if cell.rows > 1 and column < MAX_COLUMNS:
                    below[column] = cell.rows - 1, cell.columns
                column += cell.columns
        found.append(line)
    return found


def lay_out(rows: Sequence[Sequence[Cell]], width: int, quote: int = 0, shares: Sequence[int] = ()) -> list[Line] | None:
    """The rows as a grid of at most ``width`` columns, or None where that would be no good to read.

    ``shares`` are the columns' widths in percent; they hold where every cell fits into its share.
    """
    count = max((sum(cell.columns for cell in row) for row in rows), default=0)
    if not 2 <= count <= MAX_COLUMNS or len(rows) > MAX_ROWS or not _is_data(rows):
        return None
    measures = _measures(rows, count)
    used = [column for column, (natural, _) in enumerate(measures) if natural]
    right = _right_columns(rows, count)
    widths = _shared(measures, shares, width)
    if widths is None:
        fitted = column_widths([measures[column] for column in used], width)
        if fitted is None:
            return None
        widths = [0] * count
        for column, wide in zip(used, fitted, strict=True):
            widths[column] = wide
    return _draw(rows, widths, right, quote)


def _is_data(rows: Sequence[Sequence[Cell]]) -> bool:
    filled = [[cell for cell in row if cell.lines] for row in rows]
    if not any(len(row) >= 2 for row in filled):
        return False
    cells = [cell for row in filled if len(row) >= 2 for cell in row]
    long = sum(1 for cell in cells if cell.length > _LONG_CELL or len(cell.lines) > _MOST_LINES)
    return long * 4 <= len(cells)


def _measures(rows: Sequence[Sequence[Cell]], count: int) -> list[tuple[int, int]]:
    """Natural and least width of each column; cells that span several are left out."""
    measures = [(0, 0)] * count
    for row in rows:
        if _stands_alone(row):
            continue
        column = 0
        for cell in row:
            if cell.columns == 1:
                for line in cell.lines:
                    natural = cell_len(line.text)
                    words = [natural] if line.preformatted else [cell_len(word) for word in line.text.split()]
                    least = max(words, default=0) + line.indent
                    old = measures[column]
                    measures[column] = max(old[0], natural), max(old[1], min(least, natural))
            column += cell.columns
    return measures


def _stands_alone(row: Sequence[Cell]) -> bool:
    """A row with one long cell, or one across columns, is drawn across the whole table."""
    filled = [cell for cell in row if cell.lines]
    return len(filled) == 1 and (filled[0].columns > 1 or filled[0].length > _LONGEST_KEPT_WORD)


def column_widths(measures: Sequence[tuple[int, int]], width: int) -> list[int] | None:
    """Shrink columns, the widest first, until all fit; None when words would be broken."""
    room = width - GUTTER * (len(measures) - 1)
    least = [min(small, _LONGEST_KEPT_WORD) if small < natural else small for natural, small in measures]
    if sum(least) > room:
        return None
    widths = [natural for natural, _ in measures]
    if sum(widths) <= room:
        return widths
    low, high = 0, max(widths)
    while low < high:
        cap = (low + high + 1) // 2
        if sum(max(min(wide, cap), small) for wide, small in zip(widths, least, strict=True)) <= room:
            low = cap
        else:
            high = cap - 1
    return [max(min(wide, low), small) for wide, small in zip(widths, least, strict=True)]


def _shared(measures: Sequence[tuple[int, int]], shares: Sequence[int], width: int) -> list[int] | None:
    if len(shares) != len(measures) or not all(shares) or sum(shares) > 101:
        return None
    widths = [width * share // 100 - GUTTER for share in shares]
    return widths if all(natural <= wide for (natural, _), wide in zip(measures, widths, strict=True)) else None


def _right_columns(rows: Sequence[Sequence[Cell]], count: int) -> list[bool]:
    """Columns of numbers: at least half of the cells below the head."""
    numbers, others = [0] * count, [0] * count
    for row in rows:
        column = 0
        for cell in row:
            if cell.columns == 1 and cell.lines and not cell.header:
                number = all(len(line.text) <= _LONGEST_NUMBER and _NUMBER.fullmatch(line.text) for line in cell.lines[:3])
                (numbers if number or cell.right else others)[column] += 1
            column += cell.columns
    return [number > 0 and number >= other for number, other in zip(numbers, others, strict=True)]


def _draw(rows: Sequence[Sequence[Cell]], widths: Sequence[int], right: Sequence[bool], quote: int) -> list[Line]:
    lines: list[Line] = []
    total = _span_width(widths, 0, len(widths))
    for number, row in enumerate(rows):
        filled = [cell for cell in row if cell.lines]
        if _stands_alone(row):
            lines.extend(filled[0].lines)
            continue
        lines.extend(_draw_row(row, widths, right, quote))
        if number == 0 and len(rows) > 1 and filled and all(cell.header for cell in filled):
            lines.append(Line("─" * total, (Span(0, total, Style.MUTED),), quote, preformatted=True))
    return lines


def _span_width(widths: Sequence[int], first: int, count: int) -> int:
    spanned = [wide for wide in widths[first : first + count] if wide]
    return sum(spanned) + GUTTER * max(len(spanned) - 1, 0)


def _draw_row(row: Sequence[Cell], widths: Sequence[int], right: Sequence[bool], quote: int) -> list[Line]:
    columns: list[list[Row]] = []
    places: list[tuple[int, int, bool]] = []
    column = at = 0
    for cell in row:
        wide = _span_width(widths, column, cell.columns)
        if wide:
            columns.append([piece for line in cell.lines for piece in wrap(line, wide)])
            places.append((at, wide, cell.right or (cell.columns == 1 and right[column])))
            at += wide + GUTTER
        column += cell.columns
    return [_join(pieces, places, quote) for pieces in zip_longest(*columns)]


def _join(pieces: Sequence[Row | None], places: Sequence[tuple[int, int, bool]], quote: int) -> Line:
    text = ""
    cells = 0
    spans: list[Span] = []
    for piece, (at, wide, right) in zip(pieces, places, strict=True):
        if piece is None or not piece.text.strip():
            continue
        padding = at - cells + (max(wide - cell_len(piece.text.rstrip()), 0) if right else 0)
        text += " " * padding
        spans.extend(replace(span, start=span.start + len(text), end=span.end + len(text)) for span in piece.spans)
        text += piece.text.rstrip()
        cells += padding + cell_len(piece.text.rstrip())
    kept = tuple(replace(span, end=min(span.end, len(text))) for span in spans if span.start < len(text))
    return Line(text, kept, quote, preformatted=True)
