# SPDX-License-Identifier: GPL-3.0-or-later
"""An answer to a message whose text takes long to come."""

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.ui.harness import Desk, desk
from tests.ui.screens.test_writing import composing, text
from tuimail.model.draft import Draft
from tuimail.model.ids import MessageId


@contextlib.contextmanager
def held(here: Desk) -> Iterator[asyncio.Event]:
    """Texts to be answered come when this is set."""
    reply, there = here.engine.composer.reply, asyncio.Event()

    async def late(message: MessageId, **others: Any) -> Draft:
        await there.wait()
        return await reply(message, **others)

    here.engine.composer.reply = late  # type: ignore[method-assign]
    yield there


async def test_keys_do_nothing_to_the_list_while_an_answer_is_waited_for(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        listed = here.listed
        with held(here) as there:
            await here.press("r")
            await here.sees("on its way here", "do not wait")
            await here.press("e", "d")
            there.set()
        await composing(here)
        assert not text(here).startswith(("e", "d"))
        await here.press("escape")
        assert here.listed == listed


async def test_an_answer_is_not_waited_for_any_longer(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        with held(here) as there:
            await here.press("r")
            await here.sees("on its way here")
            await here.press("escape")
            assert here.app.screen is here.app.mailbox
            there.set()
        await here.press("j", "e")
        await here.said("Archived")
        assert here.app.screen is here.app.mailbox
        assert not here.engine.pages.drafts()
