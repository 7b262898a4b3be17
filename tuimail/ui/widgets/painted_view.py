# SPDX-License-Identifier: GPL-3.0-or-later
"""The base of widgets whose lines are painted straight from `render_line`.

Textual keeps each line a second time, with border and padding, and finds the colours anew for every paint; in a pane that
scrolls, that takes longer than the lines themselves.
"""

from rich.style import Style
from textual.color import Color
from textual.geometry import Region
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tuimail.ui.look import Look
from tuimail.ui.output.prompt import PromptWidget
from tuimail.ui.theme import look_of


class Painted(PromptWidget, inherit_bindings=False):
    """Gives its lines to the screen as they are."""

    _look: Look | None = None

    _ground: Style | None = None
    _background = Color(0, 0, 0)
    """The colour of `_ground`."""

    @property
    def ground(self) -> Style:
        """What lies under every line."""
        return self._find_ground()

    def _find_ground(self) -> Style:
        if self._ground is None:
            self._ground, self._background = self.rich_style, self.background_colors[1]
        return self._ground

    @property
    def look(self) -> Look:
        """How the theme in force wants components drawn."""
        if self._look is None:
            self._look = look_of(self.app)
        return self._look

    def notify_style_update(self) -> None:
        """The theme may have changed."""
        super().notify_style_update()
        self._ground = self._look = None

    def render_lines(self, crop: Region) -> list[Strip]:
        """Lines of the widget. A border above is Textual's; where there is more than that, so is everything."""
        above, right, below, left = self.styles.gutter
        if right or below or left or crop.column_span != (0, self.size.width):
            return super().render_lines(crop)
        border = super().render_lines(crop.split_horizontal(above - crop.y)[0]) if crop.y < above else []
        self._find_ground()
        strips = self.paint_lines(range(max(crop.y, above) - above, crop.bottom - above))
        for one in self.get_line_filters():
            strips = [strip.apply_filter(one, self._background) for strip in strips]
        return [*border, *strips]

    def paint_lines(self, lines: range) -> list[Strip]:
        """Lines of the screen, without what only the mouse needs."""
        return [self.render_line(y) for y in lines]


class PaintedView(Painted, ScrollView, inherit_bindings=False):
    """A `ScrollView` without a scrollbar, which can always be scrolled: for more or fewer lines nothing is laid out anew."""

    DEFAULT_CSS = """
    PaintedView {
        scrollbar-size: 0 0;
        overflow-x: hidden;
        overflow-y: scroll;
    }
    """

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Paint other lines."""
        if round(old_value) != round(new_value):
            self.refresh(self.size.region)
