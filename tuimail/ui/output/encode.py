# SPDX-License-Identifier: GPL-3.0-or-later
"""From what a terminal shows to what it is to show, in few bytes.

Used are sequences that every terminal of the last decades knows (ECMA-48 §8.3, DEC VT100): CUP, CHA, CUF…, SGR, EL, ECH,
and for shifts DECSTBM with IND and RI.
"""

from dataclasses import dataclass

from tuimail.ui.output.alphabet import CONTINUES, Alphabet, is_single
from tuimail.ui.output.canvas import Canvas
from tuimail.ui.output.moves import way
from tuimail.ui.output.pens import PLAIN, Pens
from tuimail.ui.output.row_plan import Piece, plan
from tuimail.ui.output.shift import Shift

_ERASE_INSIDE = 11
"""Blanks that are rather erased (ECH) than written, in the midst of a row: the cursor has to be moved as well."""


@dataclass(slots=True)
class Place:
    """Where the cursor stands and which pen it has; None: nobody knows."""

    x: int | None = None
    y: int | None = None
    pen: str | None = None


class Encoder:
    """Gathers the bytes of one frame, from where the last one left the terminal."""

    def __init__(self, alphabet: Alphabet, pens: Pens, place: Place, width: int) -> None:
        self._alphabet = alphabet
        self._pens = pens
        self._width = width
        self._out: list[str] = []
        self._x, self._y = place.x, place.y
        self._pen = PLAIN
        if place.pen is None:
            self._out.append("\x1b[m")
        else:
            self._pen = place.pen

    def shift(self, shift: Shift) -> None:
        """Let the terminal move rows. Where the cursor stands after DECSTBM, terminals do not agree."""
        up = shift.by > 0
        at = shift.bottom if up else shift.top
        moves = ("\x1bD" if up else "\x1bM") * abs(shift.by)
        self._use(PLAIN)
        self._out.append(f"\x1b[{shift.top + 1};{shift.bottom + 1}r\x1b[{at + 1}H{moves}\x1b[r")
        self._x = self._y = None

    def draw(self, known: Canvas, wanted: Canvas) -> None:
        """Write what differs."""
        for y in range(wanted.height):
            if known.cells[y] != wanted.cells[y] or known.pens[y] != wanted.pens[y]:
                now, then = (known.cells[y], known.pens[y]), (wanted.cells[y], wanted.pens[y])
                for piece in plan(now, then, self._alphabet, self._pens, self._pen):
                    self._piece(piece, y)

    def finish(self, cursor: tuple[int, int] | None) -> tuple[str, Place]:
        """Put the cursor at a column and row, if that matters. Returns what was gathered, and how it leaves the terminal."""
        if cursor is not None:
            self._go(*cursor)
        return "".join(self._out), Place(self._x, self._y, self._pen)

    def _piece(self, piece: Piece, y: int) -> None:
        blank = not piece.cells.strip(" ")
        self._go(piece.x, y)
        self._use(piece.pen, blank=blank)
        if not piece.cells:
            self._out.append("\x1b[K")
        elif blank and len(piece.cells) >= _ERASE_INSIDE and self._pens.erases(piece.pen):
            self._out.append(f"\x1b[{len(piece.cells)}X")
        else:
            self._text(piece.cells)

    def _text(self, cells: str) -> None:
        """Write, and say where the column has to be set again. Doubtful wide clusters stand on blanks."""
        assert self._x is not None
        assert self._y is not None
        if is_single(cells):
            self._out.append(cells)
            self._stands(self._x + len(cells))
            return
        at, x, y = 0, self._x, self._y
        for run in self._alphabet.runs(cells):
            self._go(x + at, y)
            if CONTINUES in cells[run.start : run.end]:
                self._out.append(self._alphabet.text(cells[at : run.start]) + " " * (run.end - run.start))
                self._stands(x + run.end)
                at = run.start
                self._go(x + at, y)
            self._out.append(self._alphabet.text(cells[at : run.end]))
            at = run.end
            self._x = None
        if at < len(cells):
            self._go(x + at, y)
            self._out.append(self._alphabet.text(cells[at:]))
            self._stands(x + len(cells))

    def _stands(self, x: int) -> None:
        """After the last column terminals disagree on where the cursor is."""
        self._x = x if x < self._width else None

    def _go(self, x: int, y: int) -> None:
        if (self._x, self._y) != (x, y):
            self._out.append(way(self._x, self._y, x, y))
            self._x, self._y = x, y

    def _use(self, pen: str, *, blank: bool = False) -> None:
        sequence, self._pen = self._pens.change(self._pen, pen, blank=blank)
        if sequence:
            self._out.append(sequence)
