# SPDX-License-Identifier: GPL-3.0-or-later
"""What the users of one account's local mail tell each other."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol


class Hearer(Protocol):
    """One who wants to know."""

    def hear(self, folder: int) -> None:
        """A folder changed."""
        ...


@dataclass(slots=True)
class LocalEvents:
    """Of one account."""

    mailboxes: set[Hearer] = field(default_factory=set)
    fetch: Callable[[str], Awaitable[None]] | None = None
    """Brings the whole of a message whose header is in that file. Raises the port's errors."""

    def changed(self, folder: int) -> None:
        """Something came into that folder, left it or changed in it."""
        for mailbox in self.mailboxes:
            mailbox.hear(folder)
