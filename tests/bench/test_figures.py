# SPDX-License-Identifier: GPL-3.0-or-later
"""Samples become figures as statistics say, and marks are judged by them."""

import pytest

from tests.bench import marks, report
from tests.bench.figures import Row, Samples, Traffic, median, percentile, row_of


@pytest.mark.parametrize(
    ("samples", "expected"), [([3.0], 3.0), ([3.0, 1.0, 2.0], 2.0), ([4.0, 1.0, 2.0, 3.0], 2.5)], ids=["one", "odd", "even"]
)
def test_the_median_is_the_middle(samples: list[float], expected: float) -> None:
    assert median(samples) == expected


@pytest.mark.parametrize(("part", "expected"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.0, 1)])
def test_a_percentile_is_the_nearest_rank(part: float, expected: int) -> None:
    assert percentile([float(number) for number in range(100, 0, -1)], part) == expected


def test_no_samples_have_no_figure() -> None:
    with pytest.raises(ValueError, match="no samples"):
        median([])
    with pytest.raises(ValueError, match="no samples"):
        percentile([], 0.5)


def test_a_row_holds_the_medians_and_only_what_was_measured() -> None:
    samples = Samples(
        [0.3, 0.1, 0.2],
        [10, 30, 20],
        [Traffic(5, 1, (2,), ("LOGIN",), (0,)), Traffic(7, 1, (1, 3), ("LOGIN", "FETCH"), (0, 1))],
    )
    samples.note("pss_mb", 41.5)
    assert row_of(samples) == {
        "n": 3, "seconds": 0.2, "p99": 0.3, "screen_bytes": 20, "down_bytes": 6, "up_bytes": 1, "turns": 3, "turns_of_one": 2.5,
        "turns_of_fetch": 1.5, "commands": 2, "pss_mb": 41.5,
    }  # fmt: skip
    assert row_of(Samples()) == {}


def test_traffic_since_a_moment() -> None:
    before, after = Traffic(10, 5, (2,), ("LOGIN",), (0,)), Traffic(25, 9, (3, 2), ("LOGIN", "NOOP"), (0, 1))
    assert after.minus(before) == Traffic(15, 4, (1, 2), ("NOOP",), (1,))
    assert after.minus(Traffic()) == after
    assert (after.turns, after.turns_of_one) == (5, 3)


def row(client: str, messages: int, seconds: float, scenario: str = "cold", what: str = "list") -> Row:
    return {
        "server": "dovecot", "client": client, "scenario": scenario, "what": what, "messages": messages, "rtt_ms": 100.0,
        "seconds": seconds, "down_bytes": 30_000,
    }  # fmt: skip


def verdict(rows: list[Row], mark: str) -> object:
    return next(each["verdict"] for each in marks.judged(rows) if each["mark"] == mark)


@pytest.mark.parametrize(("own", "expected"), [(0.5, "met"), (0.51, "not met")])
def test_a_mark_is_a_share_of_another_clients_time_on_the_same_mailbox(own: float, expected: str) -> None:
    rows = [row("tuimail", 100_000, own), row("tuimail", 1000, 9.0), row("alpine", 100_000, 1.0), row("alpine", 1000, 99.0)]
    assert verdict(rows, "cold folder, of alpine's time") == expected


def test_the_best_peer_counts() -> None:
    rows = [
        row(client, 1000, seconds, "warm", "new mail") for client, seconds in (("tuimail", 0.6), ("alpine", 2.0), ("aerc", 1.0))
    ]
    assert verdict(rows, "warm, 10 new, of the best peer's time") == "not met"


@pytest.mark.parametrize(("large", "expected"), [(1.3, "met"), (1.4, "not met")])
def test_growth_is_from_the_smallest_to_the_largest_mailbox(large: float, expected: str) -> None:
    rows = [row("tuimail", 1000, 1.0), row("tuimail", 10_000, 7.0), row("tuimail", 100_000, large)]
    assert verdict(rows, "cold, largest mailbox against smallest") == expected


def test_growth_tells_which_sizes_it_compares() -> None:
    rows = [row("tuimail", 1000, 1.0), row("tuimail", 1_000_000, 1.2)]
    mark = next(each for each in marks.judged(rows) if each["mark"] == "cold, largest mailbox against smallest")
    assert (mark["verdict"], mark["note"]) == ("met", "1,000,000 : 1,000")
    assert ["cold, largest mailbox against smallest", "1.3 ×", "1.2 × (1,000,000 : 1,000)", "met"] in report.verdicts([mark])


def test_a_size_that_no_peer_was_measured_on_does_not_hide_one_that_it_was() -> None:
    rows = [row("tuimail", 1_000_000, 9.0), row("tuimail", 100_000, 0.5), row("alpine", 100_000, 1.0)]
    assert verdict(rows, "cold folder, of alpine's time") == "met"


def test_memory_counts_at_its_size_and_tells_how_many_rows_there_were() -> None:
    scrolled: Row = {
        "server": "dovecot", "client": "tuimail", "scenario": "memory", "what": "scrolled to both ends", "messages": 1_000_000,
        "rtt_ms": 0.0, "pss_mb": 121.0, "rows": 1_000_000.0,
    }  # fmt: skip
    by_text = {each["mark"]: each for each in marks.judged([scrolled])}
    assert by_text["memory at 100,000"]["verdict"] is None
    million = by_text["memory at 1,000,000"]
    assert (million["verdict"], million["note"]) == ("not met", "1,000,000 rows")


def test_what_was_not_measured_is_neither_met_nor_not_met() -> None:
    assert {each["verdict"] for each in marks.judged([])} == {None}


def test_the_tables_go_between_the_documents_lines() -> None:
    text = f"# Title\n\n{report.BEGIN}\nstale\n{report.END}\n\nThe end.\n"
    rows = [row("tuimail", 1000, 0.41)]
    filled = report.document(text, "measured here", rows, marks.judged(rows))
    assert filled.startswith("# Title\n")
    assert filled.endswith(f"{report.END}\n\nThe end.\n")
    assert "| cold: list | 1,000 | tuimail | dovecot | 410.0 ms |" in filled
    assert "stale" not in filled
    assert report.document(filled, "measured here", rows, marks.judged(rows)) == filled
    with pytest.raises(ValueError, match="There is no"):
        report.document("# Title\n", "", rows, marks.judged(rows))
