# SPDX-License-Identifier: GPL-3.0-or-later
"""A partial update shows what Textual's own would, and draws no line that did not change."""

import random

from rich.segment import Segment
from textual._compositor import ChopsUpdate, Compositor
from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tuimail.ui.output.compositor import RowCompositor

WIDTH, HEIGHT = 40, 14


class Lettered(Widget):
    """Each cell tells its widget, each line its number; counts what it draws."""

    def __init__(self, letter: str, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.letter = letter
        self.drawn: list[int] = []

    def render_line(self, y: int) -> Strip:
        self.drawn.append(y)
        return Strip([Segment((f"{y:x}" + self.letter * 60)[: self.size.width])])


class Panes(App[None]):
    """Panes beside and above each other, one with a border, one over them on a layer of its own, one partly off the screen."""

    CSS = """
    Screen { layers: base over; }
    #left { width: 9; }
    #tall { height: 3; border: round red; }
    #over { layer: over; offset: 6 4; width: 11; height: 5; }
    #off { layer: over; offset: 34 -1; width: 12; height: 3; }
    """

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Lettered("a", "left")
            with Vertical():
                yield Lettered("b", "tall")
                yield Lettered("c")
        yield Lettered("d", "over")
        yield Lettered("e", "off")


def shown(update: ChopsUpdate | None) -> dict[tuple[int, int], str]:
    """The character of each cell that an update changes."""
    assert update is not None
    cells = {}
    for y, left, right in update.spans:
        for x, strip in update.chops[y].items():
            for column, character in enumerate(strip.text if strip is not None else "", x):
                if left <= column < right:
                    cells[y, column] = character
    return cells


async def test_the_same_cells_as_textuals_own() -> None:
    chance = random.Random(7)
    async with Panes().run_test(size=(WIDTH, HEIGHT)) as pilot:
        theirs, ours = pilot.app.screen._compositor, RowCompositor()
        ours.reflow(pilot.app.screen, pilot.app.screen.size)
        for _ in range(100):
            regions = {
                Region(
                    chance.randrange(-3, WIDTH), chance.randrange(HEIGHT), chance.randrange(4, WIDTH), chance.choice([1, 1, 4])
                )
                for _ in range(chance.randrange(1, 5))
            }
            theirs._dirty_regions = {region.intersection(theirs.size.region) for region in regions}
            ours._dirty_regions = set(regions)
            expected = Compositor.render_partial_update(theirs)
            assert shown(ours.render_partial_update()) == shown(expected), regions


async def test_only_what_changed_is_drawn() -> None:
    async with Panes().run_test(size=(WIDTH, HEIGHT)) as pilot:
        ours = RowCompositor()
        ours.reflow(pilot.app.screen, pilot.app.screen.size)
        ours._dirty_regions = {Region(0, 0, 9, 1), Region(0, 13, 9, 1)}
        panes = list(pilot.app.query(Lettered))
        for pane in panes:
            pane.refresh()
            pane.drawn.clear()
        ours.render_partial_update()
        assert {pane.letter: pane.drawn for pane in panes if pane.drawn} == {"a": [0, 13]}


async def test_nothing_changed() -> None:
    async with Panes().run_test(size=(WIDTH, HEIGHT)) as pilot:
        ours = RowCompositor()
        ours.reflow(pilot.app.screen, pilot.app.screen.size)
        ours._dirty_regions = {Region(-5, -5, 3, 3)}
        assert ours.render_partial_update() is None
