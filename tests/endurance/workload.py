# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens in an hour, how often, and when: the same for the same seed. Pure."""

import random
from collections.abc import Mapping
from dataclasses import dataclass

HOUR = 3600.0

MAIL: Mapping[str, int] = {"arrive": 60}
OTHERS: Mapping[str, int] = {"flag": 20, "carry off": 10, "expunge": 6, "rename": 2}
"""Another client's doings."""
USER: Mapping[str, int] = {
    "read": 25, "scroll": 25, "star": 16, "unread": 8, "archive": 14, "delete": 7, "junk": 3, "move": 9, "label": 7,
    "undo": 14, "mark": 5, "search": 4, "filter": 2, "folders": 8, "look": 2, "send": 6, "reply": 3, "draft": 2,
    "take up": 2, "pause": 3,
}  # fmt: skip
LINE: Mapping[str, int] = {
    "cut": 6, "reset": 4, "cut at an octet": 5, "hold": 3, "swallow": 2, "refuse": 3, "cut submission": 2,
    "refuse submission": 1,
}  # fmt: skip
MACHINE: Mapping[str, int] = {"restart the server": 1, "suspend": 2, "resize": 4}

RATES: Mapping[str, int] = {**MAIL, **OTHERS, **USER, **LINE, **MACHINE}
"""Kind of event → how many come in an hour."""


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """Something that happens."""

    at: float
    """Seconds since the beginning of the day."""
    number: int
    kind: str


def day(hours: float, seed: int, share: float = 1.0) -> list[Event]:
    """All events of so many hours, in their order, numbered from 0: of each kind ``share`` of its number, at random times."""
    dice = random.Random(f"{seed}/day")
    times = sorted(
        (dice.uniform(0, hours * HOUR), kind)
        for kind, rate in RATES.items()
        for _ in range(max(round(rate * hours * share), 1))
    )
    return [Event(at, number, kind) for number, (at, kind) in enumerate(times)]


def dice_of(event: Event, seed: int) -> random.Random:
    """What decides how an event goes."""
    return random.Random(f"{seed}/{event.number}")
