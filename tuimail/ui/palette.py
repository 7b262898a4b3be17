# SPDX-License-Identifier: GPL-3.0-or-later
"""The command palette's entries, made from the command table. Each shows its key, so that the palette teaches them.

Textual reads the help sentence of a hit as markup: only sentences of the table may stand there, never text from outside.
"""

from collections.abc import Iterable
from functools import partial
from typing import Protocol, cast

from textual.app import ComposeResult
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.widgets import Input

from tuimail.ui.commands import Command
from tuimail.ui.fuzzy import fuzzy
from tuimail.ui.keymap import Keymap
from tuimail.ui.widgets.hints import Hints, key_text


class PaletteHost(Protocol):
    """What the app gives the palette."""

    keymap: Keymap

    def palette_commands(self) -> Iterable[Command]:
        """Commands that can be done now."""
        ...

    def perform(self, name: str) -> object:
        """Do what the command says, as if its key had been pressed."""
        ...


class Palette(CommandPalette):
    """Textual's, with its keys in the last line. Its cursor does not blink: over SSH that is traffic for nothing."""

    DEFAULT_CSS = """
    Palette > Hints { dock: bottom; }
    """

    def compose(self) -> ComposeResult:
        """The keys of what is in front, over those of the screen below."""
        yield from super().compose()
        hints = Hints()
        hints.instead = (("letters", "narrow down"), ("down up", "move"), ("enter", "perform"), ("escape", "cancel"))
        yield hints

    def on_mount(self) -> None:
        """Before it is drawn."""
        self.query_one(Input).cursor_blink = False


class CommandsProvider(Provider):
    """For an app that is a `PaletteHost`: ``COMMANDS = {CommandsProvider}``."""

    @property
    def _host(self) -> PaletteHost:
        return cast(PaletteHost, self.app)

    async def discover(self) -> Hits:
        """Everything that can be done, before anything was typed."""
        for command in self._host.palette_commands():
            yield DiscoveryHit(
                self._display(command, ()), partial(self._host.perform, command.name), command.title, command.help
            )

    async def search(self, query: str) -> Hits:
        """Commands whose titles fit."""
        found = [(command, fuzzy(query, command.title)) for command in self._host.palette_commands()]
        for command, match in found:
            if match is not None:
                shown = self._display(command, match[1])
                yield Hit(match[0] / 10, shown, partial(self._host.perform, command.name), command.title, command.help)

    def _display(self, command: Command, places: tuple[int, ...]) -> Content:
        title = Content(command.title)
        for place in places:
            title = title.stylize(self.match_style or "bold", place, place + 1)
        keys = self._host.keymap.keys_of(command.name)
        return Content.assemble(title, Content("  "), Content(key_text(keys[0])).stylize("dim")) if keys else title
