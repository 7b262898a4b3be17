# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of a list that are near the screen, with what the user did to them and the store does not know yet."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from tuimail.model.flags import Flags
from tuimail.model.message import MessageRow
from tuimail.store.store import Store

_MOST_ROWS = 600
"""About 3 kB each; reading as many again takes a few milliseconds."""


@dataclass(frozen=True, eq=False, slots=True)
class Expected:
    """A change of flags that is being written."""

    messages: Collection[int]
    add: Flags
    remove: Flags


class RowCache:
    """Rows by message; None for one that is gone."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._rows: OrderedDict[int, MessageRow | None] = OrderedDict()
        self._expected: list[Expected] = []

    def __getitem__(self, message: int) -> MessageRow | None:
        row = self._rows.get(message)
        if row is not None and self._expected:
            for expected in self._expected:
                if message in expected.messages:
                    row = replace(row, flags=(row.flags | expected.add) - expected.remove, waiting=True)
        return row

    def __contains__(self, message: object) -> bool:
        return message in self._rows

    def read(self, messages: Sequence[int]) -> list[MessageRow]:
        """Read those of these messages that are not held. Returns the rows that were read."""
        missing = [message for message in messages if message not in self._rows]
        rows = self._store.messages.rows(missing, short=True)
        self._rows.update(zip(missing, rows, strict=True))
        for message in messages:
            self._rows.move_to_end(message)
        while len(self._rows) > max(_MOST_ROWS, len(messages)):
            self._rows.popitem(last=False)
        return [row for row in rows if row is not None]

    def renew(self, messages: Sequence[int]) -> list[MessageRow]:
        """Something changed: keep what is still true of these messages, and read the rest again when it is asked for.

        Returns what was kept.
        """
        held = [row for message in messages if (row := self._rows.get(message)) is not None]
        self._rows = OrderedDict(self._store.messages.unchanged(held))
        return [row for row in self._rows.values() if row is not None]

    def expect(self, messages: Collection[int], add: Flags, remove: Flags) -> Callable[[], None]:
        """Show these with other flags until the answer is called: when the change was written, or refused."""
        expected = Expected(messages, add, remove)
        self._expected.append(expected)
        return lambda: self._expected.remove(expected) if expected in self._expected else None
