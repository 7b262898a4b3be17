# SPDX-License-Identifier: GPL-3.0-or-later
"""Composers that are open: how many stay, and what of the others comes back."""

import asyncio
import gc
import weakref
from pathlib import Path
from typing import Any

from tests.ui.harness import desk
from tests.ui.screens.test_writing import compose, composer, composing, text, value
from tuimail.model.draft import Draft, OutboxItem
from tuimail.ui.palette import Palette


async def test_of_many_open_drafts_only_the_latest_keep_their_composer(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        composers = []
        for number in range(4):
            await compose(here, to="ada@example.org", subject=f"Draft {number}", body=f"Text {number}")
            composers.append(weakref.ref(composer(here)))
            await here.press("escape")
        await here.sees("4 open drafts")

        def left() -> list[int]:
            gc.collect()
            return [number for number, each in enumerate(composers) if each() is not None]

        await here.until(lambda: left() == [2, 3], "the older ones are gone")
        await here.press("g", "c")
        await composing(here)
        assert value(here, "subject") == "Draft 3"
        await here.press("escape", "g", "c")
        await composing(here)
        assert (value(here, "to"), value(here, "subject"), text(here)) == ("ada@example.org", "Draft 0", "Text 0")
        await here.press("ctrl+x", "y")
        await here.until(lambda: here.servers.sent)
        await here.sees("3 open drafts")


async def test_a_message_is_sent_while_something_stands_before_its_composer(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await compose(here, to="ada@example.org", subject="Now", body="Hello")
        send, looked = here.engine.composer.send, asyncio.Event()

        async def late(draft: Draft, **others: Any) -> OutboxItem:
            await looked.wait()
            return await send(draft, **others)

        here.engine.composer.send = late  # type: ignore[method-assign]
        await here.press("ctrl+x", "y", "ctrl+p")
        await here.until(lambda: isinstance(here.app.screen, Palette), "the palette")
        looked.set()
        await here.until(lambda: here.servers.sent)
        assert isinstance(here.app.screen, Palette)
        await here.press("escape")
        await here.until(lambda: here.app.screen is here.app.mailbox, "the mailbox")
