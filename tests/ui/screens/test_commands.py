# SPDX-License-Identifier: GPL-3.0-or-later
"""Every command of the table does something on its screens, and the palette offers it there."""

from pathlib import Path

import pytest

from tests.ui.harness import Desk, desk
from tests.ui.screens.test_folders import to_folder
from tests.ui.screens.test_writing import composing
from tuimail.ui.commands import COMMANDS, Place


async def at(here: Desk, place: Place) -> None:
    """Go where the place's keys work."""
    match place:
        case Place.READER:
            await here.press("enter")
            await here.until(lambda: here.app.mailbox.shown is not None)
        case Place.TREE:
            await to_folder(here, "INBOX")
        case Place.COMPOSER:
            await here.press("c")
            await composing(here)


@pytest.mark.parametrize("place", list(Place))
async def test_every_command_can_be_done_where_its_keys_work(tmp_path: Path, place: Place) -> None:
    async with desk(tmp_path) as here:
        await at(here, place)
        front = here.app.saying.front
        assert front is not None
        dead = [command.name for command in COMMANDS if place in command.places and not front.can(command.name)]
        assert dead == []


async def test_the_palette_offers_what_can_be_done(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        offered = {command.name for command in here.app.palette_commands()}
        reading = {command.name for command in COMMANDS if command.places == (Place.READER,)}
        writing = {command.name for command in COMMANDS if command.places == (Place.COMPOSER,)}
        assert {command.name for command in COMMANDS} - reading - writing <= offered
        assert not offered & (reading - {"next_message", "previous_message"})
        await here.press("enter")
        await here.until(lambda: here.app.mailbox.shown is not None)
        assert reading <= {command.name for command in here.app.palette_commands()}


async def test_the_palette_performs(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        row = here.row
        await here.press("colon")
        await here.press(*"archive")
        await here.sees("Archive thread")
        await here.press("enter")
        await here.until(lambda: row.id not in here.listed)


async def test_help_finds_a_key(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.press("question_mark")
        await here.sees("Keys")
        await here.press(*"redirect")
        await here.sees("Send the message on unchanged")
        await here.press("escape")
        assert here.app.screen is here.app.mailbox


async def test_the_theme_changes(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.press("colon")
        await here.press(*"theme")
        await here.sees("Choose the colours")
        await here.press("enter")
        await here.sees("tuimail-light")
        before = here.app.theme
        await here.press("j", "enter")
        await here.until(lambda: here.app.theme != before)


async def test_nothing_falls_over_where_nothing_is_listed(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.press("g", "t")
        await here.until(lambda: here.place == "Trash")
        for command in COMMANDS:
            if command.name not in {"quit", "suspend", "palette", "compose", "next_draft", "add_account"}:
                here.app.perform(command.name)
                await here.pilot.pause()
                while here.app.screen is not here.app.mailbox:
                    await here.press("escape")
        assert here.app._exception is None
