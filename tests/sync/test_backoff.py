# SPDX-License-Identifier: GPL-3.0-or-later
"""How long to wait before trying again."""

from tuimail.sync.backoff import Backoff, delay


def test_it_grows_up_to_a_limit_and_starts_anew() -> None:
    backoff = Backoff(lambda: 1.0, first=1.0, longest=300.0)
    waits = [backoff.next() for _ in range(12)]
    assert waits[:4] == [1.0, 2.0, 4.0, 8.0]
    assert waits[-1] == 300.0
    backoff.reset()
    assert backoff.next() == 1.0


def test_chance_spreads_it_but_never_to_nothing() -> None:
    assert delay(5, lambda: 0.0) == 4.0
    assert delay(5, lambda: 0.5) == 10.0
    assert delay(10_000, lambda: 0.0) == 75.0
