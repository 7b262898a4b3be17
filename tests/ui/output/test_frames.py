# SPDX-License-Identifier: GPL-3.0-or-later
"""A key is one frame: what moved, the status line and what followed from it are painted together."""

import math
from pathlib import Path

import pytest
from rich.color import ColorSystem
from textual import events

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


async def test_what_a_key_tells_the_screen_is_done_with_the_key(tmp_path: Path) -> None:
    async with watched_desk(tmp_path, ColorSystem.TRUECOLOR, tree=True) as (here, watched):
        await here.settled()
        await here.press("j")
        watched.sent.clear()
        await here.app.on_event(events.Key("j", "j"))
        assert here.app.mailbox.status.status.position == 3
        assert len(watched.sent) == 1
        await here.pilot.pause()
        assert len(watched.sent) == 1


async def test_what_a_key_changed_is_painted_later_where_more_was_to_come_but_did_not(tmp_path: Path) -> None:
    async with watched_desk(tmp_path, ColorSystem.TRUECOLOR, tree=True) as (here, watched):
        await here.settled()
        await here.press("j")
        watched.sent.clear()
        here.app.mailbox._painted = math.inf
        with here.app.mailbox.one_frame(lambda: True):
            here.app.mailbox.list.cursor_down()
        assert not watched.sent
        await here.until(lambda: watched.sent, "a frame")


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
