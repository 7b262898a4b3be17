# SPDX-License-Identifier: GPL-3.0-or-later
"""The screens of the program, driven by keys: through the stage they look as Textual draws them."""

from pathlib import Path

import pytest

from tests.ui.harness import desk
from tests.ui.output.watched import watch

KEYS = (
    *"jjjkjj",
    "space",
    "pagedown",
    "pageup",
    *"GggtjjGk",
    "enter",
    *"jjjjkk",
    "space",
    "space",
    *"hhHHv",
    "escape",
    *"qt",
    "question_mark",
    *"jjj",
    "escape",
    "ctrl+p",
    *"arch",
    "escape",
    *"xxV",
    "escape",
    "c",
    *"ada@example.org",
    "tab",
    "tab",
    "tab",
    *"Hello, all",
    "enter",
    *"One",
    "enter",
    *"two",
    "backspace",
    "up",
    "escape",
)


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (210, 50)])
async def test_every_screen_looks_the_same(tmp_path: Path, size: tuple[int, int]) -> None:
    with watch(size) as watched:
        async with desk(tmp_path, size=size, messages=150, threads=True) as here:
            for number, key in enumerate(KEYS):
                await here.press(key)
                assert watched.is_equal(), f"key {number}: {key}"
            assert here.app.screen_stack
            assert watched.staged.lines == [line.rstrip() for line in here.lines]
            assert watched.cost() * 4 < watched.plain_bytes


async def test_after_another_size_everything_is_drawn(tmp_path: Path) -> None:
    with watch((120, 40)) as watched:
        async with desk(tmp_path, size=(120, 40), messages=150) as here:
            await here.press("j", "j")
            watched.staged.screen.resize(30, 100)
            watched.plain.screen.resize(30, 100)
            await here.pilot.resize_terminal(100, 30)
            await here.press("j")
            assert watched.is_equal()
            assert watched.staged.lines == [line.rstrip() for line in here.lines]
