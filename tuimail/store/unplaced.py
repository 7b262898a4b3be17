# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows whose place on the server is not known, and by what they are recognised there."""

from dataclasses import dataclass

from tuimail.model.flags import DELETED, DRAFT, Flags
from tuimail.model.ids import MessageId


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A row without a UID, or a row that may be the same message: by these columns they are matched."""

    id: MessageId
    message_id: str
    size: int
    arrived: int
    subject: str
    pull: int
    """For a row in limbo the pull in which it vanished, else the one in which it was born."""
    born: int = 0
    """The pull in which it was born."""
    flags: Flags = frozenset()
    """As the server has them."""

    @property
    def deleted(self) -> bool:
        r"""It carries ``\Deleted``: a move left it behind, or it is about to go. What is looked for is never taken to be it."""
        return DELETED in self.flags

    @property
    def draft(self) -> bool:
        r"""It carries ``\Draft``: what another program made of it may have its Message-ID, and by chance its size."""
        return DRAFT in self.flags


Likeness = tuple[int, str, int, str]


def likeness(size: int, message_id: str, arrived: int, subject: str) -> Likeness:
    """What two rows of one message have in common; time and subject count only where there is no Message-ID."""
    return (size, message_id, 0, "") if message_id else (size, "", arrived, subject)
