# SPDX-License-Identifier: GPL-3.0-or-later
"""A screen in memory: for each row its cells and the pens they are written with, as strings of the same length."""

from dataclasses import dataclass, field

from tuimail.ui.output.alphabet import UNKNOWN, without_halves
from tuimail.ui.output.pens import PLAIN


@dataclass(slots=True)
class Canvas:
    """``cells[y]`` and ``pens[y]`` have ``width`` characters. A fresh canvas is unknown."""

    width: int
    height: int
    cells: list[str] = field(init=False)
    pens: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Nobody knows what the cells show."""
        self.cells = [UNKNOWN * self.width] * self.height
        self.pens = [PLAIN * self.width] * self.height

    def copy(self, other: "Canvas") -> None:
        """Show the same as a canvas of the same size."""
        self.cells[:] = other.cells
        self.pens[:] = other.pens

    def write(self, x: int, y: int, cells: str, pens: str) -> None:
        """Write cells that begin at a column; what does not fit is cut off, halves of wide characters become blank."""
        if not 0 <= y < self.height or x >= self.width:
            return
        end = x + len(cells)
        if x or end < self.width:
            row, row_pens = self.cells[y], self.pens[y]
            cells, pens = row[:x] + cells + row[end:], row_pens[:x] + pens + row_pens[end:]
        self.cells[y], self.pens[y] = without_halves(cells[: self.width]), pens[: self.width]

    def scroll(self, top: int, bottom: int, by: int) -> None:
        """Move rows ``top`` to ``bottom`` (included) up, for a negative number down; blank rows come in."""
        for rows, blank in ((self.cells, " " * self.width), (self.pens, PLAIN * self.width)):
            moved = rows[top : bottom + 1]
            fresh = [blank] * abs(by)
            rows[top : bottom + 1] = moved[by:] + fresh if by > 0 else fresh + moved[:by]
