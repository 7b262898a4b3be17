# SPDX-License-Identifier: GPL-3.0-or-later
"""Which mailbox sizes a scenario is measured at."""

from tests.bench import mail
from tests.bench.figures import Samples
from tests.bench.scenarios import SCENARIOS, Scenario
from tests.bench.session import Bench

SIZES = [1000, 10_000, 100_000]


def nothing(bench: Bench) -> dict[str, Samples]:
    return {}


def test_what_grows_is_measured_at_each_size_the_rest_at_the_largest() -> None:
    assert list(Scenario("", nothing, growing=True).totals(SIZES)) == SIZES
    assert list(Scenario("", nothing).totals(SIZES)) == [100_000]
    assert list(Scenario("", nothing, total=5).totals(SIZES)) == [5]


def test_the_growth_that_is_judged_is_measured() -> None:
    assert {name for name, scenario in SCENARIOS.items() if scenario.growing} >= {"start", "cold", "next", "scroll", "memory"}


def test_a_word_to_search_for_stands_in_few_messages() -> None:
    hits = [number for number in range(1, 10_001) if mail.HIT_WORD.encode() in mail.message(number)]
    assert hits == [4001, 8002]
    assert mail.newest_hit(10_000) == 8002
    assert mail.newest_hit(1000) == 0


def test_a_message_is_the_same_each_time_and_found_by_its_row() -> None:
    assert mail.message(17) == mail.message(17)
    assert mail.marker(17) in mail.subject(17)
    assert mail.subject(17).encode() in mail.message(17)
    assert mail.hello(17).encode() in mail.message(17)
    assert mail.marker(17) not in mail.subject(117)
