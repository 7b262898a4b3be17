# SPDX-License-Identifier: GPL-3.0-or-later
"""The footer: which keys do what in the focused pane, or how an unfinished sequence can go on."""

from rich.segment import Segment
from textual.reactive import reactive

from tuimail.model.width import cell_len
from tuimail.ui.commands import Place
from tuimail.ui.keymap import Keymap, Sequence
from tuimail.ui.look import Component
from tuimail.ui.widgets.line_widget import LineWidget

_LAST = ("help", "commands")
"""Hints that always stand at the right."""
_SHORT = {"escape": "esc", "pagedown": "pgdn", "pageup": "pgup", "down": "↓", "up": "↑"}


def key_text(key: str) -> str:
    """A key as the footer and the help write it: ``^X`` for ``ctrl+x``."""
    return " ".join("^" + one[5:].upper() if one.startswith("ctrl+") else _SHORT.get(one, one) for one in key.split())


Told = tuple[tuple[str, str], ...]
"""Keys, and a word or two for what each does."""


class Hints(LineWidget):
    """Key hints for a place. Set `keymap`, `place`, `pending` and `typing`; or `instead`, for what has keys of its own."""

    keymap: reactive[Keymap | None] = reactive(None)
    place: reactive[Place] = reactive(Place.LIST)
    pending: reactive[Sequence] = reactive(())
    typing: reactive[bool] = reactive(False)
    """A text field has the focus: only keys that work there are shown."""
    instead: reactive[Told] = reactive(())
    """Shown instead of all that."""

    def segments(self, width: int) -> tuple[list[Segment], list[Segment]]:
        """As many hints as fit."""
        if self.instead:
            return self._fitting(list(self.instead), width), []
        if self.keymap is None:
            return [], []
        if self.pending:
            return self._continuations(self.keymap, width), []
        known = [(key, command) for key, command in self.keymap.commands(self.place, typing=self.typing) if command.hint]
        right = [segment for key, command in known if command.hint in _LAST for segment in self._hint(key, command.hint)]
        room = width - sum(cell_len(segment.text) for segment in right)
        left = [(key, command.hint) for key, command in known if command.hint not in _LAST]
        return self._fitting(left, room), right

    def _continuations(self, keymap: Keymap, width: int) -> list[Segment]:
        typed = Segment(f" {key_text(' '.join(self.pending))} ", self.look[Component.KEY])
        going_on = [(key, command.title) for key, command in keymap.continuations(self.place, self.pending)]
        shared = {title.rsplit(" ", 1)[0] for _, title in going_on}
        if len(shared) == 1:
            going_on = [(key, title.rsplit(" ", 1)[1]) for key, title in going_on]
        short = [(key, title.removeprefix("Go to ").removeprefix("Mark ")) for key, title in going_on]
        return [typed, *self._fitting(short, width - cell_len(typed.text))]

    def _fitting(self, hints: list[tuple[str, str]], room: int) -> list[Segment]:
        segments: list[Segment] = []
        for key, word in hints:
            hint = self._hint(key, word)
            needed = sum(cell_len(segment.text) for segment in hint)
            if needed > room:
                break
            room -= needed
            segments += hint
        return segments

    def _hint(self, key: str, word: str) -> list[Segment]:
        look = self.look
        return [Segment(f" {key_text(key)}", look[Component.KEY]), Segment(f" {word} ", look[Component.BAR_MUTED])]
