# SPDX-License-Identifier: GPL-3.0-or-later
"""A secret."""

from collections.abc import Iterator

from textual import on
from textual.widget import Widget
from textual.widgets import Input

from tuimail.ui.dialogs.dialog import Dialog, words
from tuimail.ui.widgets.text_input import TextInput


class Password(Dialog[str | None]):
    """Asks for a secret, which is never shown; None for escape."""

    def __init__(self, title: str, message: str = "") -> None:
        super().__init__(title)
        self._message = message

    def content(self) -> Iterator[Widget]:
        """Message above input."""
        if self._message:
            yield words(self._message, "message")
        yield TextInput(password=True)
        yield words("", "wrong")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        if event.value:
            self.dismiss(event.value)
        else:
            self.say_wrong("Nothing was typed.")
