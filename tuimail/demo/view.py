# SPDX-License-Identifier: GPL-3.0-or-later
"""One connection's picture of its selected mailbox: sequence numbers, and what it was not told yet."""

from bisect import bisect_left
from collections.abc import Callable, Iterator

from tuimail.demo.grammar import Bad, Ranges
from tuimail.demo.mailbox import Mailbox, Message
from tuimail.model.uidset import UidSet


class View:
    """Sequence numbers stay as the client knows them until `updates` tells of the change."""

    def __init__(self, mailbox: Mailbox, *, read_only: bool, wake: Callable[[], None]) -> None:
        self.mailbox = mailbox
        self.read_only = read_only
        self.uids = list(mailbox.uids)
        self._uidvalidity = mailbox.uidvalidity
        self._seen_changes = mailbox.modseq
        self._seen_expunges = mailbox.modseq
        self._told: dict[int, int] = {}
        self._wake = wake
        mailbox.listeners.add(wake)

    @property
    def stale(self) -> bool:
        """The mailbox got a new UIDVALIDITY meanwhile: nothing here means anything any more."""
        return self._uidvalidity != self.mailbox.uidvalidity

    def close(self) -> None:
        """Stop listening."""
        self.mailbox.listeners.discard(self._wake)

    def number(self, uid: int) -> int:
        """The sequence number of a UID in the view."""
        return bisect_left(self.uids, uid) + 1

    def told(self, message: Message) -> None:
        """The client knows the present flags of this message already."""
        self._told[message.uid] = message.modseq

    def resolve(self, ranges: Ranges, *, by_uid: bool) -> Iterator[tuple[int, Message]]:
        """The messages a set names, ascending, with their sequence numbers; those expunged meanwhile are left out."""
        positions = UidSet.of_ranges(filter(None, (self._positions(low, high, by_uid) for low, high in ranges)))
        for position in positions:
            message = self.mailbox.messages.get(self.uids[position])
            if message is not None:
                yield position + 1, message

    def _positions(self, low: int | None, high: int | None, by_uid: bool) -> tuple[int, int] | None:
        """Inclusive positions in ``uids``; None for none."""
        last = len(self.uids)
        if not by_uid:
            first, final = sorted((low or last, high or last))
            if not 1 <= first <= final <= last:
                raise Bad("No such sequence number")
            return first - 1, final - 1
        if not self.uids:
            return None
        highest = self.uids[-1]
        first, final = sorted((highest if low is None else low, highest if high is None else high))
        start, end = bisect_left(self.uids, first), bisect_left(self.uids, final + 1)
        return (start, end - 1) if start < end else None

    def updates(self, *, expunges: bool) -> tuple[UidSet, list[int], bool, list[Message]]:
        """What happened since it was last asked: vanished UIDs, their sequence numbers in the order to tell them,
        whether messages were added, and the messages whose flags changed. The view is brought up to date."""
        vanished, numbers = self._take_expunges() if expunges else (UidSet(), [])
        if self.mailbox.modseq == self._seen_changes:
            return vanished, numbers, False, []
        added = self.mailbox.added_since(self.uids[-1] if self.uids else 0)
        self.uids.extend(added)
        known = set(added)
        changed = [
            message
            for message in self.mailbox.changed_since(self._seen_changes)
            if message.uid not in known and self._told.get(message.uid) != message.modseq
        ]
        self._seen_changes = self.mailbox.modseq
        self._told.clear()
        return vanished, numbers, bool(added), changed

    def _take_expunges(self) -> tuple[UidSet, list[int]]:
        vanished = self.mailbox.vanished_since(self._seen_expunges)
        self._seen_expunges = self.mailbox.modseq
        vanished = UidSet.of(uid for uid in vanished if uid <= (self.uids[-1] if self.uids else 0))
        numbers = sorted((self.number(uid) for uid in vanished), reverse=True)
        gone = set(vanished)
        if gone:
            self.uids = [uid for uid in self.uids if uid not in gone]
        return vanished, numbers
