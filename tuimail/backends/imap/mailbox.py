# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of the selected mailbox, and what the server told of it without being asked."""

import asyncio
from dataclasses import dataclass, field

from tuimail.backends.imap.wire.fetch import flag_update
from tuimail.backends.imap.wire.listing import vanished
from tuimail.backends.imap.wire.numbers import MOST_MESSAGES
from tuimail.backends.imap.wire.responses import Untagged
from tuimail.backends.imap.wire.tokens import Malformed
from tuimail.backends.port import FlagUpdate, Selected, ServerChange
from tuimail.model.uidset import UidSet

MAILBOX_KINDS = frozenset({"EXISTS", "EXPUNGE", "VANISHED", "FETCH"})
"""Responses that tell of the selected mailbox."""
_MAX_CHANGES = 5000
"""Beyond this many, a fresh pull is cheaper than a list."""


@dataclass(slots=True)
class Changes:
    """Changes since they were last taken."""

    changed: dict[int, FlagUpdate] = field(default_factory=dict)
    vanished: list[UidSet] = field(default_factory=list)
    ranges: int = 0
    """Of all that vanished."""
    look_again: bool = False
    happened: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self) -> ServerChange:
        """All of them, and begin anew."""
        gone = UidSet.of_ranges(pair for uids in self.vanished for pair in uids.ranges)
        change = ServerChange(gone, tuple(self.changed.values()), self.look_again)
        self.clear()
        return change

    def clear(self) -> None:
        """Forget them."""
        self.changed.clear()
        self.vanished.clear()
        self.ranges = 0
        self.look_again = False
        self.happened.clear()

    def crowded(self) -> bool:
        """Whether there are too many to list; then only `look_again` stays."""
        if len(self.changed) + self.ranges < _MAX_CHANGES:
            return False
        self.changed.clear()
        self.vanished.clear()
        self.ranges = 0
        self.look_again = True
        return True


@dataclass(slots=True, eq=False)
class Mailbox:
    """The selected mailbox."""

    name: str
    state: Selected
    exists: int
    changes: Changes = field(default_factory=Changes)

    def observe(self, item: Untagged, taken: bool) -> None:
        """Note what an untagged response says of the mailbox. Data that a command asked for is no news."""
        changes = self.changes
        match item.kind:
            case "EXISTS":
                if item.number == self.exists or item.number > MOST_MESSAGES:
                    return
                self.exists = item.number
                changes.look_again = True
            case "EXPUNGE":
                self.exists = max(self.exists - 1, 0)
                changes.look_again = True
            case "VANISHED" if not taken:
                try:
                    earlier, uids = vanished(item.unit)
                except Malformed:
                    changes.look_again = True
                else:
                    if not earlier:
                        self.exists = max(self.exists - len(uids), 0)
                    changes.vanished.append(uids)
                    changes.ranges += len(uids.ranges)
            case "FETCH" if not taken:
                update = flag_update(item.unit)
                if update is not None:
                    changes.changed[update.uid] = update
                elif b"FLAGS" in item.unit[0]:
                    changes.look_again = True
                else:
                    return
            case _:
                return
        changes.crowded()
        changes.happened.set()
