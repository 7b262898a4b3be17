# SPDX-License-Identifier: GPL-3.0-or-later
"""What one server turned out to be like, so that the next connection to it asks less."""

from contextlib import suppress
from dataclasses import dataclass, field

from tuimail.backends.imap.damaged import Damaged


@dataclass(slots=True)
class ServerMemory:
    """Kept by whoever makes the connections to one account's server; written by every `connect`."""

    greeting: frozenset[str] = frozenset()
    """Capabilities before sign-in, for a greeting that tells none. Not used with STARTTLS: those are asked for each time."""
    offered: frozenset[str] = frozenset()
    """Capabilities after sign-in."""
    pipelines: bool = True
    """Whether the server reads what is said right behind the sign-in; some proxies throw it away."""
    damaged: Damaged = field(default_factory=Damaged)

    def note(self) -> str:
        """As one line of text."""
        return "|".join((" ".join(sorted(self.greeting)), " ".join(sorted(self.offered)), "yes" if self.pipelines else "no"))

    def recall(self, note: str) -> None:
        """Take over what `note` wrote; anything else changes nothing."""
        with suppress(ValueError):
            greeting, offered, pipelines = note.split("|")
            self.greeting, self.offered = frozenset(greeting.split()), frozenset(offered.split())
            self.pipelines = pipelines == "yes"
