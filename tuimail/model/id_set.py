# SPDX-License-Identifier: GPL-3.0-or-later
"""A set of ids that takes a bit for each id up to the highest: a million messages in 125 kB."""

from collections import deque
from collections.abc import Collection, Iterator
from itertools import compress, repeat

_MANY = 1000
_DIGITS, _FLAGS = bytes.maketrans(b"\0\1", b"01"), bytes.maketrans(b"01", b"\0\1")


class IdSet:
    """Ids of at least 0."""

    def __init__(self, ids: Collection[int] = ()) -> None:
        self._bits = bytearray()
        self.update(ids)

    def __len__(self) -> int:
        return int.from_bytes(self._bits, "little").bit_count()

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and number >> 3 < len(self._bits) and bool(self._bits[number >> 3] & 1 << (number & 7))

    def __iter__(self) -> Iterator[int]:
        """The ids, lowest first."""
        return (at * 8 + bit for at, byte in enumerate(self._bits) if byte for bit in range(8) if byte & 1 << bit)

    def update(self, ids: Collection[int]) -> None:
        """Add these. A million take some 50 ms."""
        bits = self._bits
        if len(ids) > _MANY:
            places = bytearray(max(ids) + 1)
            deque(map(places.__setitem__, ids, repeat(1)), maxlen=0)
            places.reverse()
            number = int(places.translate(_DIGITS), 2) | int.from_bytes(bits, "little")
            self._bits = bytearray(number.to_bytes(max(len(places) // 8 + 1, len(bits)), "little"))
            return
        bits.extend(bytes(max(0, max(ids, default=-1) // 8 + 1 - len(bits))))
        for number in ids:
            bits[number >> 3] |= 1 << (number & 7)

    def among(self, ids: Collection[int]) -> list[int]:
        """Those of these ids that are in the set, in their order. A million take some 100 ms."""
        if len(ids) <= _MANY:
            return [number for number in ids if number in self]
        digits = f"{int.from_bytes(self._bits, 'little'):b}"[::-1].encode().translate(_FLAGS)
        places = digits.ljust(max(ids) + 1, b"\0")
        return list(compress(ids, map(places.__getitem__, ids)))

    def discard(self, number: int) -> None:
        """Take one out, if it is in."""
        if number in self:
            self._bits[number >> 3] &= ~(1 << (number & 7))

    def copy(self) -> "IdSet":
        """Another one with the same ids."""
        made = IdSet()
        made._bits = bytearray(self._bits)
        return made
