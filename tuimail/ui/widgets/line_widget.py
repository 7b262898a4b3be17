# SPDX-License-Identifier: GPL-3.0-or-later
"""The base of widgets that are one line high."""

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tuimail.model.width import cell_len
from tuimail.ui.look import Component
from tuimail.ui.widgets.line_view import strip_of
from tuimail.ui.widgets.painted_view import Painted
from tuimail.ui.widgets.symbols import ASCII, UNICODE, Symbols


class LineWidget(Painted):
    """One line in the style of the bars. Subclasses give the segments for a width."""

    DEFAULT_CSS = """
    LineWidget {
        height: 1;
        width: 1fr;
        background: $panel;
        color: $foreground;
    }
    """

    _bar: Style | None = None

    ascii = False
    """Draw with ASCII signs only."""

    @property
    def symbols(self) -> Symbols:
        """The signs to draw."""
        return ASCII if self.ascii else UNICODE

    def notify_style_update(self) -> None:
        """The theme may have changed."""
        super().notify_style_update()
        self._bar = None

    def segments(self, width: int) -> tuple[list[Segment], list[Segment]]:
        """What stands at the left, and what at the right. The left side is cut where both do not fit."""
        raise NotImplementedError

    def render_line(self, y: int) -> Strip:  # noqa: ARG002
        """The line."""
        width = self.size.width
        left, right = self.segments(width)
        taken = sum(cell_len(segment.text) for segment in right)
        if self._bar is None:
            self._bar = self.rich_style + self.look[Component.BAR]
        bar = self._bar
        if taken >= width:
            return strip_of(right, width, bar)
        return Strip.join([strip_of(left, width - taken, bar), strip_of(right, taken, bar)])
