# SPDX-License-Identifier: GPL-3.0-or-later
"""A pane over a `RowSource` whose cursor is a message, not a row number.

Rows that come or go elsewhere neither move the cursor nor, unless the pane stands at its top, move the view.
"""

import asyncio
import time
from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from textual.message import Message

from tuimail.model.ids import MessageId
from tuimail.model.message import MessageRow
from tuimail.ui.output.prompt import AtOnce
from tuimail.ui.widgets.line_view import RowView
from tuimail.ui.widgets.row_source import EmptySource, PartialSource, RowSource

if TYPE_CHECKING:
    from textual.worker import WorkType

_NEIGHBOURS = 200
"""How many keys on each side of the cursor are remembered, to find the nearest one that is left after a change."""
_NEAR = 100
"""With fewer neighbours than this on a side, the memory is renewed."""
_READING = "Reading…"
_REST = 5
"""A source is not read again before so many times as long went by as the last reading took."""


class SourceView(RowView):
    """Shows a `RowSource`. After each change of the source's content call `rows_changed`.

    A `PartialSource` is read on in a thread, as often as it says that there is more.
    """

    @dataclass
    class Opened(Message):
        """The user opened a message."""

        key: MessageId

    @dataclass
    class CursorMoved(AtOnce):
        """The cursor is on another message now; None where the list is empty."""

        key: MessageId | None

    class RowsRead(Message):
        """More rows of the source became known."""

    def __init__(self, source: RowSource | None = None, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._source: RowSource = source if source is not None else EmptySource()
        self._cursor: MessageId | None = None
        self._sought: MessageId | None = None
        """Where the cursor is to be once that message is listed, unless the user moves it before."""
        self._reading: RowSource | None = None
        """What is being read in a thread."""
        self._drawn: list[object] | None = None
        """What the lines were drawn from when the source had changed last; None: they are to be drawn again anyway."""
        self._near: list[MessageId] = []
        self._near_at = 0
        self._page_rows: list[MessageRow | None] = []
        self._page_start = 0
        self._page_generation = -1

    def on_mount(self) -> None:
        """The first row gets the cursor."""
        self.rows_changed()

    @property
    def source(self) -> RowSource:
        """What is shown. Setting it keeps cursor and view by key, as `rows_changed` does."""
        return self._source

    @source.setter
    def source(self, source: RowSource) -> None:
        self._source = source
        self._page_generation = -1
        self._drawn = None
        self.rows_changed()

    def show(self, source: RowSource, cursor: MessageId | None = None) -> None:
        """Show another folder, with the cursor on the given message, else on the first."""
        self._source, self._page_generation = source, -1
        self._cursor, self._near, self.cursor_index, self._drawn = cursor, [], 0, None
        self._sought = None
        self.forget_strips()
        self.set_line_count()
        if self.is_mounted:
            self.scroll_to(y=0, animate=False, force=True, immediate=True)
        self.rows_changed()
        self.show_line(self.cursor_index)

    def rows_changed(self) -> None:
        """Read the rows again. The cursor stays on its message, or goes to the nearest that is left; the view stays still."""
        before, offset = self._cursor, self.cursor_index - self.top
        sought = self._sought
        at_top = self.top == 0
        self._page_generation = -1
        self.set_line_count()
        index = self._find_cursor()
        self.cursor_index = index
        self._cursor = self._source.key_at(index) if len(self._source) else None
        self._remember_neighbours()
        if not at_top or not 0 <= index < self.page:
            self.scroll_top_to(index - offset)
        if sought is not None and self._sought is None:
            self.show_line(index)
        self.empty_text = _READING if self._is_partial else type(self).empty_text
        drawn, self._drawn = self._drawn, self._to_draw()
        if drawn != self._drawn:
            self.refresh()
        if self._cursor != before:
            self.tell(self.CursorMoved(self._cursor))
        self._read_on()

    @property
    def _is_partial(self) -> bool:
        return isinstance(self._source, PartialSource) and not self._source.is_complete

    def _to_draw(self) -> list[object]:
        """What the lines on the screen are drawn from."""
        lines = range(self.top, min(self.top + self.page, len(self._source)))
        return [
            self.cursor_index,
            self.size,
            self.empty_text,
            *((self._source.key_at(index), *self.parts_of(index)) for index in lines),
        ]

    def parts_of(self, index: int) -> tuple[object, ...]:
        """What a line is drawn from."""
        return (self.row_at(index),)

    def _read_on(self) -> None:
        """Read the rest of the source in a thread, unless that is being done."""
        source = self._source
        if isinstance(source, PartialSource) and source.is_stale and self._reading is not source and self.is_mounted:
            self._reading = source
            reading: WorkType[None] = partial(self._read_in_thread, source)  # a coroutine that never begins would warn
            self.run_worker(reading, group="rows", exclusive=True, exit_on_error=False)

    async def _read_in_thread(self, source: PartialSource) -> None:
        try:
            while source.is_stale and source is self._source:
                began = time.monotonic()
                await source.refresh_in_thread()
                took = time.monotonic() - began
                if source is self._source:
                    self.rows_changed()
                    self.tell(self.RowsRead())
                    await asyncio.sleep(took * _REST)
        finally:
            if self._reading is source:
                self._reading = None

    def _find_cursor(self) -> int:
        """Where the cursor's message is now; where it is gone, the first one after it that is left, else before it."""
        count = len(self._source)
        if not count or self._cursor is None:
            return 0
        for wanted in filter(None, (self._sought, self._cursor)):
            index = self._source.index_of(wanted)
            if index is not None:
                self._sought = self._sought if wanted != self._sought else None
                return index
        self._sought = (self._sought or self._cursor) if self._is_partial else None
        after, before = self._near[self._near_at + 1 :], reversed(self._near[: self._near_at])
        for key in (*after, *before):
            found = self._source.index_of(key)
            if found is not None:
                return found
        return min(self.cursor_index, count - 1)

    def _remember_neighbours(self) -> None:
        start = max(0, self.cursor_index - _NEIGHBOURS)
        stop = min(len(self._source), self.cursor_index + _NEIGHBOURS + 1)
        self._near = [self._source.key_at(index) for index in range(start, stop)]
        self._near_at = self.cursor_index - start

    @property
    def cursor(self) -> MessageId | None:
        """The message under the cursor."""
        return self._cursor

    @property
    def line_count(self) -> int:
        """Rows in the source."""
        return len(self._source)

    def to(self, key: MessageId) -> bool:
        """Put the cursor on a message. False: it is not listed."""
        index = self._source.index_of(key)
        if index is None:
            return False
        self.move_to(index)
        return True

    def cursor_moved(self, old: int) -> None:
        """Keep the key."""
        self._sought = None
        key = self._source.key_at(self.cursor_index)
        if key == self._cursor:
            return
        self._cursor = key
        self._near_at += self.cursor_index - old
        start = self.cursor_index - self._near_at
        stop = start + len(self._near)
        if (start and self._near_at < _NEAR) or (stop < len(self._source) and stop - self.cursor_index <= _NEAR):
            self._remember_neighbours()
        self.tell(self.CursorMoved(key))

    def advance_after_action(self, keys: Collection[MessageId]) -> None:
        """Move on after an action: to the next message that is not among ``keys``, else to the previous."""
        gone = set(keys)
        if self._cursor not in gone:
            return
        here, key_at = self.cursor_index, self._source.key_at
        after = (index for index in range(here + 1, len(self._source)) if key_at(index) not in gone)
        before = (index for index in range(here - 1, -1, -1) if key_at(index) not in gone)
        index = next(after, None)
        if index is None:
            index = next(before, None)
        if index is not None:
            self.move_to(index)

    def open(self) -> None:
        """Open the message under the cursor."""
        if self._cursor is not None:
            self.tell(self.Opened(self._cursor))

    def row_at(self, index: int) -> MessageRow | None:
        """One row; None while it is being read. Reads a page around it where needed."""
        inside = self._page_start <= index < self._page_start + len(self._page_rows)
        if not inside or self._page_generation != self._source.generation:
            start = max(0, min(index, self.top) - self.page)
            stop = min(len(self._source), max(index + 1, self.top + self.page) + self.page)
            if stop - start > 6 * self.page:
                start, stop = max(0, index - self.page), min(len(self._source), index + self.page)
            self._page_rows = self._source.window(start, stop)
            self._page_start, self._page_generation = start, self._source.generation
        offset = index - self._page_start
        return self._page_rows[offset] if 0 <= offset < len(self._page_rows) else None

    @property
    def cursor_row(self) -> MessageRow | None:
        """The row under the cursor; None where the list is empty or the row is being read."""
        return self.row_at(self.cursor_index) if self._cursor is not None else None
