# SPDX-License-Identifier: GPL-3.0-or-later
"""An input field that offers completions below itself: addresses, folders, file names."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual import events
from textual.geometry import Offset

from tuimail.ui.widgets.choice_list import Choice, ChoiceList
from tuimail.ui.widgets.text_input import TextInput

MOST = 10
"""Candidates shown at most."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One completion."""

    value: str
    """What is put in."""
    label: str = ""
    """What is shown; empty: the value. Safe text."""
    detail: str = ""


Source = Callable[[str], Sequence[Candidate]]
"""Gives candidates, best first, for what stands between the separators. Must answer within a millisecond or two."""


def piece_at(text: str, cursor: int, separator: str) -> tuple[int, int]:
    """Start and end of the list item that the cursor is in. Separators in double quotes do not count."""
    if not separator:
        return 0, len(text)
    start, end, quoted = 0, len(text), False
    for at, character in enumerate(text):
        if character == '"':
            quoted = not quoted
        elif character == separator and not quoted:
            if at < cursor:
                start = at + 1
            else:
                end = at
                break
    while start < cursor and text[start] == " ":
        start += 1
    return start, max(start, end)


class Dropdown(ChoiceList, can_focus=False):
    """The candidates, over everything else on the screen."""

    DEFAULT_CSS = """
    Dropdown {
        position: absolute;
        overlay: screen;
        constrain: inside inside;
        width: auto;
        height: auto;
        max-height: 10;
        background: $panel;
    }
    """


class CompletionField(TextInput):
    """↓ ↑ choose a candidate, enter or tab take it, escape closes the dropdown. Enter with nothing open submits, as ever."""

    def __init__(
        self,
        source: Source,
        value: str = "",
        *,
        separator: str = "",
        placeholder: str = "",
        id: str | None = None,  # noqa: A002
    ) -> None:
        """``separator`` is ``","`` for lists of addresses, else empty."""
        super().__init__(value, placeholder=placeholder, id=id)
        self._source = source
        self._separator = separator
        self._candidates: tuple[Candidate, ...] = ()
        self._dropdown: Dropdown | None = None
        self._offered_for = value

    @property
    def is_open(self) -> bool:
        """Whether candidates are offered."""
        return bool(self._candidates)

    def close_dropdown(self) -> None:
        """Offer nothing."""
        self._candidates = ()
        if self._dropdown is not None:
            self._dropdown.remove()
            self._dropdown = None

    def on_key(self, event: events.Key) -> None:
        """Keys of the open dropdown do not reach the input."""
        if self._take_key(event.key):
            event.stop()
            event.prevent_default()

    def _take_key(self, key: str) -> bool:
        if not self.is_open:
            if key == "down":
                self._offer()
            return key == "down" and self.is_open
        if key in ("down", "up") and self._dropdown is not None:
            step = 1 if key == "down" else -1
            self._dropdown.move_to((self._dropdown.cursor_index + step) % len(self._candidates))
        elif key in ("enter", "tab") and self._dropdown is not None:
            self._take(self._dropdown.cursor_index)
        elif key == "escape":
            self.close_dropdown()
        else:
            return False
        return True

    def on_input_changed(self) -> None:
        """Offer what fits now, unless the text was set by the program."""
        if self.value == self._offered_for:
            return
        self._offered_for = self.value
        if self.has_focus:
            self._offer()

    def _offer(self) -> None:
        start, _ = piece_at(self.value, self.cursor_position, self._separator)
        piece = self.value[start : self.cursor_position]
        candidates = tuple(self._source(piece))[:MOST]
        if not candidates or [one.value for one in candidates] == [piece]:
            self.close_dropdown()
            return
        self._candidates = candidates
        lines = [Choice(one.label or one.value, one.detail) for one in candidates]
        if self._dropdown is None:
            self._dropdown = Dropdown(lines, on_chosen=self._take)
            self.screen.mount(self._dropdown)
        self._dropdown.absolute_offset = Offset(self.region.x, self.region.bottom)
        self._dropdown.set_choices(lines)

    def _take(self, index: int) -> None:
        text = self.value
        start, end = piece_at(text, self.cursor_position, self._separator)
        taken, rest = self._candidates[index].value, text[end:]
        if self._separator and not rest:
            taken += self._separator + " "
        self._offered_for = text[:start] + taken + rest
        self.value = self._offered_for
        self.cursor_position = start + len(taken)
        self.close_dropdown()

    def on_blur(self) -> None:
        """Nothing is offered to a field without focus."""
        self.close_dropdown()

    def on_unmount(self) -> None:
        """The dropdown goes with its field."""
        self.close_dropdown()
