# SPDX-License-Identifier: GPL-3.0-or-later
"""The dialogue with a server, line by line, for ``--verbose``: secrets struck out before they get here."""

from typing import Protocol

STRUCK = b"***"
"""Stands for a secret."""


class ProtocolLog(Protocol):
    """Takes one line of the dialogue. Whoever calls it has replaced secrets by `STRUCK` and contents by `octets`."""

    def __call__(self, direction: str, line: bytes) -> None:
        """``direction`` is ``"C"`` for what we say and ``"S"`` for what the server says; ``line`` has no line break."""
        ...


def octets(count: int) -> bytes:
    """Stands for content that is not logged."""
    return b"{%d octets}" % count
