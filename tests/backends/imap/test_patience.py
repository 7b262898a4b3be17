# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a server is waited for that says something all the time."""

import asyncio
from collections.abc import Callable

import pytest

from tuimail.backends.imap.limits import ANSWER_SECONDS, WORK_SECONDS
from tuimail.backends.imap.patience import Patience
from tuimail.model.errors import Offline

_SILENCE = 60.0
_LINE, _PART = 16, 1 << 16


class Clock(asyncio.SelectorEventLoop):
    """A loop whose time goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0
        super().__init__()

    def time(self) -> float:
        return self.now

    def after(self, seconds: float) -> None:
        """So much later, all that was due meanwhile is done."""
        self.now += seconds
        for _ in range(3):
            self.call_soon(self.stop)
            self.run_forever()


def given_up(owed: float, step: float, until: float, came: Callable[[Patience], None]) -> float:
    """When a server is given up of which the same comes in each ``step`` seconds; infinite if not ``until`` then."""
    clock, told = Clock(), list[Offline]()
    patience = Patience(clock, _SILENCE, lambda: owed, told.append)
    patience.signed_in = True
    patience.begin()
    while not told and clock.now < until:
        clock.after(step)
        came(patience)
    clock.close()
    return clock.now if told else float("inf")


def line(patience: Patience) -> None:
    """``* OK wait``."""
    patience.came(_LINE)
    patience.counts()


def part(patience: Patience) -> None:
    """Some hundred rows."""
    patience.came(_PART)
    patience.counts()


@pytest.mark.parametrize("owed", [ANSWER_SECONDS, WORK_SECONDS])
def test_lines_put_an_answer_off_for_a_while_and_not_for_ever(owed: float) -> None:
    assert owed <= given_up(owed, 5.0, 2 * WORK_SECONDS, line) <= owed + _SILENCE


def test_an_answer_may_take_as_long_as_it_comes() -> None:
    assert given_up(ANSWER_SECONDS, 50.0, 2 * WORK_SECONDS, part) == float("inf")
    assert given_up(ANSWER_SECONDS, 50.0, 2 * WORK_SECONDS, Patience.gets_on) == float("inf")


def test_silence_is_waited_for_as_before() -> None:
    assert given_up(WORK_SECONDS, 5.0, WORK_SECONDS, lambda _: None) == pytest.approx(_SILENCE, abs=5.0)


def test_silence_counts_from_the_question() -> None:
    """Not from an earlier one that was answered: whoever asks much later waits as long."""
    clock, told, owed = Clock(), list[Offline](), [ANSWER_SECONDS]
    patience = Patience(clock, _SILENCE, lambda: owed[0], told.append)
    patience.signed_in = True
    patience.begin()
    owed[0] = 0.0
    clock.after(_SILENCE - 5)
    owed[0] = ANSWER_SECONDS
    patience.begin()
    clock.after(_SILENCE - 5)
    assert not told
    clock.after(10)
    assert told
    clock.close()
