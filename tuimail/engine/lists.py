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
from tuimail.model.ids import MessageId
from tuimail.model.message import MessageRow
from tuimail.store.store import Store

LONG = 2000
"""Messages from which on a list is read in a thread: so many take some 3 ms."""
_AHEAD = 20
FEW = 50
"""Up to so many lines are looked for one by one; of more, all lines are looked at."""


@dataclass(frozen=True, slots=True)
class Reading:
    """All lines, as they were read."""

    ids: "array[int]"
    changes: int = 0
    """The second number of `tuimail.store.messages.Messages.extent` before they were read."""


class MessageList:
    """The rows of one list, read whole: messages found, or of several folders."""

    def __init__(self, store: Store, order: Callable[[Store], "array[int]"]) -> None:
        self._store = store
        self._order = order
        self._rows = RowCache(store)
        self._ids: array[int] = array("q")
        self._gone: set[int] = set()
        self._hidden: list[set[int]] = []
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

    def _row(self, index: int) -> MessageRow | None:
        """One row, which does not tell what is on the screen."""
        key = self.key_at(index)
        return self._rows[key] if key in self._rows else self.window(index, index + 1)[0]

    def _between(self, start: int, stop: int) -> "array[int]":
        return self._ids[start:stop]

    def _rows_read(self, rows: list[MessageRow]) -> None:
        """Called with rows that are known to be true now."""

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
        self._rows_read(self._rows.renew(self._between(*self._visible)))
        self.generation += 1

    def remove(self, messages: Collection[int]) -> None:
        """Take lines away at once, before the list is read again."""
        self._gone.update(messages)
        self._drop(set(messages))
        self.generation += 1

    def hide(self, messages: Collection[int]) -> Callable[[], None]:
        """Take lines away that the store does not know to be gone, until the answer is called: it knows now, or never will."""
        hidden = set(messages)
        self._hidden.append(hidden)
        self._drop(hidden)
        self.generation += 1

        def end() -> None:
            self._hidden.remove(hidden)
            self._forget_changes()
            self.refresh()

        return end

    def _forget_changes(self) -> None:
        """The lines are not what the store had at any time."""

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
        self._drop_hidden()
        self.refresh_rows()

    def _drop_hidden(self) -> None:
        for hidden in self._hidden:
            self._drop(hidden)
