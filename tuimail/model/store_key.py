# SPDX-License-Identifier: GPL-3.0-or-later
"""The key of an encrypted store. Pure."""

import os
from dataclasses import dataclass, field

_OCTETS = 32
_DAMAGED_BITS = 8
"""By which a fingerprint may differ from a key's and be its own, damaged. Those of two keys differ by some 64 of 128."""


@dataclass(frozen=True, slots=True)
class StoreKey:
    """256 random bits, from which a key for each purpose is derived (HMAC-SHA-256)."""

    octets: bytes = field(repr=False)

    @classmethod
    def new(cls) -> "StoreKey":
        """A key that nobody has."""
        return cls(os.urandom(_OCTETS))

    @classmethod
    def read(cls, text: str) -> "StoreKey":
        """The inverse of `text`. Raises ValueError, which does not quote it."""
        try:
            octets = bytes.fromhex(text)
        except ValueError:
            octets = b""
        if len(octets) != _OCTETS:
            raise ValueError(f"{_OCTETS * 2} hexadecimal digits are wanted")
        return cls(octets)

    @property
    def text(self) -> str:
        """64 hexadecimal digits."""
        return self.octets.hex()

    @property
    def fingerprint(self) -> bytes:
        """16 octets that name the key and tell nothing of it. Each database begins with them."""
        return self._derived(b"fingerprint")[:16]

    def is_named_by(self, fingerprint: bytes) -> bool:
        """Whether this is the key that a fingerprint names, also where the disk changed some bits of that."""
        return (int.from_bytes(fingerprint) ^ int.from_bytes(self.fingerprint)).bit_count() <= _DAMAGED_BITS

    @property
    def of_databases(self) -> bytes:
        """What SQLite is given."""
        return self._derived(b"databases")

    @property
    def of_files(self) -> bytes:
        """What seals the files beside the databases."""
        return self._derived(b"files")

    def _derived(self, purpose: bytes) -> bytes:
        import hmac

        return hmac.digest(self.octets, b"tuimail store: " + purpose, "sha256")
