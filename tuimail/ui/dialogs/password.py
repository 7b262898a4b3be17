# SPDX-License-Identifier: GPL-3.0-or-later
"""A secret."""

from collections.abc import Callable, Iterator

from textual import on
from textual.widget import Widget
from textual.widgets import Input

from tuimail.ui.dialogs.dialog import Dialog, words
from tuimail.ui.widgets.hints import Told
from tuimail.ui.widgets.text_input import TextInput


class Password(Dialog[str | None]):
    """Asks for a secret, which is never shown; None for escape.

    With ``check`` it does not go when something was typed: that is called, and every key but escape is for nobody until
    `refuse` asks once more, or `end` closes the dialog.
    """

    def __init__(self, title: str, message: str = "", check: Callable[[str], None] | None = None, wrong: str = "") -> None:
        """``wrong``: why the question comes (again)."""
        super().__init__(title)
        self._message = message
        self._check = check
        self._wrong = wrong
        self.checks = False
        """Something was typed, and whether it is right is being found out."""
        self.over = False
        """The question has its answer."""

    def content(self) -> Iterator[Widget]:
        """Message above input."""
        if self._message:
            yield words(self._message, "message")
        yield TextInput(password=True)
        yield words("Signing in …", "muted", "checking")
        yield words("", "wrong")

    @property
    def told(self) -> Told:
        """Answer, or go on without."""
        return (("enter", "sign in"), ("escape", "not now"))

    def on_mount(self) -> None:
        """Say why it is asked."""
        self._show_checking()
        self.say_wrong(self._wrong)

    def refuse(self, text: str) -> None:
        """It was not taken: say why, and let another one be typed."""
        self._wrong = text
        self.wait_for_answer()

    def wait_for_answer(self) -> None:
        """Something can be typed, if only now."""
        if not self.is_mounted or not self.checks:
            return
        self.checks = False
        self._show_checking()
        self.say_wrong(self._wrong)

    def end(self) -> None:
        """It was taken: close, once nothing lies over this."""
        self.over = True
        if self.is_current:
            self.dismiss(None)

    def on_screen_resume(self) -> None:
        """What lay over this is gone."""
        if self.over:
            self.dismiss(None)

    def _show_checking(self) -> None:
        field = self.query_one(TextInput)
        field.disabled = self.checks
        field.value = "" if not self.checks else field.value
        self.query_one(".checking").display = self.checks
        if not self.checks:
            field.focus()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        if event.value and not self.checks:
            self.say_wrong("")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        if not event.value:
            self.say_wrong("Nothing was typed.")
        elif self._check is None:
            self.dismiss(event.value)
        elif not self.checks:
            self.checks = True
            self._wrong = ""
            self.say_wrong("")
            self._show_checking()
            self._check(event.value)
