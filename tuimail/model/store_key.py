# SPDX-License-Identifier: GPL-3.0-or-later
"""The key of an encrypted store. Pure."""

import os
from dataclasses import dataclass, field

_OCTETS = 32


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
