# SPDX-License-Identifier: GPL-3.0-or-later
"""All keys, searchable."""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.segment import Segment
from textual import events, on
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from tuimail.ui.commands import CHAINS, COMMANDS, Command, Place
from tuimail.ui.dialogs.dialog import Dialog
from tuimail.ui.fuzzy import fuzzy
from tuimail.ui.keymap import Keymap
from tuimail.ui.look import Component
from tuimail.ui.widgets.hints import Told, key_text
from tuimail.ui.widgets.line_view import LineView, pad, strip_of
from tuimail.ui.widgets.text_input import TextInput

_KEYS = 16
_TITLE = 26


@dataclass(frozen=True, slots=True)
class HelpLine:
    """A heading (no command), or a command with its keys."""

    heading: str = ""
    command: Command | None = None
    keys: str = ""


def help_lines(keymap: Keymap, place: Place, query: str = "") -> list[HelpLine]:
    """Commands by place, those of the focused pane first; with a query, those whose keys, title or sentence fit."""
    order = [*CHAINS[place], *(other for other in Place if other not in CHAINS[place])]
    lines: list[HelpLine] = []
    shown: set[str] = set()
    for around in order:
        section = []
        for command in COMMANDS:
            keys = "  ".join(map(key_text, keymap.keys_of(command.name)))
            text = f"{keys} {command.title} {command.help}"
            fits = query in keymap.keys_of(command.name) or (len(query) > 1 and fuzzy(query, text) is not None) or not query
            if around in command.places and command.name not in shown and fits:
                section.append(HelpLine(command=command, keys=keys))
                shown.add(command.name)
        if section:
            lines += [*([HelpLine()] if lines else []), HelpLine(around.value.capitalize()), *section]
    return lines


class _Keys(LineView):
    """The table."""

    DEFAULT_CSS = """
    _Keys { background: $surface; height: 1fr; }
    """
    empty_text = "Nothing fits"

    def __init__(self) -> None:
        super().__init__()
        self.can_focus = False
        self.lines_: list[HelpLine] = []

    def set_lines(self, lines: list[HelpLine]) -> None:
        """Show these."""
        self.lines_ = lines
        self.set_line_count()
        self.scroll_top_to(0)
        self.refresh()

    @property
    def line_count(self) -> int:
        """Headings and commands."""
        return len(self.lines_)

    def draw_line(self, index: int, width: int) -> Strip:
        """Keys, title, sentence."""
        line, look = self.lines_[index], self.look
        if line.command is None:
            return strip_of([Segment(line.heading, look[Component.ACCOUNT])], width, self.rich_style)
        segments = [
            Segment("  " + pad(line.keys, _KEYS) + " ", look[Component.CURSOR_BAR]),
            Segment(pad(line.command.title, _TITLE) + " ", look[Component.TEXT]),
            Segment(pad(line.command.help, max(0, width - _KEYS - _TITLE - 4)), look[Component.MUTED]),
        ]
        return strip_of(segments, width, self.rich_style)


class HelpScreen(Dialog[None]):
    """The key help. Typing narrows it down; arrows and page keys scroll; escape or ``?`` in the empty field closes."""

    DEFAULT_CSS = """
    HelpScreen > .dialog { width: 110; height: 85%; }
    HelpScreen TextInput { margin-bottom: 1; }
    """

    def __init__(self, keymap: Keymap, place: Place = Place.LIST) -> None:
        super().__init__("Keys")
        self._keymap, self._place = keymap, place
        self._keys = _Keys()

    def content(self) -> Iterator[Widget]:
        """Search field above the table."""
        yield TextInput(placeholder="Type a key or a word")
        yield self._keys

    @property
    def told(self) -> Told:
        """How to find and leave."""
        return (("letters", "search"), ("down up", "scroll"), ("escape", "close"))

    def on_mount(self) -> None:
        """Show all."""
        self._keys.set_lines(help_lines(self._keymap, self._place))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._keys.set_lines(help_lines(self._keymap, self._place, event.value.strip()))

    def on_key(self, event: events.Key) -> None:
        """Scroll."""
        by = {"down": 1, "up": -1, "pagedown": self._keys.page - 1, "pageup": 1 - self._keys.page}.get(event.key)
        if by is None:
            return
        self._keys.scroll_top_to(self._keys.top + by)
        event.stop()
        event.prevent_default()

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.dismiss(None)
