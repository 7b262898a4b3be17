# SPDX-License-Identifier: GPL-3.0-or-later
"""The cursor gets where it is to go, in few bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.output.shown import Emulator
from tuimail.ui.output.moves import way

columns, rows = st.integers(0, 39), st.integers(0, 11)


@given(columns, rows, columns, rows, st.booleans(), st.booleans())
def test_it_arrives(from_x: int, from_y: int, x: int, y: int, knows_x: bool, knows_y: bool) -> None:
    terminal = Emulator(40, 12)
    terminal.feed(f"\x1b[{from_y + 1};{from_x + 1}H" + way(from_x if knows_x else None, from_y if knows_y else None, x, y))
    assert (terminal.screen.cursor.x, terminal.screen.cursor.y) == (x, y)


@pytest.mark.parametrize(
    ("start", "end", "bytes_"),
    [((5, 3), (5, 3), 0), ((5, 3), (6, 3), 3), ((5, 3), (0, 3), 1), ((5, 3), (0, 4), 2), ((5, 3), (5, 2), 3)],
)
def test_near_is_cheap(start: tuple[int, int], end: tuple[int, int], bytes_: int) -> None:
    assert len(way(*start, *end)) == bytes_
