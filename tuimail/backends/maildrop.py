# SPDX-License-Identifier: GPL-3.0-or-later
"""What a POP3 server is to the rest of the program: one box to empty, less than `tuimail.backends.port.MailBackend`.

Errors as in `tuimail.backends.port`. Nothing is deleted before `leave` was answered.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

LARGEST = 256 << 20
"""Octets of a message that are read; one that is larger is not to be asked for."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One message in the maildrop. Its number means it for this connection only."""

    number: int
    """From 1."""
    size: int
    """Octets, as LIST tells; 0 where it does not."""
    unique_id: str = ""
    """As UIDL tells; empty where it does not."""


class MailDrop(Protocol):
    """One connection, and with it the lock on the maildrop (RFC 1939 §4)."""

    async def connect(self) -> None:
        """Connect, secure, sign in. Raises TryLater while another connection holds the maildrop."""
        ...

    async def waiting(self) -> list[Waiting]:
        """What is there, oldest first."""
        ...

    def headers(self, numbers: Sequence[int]) -> AsyncIterator[tuple[int, bytes]]:
        """The headers of these messages, by TOP. Those that the server refuses are missing; all, where it has no TOP."""
        ...

    def messages(self, numbers: Sequence[int]) -> AsyncIterator[tuple[int, bytes]]:
        """These messages whole, byte for byte. Those that the server refuses are missing.

        Raises ServerBroken instead of giving one that the server ended in its midst.
        """
        ...

    async def delete(self, numbers: Sequence[int]) -> list[int]:
        """Mark these messages as deleted. Returns those that the server marked."""
        ...

    async def reset(self) -> None:
        """Take every mark back."""
        ...

    async def leave(self) -> None:
        """QUIT, its answer awaited: what is marked is gone then. Raises ServerRefused when the server could not remove all."""
        ...

    async def close(self) -> None:
        """Cut the connection: nothing is deleted. Never raises."""
        ...
