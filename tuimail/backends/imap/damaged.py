# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages over which connections end: the server ends them because it cannot read one, as Dovecot does (``BYE FETCH failed``),
or they are given up because of one it says more than anybody may.

Asked for as before, they would end every further connection, too, and no row of the folder would ever come. So they are
found by what came before them, and asked for alone, by nothing but their flags.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from tuimail.model.uidset import UidSet


class Place(NamedTuple):
    """A folder, as its messages are counted."""

    folder: str
    uidvalidity: int
    by_uid: bool
    """Else by number."""


@dataclass(slots=True)
class Damaged:
    """What is known of one server's messages, over its connections."""

    troubled: set[str] = field(default_factory=set)
    """Folders that the connection ended in while header data was read. There only messages that exist are asked for."""
    vast: set[str] = field(default_factory=set)
    """Folders of which more was told at once than anybody may tell. There few messages are asked for at a time."""
    found: dict[Place, UidSet] = field(default_factory=dict)

    def met(self, place: Place, asked: UidSet, came: Iterable[int]) -> None:
        """The connection ended over ``asked``, of which ``came`` arrived before.

        The first time a folder is only noted: a server that is being ended says the same, and not all that was asked for
        need exist. Servers answer in ascending order.
        """
        missing = asked - UidSet.of(came)
        if place.folder in self.troubled and missing:
            self.found[place] = self.found.get(place, UidSet()) | UidSet.of([missing.lowest])
        self.troubled.add(place.folder)

    def passed(self, folder: str) -> None:
        """All header data came that was asked for."""
        self.troubled.discard(folder)
