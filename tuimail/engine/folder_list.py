# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of one folder: what changes in it is worked in where that is all that changed, and else read again in a thread."""

from array import array
from collections.abc import Collection

from tuimail.engine.lists import FEW, LONG, MessageList, Reading
from tuimail.model.ids import FolderId
from tuimail.store.store import Store

FIRST = 300
"""Lines of a long list that are there at once, and that are read again at once."""


class FolderList(MessageList):
    """The messages of one folder."""

    by_conversation = False
    """Of each conversation only the newest message is listed."""

    def __init__(self, store: Store, folder: FolderId, sort: str = "-date") -> None:
        self._folder = folder
        self._sort = sort
        self._changes = 0
        self._bound: tuple[int, int] | None = None
        self._above = 0
        super().__init__(store, self._in_order)

    def _in_order(self, store: Store, limit: int = -1) -> "array[int]":
        return store.messages.order(self._folder, self._sort, limit, heads=self.by_conversation)

    def _begin(self) -> None:
        if self._extent[0] <= LONG:
            super()._begin()
            return
        if self._is_by_date:
            self._ids = self._in_order(self._store, FIRST)
        self.is_complete = False
        self.is_stale = True

    @property
    def _extent(self) -> tuple[int, int]:
        return self._store.messages.extent(self._folder)

    @property
    def _is_by_date(self) -> bool:
        return self._sort.endswith("date")

    def _line_of(self, message: int) -> int | None:
        """By date, a line is found by halving: a short query for each step."""
        if not self._is_by_date or len(self._ids) <= LONG:
            return super()._line_of(message)
        date = self._store.messages.date(message)
        line = self._line_for(date, message) if date is not None else None
        if line is None:
            return super()._line_of(message)
        return line if line < len(self._ids) and self._ids[line] == message else None

    def _line_for(self, date: int, message: int) -> int | None:
        """Where a message with that date stands or would stand; None where a message on the way there is gone."""
        low, high = 0, len(self._ids)
        newest_first = self._sort.startswith("-")
        while low < high:
            middle = (low + high) // 2
            other = self._ids[middle]
            its_date = self._store.messages.date(other)
            if its_date is None:
                return None
            if ((its_date, other) > (date, message)) if newest_first else ((its_date, other) < (date, message)):
                low = middle + 1
            else:
                high = middle
        return low

    def refresh(self) -> None:
        """Make the list true at once as far as that is quick; `is_stale` tells whether that was all."""
        count, changes = self._extent
        if self.is_complete and changes == self._changes:
            self.refresh_rows()
        elif count <= LONG:
            self._take(self._read(self._store))
        elif not self.is_complete:
            self._begin()
            self.refresh_rows()
        else:
            self._drop_vanished()
            if not self._read_newest(changes):
                self.is_stale = True
            self.refresh_rows()

    def _drop_vanished(self) -> None:
        """Take away what is near the screen and not in the folder any more."""
        keys = self._between(*self._visible)
        self._drop(set(keys) - self._store.messages.listed(self._folder, keys))

    def _read_newest(self, changes: int) -> bool:
        """Work in what arrived. Returns whether that explains all that changed since the list was read."""
        if self._sort != "-date" or self._bound is None:
            return False
        arrived = self._store.messages.count_from(self._folder, *self._bound) - self._above
        newest = self._in_order(self._store, FIRST + max(0, min(arrived, FIRST)))
        date = self._store.messages.date(newest[-1]) if newest else None
        line = self._line_for(date, newest[-1]) if date is not None else None
        if line is None:
            return False
        if line < len(self._ids) and self._ids[line] == newest[-1]:
            line += 1
        fresh = set(newest) - set(self._ids[:line])
        self._ids[:line] = newest
        self._supersede(fresh)
        self._drop_hidden()
        if not 0 <= arrived <= FIRST or arrived != changes - self._changes:
            return False
        self._note(changes)
        return True

    def _supersede(self, fresh: set[int]) -> None:
        """Called with the messages that were put among the newest lines."""

    def remove(self, messages: Collection[int]) -> None:
        """Take lines away at once. Where nothing else changed meanwhile, the list is true again."""
        super().remove(messages)
        gone = tuple(set(messages))
        _, changes = self._extent
        explained = self.is_complete and not self.is_stale and changes - self._changes == len(gone) <= FEW
        if explained and not self._store.messages.listed(self._folder, gone):
            self._note(changes)

    def _forget_changes(self) -> None:
        self._changes = -1

    def _note(self, changes: int) -> None:
        """The list is true as of that number. Remember how many messages are among its first lines, to tell arrivals by."""
        self._changes = changes
        self._bound = None
        if self._sort == "-date" and self._ids:
            last = self._ids[min(FIRST, len(self._ids)) - 1]
            date = self._store.messages.date(last)
            if date is not None:
                self._bound = (date, last)
                self._above = self._store.messages.count_from(self._folder, date, last)

    def _read(self, store: Store) -> Reading:
        _, changes = store.messages.extent(self._folder)
        return Reading(self._in_order(store), changes)

    def _take(self, reading: Reading) -> None:
        super()._take(reading)
        self._note(reading.changes)
        if self._extent[1] == reading.changes:
            self.is_stale = False  # what was told meanwhile is in it
        elif self.is_long:
            self.refresh()
