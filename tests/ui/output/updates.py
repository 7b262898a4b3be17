# SPDX-License-Identifier: GPL-3.0-or-later
"""Updates as Textual's compositor makes them, from rows of segments."""

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

Words = Sequence[tuple[str, Style | None]]


def strip(words: Words, width: int) -> Strip:
    """A strip of this width, cut or filled with blanks."""
    return Strip([Segment(text, style) for text, style in words]).adjust_cell_length(width)


def layout(rows: Sequence[Words], width: int) -> LayoutUpdate:
    """The whole screen."""
    return LayoutUpdate([[strip(words, width)] for words in rows], Region(0, 0, width, len(rows)))


def chops(rows: Sequence[Words], width: int, spans: Sequence[tuple[int, int, int]], cuts: Sequence[int] = ()) -> ChopsUpdate:
    """Parts of the screen: spans of row, first column, column after the last. Widgets meet at ``cuts``."""
    ends = [*cuts, width]
    parts = [strip(words, width).divide(ends) for words in rows]
    return ChopsUpdate([dict(zip([0, *cuts], row, strict=True)) for row in parts], list(spans), [list(ends) for _ in rows])
