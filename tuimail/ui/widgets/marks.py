# SPDX-License-Identifier: GPL-3.0-or-later
"""The marked messages of a list: a set of keys in marking order, and a range that is being stretched."""

from collections.abc import Iterable

from tuimail.model.ids import MessageId
from tuimail.ui.widgets.row_source import RowSource

_FEW = 500
"""Up to so many keys, looking each up is cheaper than reading all keys of the source."""


class Marks:
    """Marked messages."""

    def __init__(self) -> None:
        self._keys: dict[MessageId, None] = {}
        self._before_range: dict[MessageId, None] = {}
        self.anchor: MessageId | None = None
        """Where the range began; None while no range is being marked."""

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    @property
    def in_range(self) -> bool:
        """Whether a range is being marked."""
        return self.anchor is not None

    def toggle(self, key: MessageId) -> None:
        """Mark, or unmark."""
        if key in self._keys:
            del self._keys[key]
        else:
            self._keys[key] = None

    def add(self, keys: Iterable[MessageId]) -> None:
        """Mark these as well."""
        self._keys.update(dict.fromkeys(keys))

    def remove(self, keys: Iterable[MessageId]) -> None:
        """Unmark these, and end a range."""
        for key in keys:
            self._keys.pop(key, None)
        self.end_range()

    def clear(self) -> None:
        """Unmark all, and end a range."""
        self._keys.clear()
        self.end_range()

    def begin_range(self, anchor: MessageId) -> None:
        """Start a range at a message."""
        self.anchor = anchor
        self._before_range = dict(self._keys)
        self.add((anchor,))

    def stretch(self, keys: Iterable[MessageId]) -> None:
        """The range covers these now; marks from before it stay."""
        self._keys = self._before_range | dict.fromkeys(keys)

    def end_range(self) -> None:
        """Keep what the range covers."""
        self.anchor = None

    def listed(self, source: RowSource) -> tuple[MessageId, ...]:
        """The marked messages that the source still has."""
        if len(self._keys) <= _FEW:
            return tuple(key for key in self._keys if source.index_of(key) is not None)
        there = {source.key_at(index) for index in range(len(source))}
        return tuple(key for key in self._keys if key in there)
