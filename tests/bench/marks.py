# SPDX-License-Identifier: GPL-3.0-or-later
"""The marks that tuimail is to meet, each read from the results of one run. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from tests.bench.figures import Row, Value

PEERS = ("alpine", "neomutt", "aerc")


class Results:
    """The rows of one run, to be asked."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows

    def find(
        self, scenario: str, what: str, key: str, *, client: str = "tuimail", total: int = 0, server: str = ""
    ) -> float | None:
        """A figure of the largest mailbox measured, or of that with ``total`` messages. None: it was not measured."""
        found = [
            row
            for row in self._rows
            if (row["scenario"], row["what"], row["client"]) == (scenario, what, client)
            and key in row
            and total in (0, row["messages"])
            and server in ("", row["server"])
        ]
        if not found:
            return None
        value = max(found, key=lambda row: (row["server"] == "dovecot", row["messages"]))[key]
        assert isinstance(value, int | float)
        return float(value)

    def against(self, scenario: str, what: str, *peers: str) -> float | None:
        """tuimail's time as a share of the best of these clients', on the largest mailbox that it shares with any of them."""
        own = self._sizes(scenario, what, "tuimail")
        size = max((size for peer in peers for size in own & self._sizes(scenario, what, peer)), default=0)
        times = [self.find(scenario, what, "seconds", client=peer, total=size) for peer in peers]
        best = min((time for time in times if time is not None), default=None)
        mine = self.find(scenario, what, "seconds", total=size)
        return mine / best if size and mine is not None and best else None

    def growth(self, scenario: str, what: str) -> float | None:
        """The time at the largest mailbox as a multiple of the time at the smallest."""
        sizes = self._sizes(scenario, what, "tuimail")
        if len(sizes) < 2:
            return None
        small, large = (self.find(scenario, what, "seconds", total=size) for size in (min(sizes), max(sizes)))
        return large / small if large is not None and small else None

    def span(self, scenario: str, what: str) -> str:
        """The sizes that `growth` compares."""
        sizes = self._sizes(scenario, what, "tuimail")
        return f"{max(sizes):,} : {min(sizes):,}" if sizes else ""

    def _sizes(self, scenario: str, what: str, client: str) -> set[int]:
        """The sizes of the mailboxes on which a client's time was taken."""
        return {
            int(row["messages"])
            for row in self._rows
            if (row["scenario"], row["what"], row["client"]) == (scenario, what, client) and "seconds" in row
        }

    def ratio(self, scenario: str, what: str, other: str) -> float | None:
        """One time of a scenario as a multiple of another one."""
        one, base = self.find(scenario, what, "seconds"), self.find(scenario, other, "seconds")
        return one / base if one is not None and base else None


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that is to be at most so much."""

    text: str
    limit: float
    unit: str
    measure: Callable[[Results], float | None]
    note: Callable[[Results], str] = lambda _: ""
    """What is to be known of the figure."""


def _figure(scenario: str, what: str, key: str, factor: float = 1) -> Callable[[Results], float | None]:
    def measure(results: Results) -> float | None:
        value = results.find(scenario, what, key)
        return None if value is None else value * factor

    return measure


def _grows(text: str, scenario: str, what: str) -> Mark:
    return Mark(
        f"{text}, largest mailbox against smallest",
        1.3,
        "×",
        lambda results: results.growth(scenario, what),
        lambda results: results.span(scenario, what),
    )


def _whole(total: int) -> Callable[[Results], str]:
    """How many rows a list had whose memory was measured."""

    def note(results: Results) -> str:
        rows = results.find("memory", "scrolled to both ends", "rows", total=total)
        return f"{rows:,.0f} rows" if rows else ""

    return note


MARKS: tuple[Mark, ...] = (
    Mark("exec → last screen visible", 50, "ms", _figure("start", "visible", "seconds", 1000)),
    Mark("exec → interactive", 300, "ms", _figure("start", "interactive", "seconds", 1000)),
    Mark("cold folder, of alpine's time", 0.5, "×", lambda results: results.against("cold", "list", "alpine")),
    Mark("cold folder, turns (of the connection with the most)", 4, "", _figure("cold", "list", "turns_of_one")),
    Mark("cold folder, from the server", 40_000, "bytes", _figure("cold", "list", "down_bytes")),
    Mark("warm, 10 new, of the best peer's time", 0.5, "×", lambda results: results.against("warm", "new mail", *PEERS)),
    Mark("open beside 20 MB, of alpine's time", 0.6, "×", lambda results: results.against("open", "text", "alpine")),
    Mark("open beside 20 MB, turns", 1, "", _figure("open", "text", "turns_of_fetch")),
    Mark("open beside 20 MB as soon as the list stands, turns", 1, "", _figure("open", "text, at once", "turns_of_fetch")),
    Mark("open beside 20 MB, from the server", 2000, "bytes", _figure("open", "text", "down_bytes")),
    Mark("next message, median", 15, "ms", _figure("next", "next", "seconds", 1000)),
    Mark("to the terminal: cursor down", 340, "bytes", _figure("scroll", "cursor", "screen_bytes")),
    Mark("to the terminal: a line scrolled", 420, "bytes", _figure("scroll", "a line", "screen_bytes")),
    Mark(
        "to the terminal: a line scrolled, tree shown", 1600, "bytes", _figure("scroll", "a line, tree shown", "screen_bytes")
    ),
    Mark("to the terminal: page", 4400, "bytes", _figure("page", "page", "screen_bytes")),
    Mark("to the terminal: a character typed", 80, "bytes", _figure("type", "a character", "screen_bytes")),
    Mark("key → screen, p50", 4, "ms", _figure("scroll", "cursor", "seconds", 1000)),
    Mark("key → screen, p99", 16, "ms", _figure("scroll", "cursor", "p99", 1000)),
    Mark("key → screen during a first sync, p50", 10, "ms", _figure("sync", "a key meanwhile", "seconds", 1000)),
    Mark("key → screen during a first sync, p99", 30, "ms", _figure("sync", "a key meanwhile", "p99", 1000)),
    Mark("first sync: newest 1,000", 0.3, "s", _figure("sync", "newest 1,000", "seconds")),
    Mark(
        "first sync: all listed, of a raw socket's time",
        4,
        "×",
        lambda results: results.ratio("sync", "all listed", "raw socket"),
    ),
    Mark("first sync: header index, later by", 2, "s", _figure("sync", "header index, later", "seconds")),
    _grows("cold", "cold", "list"),
    _grows("start", "start", "interactive"),
    _grows("start to a turned page", "start", "page turned"),
    _grows("cursor", "scroll", "cursor"),
    _grows("a line scrolled", "scroll", "a line"),
    _grows("opening", "next", "first"),
    _grows("next message", "next", "next"),
    *(
        Mark(
            f"memory at {total:,}",
            limit,
            "MB",
            partial(Results.find, scenario="memory", what="scrolled to both ends", key="pss_mb", total=total),
            _whole(total),
        )
        for total, limit in ((100_000, 90), (1_000_000, 120))
    ),
    Mark("a word of a text, first results", 50, "ms", _figure("search", "text", "seconds", 1000)),
    Mark("10,000 marked read, on the screen", 0.2, "s", _figure("bulk", "read", "seconds")),
    Mark("10,000 marked read, commands", 10, "", _figure("bulk", "read", "changing_commands")),
    Mark("10,000 moved, on the screen", 0.2, "s", _figure("bulk", "moved", "seconds")),
    Mark("10,000 moved, commands", 10, "", _figure("bulk", "moved", "changing_commands")),
    Mark("idle, to the terminal", 0, "bytes", _figure("idle", "quiet", "screen_bytes")),
    Mark("idle, processor", 0.1, "%", _figure("idle", "quiet", "processor_percent")),
)


def judged(rows: Sequence[Row]) -> Iterator[dict[str, Value | None]]:
    """Each mark with what was measured and whether it is met; None where it was not measured."""
    results = Results(rows)
    for mark in MARKS:
        value = mark.measure(results)
        met = None if value is None else "met" if value <= mark.limit else "not met"
        note = "" if value is None else mark.note(results)
        yield {"mark": mark.text, "limit": mark.limit, "unit": mark.unit, "value": value, "verdict": met, "note": note}
