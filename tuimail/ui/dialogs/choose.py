# SPDX-License-Identifier: GPL-3.0-or-later
"""A short menu: mark menu, sort order, attachments."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Generic, TypeVar

from textual import events, on
from textual.widget import Widget
from textual.widgets import Input

from tuimail.ui.dialogs.dialog import Dialog, words
from tuimail.ui.fuzzy import fuzzy_sorted
from tuimail.ui.keymap import key_of
from tuimail.ui.widgets.choice_list import Choice, ChoiceList
from tuimail.ui.widgets.hints import Told
from tuimail.ui.widgets.text_input import TextInput

Value = TypeVar("Value")


class Choose(Dialog[Value | None], Generic[Value]):
    """Choices with their values; answers with the value chosen, None for escape.

    Without a filter, a choice's own key chooses it at once, and j k move. With one, typing narrows the choices down.
    """

    DEFAULT_CSS = """
    Choose ChoiceList { max-height: 20; }
    Choose TextInput { margin-bottom: 1; }
    """

    def __init__(
        self,
        title: str,
        choices: Sequence[tuple[Choice, Value]],
        *,
        filter: bool = False,  # noqa: A002
        cursor: int = 0,
    ) -> None:
        super().__init__(title)
        self._all = tuple(choices)
        self._shown = self._all
        self._filter = filter
        self._cursor = cursor
        self._list = ChoiceList([choice for choice, _ in choices])

    def content(self) -> Iterator[Widget]:
        """The filter's input, where there is one, above the choices."""
        if self._filter:
            yield TextInput(placeholder="Type to filter")
        yield self._list
        yield words("Nothing fits.", "muted", "empty")

    @property
    def told(self) -> Told:
        """How to choose."""
        moves = ("down up", "move") if self._filter else ("j k", "move")
        return (*((("letters", "narrow down"),) if self._filter else ()), moves, ("enter", "choose"), ("escape", "cancel"))

    def on_mount(self) -> None:
        """Type or choose at once."""
        self._list.can_focus = not self._filter
        self._list.move_to(self._cursor)
        self.query_one(".empty").display = not self._all

    def on_key(self, event: events.Key) -> None:
        """Keys go to the list, whatever has the focus."""
        if self.take_key(event.key, key_of(event.key, event.character)):
            event.stop()
            event.prevent_default()

    def take_key(self, key: str, typed: str) -> bool:
        """Use a key; ``typed`` is it as in bindings. False: it is for the input."""
        moves = {
            "down": self._list.cursor_down,
            "ctrl+n": self._list.cursor_down,
            "up": self._list.cursor_up,
            "ctrl+p": self._list.cursor_up,
            "pagedown": self._list.page_down,
            "pageup": self._list.page_up,
        }
        if not self._filter:
            moves |= {
                "j": self._list.cursor_down,
                "k": self._list.cursor_up,
                "home": self._list.home,
                "end": self._list.end,
            }
            index = self._list.index_of_key(typed)
            if index is not None:
                self.choose(index)
                return True
            if key == "enter":
                self.choose(self._list.chosen)
                return True
        if key in moves:
            moves[key]()
            return True
        return False

    def choose(self, index: int | None) -> None:
        """Answer with a choice that is shown."""
        if index is not None:
            self.dismiss(self._shown[index][1])

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        found = fuzzy_sorted(event.value, self._all, lambda pair: f"{pair[0].label} {pair[0].detail}".rstrip())
        self._shown = tuple((replace(choice, found=places), value) for (choice, value), places in found)
        self._list.set_choices([choice for choice, _ in self._shown])
        self.query_one(".empty").display = not self._shown

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.choose(self._list.chosen)

    @on(ChoiceList.Chosen)
    def _clicked(self, event: ChoiceList.Chosen) -> None:
        self.choose(event.index)
