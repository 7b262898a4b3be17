# SPDX-License-Identifier: GPL-3.0-or-later
"""What waits until the screen is at rest."""

import gc
import weakref
from pathlib import Path

from textual.geometry import Region

from tests.ui.harness import desk
from tuimail.ui.screens.help import HelpScreen


async def test_a_closed_screen_leaves_no_garbage(tmp_path: Path) -> None:
    async with desk(tmp_path, messages=5) as here:
        await here.settled()
        gc.disable()
        try:
            await here.press("?")
            await here.until(lambda: isinstance(here.app.screen, HelpScreen))
            screen = weakref.ref(here.app.screen)
            for _ in range(20):  # as a program does that makes many objects
                gc.collect(1)
            await here.press("escape")
            await here.until(lambda: screen() is None, "the screen is gone")
        finally:
            gc.enable()


async def test_regions_of_earlier_screens_are_forgotten(tmp_path: Path) -> None:
    async with desk(tmp_path, messages=5) as here:
        await here.settled()
        for width in range(1000):
            Region(0, 0, width, 1).grow((1, 1, 1, 1))
        for _ in range(20):  # as a program does that makes many objects
            gc.collect(1)
        await here.press("j")
        await here.until(lambda: Region.grow.cache_info().currsize < 500)
