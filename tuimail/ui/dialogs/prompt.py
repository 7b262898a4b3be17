# SPDX-License-Identifier: GPL-3.0-or-later
"""One line of text."""

from collections.abc import Callable, Iterator, Sequence

from textual import on
from textual.widget import Widget
from textual.widgets import Input

from tuimail.ui.dialogs.dialog import Dialog, words
from tuimail.ui.widgets.completion import Candidate, CompletionField

Check = Callable[[str], str | None]
"""What is wrong with a text, in one sentence; None or empty: nothing."""


def _nothing(_piece: str) -> Sequence[Candidate]:
    return ()


class Prompt(Dialog[str | None]):
    """Asks for one line; None for escape."""

    def __init__(
        self,
        title: str,
        *,
        help: str = "",  # noqa: A002
        value: str = "",
        placeholder: str = "",
        check: Check | None = None,
        complete: Callable[[str], Sequence[Candidate]] = _nothing,
        separator: str = "",
    ) -> None:
        """``check`` is asked on enter, its answer shown in place. ``complete`` and ``separator`` are `CompletionField`'s."""
        super().__init__(title)
        self._help = help
        self._check = check
        self._value, self._placeholder = value, placeholder
        self._complete, self._separator = complete, separator

    def content(self) -> Iterator[Widget]:
        """Input, complaint, help."""
        yield CompletionField(self._complete, self._value, separator=self._separator, placeholder=self._placeholder)
        yield words("", "wrong")
        if self._help:
            yield words(self._help, "muted")

    def on_mount(self) -> None:
        """Type at once."""
        field = self.query_one(CompletionField)
        field.focus()
        field.cursor_position = len(field.value)

    @on(Input.Changed)
    def _changed(self) -> None:
        self.say_wrong("")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        wrong = self._check(event.value) if self._check is not None else None
        if wrong:
            self.say_wrong(wrong)
        else:
            self.dismiss(event.value)
