# SPDX-License-Identifier: GPL-3.0-or-later
"""The base of every pane that draws its own lines: no scrollbar, no animation, strips made only for what is seen."""

from collections.abc import Callable, Mapping
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from tuimail.model.width import cell_len, clip, set_cell_size
from tuimail.ui.look import Component
from tuimail.ui.widgets.painted_view import PaintedView
from tuimail.ui.widgets.symbols import ASCII, UNICODE, Symbols


def pad(text: str, width: int, ellipsis: str = "…") -> str:
    """``text`` cut or filled to exactly ``width`` columns."""
    if width <= 0:
        return ""
    if text.isascii() and len(text) <= width:
        return text.ljust(width)
    cut = clip(text, width)
    if ellipsis != "…" and cut != text:
        cut = cut[:-1] + ellipsis
    return set_cell_size(cut, width)


def strip_of(segments: list[Segment], width: int, ground: Style, over: Style | None = None) -> Strip:
    """A strip of exactly ``width`` columns. ``ground`` lies under the segments, ``over`` is laid upon them."""
    segments = [segment for segment in segments if segment.text]
    used = sum(cell_len(segment.text) for segment in segments)
    if used < width:
        segments.append(Segment(" " * (width - used), Style.null()))
    strip = Strip(Segment.apply_style(segments, ground, over), max(used, width))
    return strip if used <= width else strip.crop(0, width)


