# SPDX-License-Identifier: GPL-3.0-or-later
"""How one row is brought from what it shows to what it is to show: what is erased, what is written, in which order."""

import re
from collections.abc import Iterator
from itertools import chain
from operator import ne, or_
from typing import NamedTuple

from tuimail.ui.output.alphabet import CONTINUES, Alphabet, Run, is_single
from tuimail.ui.output.pens import Pens

_BRIDGE = 4
"""Cells that are written anew rather than jumped over: so many bytes takes a jump."""
_ERASE = 4
"""Blanks that are rather erased (EL) than written."""
_GAP = 10
"""Blanks in the midst of a row that are worth to erase all of it first."""


_NEAR = re.compile(rb"\x01(?:\x00{0,%d}\x01)*" % _BRIDGE)
_CHANGED = re.compile(rb"\x01+")
_BLANKS = re.compile(" +")
_SAME_PEN = re.compile(r"(.)\1*", re.DOTALL)


class Piece(NamedTuple):
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


def plan(known: Row, wanted: Row, alphabet: Alphabet, pens: Pens, pen: str) -> list[Piece]:
    """What to write, in order, for a row that differs; ``pen`` is the one in use."""
    changed = _changed(known, wanted)
    free = is_single(wanted[0]) and is_single(known[0])
    ground = _ground(changed, wanted, pens) if free else None
    if ground is not None:
        start = changed.find(1)
        pen = pens.change(pen, ground, blank=True)[1]
        pieces = list(_on_ground(start, wanted, ground, pens))
        return [Piece(start, "", ground), *(_by_pen(pieces, pen) if pens.are_dear else pieces)]
    spans, tail = _without_tail(_spans(changed, wanted[1]), wanted, pens)
    if not free:
        spans = list(_whole(spans, alphabet.runs(known[0]), alphabet.runs(wanted[0]), wanted[0]))
    pieces = [piece for start, end in spans for piece in _pieces(start, wanted[0][start:end], wanted[1][start:end])]
    if free and len(pieces) > 2 and pens.are_dear:
        pieces = _by_pen(pieces, pen)
    return [*pieces, *tail]


def _changed(known: Row, wanted: Row) -> bytes:
    """A byte for each column: 1 where it differs, else 0."""
    cells = bytes(map(ne, known[0], wanted[0]))
    return cells if known[1] == wanted[1] else bytes(map(or_, cells, map(ne, known[1], wanted[1])))


def _ground(changed: bytes, wanted: Row, pens: Pens) -> str | None:
    """The pen to erase with from the first change on, where nearly all is new and much of it blank."""
    cells, row_pens = wanted
    start = changed.find(1)
    if changed.count(1) * 8 < (len(cells) - start) * 7:
        return None
    blanks = max(_BLANKS.findall(cells, start), key=len, default="")
    if len(blanks) < _GAP:
        return None
    first = cells.index(blanks, start)
    ground = row_pens[first]
    return ground if row_pens.startswith(ground * len(blanks), first) and pens.erases(ground) else None


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


def _spans(changed: bytes, pens: str) -> list[tuple[int, int]]:
    """Columns joined to spans (start, end); small gaps of the same pen are written anew."""
    spans: list[tuple[int, int]] = []
    for found in _NEAR.finditer(changed):
        start, end = found.span()
        if 0 not in found[0] or pens.startswith(pens[start] * (end - start), start):
            spans.append((start, end))
            continue
        for part in _CHANGED.finditer(changed, start, end):
            low, high = part.span()
            begun, before = spans[-1] if spans else (0, -1)
            if before >= start and pens.startswith(pens[before - 1] * (low - before + 1), before - 1):
                spans[-1] = begun, high
            else:
                spans.append((low, high))
    return spans


def _whole(spans: list[tuple[int, int]], known: list[Run], runs: list[Run], wanted: str) -> Iterator[tuple[int, int]]:
    """Spans made larger, so that they cut neither a wide character nor cells among which a terminal may have lost count, and
    hold what it may have drawn over.
    """
    begun: tuple[int, int] | None = None
    for span in spans:
        start, end = _widened(span, known, runs, wanted)
        if begun is None:
            begun = start, end
        elif start <= begun[1]:
            begun = min(begun[0], start), max(begun[1], end)
        else:
            yield begun
            begun = start, end
    if begun is not None:
        yield begun


def _widened(span: tuple[int, int], known: list[Run], runs: list[Run], wanted: str) -> tuple[int, int]:
    start, end = before = span
    for run in known:
        if run.start < end and start < run.end:
            start, end = min(start, run.start), max(end, run.end)
    for run in runs:
        if run.start < end and start < run.end:
            start, end = min(start, run.start), max(end, run.reach)
    while wanted[start] == CONTINUES:
        start -= 1
    while end < len(wanted) and wanted[end] == CONTINUES:
        end += 1
    return before if (start, end) == before else _widened((start, end), known, runs, wanted)


def _pieces(x: int, cells: str, pens: str) -> Iterator[Piece]:
    for found in _SAME_PEN.finditer(pens):
        start, end = found.span()
        yield Piece(x + start, cells[start:end], pens[start])


def _by_pen(pieces: list[Piece], pen: str) -> list[Piece]:
    """All of one pen after the other, first what has the pen in use: jumps are cheaper than colours."""
    groups: dict[str, list[Piece]] = {}
    for piece in pieces:
        groups.setdefault(piece.pen, []).append(piece)
    if len(groups) == len(pieces) and pen not in groups:
        return pieces
    return [*groups.pop(pen, ()), *chain.from_iterable(groups.values())]
