# SPDX-License-Identifier: GPL-3.0-or-later
"""The message list: a million rows at the price of one page. Only rows on the screen are read and drawn."""

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.cache import LRUCache
from textual.strip import Strip

from tuimail.model.ids import MessageId
from tuimail.model.message import MessageRow, ThreadMark
from tuimail.ui.look import Component
from tuimail.ui.output.prompt import AtOnce
from tuimail.ui.widgets.line_view import RowView, strip_of
from tuimail.ui.widgets.list_row import GUTTER, RowState, placeholder_segments, row_segments
from tuimail.ui.widgets.marks import Marks
from tuimail.ui.widgets.row_source import RowSource, ThreadedSource
from tuimail.ui.widgets.source_view import SourceView

_SAME_DATES = 900
"""Seconds for which dates are drawn as they are."""
_STRIPS = 400
"""Rows that are kept as drawn; some 3 kB each."""
Parts = tuple[MessageRow | None, ThreadMark | None, int]
"""Row, conversation and the time that dates are told by, in `_SAME_DATES`."""


class MessageList(SourceView):
    """The rows of a folder or a search, with marks. Cursor and source are those of `SourceView`."""

    empty_text = "Nothing here"
    recipients = False
    """Show recipients instead of senders (Sent, Drafts). `redraw` after a change."""
    clock: Callable[[], float] = staticmethod(time.time)
    """Tells what "today" is; seconds since 1970."""

    @dataclass
    class MarksChanged(AtOnce):
        """So many messages are marked now."""

        count: int

    def __init__(self, source: RowSource | None = None, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(source, id=id, classes=classes)
        self._strips: LRUCache[tuple[object, ...], tuple[Parts, Strip]] = LRUCache(_STRIPS)
        self._match = ""
        self._kind_of: RowSource | None = None
        self._threaded: ThreadedSource | None = None
        """The source where it shows conversations. To ask each time would take longer than the rest of a cached row."""
        self.marks = Marks()

    def show(self, source: RowSource, cursor: MessageId | None = None) -> None:
        """Show another folder, with the cursor on the given message, else on the first. Marks are dropped."""
        self._set_marks(self.marks.clear)
        super().show(source, cursor)

    def cursor_moved(self, old: int) -> None:
        """Keep the key; extend a range that is being marked."""
        super().cursor_moved(old)
        if self.marks.in_range:
            self._extend_range(old)

    def advance_after_action(self, keys: Collection[MessageId]) -> None:
        """Move on after an action: to the next message that is not among ``keys``, else to the previous; their marks go."""
        self._set_marks(lambda: self.marks.remove(keys))
        super().advance_after_action(keys)
        self.refresh()

    def chosen(self) -> tuple[MessageId, ...]:
        """What an action applies to: the marked messages that are listed, in their order, else the one under the cursor."""
        if self.marks:
            return self.marks.listed(self._source)
        return (self._cursor,) if self._cursor is not None else ()

    def toggle_mark(self) -> None:
        """Mark or unmark the message under the cursor, and go down."""
        if self._cursor is not None:
            key = self._cursor
            self._set_marks(lambda: self.marks.toggle(key))
            self.refresh_lines(self.cursor_index)
            self.cursor_down()

    def mark_range(self) -> None:
        """Begin a range here, which follows the cursor; a second time, end it and keep its marks."""
        if self.marks.in_range:
            self.marks.end_range()
        elif self._cursor is not None:
            key = self._cursor
            self._set_marks(lambda: self.marks.begin_range(key))
            self.refresh_lines(self.cursor_index)

    def mark_keys(self, keys: Collection[int]) -> None:
        """Mark these messages."""
        self._set_marks(lambda: self.marks.add(keys))
        self.refresh()

    def mark_all(self) -> None:
        """Mark everything that is listed."""
        self.mark_keys(self._source.all_keys())

    def unmark_all(self) -> None:
        """Take all marks off, and end a range."""
        self._set_marks(self.marks.clear)
        self.refresh()

    def _extend_range(self, old: int) -> None:
        anchor = self.marks.anchor
        start = self._source.index_of(anchor) if anchor is not None else None
        if start is None:
            self.marks.end_range()
            return
        first, last = sorted((start, self.cursor_index))
        self._set_marks(lambda: self.marks.stretch(self._source.all_keys()[first : last + 1]))
        top, bottom = min(old, first), max(old, last)
        self.refresh_lines(top, bottom - top + 1)

    def _set_marks(self, change: Callable[[], object]) -> None:
        before = len(self.marks)
        change()
        if len(self.marks) != before:
            self.tell(self.MarksChanged(len(self.marks)))

    def highlight(self, words: str) -> None:
        """Highlight these words in senders and subjects; empty: nothing."""
        self._match = words
        self.redraw()

    def forget_strips(self) -> None:
        """Drop the drawn rows."""
        self._strips.clear()

    def parts_of(self, index: int) -> Parts:
        """What a line is drawn from."""
        return self.row_at(index), self._thread_at(index), int(self.clock()) // _SAME_DATES

    def draw_line(self, index: int, width: int) -> Strip:
        """One row, from the cache where nothing of it changed."""
        parts = self.parts_of(index)
        key, cursor = self._source.key_at(index), index == self.cursor_index
        drawn = key, width, key in self.marks, cursor, cursor and self.has_focus
        cached = self._strips.get(drawn)
        if cached is not None and cached[0] == parts:
            return cached[1]
        strip = self._draw(parts, width, marked=key in self.marks, cursor=cursor)
        self._strips[drawn] = parts, strip
        return strip

    def _draw(self, parts: Parts, width: int, *, marked: bool, cursor: bool) -> Strip:
        row, thread, period = parts
        state = RowState(
            self.cursor_sign() if cursor else None, marked, thread, self.recipients, period * _SAME_DATES, self._match
        )
        look, signs = self.look, self.symbols
        if row is None:
            segments = placeholder_segments(state, width, look, signs)
        else:
            segments = row_segments(row, state, width, look, signs)
        ground = self.ground + look[Component.MARKED_ROW] if marked else self.ground
        return strip_of(segments, width, ground, self.cursor_style() if cursor else None)

    def line_with_cursor(self, index: int, cursor: int) -> Strip:
        """One row as it would look with the cursor on that line."""
        now, self.cursor_index = self.cursor_index, cursor
        try:
            return self.draw_line(index, self.size.width)
        finally:
            self.cursor_index = now

    def _thread_at(self, index: int) -> ThreadMark | None:
        if self._kind_of is not self._source:
            self._kind_of = self._source
            self._threaded = self._source if isinstance(self._source, ThreadedSource) else None
        return self._threaded.thread_at(index) if self._threaded is not None else None

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor, on the signs at the left it marks as well, and a second one opens."""
        index = self.top + event.y
        if not 0 <= index < self.line_count:
            return
        self.move_to(index)
        if event.chain == 2:
            self.open()
        elif event.x < GUTTER - 1:
            key = self._source.key_at(index)
            self._set_marks(lambda: self.marks.toggle(key))
            self.refresh_lines(index)

    PERFORMS: ClassVar[Mapping[str, Callable[..., object]]] = {
        **RowView.PERFORMS,
        "open": SourceView.open,
        "mark": toggle_mark,
        "mark_range": mark_range,
        "mark_all": mark_all,
        "mark_none": unmark_all,
    }
