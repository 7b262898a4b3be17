# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows whose UID vanished, and rows newly seen elsewhere: which are the same message. Planned for a whole account at once.

A message that another program moved vanishes from one folder and is born in another; which of the two is seen first depends on
the order in which folders are pulled. So nothing is dropped before a pull of all folders that began after it vanished, and one
more: a message that is moved on during the first, into a folder that was looked at already, is seen by the second only.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tuimail.model.ids import MessageId
from tuimail.store.unplaced import Unplaced

Key = tuple[str, int, int, str]


@dataclass(frozen=True, slots=True)
class Sweeps:
    """Numbers of the last three pulls of all folders: as many as a row in limbo may see before it is dropped."""

    latest: int = 0
    before: int = 0
    earliest: int = 0

    def born_after(self, vanished: int) -> int:
        """The pull from which on a message that vanished in pull ``vanished`` can have been born elsewhere.

        The sweep before it vanished may have seen the new place already, if it looked there after the move, and at the
        old place before it.
        """
        return next((number for number in (self.latest, self.before) if number < vanished), self.earliest)


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of the rows in limbo. Those not named wait."""

    adopt: dict[MessageId, MessageId] = field(default_factory=dict)
    """Row in limbo → newly seen row that is the same message."""
    drop: tuple[MessageId, ...] = ()


def key(row: Unplaced) -> Key:
    """By what a message is known again: Message-ID and size; where it has none, arrival and subject stand in.

    They count for a draft, too: one that was written on is another, whose text is not to be taken for the old one's.
    """
    if row.message_id and row.draft:
        return row.message_id, row.size, row.arrived, row.subject
    if row.message_id:
        return row.message_id, row.size, 0, ""
    return "", row.size, row.arrived, row.subject


def plan(limbo: Iterable[Unplaced], born: Iterable[Unplaced], sweeps: Sweeps, *, all_known: bool = True) -> Plan:
    """Decide after a further sweep than ``sweeps`` has looked at every folder. ``born`` holds no deleted rows.

    ``all_known``: every folder's messages all have rows; else nothing is dropped, for it may be among those unread.
    """
    vanished: dict[Key, list[Unplaced]] = {}
    for row in limbo:
        vanished.setdefault(key(row), []).append(row)
    candidates: dict[Key, list[Unplaced]] = {}
    for row in born:
        candidates.setdefault(key(row), []).append(row)
    adopt: dict[MessageId, MessageId] = {}
    drop: list[MessageId] = []
    for identity, rows in vanished.items():
        chain = sorted([row for row in rows if not row.deleted] or rows, key=lambda row: (row.born, row.pull))
        fitting = [row for row in candidates.get(identity, ()) if row.pull >= sweeps.born_after(chain[-1].pull)]
        if len(fitting) == 1 and _is_chain(chain, sweeps):
            # From the end, so that each takes over what the one after it has by then.
            for row, new in zip(reversed(chain), [fitting[0], *reversed(chain)], strict=False):
                adopt[row.id] = new.id
        left = [row for row in rows if row.id not in adopt]
        if all_known and all(row.pull < sweeps.latest for row in left):
            drop += [row.id for row in left]
    return Plan(adopt, tuple(drop))


def _is_chain(rows: Sequence[Unplaced], sweeps: Sweeps) -> bool:
    """Whether these are one message, seen again and lost again before it could be adopted; true of a single row."""
    return all(earlier.born < later.born and later.born >= sweeps.born_after(earlier.pull) for earlier, later in pairwise(rows))


def pair(wanted: Iterable[Unplaced], born: Iterable[Unplaced]) -> dict[MessageId, MessageId]:
    """Messages whose copies we asked for ourselves → the new rows that are these copies.

    Several copies of one message are interchangeable, so no ambiguity matters here.
    """
    free: dict[Key, list[MessageId]] = {}
    for row in born:
        free.setdefault(key(row), []).append(row.id)
    pairs: dict[MessageId, MessageId] = {}
    for row in wanted:
        if waiting := free.get(key(row)):
            pairs[row.id] = waiting.pop(0)
    return pairs
