# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder's list with each conversation folded into its newest message."""

from array import array
from bisect import bisect_right
from dataclasses import dataclass

from tuimail.engine.folder_list import FolderList
from tuimail.engine.lists import FEW
from tuimail.model.ids import FolderId, MessageId
from tuimail.model.message import MessageRow, ThreadMark
from tuimail.store.store import Store

_MOST_COUNTS = 2000
_NEAR = 500


@dataclass(frozen=True, slots=True)
class Unfolded:
    """A conversation whose messages all have lines."""

    thread: int
    head: int
    """Its place among the newest messages of all conversations."""
    first: int
    """Its first line."""
    members: "array[int]"
    """Its messages, newest first."""

    @property
    def more(self) -> int:
        """Lines beside the first."""
        return len(self.members) - 1


class ThreadedList(FolderList):
    """A folder with each conversation folded into its newest message, the newest conversation first.

    `_ids` holds these newest messages; what is unfolded lies beside it, so that only that takes memory and time.
    """

    by_conversation = True

    def __init__(self, store: Store, folder: FolderId) -> None:
        self._threads: dict[int, int] = {}
        """Unfolded conversation → where its newest message stood among those of all conversations."""
        self._unfolded: list[Unfolded] = []
        self._firsts: list[int] = []
        self._more: list[int] = [0]
        """How many lines the unfolded conversations add, up to and without each of them."""
        self._counts: dict[int, tuple[int, int]] = {}
        super().__init__(store, folder)

    def __len__(self) -> int:
        return len(self._ids) + self._more[-1]

    def key_at(self, index: int) -> MessageId:
        """The message in that line."""
        if not self._unfolded:
            return MessageId(self._ids[index])
        at = bisect_right(self._firsts, index) - 1
        if at >= 0 and index <= self._firsts[at] + self._unfolded[at].more:
            return MessageId(self._unfolded[at].members[index - self._firsts[at]])
        return MessageId(self._ids[index - self._more[at + 1]])

    def all_keys(self) -> "array[int]":
        """All messages in order; not to be changed."""
        if not self._unfolded:
            return self._ids
        keys, at = array("q"), 0
        for unfolded in self._unfolded:
            keys += self._ids[at : unfolded.head]
            keys += unfolded.members
            at = unfolded.head + 1
        return keys + self._ids[at:]

    def index_of(self, key: int) -> int | None:
        """The line of a message; None when it is not in the list."""
        for unfolded in self._unfolded:
            if key in unfolded.members:
                return unfolded.first + unfolded.members.index(key)
        head = self._line_of(key)
        if head is None:
            return None
        return head + sum(unfolded.more for unfolded in self._unfolded if unfolded.head < head)

    def _between(self, start: int, stop: int) -> "array[int]":
        if not self._unfolded:
            return self._ids[start:stop]
        return array("q", map(self.key_at, range(start, min(stop, len(self)))))

    def _rows_read(self, rows: list[MessageRow]) -> None:
        if len(self._counts) > _MOST_COUNTS:
            self._counts.clear()
        self._counts |= self._store.messages.conversations(self._folder, {row.thread for row in rows})

    def thread_at(self, index: int) -> ThreadMark:
        """What the row in that line is to its conversation."""
        row = self._row(index)
        thread = row.thread if row is not None else 0
        count, unread = self._counts.get(thread, (1, 0))
        folded = thread not in self._threads
        hidden = unread - row.unread if folded and row is not None and count > 1 else 0
        return ThreadMark(0 if index == self.first_of(index) else 1, count, max(0, hidden), folded)

    def set_folded(self, index: int, *, folded: bool) -> bool:
        """Fold or unfold the conversation of a line. Returns whether that changed anything."""
        mark, row = self.thread_at(index), self._row(index)
        if row is None or mark.count < 2 or mark.folded == folded:
            return False
        if folded:
            del self._threads[row.thread]
        else:
            self._threads[row.thread] = index
        self._place_unfolded()
        self.generation += 1
        return True

    def first_of(self, index: int) -> int:
        """The line that stands for the conversation of a line."""
        at = bisect_right(self._firsts, index) - 1
        if at >= 0 and index <= self._firsts[at] + self._unfolded[at].more:
            return self._firsts[at]
        return index

    def refresh_rows(self) -> None:
        """Read only the visible rows again, and the conversations that are unfolded."""
        self._counts.clear()
        self._place_unfolded()
        super().refresh_rows()

    def _place_unfolded(self) -> None:
        """Find where unfolded conversations stand now."""
        found = []
        for thread, near in self._threads.items():
            members = self._store.messages.conversation(self._folder, thread)
            head = self._head_near(members[0], near) if len(members) > 1 else None
            if head is not None:
                found.append((head, thread, members))
        self._unfolded, self._firsts, self._more = [], [], [0]
        for head, thread, members in sorted(found, key=lambda item: item[0]):
            self._threads[thread] = head
            unfolded = Unfolded(thread, head, head + self._more[-1], members)
            self._unfolded.append(unfolded)
            self._firsts.append(unfolded.first)
            self._more.append(self._more[-1] + unfolded.more)

    def _head_near(self, message: int, near: int) -> int | None:
        try:
            return self._ids.index(message, max(0, near - _NEAR), near + _NEAR)
        except ValueError:
            return self._line_of(message)

    def _drop(self, messages: set[int]) -> None:
        """The lines go; where a conversation has other messages, the newest of them takes its place among the others."""
        rows = self._store.messages.rows(sorted(messages)) if len(messages) <= FEW else []
        super()._drop(messages)
        for thread in {row.thread for row in rows if row is not None}:
            left = [number for number in self._store.messages.conversation(self._folder, thread) if number not in messages]
            if left and self._line_of(left[0]) is None:
                self._put(left[0])
        self._place_unfolded()

    def _put(self, message: int) -> None:
        date = self._store.messages.date(message)
        line = self._line_for(date, message) if date is not None else None
        if line is not None:
            self._ids.insert(line, message)

    def _supersede(self, fresh: set[int]) -> None:
        """What stood for the conversations of these until now does so no more."""
        for row in self._store.messages.rows(sorted(fresh)):
            older = self._store.messages.conversation(self._folder, row.thread)[1:] if row is not None else ()
            for message in older:
                line = self._line_of(message)
                if line is not None:
                    del self._ids[line]
                    break
