# SPDX-License-Identifier: GPL-3.0-or-later
"""All keys, searchable."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap

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

_KEYS = 12
_TITLE = 25
_BESIDE = 40
"""Columns that a sentence needs to stand beside its title; where there are fewer, it stands below."""


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


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of the table: a line of help, or how its sentence goes on."""

    line: HelpLine
    sentence: str = ""
    is_first: bool = True


def _rows(lines: Sequence[HelpLine], width: int) -> list[_Row]:
    """No sentence is cut: it goes on in the rows below."""
    room = _room(width)
    rows: list[_Row] = []
    for line in lines:
        if line.command is None:
            rows.append(_Row(line))
            continue
        beside, *more = (
            ("", *wrap(line.command.help, _below(width))) if room < _BESIDE else wrap(line.command.help, room) or [""]
        )
        rows += [_Row(line, beside), *(_Row(line, piece, is_first=False) for piece in more)]
    return rows


def _room(width: int) -> int:
    """Columns for a sentence beside its title, behind the blanks between."""
    return width - _KEYS - _TITLE - 4


def _below(width: int) -> int:
    return max(10, width - _KEYS - 3)


class _Keys(LineView):
    """The table."""

    DEFAULT_CSS = """
    _Keys { background: $surface; height: 1fr; }
    """
    empty_text = "Nothing fits"

    def __init__(self) -> None:
        super().__init__()
        self.can_focus = False
        self._lines: list[HelpLine] = []
        self._rows: list[_Row] = []

    def set_lines(self, lines: list[HelpLine]) -> None:
        """Show these."""
        self._lines = lines
        self._lay_out()
        self.scroll_top_to(0)

    def on_resize(self, event: events.Resize) -> None:  # noqa: ARG002
        """Sentences go on elsewhere."""
        self._lay_out()

    def _lay_out(self) -> None:
        self._rows = _rows(self._lines, self.size.width)
        self.set_line_count()
        self.refresh()

    @property
    def line_count(self) -> int:
        """Headings, commands, and what goes on below them."""
        return len(self._rows)

    def draw_line(self, index: int, width: int) -> Strip:
        """Keys, title, sentence."""
        row, look = self._rows[index], self.look
        if row.line.command is None:
            return strip_of([Segment(row.line.heading, look[Component.ACCOUNT])], width, self.rich_style)
        keys, title = (row.line.keys, row.line.command.title) if row.is_first else ("", "")
        segments = [Segment("  " + pad(keys, _KEYS) + " ", look[Component.CURSOR_BAR])]
        if title or _room(width) >= _BESIDE:
            segments.append(Segment(pad(title, _TITLE) + " ", look[Component.TEXT]))
        return strip_of([*segments, Segment(row.sentence, look[Component.MUTED])], width, self.rich_style)


class HelpScreen(Dialog[None]):
    """The key help. Typing narrows it down; arrows and page keys scroll; escape or ``?`` in the empty field closes."""

    DEFAULT_CSS = """
    HelpScreen > .dialog { width: 112; height: 85%; }
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
