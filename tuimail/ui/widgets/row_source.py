# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the message list gets its rows."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from tuimail.model.ids import MessageId
from tuimail.model.message import MessageRow, ThreadMark


class RowSource(Protocol):
    """Message rows in the order they are shown. Every method answers at once, from memory or one short query."""

    @property
    def generation(self) -> int:
        """Grows with every change of length, order or content."""
        ...

    def __len__(self) -> int: ...

    def key_at(self, index: int) -> MessageId:
        """The key of a row; 0 <= index < len."""
        ...

    def all_keys(self) -> Sequence[int]:
        """The keys of all rows in order; not to be changed."""
        ...

    def index_of(self, key: MessageId) -> int | None:
        """Where that message stands; None where it is not listed."""
        ...

    def window(self, start: int, stop: int) -> list[MessageRow | None]:
        """The rows from ``start`` up to ``stop``, one item for each; None stands for a row that is still being read."""
        ...


@runtime_checkable
class ThreadedSource(Protocol):
    """A `RowSource` that shows conversations has this as well."""

    def thread_at(self, index: int) -> ThreadMark:
        """The conversation's mark for a row."""
        ...


@runtime_checkable
class PartialSource(RowSource, Protocol):
    """A `RowSource` that is too long to be read at once has this as well."""

    is_complete: bool
    """False while only the first rows are here."""
    is_stale: bool
    """There is more to be read, by `refresh_in_thread`."""

    async def refresh_in_thread(self) -> None:
        """Read all keys again without holding up the event loop."""
        ...


class EmptySource:
    """Nothing to show."""

    generation = 0

    def __len__(self) -> int:
        return 0

    def key_at(self, index: int) -> MessageId:
        """Never called: there is no row."""
        raise IndexError(index)

    def all_keys(self) -> Sequence[int]:
        """Nothing is listed."""
        return ()

    def index_of(self, key: MessageId) -> int | None:  # noqa: ARG002
        """Nothing is listed."""
        return None

    def window(self, start: int, stop: int) -> list[MessageRow | None]:  # noqa: ARG002
        """Nothing is listed."""
        return []
