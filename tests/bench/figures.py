# SPDX-License-Identifier: GPL-3.0-or-later
"""What is counted, and how samples become figures. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest


def percentile(samples: Sequence[float], part: float) -> float:
    """The smallest sample that at least ``part`` (0 to 1) of all samples do not exceed (nearest rank).

    Raises ValueError for none.
    """
    if not samples:
        raise ValueError("no samples")
    ordered = sorted(samples)
    return ordered[max(math.ceil(part * len(ordered)), 1) - 1]


def median(samples: Sequence[float]) -> float:
    """The middle sample, or the mean of the two in the middle. Raises ValueError for none."""
    if not samples:
        raise ValueError("no samples")
    ordered = sorted(samples)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


@dataclass(frozen=True, slots=True)
class Traffic:
    """What went over the wire in some time, over all connections of one client."""

    down: int = 0
    """Octets from the server."""
    up: int = 0
    """Octets to the server."""
    turns_of: tuple[int, ...] = ()
    """For each connection, how often the client spoke after it had heard from the server: a wait for the network each time."""
    commands: tuple[str, ...] = ()
    """The IMAP commands by their names, in order."""
    speakers: tuple[int, ...] = ()
    """For each of the commands, which connection said it: an index into ``turns_of``."""

    @property
    def turns(self) -> int:
        """Of all connections together."""
        return sum(self.turns_of)

    @property
    def turns_of_one(self) -> int:
        """Of the connection with the most: waits that cannot have gone on beside each other."""
        return max(self.turns_of, default=0)

    @property
    def turns_of_fetch(self) -> int:
        """Of the connections that fetched: who waits for a message does not wait for what goes on beside."""
        fetching = (by for by, name in zip(self.speakers, self.commands, strict=True) if name.endswith("FETCH"))
        return max((self.turns_of[by] for by in fetching), default=0)

    def minus(self, before: "Traffic") -> "Traffic":
        """What came after ``before``."""
        turns = (after - earlier for after, earlier in zip_longest(self.turns_of, before.turns_of, fillvalue=0))
        known = len(before.commands)
        return Traffic(self.down - before.down, self.up - before.up, tuple(turns), self.commands[known:], self.speakers[known:])


@dataclass(slots=True)
class Samples:
    """What one measurement gave, run by run."""

    seconds: list[float] = field(default_factory=list)
    screen: list[int] = field(default_factory=list)
    """Octets to the terminal."""
    traffic: list[Traffic] = field(default_factory=list)
    numbers: dict[str, list[float]] = field(default_factory=dict)
    """What else was measured: name with its unit → values."""

    def note(self, name: str, value: float) -> None:
        """Add to a further series."""
        self.numbers.setdefault(name, []).append(value)


Value = float | int | str
Row = dict[str, Value]
"""One line of the results as it stands in the JSON file; the names carry the units."""


def row_of(samples: Samples) -> Row:
    """Medians, and for several samples the percentiles."""
    row: Row = {}
    if samples.seconds:
        row |= {"n": len(samples.seconds), "seconds": round(median(samples.seconds), 5)}
        if len(samples.seconds) > 1:
            row["p99"] = round(percentile(samples.seconds, 0.99), 5)
    if samples.screen:
        row["screen_bytes"] = round(median(samples.screen))
    if samples.traffic:
        row["down_bytes"] = round(median([each.down for each in samples.traffic]))
        row["up_bytes"] = round(median([each.up for each in samples.traffic]))
        row["turns"] = median([each.turns for each in samples.traffic])
        row["turns_of_one"] = median([each.turns_of_one for each in samples.traffic])
        row["turns_of_fetch"] = median([each.turns_of_fetch for each in samples.traffic])
        row["commands"] = round(median([len(each.commands) for each in samples.traffic]))
    row |= {name: round(median(values), 5) for name, values in samples.numbers.items()}
    return row
