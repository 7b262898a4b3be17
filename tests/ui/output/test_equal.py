# SPDX-License-Identifier: GPL-3.0-or-later
"""A terminal that gets the stage's bytes shows what one shows that gets Textual's own."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.console import Console
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate

from tests.ui.output.shown import Emulator
from tests.ui.output.updates import Words, chops, layout
from tuimail.ui.output.stage import Stage

WIDTH, HEIGHT = 30, 9
SYSTEMS = {ColorSystem.STANDARD: "standard", ColorSystem.EIGHT_BIT: "256", ColorSystem.TRUECOLOR: "truecolor"}
TEXTS = ["a", "word", "two words", "   ", " " * 14, "x" * 30, "é", "日本語", "🎉", "●★", "Привет", "שלום", "", "  in  "]
STYLES: list[Style | None] = [
    None,
    *map(
        Style.parse,
        (
            "red",
            "#8ab4f8 on #14171c",
            "bold #d6dbe4 on #14171c",
            "#949dad on #263450",
            "on blue",
            "default on default",
            "underline",
            "reverse green",
            "italic strike on #14171c",
            "bold dim",
            "link https://example.org/a",
            "bold underline link https://example.org/b on blue",
        ),
    ),
]

Step = Callable[[list[Words]], LayoutUpdate | ChopsUpdate]

words = st.lists(st.tuples(st.sampled_from(TEXTS), st.sampled_from(STYLES)), max_size=5)
row_numbers = st.integers(0, HEIGHT - 1)


@st.composite
def new_rows(draw: st.DrawFn) -> Step:
    """Some rows get other words; a span or all of each is drawn."""
    changes = draw(st.dictionaries(row_numbers, words, min_size=1, max_size=HEIGHT))
    left = draw(st.integers(0, WIDTH - 1))
    right = draw(st.integers(left + 1, WIDTH))
    cuts = sorted({left, right} - {0, WIDTH})

    def step(rows: list[Words]) -> ChopsUpdate:
        for y, row in changes.items():
            rows[y] = row
        return chops(rows, WIDTH, [(y, left, right) for y in sorted(changes)], cuts)

    return step


@st.composite
def scroll(draw: st.DrawFn) -> Step:
    """Rows move, all of them or those of a pane, beside another pane or over the full width."""
    top = draw(st.integers(0, HEIGHT - 4))
    bottom = draw(st.integers(top + 3, HEIGHT - 1))
    by = draw(st.integers(-3, 3))
    cut = draw(st.sampled_from([0, 0, 7]))
    fresh = draw(words)

    def step(rows: list[Words]) -> ChopsUpdate:
        before = list(rows)
        for y in range(top, bottom + 1):
            rows[y] = before[y + by] if top <= y + by <= bottom else fresh
        return chops(rows, WIDTH, [(y, cut, WIDTH) for y in range(top, bottom + 1)], [cut] if cut else [])

    return step


@st.composite
def everything(draw: st.DrawFn) -> Step:
    """The whole screen is laid out anew."""
    changes = draw(st.dictionaries(row_numbers, words, max_size=3))

    def step(rows: list[Words]) -> LayoutUpdate:
        for y, row in changes.items():
            rows[y] = row
        return layout(rows, WIDTH)

    return step


def compare(system: ColorSystem, first: list[Words], steps: list[Step], *, bce: bool) -> None:
    """Draw on two terminals, look at both after each step."""
    for style in STYLES:
        if style is not None:
            style._ansi = None  # where Textual keeps the codes, whatever depth of colour they are for
    console = Console(force_terminal=True, color_system=SYSTEMS[system], _environ={})  # type: ignore[arg-type]
    stage = Stage(system, bce=bce)
    staged, plain = Emulator(WIDTH, HEIGHT), Emulator(WIDTH, HEIGHT)
    rows = list(first)
    for step in [lambda rows: layout(rows, WIDTH), *steps]:
        update = step(rows)
        staged.feed(stage.frame(update, None))
        plain.feed(update.render_segments(console))
        for y, (ours, theirs) in enumerate(zip(staged.seen, plain.seen, strict=True)):
            assert ours == theirs, f"row {y}"
    staged.feed("\x1b[2J\x1b[1;1Hsomebody else\x1b[31m" + stage.repaint())
    assert staged.seen == plain.seen


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(list(SYSTEMS)),
    st.lists(words, min_size=HEIGHT, max_size=HEIGHT),
    st.lists(st.one_of(new_rows(), scroll(), everything()), max_size=8),
    st.booleans(),
)
def test_any_updates(system: ColorSystem, first: list[Words], steps: list[Step], bce: bool) -> None:
    compare(system, first, steps, bce=bce)


@pytest.mark.parametrize("cut", [0, 7])
@pytest.mark.parametrize("by", [1, -1, 3, -3])
def test_scrolling_through_a_long_list(by: int, cut: int) -> None:
    rnd = random.Random(5)
    dark = Style.parse("#d6dbe4 on #14171c")
    long: list[Words] = [[(f"{n:3} ", STYLES[3]), (rnd.choice(TEXTS), STYLES[2]), (" " * WIDTH, dark)] for n in range(40)]
    tree: list[Words] = [[(f"folder{y}"[:7], STYLES[4])] if y < 3 else [(" " * 7, STYLES[4])] for y in range(HEIGHT)]

    def rows(top: int) -> list[Words]:
        return [[*(tree[y] if cut else []), *long[(top + y) % 40]] for y in range(HEIGHT)]

    def step(top: int) -> Step:
        return lambda _: chops(rows(top), WIDTH, [(y, cut, WIDTH) for y in range(HEIGHT)], [cut] if cut else [])

    compare(ColorSystem.TRUECOLOR, rows(0), [step(by * n) for n in range(1, 12)], bce=True)
