# SPDX-License-Identifier: GPL-3.0-or-later
"""A key is one frame: what moved, the status line and what followed from it are painted together."""

from pathlib import Path

import pytest
from rich.color import ColorSystem

from tests.ui.output.test_budget import watched_desk


@pytest.mark.parametrize("key", ["j", "pagedown", "x"])
async def test_a_key_in_the_list(tmp_path: Path, key: str) -> None:
    async with watched_desk(tmp_path, ColorSystem.TRUECOLOR, tree=True) as (here, watched):
        await here.settled()
        await here.press("j")
        watched.sent.clear()
        for number in range(1, 6):
            await here.press(key)
            assert len(watched.sent) == number


async def test_the_next_message_whose_text_is_here(tmp_path: Path) -> None:
    async with watched_desk(tmp_path, ColorSystem.TRUECOLOR, tree=True) as (here, watched):
        await here.press("enter")
        for key in "JJJKKK":
            await here.until(lambda: here.app.mailbox.shown)
            await here.press(key)
        await here.until(lambda: here.app.mailbox.shown)
        await here.settled()
        for number in range(3):
            expected = here.listed[number + 1]
            watched.sent.clear()
            await here.press("J")
            assert here.app.mailbox.shown is not None
            assert here.app.mailbox.shown.row.id == expected
            assert len(watched.sent) == 1
