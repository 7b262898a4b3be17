# SPDX-License-Identifier: GPL-3.0-or-later
"""How long to wait before trying again."""

from tuimail.sync.backoff import AT_ONCE, Backoff, Pace, Reconnects, delay


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


def test_a_lost_connection_is_made_again_at_once_only_if_it_was_of_use() -> None:
    now = 0.0
    reconnects = Reconnects(lambda: 1.0, clock=lambda: now)
    assert reconnects.at_once()
    now += 3600
    assert not reconnects.at_once(), "let in again, and lost before it was of use"
    assert [reconnects.pause() for _ in range(3)] == [1.0, 2.0, 4.0]
    reconnects.of_use()
    assert reconnects.at_once()
    reconnects.of_use()
    now += AT_ONCE / 2
    assert not reconnects.at_once(), "not one after the other"
    assert reconnects.pause() == 1.0


def test_a_mailbox_whose_folders_cannot_be_opened_is_asked_ever_more_seldom() -> None:
    now, asked = 0.0, 0
    reconnects = Reconnects(lambda: 0.0, clock=lambda: now)
    while now < 3600:
        asked += 1
        now += reconnects.pause()
    assert asked < 60
    reconnects.hurry()
    assert reconnects.pause() == 0.25


def test_what_never_stops_is_followed_so_many_times_in_a_second() -> None:
    now, followed = 0.0, 0
    pace = Pace(50, 4.0, clock=lambda: now)
    while now < 100:
        followed += 1
        now += pace.next()
    assert followed == 50 + 400


def test_what_rests_in_between_is_followed_at_once() -> None:
    now = 0.0
    pace = Pace(3, 1.0, clock=lambda: now)
    assert [pace.next() for _ in range(5)] == [0, 0, 0, 1, 1], "not waited for, it does not add up"
    now += 10
    assert [pace.next() for _ in range(4)] == [0, 0, 0, 1]
