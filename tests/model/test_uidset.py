# SPDX-License-Identifier: GPL-3.0-or-later
"""UidSet behaves as a Python set of positive integers does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuimail.model.uidset import UidSet

SETS = st.sets(st.integers(1, 60) | st.integers(1, 2**32 - 1), max_size=40)


def sound(uids: UidSet) -> bool:
    return all(low <= high for low, high in uids.ranges) and all(
        before[1] + 1 < after[0] for before, after in zip(uids.ranges, uids.ranges[1:], strict=False)
    )


@given(SETS)
def test_holds_its_members_in_order(members: set[int]) -> None:
    uids = UidSet.of(members)
    assert list(uids) == sorted(members)
    assert len(uids) == len(members)
    assert bool(uids) == bool(members)
    assert sound(uids)
    assert (uids.lowest, uids.highest) == (min(members, default=0), max(members, default=0))


@given(SETS, SETS)
def test_operators(left: set[int], right: set[int]) -> None:
    a, b = UidSet.of(left), UidSet.of(right)
    for result, expected in ((a | b, left | right), (a - b, left - right), (a & b, left & right)):
        assert set(result) == expected
        assert sound(result)


@given(SETS, st.integers(0, 70))
def test_contains(members: set[int], uid: int) -> None:
    assert (uid in UidSet.of(members)) == (uid in members)


@given(SETS.filter(bool))
def test_written_form_is_read_back(members: set[int]) -> None:
    uids = UidSet.of(members)
    assert UidSet.parse(str(uids)) == uids


@given(SETS, st.integers(25, 100))
def test_chunks(members: set[int], octets: int) -> None:
    chunks = list(UidSet.of(members).chunks(octets))
    assert [uid for chunk in chunks for uid in chunk] == sorted(members)
    assert all(0 < len(str(chunk)) <= octets for chunk in chunks)


@given(SETS, st.integers(0, 50))
def test_take_highest(members: set[int], count: int) -> None:
    assert list(UidSet.of(members).take_highest(count)) == sorted(members)[max(len(members) - count, 0) :]


def test_written_form() -> None:
    assert str(UidSet.of([9, 1, 2, 3, 3])) == "1:3,9"
    assert UidSet.parse("9,5:3,1") == UidSet.of([1, 3, 4, 5, 9])


@pytest.mark.parametrize("text", ["", "*", "1:*", "a", "1,,2"])
def test_parse_refuses(text: str) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        UidSet.parse(text)
