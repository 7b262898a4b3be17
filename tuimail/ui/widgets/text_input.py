# SPDX-License-Identifier: GPL-3.0-or-later
"""An input field of one line: no box, no blinking."""

from textual import events
from textual.widgets import Input

LONGEST_PASTE = 20_000
"""Characters: some hundreds of addresses."""


class TextInput(Input):
    """Textual's `Input` as tuimail wants it. What is typed is shown as it is, never as markup."""

    DEFAULT_CSS = """
    TextInput, TextInput:focus, TextInput.-textual-compact {
        background: $panel;
        background-tint: transparent 0%;
        color: $foreground;
        padding: 0 1;
        border: none;
        height: 1;
    }
    """

    def __init__(
        self,
        value: str = "",
        *,
        placeholder: str = "",
        password: bool = False,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(
            value, placeholder=placeholder, password=password, id=id, compact=True, select_on_focus=False, highlighter=None
        )
        self.cursor_blink = False

    def action_cut(self) -> None:
        """Textual's, but for a password: the terminal's clipboard (OSC 52) is shown, kept and passed on by other programs."""
        if not self.password:
            super().action_cut()

    def action_copy(self) -> None:
        """As `action_cut`."""
        if not self.password:
            super().action_copy()

    def on_paste(self, event: events.Paste) -> None:
        """What no field is meant for is not taken over: to complete, search or draw it would keep the keys waiting."""
        if len(event.text) > LONGEST_PASTE:
            event.stop()
            event.prevent_default()
            self.app.bell()
