# SPDX-License-Identifier: GPL-3.0-or-later
"""How many messages are asked for at a time, and what is asked for again, by less. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tuimail.backends.imap.flights import Flight
from tuimail.backends.imap.wire import fetch as wire
from tuimail.backends.imap.wire.responses import Untagged
from tuimail.model.uidset import UidSet

CHUNKS = (64, 250, 1000)
"""Messages per command: small at first, so that the first rows come at once."""
FEW = (8,)
"""The same in a folder of which more was told at once than anybody may tell."""
_FEWER = {wire.HEAD_ITEMS: wire.SCALAR_ITEMS, wire.SCALAR_ITEMS: wire.FLAG_ITEMS, wire.FLAG_ITEMS: b""}
"""What is asked for of a message of which these items were too long."""
Part = tuple[UidSet, bytes]
"""Messages, and what is asked for of them."""


@dataclass(slots=True)
class Chunk:
    """One FETCH command for headers."""

    numbers: UidSet
    flight: Flight
    items: bytes


def downwards(numbers: UidSet, sizes: Iterable[int]) -> Iterator[UidSet]:
    """The set in chunks of these sizes from its upper end, all that follow of the last."""
    following = iter(sizes)
    size = next(following)
    while numbers:
        part = numbers.take_highest(size)
        yield part
        numbers -= part
        size = next(following, size)


def numbers_of(taken: Iterable[Untagged], *, by_uid: bool) -> Iterator[int]:
    """UIDs, or numbers."""
    return (wire.uid_of(item.unit) if by_uid else item.number for item in taken)


def smaller(chunk: Chunk, *, by_uid: bool) -> list[Part]:
    """After NO: halves of what did not come, so that one message that the server cannot read costs no other.

    A single one is asked for again without what the server would have to parse, then by its flags alone; if these are refused,
    it is left out.
    """
    missing = chunk.numbers - UidSet.of(numbers_of(chunk.flight.taken, by_uid=by_uid))
    count = len(missing)
    if count > 1:
        upper = missing.take_highest(count // 2)
        return [(upper, chunk.items), (missing - upper, chunk.items)]
    fewer = {wire.SCALAR_ITEMS: wire.FLAG_ITEMS, wire.FLAG_ITEMS: b""}.get(chunk.items, wire.SCALAR_ITEMS)
    return [(missing, fewer)] if missing and fewer else []


def left(chunk: Chunk, *, by_uid: bool) -> list[Part]:
    """After OK: what was told and not taken."""
    missing = chunk.numbers - UidSet.of(numbers_of(chunk.flight.taken, by_uid=by_uid))
    if chunk.flight.crowded:
        return list(cut([(missing, chunk.items)], len(chunk.flight.taken)))
    fewer = _FEWER.get(chunk.items, wire.HEAD_ITEMS)
    return [(missing, fewer)] if chunk.flight.short and missing and fewer else []


def cut(parts: Iterable[Part], size: int) -> Iterator[Part]:
    """The same in parts of so many messages at most."""
    return ((part, items) for numbers, items in parts for part in downwards(numbers, (size,)))
