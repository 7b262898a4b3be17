# SPDX-License-Identifier: GPL-3.0-or-later
"""How one row is brought from what it shows to what it is to show: what is erased, what is written, in which order."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import compress
from operator import ne

from tuimail.ui.output.alphabet import CONTINUES, DOUBTFUL_RUN, is_single
from tuimail.ui.output.pens import Pens

_BRIDGE = 4
"""Cells that are written anew rather than jumped over: so many bytes takes a jump."""
_ERASE = 4
"""Blanks that are rather erased (EL) than written."""
_GAP = 10
"""Blanks in the midst of a row that are worth to erase all of it first."""
_JUMP = 6
"""Bytes of a jump to another column, about."""
_PIECES = range(3, 16)
"""So many pieces are worth to think about their order."""


_BLANKS = re.compile(" +")
_SAME_PEN = re.compile(r"(.)\1*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Piece:
    """Cells of one pen to be written at a column; ``cells`` is empty for the end of the row being erased."""

    x: int
    cells: str
    pen: str

    @property
    def end(self) -> int:
        """The column after the last."""
        return self.x + len(self.cells)


Row = tuple[str, str]
"""Cells and pens."""


def plan(known: Row, wanted: Row, pens: Pens, pen: str) -> list[Piece]:
    """What to write, in order, for a row that differs; ``pen`` is the one in use."""
    changed = _changed(known, wanted)
    free = is_single(wanted[0]) and is_single(known[0])
    ground = _ground(changed, wanted, pens) if free else None
    if ground is not None:
        start = changed[0]
        pieces = list(_on_ground(start, wanted, ground, pens))
        return [Piece(start, "", ground), *(_ordered(pieces, pens, ground) if len(pieces) in _PIECES else pieces)]
    spans, tail = _without_tail(_spans(changed, wanted[1]), wanted, pens)
    if not free:
        spans = list(_whole(spans, known[0], wanted[0]))
    pieces = [piece for start, end in spans for piece in _pieces(start, wanted[0][start:end], wanted[1][start:end])]
    if free and len(pieces) in _PIECES:
        pieces = _ordered(pieces, pens, pen)
    return [*pieces, *tail]


def _changed(known: Row, wanted: Row) -> list[int]:
    """Columns that differ."""
    columns = range(len(wanted[0]))
    if known[1] == wanted[1]:
        return list(compress(columns, map(ne, known[0], wanted[0])))
    return list(compress(columns, map(ne, zip(*known, strict=True), zip(*wanted, strict=True))))


def _ground(changed: list[int], wanted: Row, pens: Pens) -> str | None:
    """The pen to erase with from the first change on, where nearly all is new and much of it blank."""
    cells, row_pens = wanted
    start = changed[0]
    if len(changed) * 8 < (len(cells) - start) * 7:
        return None
    first, end = max((found.span() for found in _BLANKS.finditer(cells, start)), key=_length, default=(0, 0))
    ground = row_pens[first]
    return ground if end - first >= _GAP and row_pens[first:end] == ground * (end - first) and pens.erases(ground) else None


def _length(span: tuple[int, int]) -> int:
    return span[1] - span[0]


def _on_ground(start: int, wanted: Row, ground: str, pens: Pens) -> Iterator[Piece]:
    """The pieces of a row that was erased from ``start`` on."""
    cells, row_pens = wanted
    begun: Piece | None = None
    for piece in _pieces(start, cells[start:], row_pens[start:]):
        if piece.pen == ground and not piece.cells.strip(" "):
            continue
        if begun and begun.pen == piece.pen and piece.x - begun.end <= _BRIDGE and pens.covers(piece.pen, ground):
            begun = Piece(begun.x, cells[begun.x : piece.end], piece.pen)
            continue
        if begun is not None:
            yield begun
        begun = piece
    if begun is not None:
        yield begun


def _without_tail(spans: list[tuple[int, int]], wanted: Row, pens: Pens) -> tuple[list[tuple[int, int]], list[Piece]]:
    """Spans that end where only blanks follow, and those blanks to be erased."""
    cells, row_pens = wanted
    last = row_pens[-1]
    tail = max(len(cells.rstrip(" ")), len(row_pens.rstrip(last)))
    start, end = spans[-1]
    if end - max(start, tail) < _ERASE or not pens.erases(last):
        return spans, []
    before = [(start, min(end, tail)) for start, end in spans if start < tail]
    if not before or before[-1][1] < tail:
        tail = max(tail, next(start for start, end in spans if end > tail))
    return before, [Piece(tail, "", last)]


def _spans(changed: list[int], pens: str) -> list[tuple[int, int]]:
    """Columns joined to spans (start, end); small gaps of the same pen are written anew."""
    start = changed[0]
    if changed[-1] - start + 1 == len(changed):
        return [(start, changed[-1] + 1)]
    spans = []
    before = start
    for x in changed:
        gap = x - before
        if gap > 1 and (gap > _BRIDGE + 1 or pens[before:x] != pens[before] * gap):
            spans.append((start, before + 1))
            start = x
        before = x
    spans.append((start, before + 1))
    return spans


def _whole(spans: list[tuple[int, int]], known: str, wanted: str) -> Iterator[tuple[int, int]]:
    """Spans made larger, so that they cut neither a wide character nor cells among which a terminal may have lost count."""
    runs = sorted(found.span() for row in (known, wanted) for found in DOUBTFUL_RUN.finditer(row))
    begun: tuple[int, int] | None = None
    for start, end in spans:
        for low, high in runs:
            if low < end and start < high:
                start, end = min(start, low), max(end, high)
        while wanted[start] == CONTINUES:
            start -= 1
        while end < len(wanted) and wanted[end] == CONTINUES:
            end += 1
        if begun is None:
            begun = start, end
        elif start <= begun[1]:
            begun = min(begun[0], start), max(begun[1], end)
        else:
            yield begun
            begun = start, end
    if begun is not None:
        yield begun


def _pieces(x: int, cells: str, pens: str) -> Iterator[Piece]:
    for found in _SAME_PEN.finditer(pens):
        start, end = found.span()
        yield Piece(x + start, cells[start:end], pens[start])


def _ordered(pieces: list[Piece], pens: Pens, pen: str) -> list[Piece]:
    """From left to right, or all of one pen after the other where colours cost more than jumps."""
    left = {piece.pen: [other for other in pieces if other.pen == piece.pen] for piece in pieces}
    grouped: list[Piece] = []
    now = pen
    while left:
        now = min(left, key=lambda other: (len(pens.change(now, other)[0]), left[other][0].x))
        grouped += left.pop(now)
    return min(pieces, grouped, key=lambda order: _price(order, pens, pen))


def _price(pieces: Sequence[Piece], pens: Pens, pen: str) -> int:
    price = 0
    end = None
    for piece in pieces:
        if piece.pen != pen:
            sequence, pen = pens.change(pen, piece.pen)
            price += len(sequence)
        if piece.x != end:
            price += _JUMP
        end = piece.end
    return price
