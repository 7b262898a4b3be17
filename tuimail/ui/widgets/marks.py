# SPDX-License-Identifier: GPL-3.0-or-later
"""The marked messages of a list, and a range that is being stretched."""

from collections.abc import Collection
from typing import cast

from tuimail.model.id_set import IdSet
from tuimail.model.ids import MessageId
from tuimail.ui.widgets.row_source import RowSource

_FEW = 50
"""Up to so many keys, looking each up is cheaper than reading all keys of the source."""


class Marks:
    """Marked messages. All messages of a large folder may be among them."""

    def __init__(self) -> None:
        self._keys = IdSet()
        self._count = 0
        self._before_range = IdSet()
        self.anchor: MessageId | None = None
        """Where the range began; None while no range is being marked."""

    def __len__(self) -> int:
        return self._count

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    @property
    def in_range(self) -> bool:
        """Whether a range is being marked."""
        return self.anchor is not None

    def toggle(self, key: MessageId) -> None:
        """Mark, or unmark."""
        if key in self._keys:
            self._keys.discard(key)
            self._count -= 1
        else:
            self.add((key,))

    def add(self, keys: Collection[int]) -> None:
        """Mark these as well."""
        self._keys.update(keys)
        self._count = len(self._keys)

    def remove(self, keys: Collection[int]) -> None:
        """Unmark these, and end a range."""
        for key in keys if self._count else ():
            self._keys.discard(key)
        self._count = len(self._keys)
        self.end_range()

    def clear(self) -> None:
        """Unmark all, and end a range."""
        self._keys, self._count = IdSet(), 0
        self.end_range()

    def begin_range(self, anchor: MessageId) -> None:
        """Start a range at a message."""
        self.anchor = anchor
        self._before_range = self._keys.copy()
        self.add((anchor,))

    def stretch(self, keys: Collection[int]) -> None:
        """The range covers these now; marks from before it stay."""
        self._keys = self._before_range.copy()
        self.add(keys)

    def end_range(self) -> None:
        """Keep what the range covers."""
        self.anchor = None

    def listed(self, source: RowSource) -> tuple[MessageId, ...]:
        """The marked messages that the source still has, in its order."""
        if self._count > _FEW:
            return tuple(cast("list[MessageId]", self._keys.among(source.all_keys())))
        lines = ((source.index_of(MessageId(key)), MessageId(key)) for key in self._keys)
        return tuple(key for _, key in sorted((line, key) for line, key in lines if line is not None))
