# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of messages: all ids in order, and the rows around what is visible.

What a list costs does not grow with the folder: it opens with its first lines, and the rest comes from a thread; a change is
worked into it where it can be shown to be the only one, and else read again in a thread. A million lines take 8 MB.
"""

import asyncio
from array import array
from collections.abc import Callable, Collection
from dataclasses import dataclass

from tuimail.engine.row_cache import RowCache
from tuimail.model.flags import Flags
from tuimail.model.ids import FolderId, MessageId
from tuimail.model.message import MessageRow
from tuimail.store.store import Store

LONG = 2000
"""Messages from which on a list is read in a thread: so many take some 3 ms."""
FIRST = 300
"""Lines of a long list that are there at once, and that are read again at once."""
_AHEAD = 20
FEW = 50
"""Up to so many lines are looked for one by one; of more, all lines are looked at."""


@dataclass(frozen=True, slots=True)
class Reading:
    """All lines, as they were read."""

    ids: "array[int]"
    changes: int = 0
    """`tuimail.store.messages.Messages.changes` before they were read."""


class MessageList:
    """The rows of one list, read whole: messages found, or of several folders."""

    def __init__(self, store: Store, order: Callable[[Store], "array[int]"]) -> None:
        self._store = store
        self._order = order
        self._rows = RowCache(store)
        self._ids: array[int] = array("q")
        self._gone: set[int] = set()
        self._visible = (0, 0)
        self.generation = 0
        """Grows with each change."""
        self.is_complete = True
        """False while only the first lines are here."""
        self.is_stale = False
        """There is more to be read, by `refresh_in_thread`."""
        self._begin()

    def _begin(self) -> None:
        self._take(self._read(self._store))

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def is_long(self) -> bool:
        """Whether reading it again takes so long that the screen should not wait for it."""
        return len(self) > LONG or not self.is_complete

    def key_at(self, index: int) -> MessageId:
        """The message in that line."""
        return MessageId(self._ids[index])

    def all_keys(self) -> "array[int]":
        """All messages in order; not to be changed."""
        return self._ids

    def index_of(self, key: int) -> int | None:
        """The line of a message; None when it is not in the list."""
        return self._line_of(key)

    def window(self, start: int, stop: int) -> list[MessageRow | None]:
        """The rows of these lines."""
        start, stop = max(start, 0), min(stop, len(self))
        self._visible = (start, stop)
        keys = self._between(start, stop)
        if any(key not in self._rows for key in keys):
            self._rows_read(self._rows.read(self._between(max(start - _AHEAD, 0), min(stop + _AHEAD, len(self)))))
        return [self._rows[key] for key in keys]

    def _between(self, start: int, stop: int) -> "array[int]":
        return self._ids[start:stop]

    def _rows_read(self, rows: list[MessageRow]) -> None:
        """Called with rows that were read just now."""

    def refresh(self) -> None:
        """Something changed: make the list true at once as far as that is quick. `is_stale` tells whether that was all."""
        if self.is_long:
            self.refresh_rows()
            self.is_stale = True
        else:
            self._take(self._read(self._store))

    async def refresh_in_thread(self) -> None:
        """Read all of it again without holding up the event loop. What `remove` takes away meanwhile stays away."""
        self.is_stale = False
        self._gone.clear()
        apart: list[Store] = []
        try:
            reading = await asyncio.to_thread(self._read_apart, apart)
        except asyncio.CancelledError:
            for store in apart:
                store.interrupt()
            raise
        gone = set(self._gone)
        self._take(reading)
        if gone:
            self._drop(gone)

    def refresh_rows(self) -> None:
        """Read only the visible rows again: flags and the like changed, but not which messages there are."""
        self._rows.forget()
        self.generation += 1

    def remove(self, messages: Collection[int]) -> None:
        """Take lines away at once, before the list is read again."""
        self._gone.update(messages)
        self._drop(set(messages))
        self.generation += 1

    def expect(self, messages: Collection[int], add: Flags, remove: Flags) -> Callable[[], None]:
        """Show these with other flags at once, until the answer is called: the change was written, or refused."""
        ended = self._rows.expect(messages, add, remove)
        self.generation += 1

        def end() -> None:
            ended()
            self.refresh_rows()

        return end

    def _drop(self, messages: set[int]) -> None:
        if len(messages) > FEW:
            self._ids = array("q", (number for number in self._ids if number not in messages))
            return
        for message in messages:
            index = self._line_of(message)
            if index is not None:
                del self._ids[index]

    def _line_of(self, message: int) -> int | None:
        try:
            return self._ids.index(message)
        except ValueError:
            return None

    def _read(self, store: Store) -> Reading:
        return Reading(self._order(store))

    def _read_apart(self, apart: list[Store]) -> Reading:
        """Read with a connection of its own, which is in ``apart`` meanwhile."""
        store = self._store.another()
        apart.append(store)
        try:
            return self._read(store)
        finally:
            apart.clear()
            store.close()

    def _take(self, reading: Reading) -> None:
        self._ids = reading.ids
        self.is_complete = True
        self.refresh_rows()


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
        if self._store.messages.count(self._folder) <= LONG:
            super()._begin()
            return
        if self._is_by_date:
            self._ids = self._in_order(self._store, FIRST)
        self.is_complete = False
        self.is_stale = True

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
        changes = self._store.messages.changes(self._folder)
        if self.is_complete and changes == self._changes:
            self.refresh_rows()
        elif self._store.messages.count(self._folder) <= LONG:
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
        changes = self._store.messages.changes(self._folder)
        explained = self.is_complete and not self.is_stale and changes - self._changes == len(gone) <= FEW
        if explained and not self._store.messages.listed(self._folder, gone):
            self._note(changes)

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
        changes = store.messages.changes(self._folder)
        return Reading(self._in_order(store), changes)

    def _take(self, reading: Reading) -> None:
        super()._take(reading)
        self._note(reading.changes)
        if self._store.messages.changes(self._folder) != reading.changes and self.is_long:
            self.refresh()
