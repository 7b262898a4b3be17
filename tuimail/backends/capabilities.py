# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server offers, by the words of its RFCs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the server offers after sign-in (RFC 9051 §6.1.1), and what was enabled (RFC 5161)."""

    names: frozenset[str] = frozenset()
    """Upper case."""
    enabled: frozenset[str] = frozenset()
    """NOTIFY among them while it is in force."""

    def __contains__(self, name: str) -> bool:
        return name in self.names

    @property
    def condstore(self) -> bool:
        """RFC 7162 §3.1; QRESYNC implies it."""
        return "CONDSTORE" in self.names or "QRESYNC" in self.names

    @property
    def qresync(self) -> bool:
        """RFC 7162 §3.2, and enabled."""
        return "QRESYNC" in self.enabled

    @property
    def uidplus(self) -> bool:
        """RFC 4315."""
        return "UIDPLUS" in self.names or "IMAP4REV2" in self.names

    @property
    def move(self) -> bool:
        """RFC 6851."""
        return "MOVE" in self.names or "IMAP4REV2" in self.names

    @property
    def multiappend(self) -> bool:
        """RFC 3502."""
        return "MULTIAPPEND" in self.names

    @property
    def notify(self) -> bool:
        """RFC 5465, and in force: `ServerChange.folders_changed` tells of every folder."""
        return "NOTIFY" in self.enabled

    @property
    def idle(self) -> bool:
        """RFC 2177."""
        return "IDLE" in self.names or "IMAP4REV2" in self.names
