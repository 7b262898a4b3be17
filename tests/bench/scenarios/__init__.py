# SPDX-License-Identifier: GPL-3.0-or-later
"""What is measured, by name."""

from collections.abc import Callable, Mapping
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
    grows: bool = True
    """Measured at each mailbox size; else at `Scenario.total` only."""
    total: int = 1000


SCENARIOS: Mapping[str, Scenario] = {
    "start": Scenario("a start with everything cached, to a screen and to a key obeyed; no network in the way", opening.start),
    "cold": Scenario("the newest screenful with nothing cached", opening.cold),
    "warm": Scenario("a start with everything cached and ten new messages, until these are listed", opening.warm),
    "open": Scenario("a message beside an attachment of 20 MB", reading.attachment, frozenset({"open"}), grows=False),
    "next": Scenario("from one message to the next, 20 times", reading.next_message, frozenset({"open", "next"})),
    "scroll": Scenario("cursor down, and a line scrolled", moving.scroll, frozenset({"down"})),
    "page": Scenario("a page of the list", moving.page, frozenset({"page"})),
    "type": Scenario("a character typed into a message", moving.typing, frozenset({"compose"}), grows=False),
    "search": Scenario("a word of a subject, and one of a text", working.search, frozenset({"search text"})),
    "bulk": Scenario("all messages marked read, all moved", working.bulk, frozenset({"mark all"}), grows=False, total=10_000),
    "memory": Scenario("proportional set size of all processes", resting.memory),
    "idle": Scenario("octets to the terminal, and processor time, while nothing happens", resting.idle, grows=False),
    "sync": Scenario("the first full sync, and the keys during it", syncing.first_sync, frozenset({"hide tree"})),
}
