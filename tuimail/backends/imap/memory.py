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
    compresses: bool = True
    """False once it said OK to COMPRESS, and did not."""
    doubtful: bool = False
    """The connection ended where the first compressed octets should have come. The line may be to blame: it is not noted."""
    damaged: Damaged = field(default_factory=Damaged)

    def not_compressed(self, sure: bool) -> None:
        """It said OK to COMPRESS; what came was not compressed, or, where that is not ``sure``, nothing."""
        self.doubtful = True
        self.compresses = self.compresses and not sure

    def note(self) -> str:
        """As one line of text."""
        truths = ["yes" if each else "no" for each in (self.pipelines, self.compresses)]
        return "|".join((" ".join(sorted(self.greeting)), " ".join(sorted(self.offered)), *truths))

    def recall(self, note: str) -> None:
        """Take over what `note` wrote; anything else changes nothing."""
        with suppress(ValueError):
            greeting, offered, pipelines, *compresses = note.split("|")
            self.greeting, self.offered = frozenset(greeting.split()), frozenset(offered.split())
            self.pipelines, self.compresses = pipelines == "yes", compresses != ["no"]
