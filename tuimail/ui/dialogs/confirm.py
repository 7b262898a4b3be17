# SPDX-License-Identifier: GPL-3.0-or-later
"""Yes or no; for the gravest things, by typing a name."""

from collections.abc import Iterator

from textual import on
from textual.widget import Widget
from textual.widgets import Input

from tuimail.ui.dialogs.dialog import Buttons, Dialog, words
from tuimail.ui.widgets.hints import Told
from tuimail.ui.widgets.text_input import TextInput


class Confirm(Dialog[bool]):
    """Asks; True for yes, False for no and for escape. With ``typed`` only that very text, typed in, is a yes."""

    def __init__(self, message: str, *, title: str = "", yes: str = "Yes", no: str = "Cancel", typed: str = "") -> None:
        super().__init__(title)
        self._message = message
        self._yes, self._no = yes, no
        self._typed = typed

    def content(self) -> Iterator[Widget]:
        """Message, then buttons or an input."""
        yield words(self._message, "message")
        if self._typed:
            yield words(f"Type {self._typed} to confirm:", "muted")
            yield TextInput()
            yield words("", "wrong")
        else:
            yield Buttons((self._yes, self._no), ("y", "n"), chosen=1)

    @property
    def told(self) -> Told:
        """Both answers."""
        yes, no = self._yes.lower(), self._no.lower()
        return (("enter", yes), ("escape", no)) if self._typed else (("y", yes), ("n escape", no))

    def action_cancel(self) -> None:
        """Escape is a no."""
        self.dismiss(False)

    @on(Buttons.Pressed)
    def _pressed(self, event: Buttons.Pressed) -> None:
        self.dismiss(event.index == 0)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        if event.value.strip() == self._typed.strip():
            self.dismiss(True)
        else:
            self.say_wrong("That is not the same.")
