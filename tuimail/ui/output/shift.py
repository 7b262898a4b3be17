# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds rows that stand elsewhere on the screen already, so that the terminal can move them itself (DECSTBM)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from operator import ne

from tuimail.ui.output.canvas import Canvas

_COST = 30
"""Bytes that a move takes, about."""
_AGREE = 3
"""Rows that have to move by the same distance."""


@dataclass(frozen=True, slots=True)
class Shift:
    """Rows ``top`` to ``bottom`` (included) move up by ``by`` rows, for a negative number down."""

    top: int
    bottom: int
    by: int


def find_shift(known: Canvas, wanted: Canvas, rows: Sequence[int], left: int, right: int) -> Shift | None:
    """The move of whole rows that saves most, looked for in some rows and between two columns.

    The terminal moves rows as a whole. What stands beside the columns moves with them and has to be mended: that is in the
    price.
    """
    changed = [y for y in rows if known.cells[y][left:right] != wanted.cells[y][left:right]]
    if len(changed) < _AGREE:
        return None
    before = {cells: y for y in reversed(rows) if not (cells := known.cells[y][left:right]).isspace()}
    votes = Counter(before[cells] - y for y in changed if (cells := wanted.cells[y][left:right]) in before)
    if not votes:
        return None
    by, agreed = votes.most_common(1)[0]
    if agreed < _AGREE or by == 0:
        return None
    found = [y for y in rows if before.get(wanted.cells[y][left:right]) == y + by]
    shift = Shift(min(found[0], found[0] + by), max(found[-1], found[-1] + by), by)
    return shift if _saves(known, wanted, shift, right - left) else None


def _saves(known: Canvas, wanted: Canvas, shift: Shift, width: int) -> bool:
    still = moved = 0
    for y in range(shift.top, shift.bottom + 1):
        source = y + shift.by
        inside = shift.top <= source <= shift.bottom
        if known.cells[y] != wanted.cells[y]:
            still += width // 2
        if not inside:
            moved += width // 2
        elif known.cells[source] != wanted.cells[y] or known.pens[source] != wanted.pens[y]:
            cells = sum(map(ne, known.cells[source], wanted.cells[y]))
            moved += max(cells, sum(map(ne, known.pens[source], wanted.pens[y])))
    return moved + _COST + 2 * abs(shift.by) < still
