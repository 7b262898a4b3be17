# SPDX-License-Identifier: GPL-3.0-or-later
"""Something went wrong: what, and what to do."""

from collections.abc import Iterator, Sequence

from textual import on
from textual.widget import Widget

from tuimail.model.errors import TuimailError
from tuimail.ui.dialogs.dialog import Buttons, Dialog, words
from tuimail.ui.widgets.hints import Told


class ErrorDialog(Dialog[str | None]):
    """Tells of an error. Answers with the label of the action that was chosen, None for close or escape."""

    DEFAULT_CSS = """
    ErrorDialog .title { color: $error; }
    """

    def __init__(self, title: str, message: str, advice: str = "", actions: Sequence[str] = ()) -> None:
        super().__init__(title)
        self._message, self._advice = message, advice
        self._actions = tuple(actions)

    @classmethod
    def of(cls, error: TuimailError, actions: Sequence[str] = ()) -> "ErrorDialog":
        """The dialog for an error."""
        return cls(error.title, error.message, error.advice, actions)

    def content(self) -> Iterator[Widget]:
        """Message, advice, buttons."""
        yield words(self._message, "message")
        if self._advice:
            yield words(self._advice, "message", "muted")
        yield Buttons((*self._actions, "Close"))

    @property
    def told(self) -> Told:
        """Choose and press."""
        return (("tab", "next button"), ("enter", "press it"), ("escape", "close")) if self._actions else (("enter", "close"),)

    @on(Buttons.Pressed)
    def _pressed(self, event: Buttons.Pressed) -> None:
        self.dismiss(self._actions[event.index] if event.index < len(self._actions) else None)