class LineView(PaintedView, can_focus=True, inherit_bindings=False):
    """Lines drawn by `draw_line`. Has no keys of its own: a screen calls `perform` with a command's name."""

    DEFAULT_CSS = """
    LineView {
        background: $background;
        color: $foreground;
    }
    """
    ALLOW_SELECT = False

    PERFORMS: ClassVar[Mapping[str, Callable[..., object]]] = {}
    """Command names that the pane can perform by itself → methods that take the widget."""

    ascii = False
    """Draw with ASCII signs only. To be set before the first paint; `redraw` after a change."""

    @property
    def uses_keys(self) -> bool:
        """Whether the next key is for this widget itself."""
        return False

    def tell(self, message: Message) -> None:
        """Hand a message to the screen: on its way through the containers it would take a turn of the event loop for each."""
        self.screen.post_message(message)

    def perform(self, command: str) -> bool:
        """Do what a command of the table says. False: this pane does not know it, or (page down) is at its end."""
        method = self.PERFORMS.get(command)
        return method is not None and method(self) is not False

    @property
    def symbols(self) -> Symbols:
        """The signs to draw."""
        return ASCII if self.ascii else UNICODE

    @property
    def line_count(self) -> int:
        """How many lines there are."""
        raise NotImplementedError

    def draw_line(self, index: int, width: int) -> Strip:
        """The strip of one line, ``width`` columns wide."""
        raise NotImplementedError

    def forget_strips(self) -> None:
        """Drop cached strips; called when size or theme changed."""

    def redraw(self) -> None:
        """Draw everything again, for a changed theme, sign set or the like."""
        self.forget_strips()
        self.refresh()

    def notify_style_update(self) -> None:
        """The theme may have changed."""
        super().notify_style_update()
        self.forget_strips()

    def on_resize(self, event: events.Resize) -> None:  # noqa: ARG002
        """Columns follow the width."""
        self.forget_strips()

    @property
    def top(self) -> int:
        """The first line on the screen."""
        return int(self.scroll_offset.y)

    @property
    def page(self) -> int:
        """Lines on the screen, at least 1."""
        return max(1, int(self.scrollable_content_region.height))

    def set_line_count(self) -> None:
        """Tell Textual the new height. As there is no scrollbar, nothing is to be laid out or drawn again for that."""
        self.set_reactive(LineView.virtual_size, Size(0, self.line_count))

    def scroll_top_to(self, line: int) -> None:
        """Put a line at the top, at once and without animation."""
        line = max(0, min(line, self.line_count - self.page))
        if line != self.top:
            self.scroll_to(y=line, animate=False, force=True, immediate=True)

    def show_line(self, index: int) -> None:
        """Scroll as little as needed to show a line."""
        if index < self.top:
            self.scroll_top_to(index)
        elif index >= self.top + self.page:
            self.scroll_top_to(index - self.page + 1)

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        index, width = self.top + y, self.size.width
        return self.draw_line(index, width) if 0 <= index < self.line_count else self._blank(y, width)

    def paint_lines(self, lines: range) -> list[Strip]:
        """Lines of the screen; what holds for all of them is asked once."""
        top, width, count = self.top, self.size.width, self.line_count
        return [self.paint_line(top + y, width) if 0 <= top + y < count else self._blank(y, width) for y in lines]

    def paint_line(self, index: int, width: int) -> Strip:
        """`draw_line` without what only the mouse needs."""
        return self.draw_line(index, width)

    def _blank(self, y: int, width: int) -> Strip:
        if y == self.empty_line and not self.line_count and self.empty_text:
            left = max(0, (width - cell_len(self.empty_text)) // 2)
            text = pad(" " * left + self.empty_text, width)
            return Strip([Segment(text, self.ground + self.look[Component.MUTED])], width)
        return Strip.blank(width, self.ground)

    empty_text: str = ""
    """What stands in the middle where there are no lines; safe text."""

    @property
    def empty_line(self) -> int:
        """The screen line that carries `empty_text`."""
        return max(0, self.size.height // 3)


class RowView(LineView):
    """A `LineView` with a cursor."""

    cursor_index: int = 0

    def can_stop_at(self, index: int) -> bool:  # noqa: ARG002
        """Whether the cursor may rest on a line; headings say no."""
        return True

    def move_to(self, index: int) -> None:
        """Put the cursor on a line, or on the nearest one where it can stop, and show it."""
        count = self.line_count
        if not count:
            return
        index = max(0, min(index, count - 1))
        step = 1 if index >= self.cursor_index else -1
        found = self._stop(index, step)
        if found is None:
            found = self._stop(index, -step)
        if found is None:
            return
        old, self.cursor_index = self.cursor_index, found
        self.cursor_moved(old)
        self.show_line(found)
        if old != found:
            self.refresh_lines(old)
            self.refresh_lines(found)

    def _stop(self, index: int, step: int) -> int | None:
        while 0 <= index < self.line_count:
            if self.can_stop_at(index):
                return index
            index += step
        return None

    def cursor_moved(self, old: int) -> None:
        """Called after the cursor went from line ``old`` to `cursor_index`, before anything is drawn."""

    def cursor_down(self) -> None:
        """One line down."""
        self.move_to(self.cursor_index + 1)

    def cursor_up(self) -> None:
        """One line up."""
        self.move_to(self.cursor_index - 1)

    def page_down(self) -> None:
        """One page down."""
        self._page(self.page)

    def page_up(self) -> None:
        """One page up."""
        self._page(-self.page)

    def half_page_down(self) -> None:
        """Half a page down."""
        self._page(max(1, self.page // 2))

    def half_page_up(self) -> None:
        """Half a page up."""
        self._page(-max(1, self.page // 2))

    def _page(self, lines: int) -> None:
        """Move view and cursor together, so that the cursor keeps its place on the screen."""
        self.scroll_top_to(self.top + lines)
        self.move_to(self.cursor_index + lines)

    def home(self) -> None:
        """To the first line."""
        self.move_to(0)

    def end(self) -> None:
        """To the last line."""
        self.move_to(self.line_count - 1)

    PERFORMS: ClassVar[Mapping[str, Callable[..., object]]] = {
        "cursor_down": cursor_down,
        "cursor_up": cursor_up,
        "page_down": page_down,
        "page_up": page_up,
        "half_page_down": half_page_down,
        "half_page_up": half_page_up,
        "first": home,
        "last": end,
    }

    def on_focus(self) -> None:
        """The cursor is drawn stronger in the focused pane."""
        self.refresh_lines(self.cursor_index)

    def on_blur(self) -> None:
        """See `on_focus`."""
        self.refresh_lines(self.cursor_index)

    def cursor_sign(self) -> Segment:
        """What stands at the beginning of the cursor's line: plain at a glance which pane has the focus."""
        look, signs = self.look, self.symbols
        if self.has_focus:
            return Segment(signs.cursor, look[Component.CURSOR_BAR])
        return Segment(signs.cursor_blurred, look[Component.FAINT])

    def cursor_style(self) -> Style:
        """What is laid over the cursor's line."""
        return self.look[Component.CURSOR if self.has_focus else Component.CURSOR_BLURRED]
