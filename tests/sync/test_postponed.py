# SPDX-License-Identifier: GPL-3.0-or-later
"""When what the server does not take is offered again."""

from tuimail.model.errors import TryLater
from tuimail.model.ids import ActionId
from tuimail.sync.postponed import FIRST, Postponed

ONE, TWO = ActionId(1), ActionId(2)
FULL = TryLater("Full.")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_it_is_due_again_after_a_while_and_later_each_time() -> None:
    clock = Clock()
    postponed = Postponed(clock)
    assert postponed.note(ONE, FULL)
    assert postponed.waits(ONE) is FULL
    first = postponed.next()
    assert first is not None
    clock.now += first
    assert postponed.waits(ONE) is None
    assert not postponed.note(ONE, FULL)
    assert (postponed.next() or 0.0) > first


def test_what_was_taken_back_is_waited_for_no_longer() -> None:
    postponed = Postponed(Clock())
    postponed.note(ONE, FULL)
    postponed.note(TWO, FULL)
    postponed.keep({TWO})
    assert postponed.waits(ONE) is None
    assert postponed.waits(TWO)
    postponed.keep(())
    assert not postponed
    assert postponed.next() is None


def test_what_is_due_but_has_to_wait_does_not_keep_anybody_busy() -> None:
    clock = Clock()
    postponed = Postponed(clock)
    postponed.note(ONE, FULL)
    postponed.hurry()
    assert postponed.next() == 0.0
    postponed.went_through()
    assert postponed.next() == FIRST
