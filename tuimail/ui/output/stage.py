# SPDX-License-Identifier: GPL-3.0-or-later
"""The stage: takes Textual's updates, knows what the terminal shows, and tells what to send."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain

from rich.color import ColorSystem
from rich.segment import Segment
from textual._compositor import ChopsUpdate, LayoutUpdate

from tuimail.ui.output.alphabet import Alphabet, TableFull
from tuimail.ui.output.canvas import Canvas
from tuimail.ui.output.encode import Encoder, Place
from tuimail.ui.output.pens import Pens
from tuimail.ui.output.shift import find_shift

_FRAME_BEGINS, _FRAME_ENDS = "\x1b[?2026h", "\x1b[?2026l"
"""Synchronized output: what stands between is shown at once."""
_SMALL = 600
"""Bytes up to which a frame comes in one piece anyway."""
_SEGMENTS = 8192
"""Segments whose cells are kept."""

Span = tuple[int, int, int]
"""Row, first column, column after the last."""


class Stage:
    """One terminal's screen. Every method returns what to send, and takes it as sent."""

    def __init__(self, system: ColorSystem, *, colors: bool = True, bce: bool = True) -> None:
        self._system, self._colors, self._bce = system, colors, bce
        self._begin(0, 0)

    def _begin(self, width: int, height: int) -> None:
        self._alphabet = Alphabet()
        self._pens = Pens(self._system, colors=self._colors, bce=self._bce)
        self._segments: dict[Segment, tuple[str, str]] = {}
        self._known = Canvas(width, height)
        self._wanted = Canvas(width, height)
        self._place = Place()
        self.is_whole = False
        """Whether everything that is wanted is on the terminal."""
        self.is_complete = False
        """Whether it is known what is wanted everywhere; else the whole screen has to be taken once."""

    def forget(self) -> None:
        """Somebody else may have written on the terminal: the next frame writes everything."""
        self._known.forget()
        self._place = Place()
        self.is_whole = False

    def frame(self, update: LayoutUpdate | ChopsUpdate, cursor: tuple[int, int] | None, *, marks: bool = False) -> str:
        """What an update changes. ``cursor``: column and row where it is to stand, if that matters; ``marks``: the terminal
        knows synchronized output.
        """
        try:
            spans = self._take(update)
        except TableFull:
            self._begin(self._wanted.width, self._wanted.height)
            spans = self._take(update)
        return self._send(spans, cursor, marks=marks)

    def repaint(self, *, marks: bool = False) -> str:
        """Everything anew."""
        self.forget()
        return self._send((), None, marks=marks)

    def _send(self, spans: Sequence[Span], cursor: tuple[int, int] | None, *, marks: bool) -> str:
        encoder = Encoder(self._alphabet, self._pens, self._place, self._wanted.width)
        if self.is_whole and len(spans) > 2:
            rows, left, right = _widest(spans)
            shift = find_shift(self._known, self._wanted, rows, left, right)
            if shift is not None:
                encoder.shift(shift)
                self._known.scroll(shift.top, shift.bottom, shift.by)
        encoder.draw(self._known, self._wanted)
        self._known.copy(self._wanted)
        self.is_whole = True
        data, self._place = encoder.finish(cursor)
        return f"{_FRAME_BEGINS}{data}{_FRAME_ENDS}" if marks and len(data) > _SMALL else data

    def _take(self, update: LayoutUpdate | ChopsUpdate) -> list[Span]:
        """Write an update on the canvas. Returns what it may have changed."""
        if isinstance(update, LayoutUpdate):
            return self._take_layout(update)
        ends = update.chop_ends
        self._fit(max((row[-1] for row in ends if row), default=0), len(ends))
        for y, left, right in update.spans:
            for end, (x, strip) in zip(ends[y], update.chops[y].items(), strict=False):
                if strip is not None and x < right and end > left:
                    cells, pens = self._row(strip)
                    room = min(end, right) - x
                    self._wanted.write(x, y, cells[:room], pens[:room])
        return list(update.spans)

    def _take_layout(self, update: LayoutUpdate) -> list[Span]:
        left, top, width, height = update.region
        self._fit(max(left + width, self._wanted.width if left else 0), max(top + height, self._wanted.height if top else 0))
        for y, strips in enumerate(update.strips, top):
            self._wanted.write(left, y, *self._row(chain.from_iterable(strips)))
        self.is_complete |= (width, height) == (self._wanted.width, self._wanted.height)
        return [(y, left, left + width) for y in range(top, top + height)]

    def _fit(self, width: int, height: int) -> None:
        """Another size is another screen."""
        if (width, height) != (self._wanted.width, self._wanted.height):
            self._begin(width, height)

    def _row(self, segments: Iterable[Segment]) -> tuple[str, str]:
        """Cells and pens of a row of segments."""
        known, draw = self._segments.get, self._drawn
        parts = [known(segment) or draw(segment) for segment in segments]
        return "".join([cells for cells, _ in parts]), "".join([pens for _, pens in parts])

    def _drawn(self, segment: Segment) -> tuple[str, str]:
        """Cells and pens of a segment; blanks at its ends get a pen that the ones beside them may share."""
        if len(self._segments) >= _SEGMENTS:
            self._segments.clear()
        cells = self._alphabet.cells(segment.text)
        pen, blank = self._pens.of(segment.style)
        inner = len(cells.lstrip(" "))
        tail = len(cells) - len(cells.rstrip(" ")) if inner else 0
        pens = blank * (len(cells) - inner) + pen * (inner - tail) + blank * tail
        self._segments[segment] = cells, pens
        return cells, pens


def _widest(spans: Sequence[Span]) -> tuple[list[int], int, int]:
    """The rows that were changed between the same two columns, of those columns that most rows have."""
    (left, right), _ = Counter((left, right) for _, left, right in spans).most_common(1)[0]
    return [y for y, *columns in spans if columns == [left, right]], left, right
