# SPDX-License-Identifier: GPL-3.0-or-later
"""Sets of UIDs as sorted, disjoint ranges (``sequence-set`` of RFC 9051 §9), cheap at a million members."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UidSet:
    """An immutable set of positive integers."""

    ranges: tuple[tuple[int, int], ...] = ()
    """Inclusive ranges, ascending, neither overlapping nor adjacent."""

    @classmethod
    def of(cls, uids: Iterable[int]) -> "UidSet":
        """The set of these UIDs, in any order, doubles allowed."""
        return cls.of_ranges((uid, uid) for uid in uids)

    @classmethod
    def of_ranges(cls, ranges: Iterable[tuple[int, int]]) -> "UidSet":
        """The union of inclusive ranges, in any order."""
        merged: list[tuple[int, int]] = []
        for low, high in sorted(ranges):
            if merged and low <= merged[-1][1] + 1:
                if high > merged[-1][1]:
                    merged[-1] = (merged[-1][0], high)
            else:
                merged.append((low, high))
        return cls(tuple(merged))

    @classmethod
    def parse(cls, text: str) -> "UidSet":
        """Read ``"1:5,9"``. Raises ValueError on anything else, ``*`` included."""
        ranges = []
        for piece in text.split(","):
            low, _, high = piece.partition(":")
            first, last = int(low), int(high or low)
            ranges.append((min(first, last), max(first, last)))
        return cls.of_ranges(ranges)

    def __str__(self) -> str:
        return ",".join(str(low) if low == high else f"{low}:{high}" for low, high in self.ranges)

    def __len__(self) -> int:
        return sum(high - low + 1 for low, high in self.ranges)

    def __bool__(self) -> bool:
        return bool(self.ranges)

    def __iter__(self) -> Iterator[int]:
        for low, high in self.ranges:
            yield from range(low, high + 1)

    def __contains__(self, uid: int) -> bool:
        ranges = self.ranges
        at = bisect_left(ranges, (uid + 1,)) - 1 if len(ranges) > 1 else len(ranges) - 1
        return at >= 0 and ranges[at][0] <= uid <= ranges[at][1]

    def __or__(self, other: "UidSet") -> "UidSet":
        return UidSet.of_ranges(self.ranges + other.ranges)

    def __sub__(self, other: "UidSet") -> "UidSet":
        kept: list[tuple[int, int]] = []
        taken = other.ranges
        at = 0
        for low, high in self.ranges:
            while at < len(taken) and taken[at][1] < low:
                at += 1
            index = at
            while index < len(taken) and taken[index][0] <= high:
                if taken[index][0] > low:
                    kept.append((low, taken[index][0] - 1))
                low = max(low, taken[index][1] + 1)
                index += 1
            if low <= high:
                kept.append((low, high))
        return UidSet(tuple(kept))

    def __and__(self, other: "UidSet") -> "UidSet":
        return self - (self - other)

    @property
    def lowest(self) -> int:
        """The smallest member; 0 for the empty set."""
        return self.ranges[0][0] if self.ranges else 0

    @property
    def highest(self) -> int:
        """The largest member; 0 for the empty set."""
        return self.ranges[-1][1] if self.ranges else 0

    def chunks(self, octets: int = 8000) -> Iterator["UidSet"]:
        """Subsets in order, the written form of each at most ``octets`` long (RFC 7162 §4)."""
        taken: list[tuple[int, int]] = []
        length = 0
        for low, high in self.ranges:
            piece = len(str(low)) + len(str(high)) + 2
            if taken and length + piece > octets:
                yield UidSet(tuple(taken))
                taken, length = [], 0
            taken.append((low, high))
            length += piece
        if taken:
            yield UidSet(tuple(taken))

    def take_highest(self, count: int) -> "UidSet":
        """The ``count`` largest members."""
        taken: list[tuple[int, int]] = []
        for low, high in reversed(self.ranges):
            if count <= 0:
                break
            first = max(low, high - count + 1)
            taken.append((first, high))
            count -= high - first + 1
        return UidSet(tuple(reversed(taken)))
