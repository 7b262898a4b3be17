# SPDX-License-Identifier: GPL-3.0-or-later
"""What a key may cost on the line, in bytes: 120×40, default theme. The same in every run."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median

import pytest
from rich.color import ColorSystem

from tests.ui.harness import Desk, desk
from tests.ui.output.watched import Watch, watch

SYSTEMS = {"true colour": ColorSystem.TRUECOLOR, "16 colours": ColorSystem.STANDARD}


@asynccontextmanager
async def watched_desk(home: Path, system: ColorSystem, *, tree: bool) -> AsyncIterator[tuple[Desk, Watch]]:
    with watch(system=system, emulate=False) as watched:
        async with desk(home, messages=400, threads=False) as here:
            if not tree:
                await here.press("t")
            watched.cost()
            yield here, watched


async def costs(here: Desk, watched: Watch, key: str, times: int) -> list[int]:
    """Bytes for each of some presses."""
    spent = []
    watched.cost()
    for _ in range(times):
        await here.press(key)
        spent.append(watched.cost())
    return spent


@pytest.mark.parametrize(("colors", "most"), [("true colour", 340), ("16 colours", 270)])
async def test_a_step_down(tmp_path: Path, colors: str, most: int) -> None:
    async with watched_desk(tmp_path, SYSTEMS[colors], tree=False) as (here, watched):
        spent = await costs(here, watched, "j", 30)
        assert median(spent) <= most


async def test_a_scrolled_line(tmp_path: Path) -> None:
    async with watched_desk(tmp_path, ColorSystem.TRUECOLOR, tree=False) as (here, watched):
        await costs(here, watched, "j", 40)
        spent = await costs(here, watched, "j", 20)
        assert median(spent) <= 420


async def test_a_scrolled_line_beside_the_tree(tmp_path: Path) -> None:
    async with watched_desk(tmp_path, ColorSystem.TRUECOLOR, tree=True) as (here, watched):
        await costs(here, watched, "j", 40)
        spent = await costs(here, watched, "j", 20)
        assert median(spent) <= 1600


async def test_a_page(tmp_path: Path) -> None:
    async with watched_desk(tmp_path, ColorSystem.TRUECOLOR, tree=False) as (here, watched):
        spent = await costs(here, watched, "pagedown", 6)
        assert median(spent) <= 4400


async def test_a_typed_character(tmp_path: Path) -> None:
    async with watched_desk(tmp_path, ColorSystem.TRUECOLOR, tree=False) as (here, watched):
        await here.press("c", "tab", "tab", "tab", "tab", *"Dear all,")
        spent = await costs(here, watched, "x", 20)
        assert median(spent) <= 80  # the draft is saved meanwhile, which is told as well


async def test_nothing_new_costs_nothing(tmp_path: Path) -> None:
    async with watched_desk(tmp_path, ColorSystem.TRUECOLOR, tree=True) as (here, watched):
        here.app.screen.refresh(layout=True)
        await here.pilot.pause()
        assert watched.cost() == 0
