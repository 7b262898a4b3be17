# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of messages that vanished."""

from dataclasses import replace

from tuimail.model.flags import DELETED, DRAFT
from tuimail.model.ids import MessageId
from tuimail.store.unplaced import Unplaced
from tuimail.sync.plan import Plan, Sweeps, pair, plan

SWEEPS = Sweeps(latest=10, before=5, earliest=2)


def row(number: int, pull: int, message_id: str = "<a@x>", size: int = 100, born: int = 1, **columns: int | str) -> Unplaced:
    return Unplaced(
        MessageId(number), message_id, size, int(columns.get("arrived", 7)), str(columns.get("subject", "hi")), pull, born
    )


def deleted(vanished: Unplaced) -> Unplaced:
    return replace(vanished, flags=frozenset({DELETED}))


def test_a_message_seen_elsewhere_is_adopted() -> None:
    assert plan([row(1, 20)], [row(2, 20)], SWEEPS) == Plan({MessageId(1): MessageId(2)})


def test_it_may_have_been_seen_there_by_the_sweep_before() -> None:
    assert plan([row(1, 20)], [row(2, 10)], SWEEPS).adopt
    assert not plan([row(1, 20)], [row(2, 9)], SWEEPS).adopt
    assert plan([row(1, 5)], [row(2, 2)], SWEEPS).adopt
    assert not plan([row(1, 5)], [row(2, 1)], SWEEPS).adopt


def test_size_and_message_id_must_be_the_same() -> None:
    assert not plan([row(1, 20)], [row(2, 20, size=101)], SWEEPS).adopt
    assert not plan([row(1, 20)], [row(2, 20, "<b@x>")], SWEEPS).adopt


def test_a_draft_that_was_written_on_is_another() -> None:
    def draft(number: int, arrived: int) -> Unplaced:
        return replace(row(number, 20, arrived=arrived), flags=frozenset({DRAFT}))

    assert plan([draft(1, 7)], [draft(2, 7)], SWEEPS).adopt
    assert not plan([draft(1, 7)], [draft(2, 8)], SWEEPS).adopt


def test_without_message_id_arrival_and_subject_count() -> None:
    assert plan([row(1, 20, "")], [row(2, 20, "")], SWEEPS).adopt
    assert not plan([row(1, 20, "")], [row(2, 20, "", arrived=8)], SWEEPS).adopt
    assert not plan([row(1, 20, "")], [row(2, 20, "", subject="ho")], SWEEPS).adopt


def test_two_places_are_ambiguous() -> None:
    assert plan([row(1, 20)], [row(2, 20), row(3, 20)], SWEEPS) == Plan()


def test_two_vanished_alike_are_ambiguous() -> None:
    assert plan([row(1, 20), row(2, 20)], [row(3, 20)], SWEEPS) == Plan()


def test_what_vanished_is_dropped_after_two_sweeps_that_began_later() -> None:
    assert plan([row(1, 11)], [], SWEEPS) == Plan()
    assert plan([row(1, 10)], [], SWEEPS) == Plan()
    assert plan([row(1, 9)], [], SWEEPS) == Plan({}, (MessageId(1),))


def test_what_may_be_any_of_several_is_dropped_like_what_is_gone() -> None:
    assert plan([row(1, 9)], [row(2, 20), row(3, 20)], SWEEPS) == Plan({}, (MessageId(1),))


def test_what_a_move_left_behind_makes_nothing_ambiguous() -> None:
    assert plan([row(1, 20), deleted(row(2, 20))], [row(3, 20)], SWEEPS).adopt == {1: 3}
    assert plan([deleted(row(2, 20))], [row(3, 20)], SWEEPS).adopt == {2: 3}


def test_nothing_is_dropped_while_mail_is_unread() -> None:
    assert plan([row(1, 7)], [], SWEEPS, all_known=False) == Plan()
    assert plan([row(1, 12)], [row(2, 12)], SWEEPS, all_known=False).adopt


def test_a_message_lost_and_found_twice_is_followed() -> None:
    chain = [row(1, 12, born=1), row(2, 15, born=12)]
    adopted = plan(chain, [row(3, 15)], SWEEPS).adopt
    assert list(adopted.items()) == [(2, 3), (1, 2)]


def test_copies_of_one_message_are_interchangeable() -> None:
    assert pair([row(1, 0), row(2, 0)], [row(3, 0), row(4, 0), row(5, 0)]) == {1: 3, 2: 4}
    assert pair([row(1, 0), row(2, 0)], [row(3, 0)]) == {1: 3}
