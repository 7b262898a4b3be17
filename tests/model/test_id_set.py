# SPDX-License-Identifier: GPL-3.0-or-later
from hypothesis import given
from hypothesis import strategies as st

from tuimail.model.id_set import IdSet


@given(st.lists(st.tuples(st.sampled_from(["add", "discard"]), st.lists(st.integers(0, 400), max_size=9)), max_size=9))
def test_it_is_a_set(steps: list[tuple[str, list[int]]]) -> None:
    ids, plain = IdSet(), set[int]()
    for step, numbers in steps:
        before = ids.copy()
        if step == "add":
            ids.update(numbers)
            plain.update(numbers)
        else:
            for number in numbers:
                ids.discard(number)
            plain.difference_update(numbers)
        assert list(ids) == sorted(plain)
        assert len(ids) == len(plain)
        assert all((number in ids) == (number in plain) for number in range(420))
        if step == "add":
            assert set(before) <= plain


def test_many_at_once() -> None:
    ids = IdSet([5, 70_001])
    ids.update(range(3, 60_000, 7))
    assert set(ids) == {5, 70_001, *range(3, 60_000, 7)}
    ids.update(range(90_000, 92_000))
    assert len(ids) == 2 + len(range(3, 60_000, 7)) + 2000
    assert 60_001 not in ids
    backwards = range(100_000, 0, -1)
    assert ids.among(backwards) == sorted(ids, reverse=True)
    assert ids.among([6, 10, 5]) == [10, 5]
    assert not IdSet().among(backwards)
