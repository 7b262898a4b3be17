# SPDX-License-Identifier: GPL-3.0-or-later
"""What is measured, by name."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tests.bench.figures import Samples
from tests.bench.scenarios import moving, opening, reading, resting, syncing, working
from tests.bench.session import Bench

Measured = dict[str, Samples]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One thing to measure."""

    about: str
    measure: Callable[[Bench], Measured]
    needs: frozenset[str] = frozenset()
    """Keys that a client must have."""
    growing: bool = False
    """Measured at each mailbox size that is asked for; else at the largest only."""
    total: int = 0
    """Measured at this size, whatever is asked for."""

    def totals(self, sizes: Sequence[int]) -> Sequence[int]:
        """The mailbox sizes to measure at, of those asked for in ascending order."""
        if self.total:
            return (self.total,)
        return sizes if self.growing else sizes[-1:]


SCENARIOS: Mapping[str, Scenario] = {
    "start": Scenario(
        "a start with everything cached, to a screen and to a key obeyed; no network in the way", opening.start, growing=True
    ),
    "cold": Scenario("the newest screenful with nothing cached", opening.cold, growing=True),
    "warm": Scenario("a start with everything cached and ten new messages, until these are listed", opening.warm),
    "open": Scenario("a message beside an attachment of 20 MB", reading.attachment, frozenset({"open"}), total=1000),
    "next": Scenario("from one message to the next, 20 times", reading.next_message, frozenset({"open", "next"}), growing=True),
    "scroll": Scenario("cursor down, and a line scrolled", moving.scroll, frozenset({"down"}), growing=True),
    "page": Scenario("a page of the list", moving.page, frozenset({"page"})),
    "type": Scenario("a character typed into a message", moving.typing, frozenset({"compose"}), total=1000),
    "search": Scenario("a word of a subject, and one of a text", working.search, frozenset({"search text"})),
    "bulk": Scenario("all messages marked read, all moved", working.bulk, frozenset({"mark all"}), total=10_000),
    "memory": Scenario("proportional set size of all processes", resting.memory, growing=True),
    "idle": Scenario("octets to the terminal, and processor time, while nothing happens", resting.idle, total=1000),
    "sync": Scenario("the first full sync, and the keys during it", syncing.first_sync, frozenset({"hide tree"})),
}
