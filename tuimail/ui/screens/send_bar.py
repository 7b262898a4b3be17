# SPDX-License-Identifier: GPL-3.0-or-later
"""The bar that finishes a message: send, later, keep, discard."""

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tuimail.ui.commands import SEND_BAR


class SendBar(ModalScreen[str | None], inherit_bindings=False):
    """One line at the bottom; one key answers with what to do, escape goes back to writing."""

    DEFAULT_CSS = """
    SendBar { align: left bottom; background: $background 0%; }
    SendBar Static { dock: bottom; height: 1; background: $primary; color: $background; padding: 0 1; text-style: bold; }
    """

    def compose(self) -> ComposeResult:
        """The keys and what they do."""
        words = "   ".join(f"{key} {title}" for key, (_, title) in SEND_BAR.items())
        yield Static(Content(f"{words}   esc Back"))

    def on_key(self, event: events.Key) -> None:
        """One key decides."""
        event.stop()
        if event.key == "escape":
            self.dismiss(None)
        elif event.character is not None and event.character in SEND_BAR:
            self.dismiss(SEND_BAR[event.character][0])
