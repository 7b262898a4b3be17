# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever columns a terminal gives to a cluster of code points, everything beside it stands where it belongs."""

import unicodedata
from collections.abc import Callable, Sequence
from itertools import count

import pyte.screens
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyte.screens import wcwidth
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tests.traced import kept
from tests.ui.output.shown import Emulator
from tests.ui.output.updates import Words, layout
from tuimail.model.width import cell_len, set_cell_size, split_graphemes
from tuimail.ui.output.alphabet import Alphabet
from tuimail.ui.output.cutting import cut_between_clusters
from tuimail.ui.output.stage import Stage

WIDTH = 40
FAMILY, FLAG, SKIN, KEYCAP, HEART, NEW = "👨\u200d👩\u200d👧", "🇩🇪", "👍🏽", "1\ufe0f\u20e3", "❤\ufe0f", "🪿"
CLUSTERS = (FAMILY, FLAG, SKIN, KEYCAP, HEART, NEW, "✎", "🎉", "e\u0301", "न\u093f")
STYLES: Sequence[Style | None] = (None, Style.parse("red on blue"), Style.parse("bold"))
DOUBTFUL = {char for cluster in CLUSTERS for char in cluster} - set("e1")


def apart(char: str) -> int:
    """Columns at a terminal that joins nothing and makes every symbol wide."""
    return 2 if char in DOUBTFUL and unicodedata.category(char) == "So" else wcwidth(char)


def narrow(char: str) -> int:
    """Columns at a terminal that knows of no wide symbols."""
    return min(wcwidth(char), 1) if char in DOUBTFUL else wcwidth(char)


class Screen(pyte.Screen):
    """At a joiner or a variation selector pyte would forget the rest of what it was told to draw."""

    def draw(self, data: str) -> None:
        super().draw("".join(one for one in data if pyte.screens.wcwidth(one) or unicodedata.combining(one)))


def right(emulator: Emulator, row: str) -> bool:
    """Whether everything that is no doubtful cluster stands in its column, and nothing else in the columns of one."""
    shown, x, row = emulator.seen[0], 0, set_cell_size(row, WIDTH)
    for start, end, width in split_graphemes(row)[0]:
        cluster = row[start:end]
        if set(cluster) & DOUBTFUL or end - start > 1:
            if any(set(unicodedata.normalize("NFD", one.text)) - set(cluster + " ") for one in shown[x : x + width]):
                return False
        elif shown[x].text != cluster:
            return False
        x += width
    return True


words = st.lists(
    st.tuples(st.sampled_from((*CLUSTERS, "a", "word", "日本", " ", "   ", "x y")), st.sampled_from(STYLES)), max_size=5
)


@pytest.mark.parametrize("columns", [apart, narrow, wcwidth])
@settings(max_examples=30, deadline=None)
@given(rows=st.lists(words, min_size=2, max_size=6))
def test_beside_any_cluster_everything_stands_in_its_column(columns: Callable[[str], int], rows: list[Words]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pyte.screens, "wcwidth", columns)
        stage, emulator = Stage(ColorSystem.TRUECOLOR), Emulator(WIDTH, 1, Screen)
        for row in rows:
            emulator.feed(stage.frame(layout([row], WIDTH), None))
            assert right(emulator, "".join(text for text, _ in row)), emulator.lines
        emulator.feed(stage.frame(layout([[("z" * WIDTH, None)]], WIDTH), None))
        assert emulator.lines == ["z" * WIDTH]


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from("a 日1e" + "".join(CLUSTERS)), min_size=1, max_size=8))
def test_a_row_is_cut_between_clusters(text: str) -> None:
    cut_between_clusters()
    strip, alphabet = Strip([Segment(text)]), Alphabet()
    width = cell_len(text)
    assert len(alphabet.cells(text)) == width
    for cut in range(1, width):
        for halves in (strip.divide([cut, width]), [strip.crop(0, cut), strip.crop(cut, width)]):
            assert [cell_len(half.text) for half in halves] == [cut, width - cut]
            assert [len(alphabet.cells(half.text)) for half in halves] == [cut, width - cut]


@pytest.mark.parametrize(
    ("text", "left", "right"), [(f"{FAMILY}x", " ", " x"), (f"{HEART}x", " ", " x"), (f"{FLAG}x", " ", " x")]
)
def test_of_a_cluster_that_is_cut_nothing_stays(text: str, left: str, right: str) -> None:
    cut_between_clusters()
    assert [half.text for half in Strip([Segment(text)]).divide([1, 3])] == [left, right]


def test_long_rows_that_were_cut_leave_nothing() -> None:
    cut_between_clusters()
    numbers = count()
    assert kept(lambda: [Segment(f"{next(numbers)}" + "漢" * 3000).split_cells(5)[0].text for _ in range(20)]) < 50_000
