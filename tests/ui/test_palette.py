# SPDX-License-Identifier: GPL-3.0-or-later
from collections.abc import Iterable
from typing import ClassVar

from textual.widgets import Input

from tests.ui.widgets.support import PROBES, ThemedApp, screen_text
from tuimail.ui import commands as table
from tuimail.ui.commands import Command, Place
from tuimail.ui.keymap import make_keymap
from tuimail.ui.palette import CommandsProvider, Palette


class PaletteApp(ThemedApp):
    COMMANDS: ClassVar = {CommandsProvider}

    def __init__(self, commands: Iterable[Command] = table.COMMANDS) -> None:
        super().__init__()
        self.keymap = make_keymap()
        self.offered = tuple(commands)
        self.performed: list[str] = []

    def palette_commands(self) -> Iterable[Command]:
        return self.offered

    def perform(self, name: str) -> None:
        self.performed.append(name)


async def test_a_command_is_found_with_its_key_and_performed() -> None:
    app = PaletteApp()
    async with app.run_test(size=(100, 30)) as pilot:
        app.push_screen(Palette())
        await pilot.press(*"redirect")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "Redirect  B" in screen_text(app)
        await pilot.press("enter")
        await pilot.pause()
        assert app.performed == ["redirect"]


def test_sentences_hold_no_markup_because_textual_reads_them_as_such() -> None:
    assert not [command.name for command in table.COMMANDS if "[" in command.help]


async def test_markup_is_only_text() -> None:
    commands = [Command(f"c{number}", probe, "Help.", (), (Place.LIST,)) for number, probe in enumerate(PROBES)]
    app = PaletteApp(commands)
    async with app.run_test(size=(100, 60)) as pilot:
        app.push_screen(Palette())
        await pilot.pause()
        await app.workers.wait_for_complete()
        await pilot.pause()
        text = screen_text(app)
        for probe in PROBES:
            assert probe in text


async def test_the_last_line_tells_the_keys_of_the_palette() -> None:
    app = PaletteApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(Palette())
        await pilot.pause()
        assert screen_text(app).splitlines()[-1].split("  ")[0].strip() == "letters narrow down"


async def test_nothing_blinks() -> None:
    app = PaletteApp()
    async with app.run_test(size=(100, 30)) as pilot:
        app.push_screen(Palette())
        await pilot.pause()
        assert not [field for field in app.screen.query(Input) if field.cursor_blink]
