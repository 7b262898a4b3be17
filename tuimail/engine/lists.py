# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of messages: all ids in order, and the rows around what is visible."""

import asyncio
from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tuimail.model.ids import FolderId, MessageId
from tuimail.model.message import MessageRow, ThreadMark
from tuimail.store.store import Store

LONG = 5000
"""Messages from which on a list is read again in a thread."""
_MOST_ROWS = 5000
_AHEAD = 60


@dataclass(slots=True)
class Arrangement:
    """Which messages there are, in order; of a list by threads also which belong together."""

    ids: "array[int]"
    threads: list[int] = field(default_factory=list)
    """The thread of each line."""
    members: dict[int, list[int]] = field(default_factory=dict)
    """Thread → its messages, newest first."""
    unread: frozenset[int] = frozenset()


class MessageList:
    """The rows of one list."""

    def __init__(self, store: Store, order: Callable[[Store], "array[int]"]) -> None:
        self._store = store
        self._order = order
        self._rows: OrderedDict[int, MessageRow | None] = OrderedDict()
        self._gone: set[int] = set()
        self.generation = 0
        """Grows with each change."""
        self._now = self._arrange(store)

    def __len__(self) -> int:
        return len(self._now.ids)

    @property
    def is_long(self) -> bool:
        """Whether reading it again takes so long that the screen should not wait for it."""
        return len(self._now.ids) > LONG

    def key_at(self, index: int) -> MessageId:
        """The message in that line."""
        return MessageId(self._now.ids[index])

    def index_of(self, key: int) -> int | None:
        """The line of a message; None when it is not in the list."""
        try:
            return self._now.ids.index(key)
        except ValueError:
            return None

    def window(self, start: int, stop: int) -> list[MessageRow | None]:
        """The rows of these lines."""
        ids = self._now.ids
        start, stop = max(start, 0), min(stop, len(ids))
        if any(number not in self._rows for number in ids[start:stop]):
            wider = ids[max(start - _AHEAD, 0) : stop + _AHEAD]
            self._rows.update(zip(wider, self._store.messages.rows(wider), strict=True))
            while len(self._rows) > _MOST_ROWS:
                self._rows.popitem(last=False)
        return [self._rows.get(number) for number in ids[start:stop]]

    def refresh(self) -> None:
        """Read all of it again: something changed."""
        self._take(self._arrange(self._store))

    async def refresh_in_thread(self) -> None:
        """The same without holding up the event loop. What `remove` takes away meanwhile stays away."""
        self._gone.clear()
        arrangement = await asyncio.to_thread(self._arrange_apart)
        gone = set(self._gone)
        self._take(arrangement)
        self.remove(gone)

    def refresh_rows(self) -> None:
        """Read only the visible rows again: flags and the like changed, but not which messages there are."""
        self._rows.clear()
        self.generation += 1

    def remove(self, messages: Iterable[int]) -> None:
        """Take lines away at once, before the list is read again."""
        for message in messages:
            self._gone.add(message)
            index = self.index_of(message)
            if index is not None:
                self._remove_line(index)
        self.generation += 1

    def _remove_line(self, index: int) -> None:
        del self._now.ids[index]

    def _arrange(self, store: Store) -> Arrangement:
        return Arrangement(self._order(store))

    def _arrange_apart(self) -> Arrangement:
        store = self._store.another()
        try:
            return self._arrange(store)
        finally:
            store.close()

    def _take(self, arrangement: Arrangement) -> None:
        self._now = arrangement
        self.refresh_rows()


class ThreadedList(MessageList):
    """A folder with each conversation folded into its newest message, the newest conversation first."""

    def __init__(self, store: Store, folder: FolderId) -> None:
        self._folder = folder
        self._unfolded: set[int] = set()
        super().__init__(store, lambda reading: reading.messages.order(folder))

    def _arrange(self, store: Store) -> Arrangement:
        thread_of = store.messages.threads(self._folder)
        members: dict[int, list[int]] = {}
        for number in self._order(store):
            members.setdefault(thread_of.get(number, -number), []).append(number)
        arrangement = Arrangement(array("q"), [], members, store.messages.unread_in(self._folder))
        for thread, numbers in members.items():
            shown = numbers if thread in self._unfolded else numbers[:1]
            arrangement.ids.extend(shown)
            arrangement.threads.extend([thread] * len(shown))
        return arrangement

    def _remove_line(self, index: int) -> None:
        """The line goes, or shows the next message of the folded conversation."""
        thread, message = self._now.threads[index], self._now.ids[index]
        members = self._now.members[thread]
        members.remove(message)
        if members and thread not in self._unfolded:
            self._now.ids[index] = members[0]
        else:
            del self._now.ids[index], self._now.threads[index]

    def thread_at(self, index: int) -> ThreadMark:
        """What the row in that line is to its conversation."""
        thread = self._now.threads[index]
        members = self._now.members[thread]
        first = index == 0 or self._now.threads[index - 1] != thread
        folded = thread not in self._unfolded
        hidden = sum(number in self._now.unread for number in members[1:]) if folded and len(members) > 1 else 0
        return ThreadMark(0 if first else 1, len(members), hidden, folded)

    def set_folded(self, index: int, *, folded: bool) -> bool:
        """Fold or unfold the conversation of a line. Returns whether that changed anything."""
        thread = self._now.threads[index]
        members = self._now.members[thread]
        if len(members) < 2 or folded == (thread not in self._unfolded):
            return False
        first = self.first_of(index)
        ids, threads = self._now.ids, self._now.threads
        before = 1 if not folded else len(members)
        after = members[:1] if folded else members
        ids[first : first + before] = array("q", after)
        threads[first : first + before] = [thread] * len(after)
        (self._unfolded.discard if folded else self._unfolded.add)(thread)
        self.generation += 1
        return True

    def first_of(self, index: int) -> int:
        """The line that stands for the conversation of a line."""
        while index and self._now.threads[index - 1] == self._now.threads[index]:
            index -= 1
        return index
