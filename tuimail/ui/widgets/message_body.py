# SPDX-License-Identifier: GPL-3.0-or-later
"""The reader: header block and body of one message, of any length, wrapped where it is looked at."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.selection import Selection
from textual.strip import Strip

from tuimail.model.rendered import Line, Link, Rendered
from tuimail.model.wrap import Row
from tuimail.ui.look import Component
from tuimail.ui.widgets.body_find import BodyFind, Match
from tuimail.ui.widgets.body_layout import BodyLayout, fold_quotes
from tuimail.ui.widgets.body_row import MARGIN, LinkStyles, Over, body_segments, character_at, lead_columns
from tuimail.ui.widgets.line_view import LineView, strip_of
from tuimail.ui.widgets.link_hints import LinkHints

_SLICE = 0.004
"""Seconds of exact counting in one go."""
_CHUNK = 20
"""Lines that are counted between two looks at the clock."""


class MessageBody(LineView):
    """Shows one message. Moving is scrolling; ``page_down`` at the end is not performed, so that the screen can go on."""

    ALLOW_SELECT = True
    empty_text = ""

    @dataclass
    class LinkChosen(Message):
        """The user wants to open a link. Check `tuimail.ui.widgets.body_row.openable` before doing so."""

        link: Link

    @dataclass
    class WidthChanged(Message):
        """There are more or fewer columns for text: what is laid out for a width should be rendered again."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._head: tuple[Line, ...] = ()
        self._body = Rendered(())
        self._links = LinkStyles(())
        self._layout = BodyLayout((), 80)
        self._folded = False
        self._find = BodyFind()
        self._hints: LinkHints | None = None

    def show(self, head: Sequence[Line], body: Rendered, *, keep_place: bool = False) -> None:
        """Show a message from its beginning, or from where the view is: another view, or all headers, of the same message."""
        self._head, self._body = tuple(head), body
        self._links = LinkStyles(body.links)
        self._hints = None
        if not keep_place:
            self._find = BodyFind()
        self._lay_out(self.top if keep_place else 0)
        self._find.search(self._layout.lines)

    def clear(self) -> None:
        """Show nothing."""
        self.show((), Rendered(()))

    @property
    def text_width(self) -> int:
        """Columns for text: what a renderer should lay tables out for."""
        return max(20, self.size.width - MARGIN - 1)

    @property
    def line_count(self) -> int:
        """Rows at this width."""
        return self._layout.row_count

    def _lay_out(self, top: int) -> None:
        """Wrap anew and put row ``top`` at the top."""
        body = fold_quotes(self._body.lines, self.symbols.folded) if self._folded else self._body.lines
        lines = (*self._head, *((Line(""),) if self._head else ()), *body)
        self._layout = BodyLayout(lines, self.text_width)
        self._layout.settle(top, self.page)
        self.set_line_count()
        if self.is_mounted:
            self.scroll_to(y=min(top, max(0, self.line_count - self.page)), animate=False, force=True, immediate=True)
            if not self._layout.is_exact:
                self.set_timer(0.02, self._correct)
        self.refresh()

    def _correct(self) -> None:
        """Replace estimates by exact counts, a slice at a time, without moving what is on the screen."""
        layout, until = self._layout, time.perf_counter() + _SLICE
        if not layout.lines:
            return
        line, part = layout.locate(self.top)
        more = layout.correct(_CHUNK)
        while more and time.perf_counter() < until:
            more = layout.correct(_CHUNK)
        self.set_line_count()
        self.scroll_top_to(layout.start_of(line) + part)
        if more:
            self.set_timer(0.01, self._correct)

    def on_resize(self, event: events.Resize) -> None:  # noqa: ARG002
        """Wrap for the new width; the line at the top stays there."""
        self.post_message(self.WidthChanged())
        if self._layout.width == self.text_width or not self._layout.lines:
            return
        line, _ = self._layout.locate(self.top)
        self._lay_out(0)
        self.scroll_top_to(self._layout.start_of(line))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """What comes into sight must be counted exactly before it is drawn."""
        if self._layout.settle(int(new_value), self.page):
            self.set_line_count()
        super().watch_scroll_y(old_value, new_value)

    def toggle_quotes(self) -> None:
        """Fold quoted text away, or show it again."""
        line, _ = self._layout.locate(self.top) if self._layout.lines else (0, 0)
        self._folded = not self._folded
        self._lay_out(self.top if line <= len(self._head) else 0)
        self._find.search(self._layout.lines)

    @property
    def at_end(self) -> bool:
        """Whether the last row is on the screen."""
        return self.top + self.page >= self.line_count

    def scroll_lines(self, lines: int) -> bool:
        """Scroll; False where that is impossible."""
        before = self.top
        self.scroll_top_to(before + lines)
        return self.top != before

    def page_down(self) -> bool:
        """A page down, two rows of the last one kept. False at the end: nothing is left to read."""
        return not self.at_end and self.scroll_lines(max(1, self.page - 2))

    def page_up(self) -> None:
        """A page up."""
        self.scroll_lines(-max(1, self.page - 2))

    def find(self, words: str) -> int:
        """Find words in head and body, case ignored, and go to the first match in or after the view. How many there are.

        Folded quotes are shown again when something is looked for; empty ``words`` end the search.
        """
        self._find = BodyFind(words)
        if words and self._folded:
            self.toggle_quotes()
        self._find.search(self._layout.lines)
        if self._find:
            self._go_to(self._find.first_from(self._layout.locate(self.top)[0]))
        self.refresh()
        return len(self._find)

    @property
    def match_position(self) -> tuple[int, int]:
        """Which match is the current one, from 1, and how many there are; (0, 0) for none."""
        return self._find.position

    def next_match(self) -> bool:
        """To the next match, from the last to the first. False where nothing was found."""
        return self._go_to(self._find.step(1))

    def previous_match(self) -> bool:
        """To the match before, from the first to the last. False where nothing was found."""
        return self._go_to(self._find.step(-1))

    def _go_to(self, match: Match | None) -> bool:
        if match is None:
            return False
        self._layout.settle(self._layout.start_of(match.line), self.page)
        self.set_line_count()
        row = self._layout.row_of(match.line, match.start)
        if not self.top <= row < self.top + self.page:
            self.scroll_top_to(row - self.page // 3)
        self.refresh()
        return True

    @property
    def links(self) -> tuple[Link, ...]:
        """All links of the message."""
        return self._body.links

    def toggle_hints(self) -> bool:
        """Number the links on the screen; digits then choose one, escape ends it. False where there are none."""
        if self._hints is not None:
            self._hints = None
        else:
            rows = (self._layout.row(row) for row in range(self.top, self.top + self.page))
            spans = (span for found in rows if found is not None for span in found[1].spans)
            self._hints = LinkHints(span.link for span in spans if span.link is not None and span.link < len(self.links))
            if not self._hints:
                self._hints = None
                return False
        self.refresh()
        return True

    @property
    def uses_keys(self) -> bool:
        """Whether links are numbered: the next digits choose one."""
        return self._hints is not None

    def on_key(self, event: events.Key) -> None:
        """While links are numbered, digits, enter, backspace and escape are for them; any other key ends it."""
        if self._hints is None:
            return
        event.stop()
        event.prevent_default()
        chosen = self._hints.feed(event.key)
        if chosen is not None:
            self.post_message(self.LinkChosen(self.links[chosen]))
        if self._hints.done:
            self._hints = None
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """A click on a link chooses it."""
        found = self._layout.row(self.top + event.y)
        if found is None:
            return
        line, row = found
        at = character_at(row, event.x - lead_columns(line)) if event.x >= lead_columns(line) else None
        for span in row.spans:
            if at is not None and span.link is not None and span.start <= at < span.end and span.link < len(self.links):
                self.post_message(self.LinkChosen(self.links[span.link]))
                return

    def draw_line(self, index: int, width: int) -> Strip:
        """One row, whose characters tell the mouse where they stand in the message."""
        return self._links.unify(self._draw(index, width).apply_offsets(0, index))

    def paint_line(self, index: int, width: int) -> Strip:
        """One row."""
        return self._links.unify(self._draw(index, width))

    def _draw(self, index: int, width: int) -> Strip:
        found = self._layout.row(index)
        if found is None:
            return Strip.blank(width, self.ground)
        line, row = found
        number, _ = self._layout.locate(index)
        look = self.look
        ground = self.ground + look[Component.HEAD] if number < len(self._head) else self.ground
        overs = [*self._find.overs(number, line, row), *self._selected_in(index, line, row)]
        segments = body_segments(line, row, look, self.symbols, self._links, overs)
        strip = strip_of(segments, width, ground)
        if self._hints is not None:
            strip = self._hints.draw_over(strip, line, row, look[Component.HINT])
        return strip

    def _selected_in(self, index: int, line: Line, row: Row) -> list[Over]:
        selection = self.text_selection
        span = selection.get_span(index) if selection is not None else None
        if span is None:
            return []
        start, end = span
        lead = lead_columns(line)
        stop = len(row.text) if end == -1 else min(end - lead, len(row.text))
        return [Over(max(0, start - lead), stop, Component.SELECTION)] if stop > max(0, start - lead) else []

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text, without margin and quote bars."""
        first = selection.start.y if selection.start is not None else 0
        last = selection.end.y if selection.end is not None else self.line_count - 1
        texts = []
        for index in range(first, last + 1):
            found = self._layout.row(index)
            span = selection.get_span(index)
            if found is None or span is None:
                continue
            lead = lead_columns(found[0])
            stop = None if span[1] == -1 else max(0, span[1] - lead)
            texts.append(found[1].text[max(0, span[0] - lead) : stop])
        return "\n".join(texts), "\n"

    def selection_updated(self, selection: Selection | None) -> None:  # noqa: ARG002
        """Draw the selection."""
        self.refresh(Region(0, 0, self.size.width, self.size.height))

    PERFORMS: ClassVar[Mapping[str, Callable[..., object]]] = {
        "cursor_down": lambda self: self.scroll_lines(1) or None,
        "cursor_up": lambda self: self.scroll_lines(-1) or None,
        "page_down": page_down,
        "page_up": page_up,
        "half_page_down": lambda self: self.scroll_lines(max(1, self.page // 2)) or None,
        "half_page_up": lambda self: self.scroll_lines(-max(1, self.page // 2)) or None,
        "first": lambda self: self.scroll_top_to(0),
        "last": lambda self: self.scroll_top_to(self.line_count),
        "next_match": next_match,
        "previous_match": previous_match,
        "fold_quotes": toggle_quotes,
        "links": toggle_hints,
    }
