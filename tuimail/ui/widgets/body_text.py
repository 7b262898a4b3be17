# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of a message while it is written."""

from dataclasses import dataclass
from pathlib import Path

from textual import events
from textual.message import Message
from textual.widgets import TextArea

from tuimail.ui.pasted import pasted_files


class BodyText(TextArea, inherit_bindings=True):
    """A text area that knows pasted names of files."""

    @dataclass
    class FilesPasted(Message):
        """The pasted text consists of names of files."""

        files: tuple[Path, ...]
        text: str

    def on_unmount(self) -> None:
        """Let go of the app: Textual forgets who watches its theme only when that changes, and with them all they ever held."""
        watchers = getattr(self.app, "__watchers", {}).get("theme", [])
        watchers[:] = [(watching, changed) for watching, changed in watchers if watching is not self]

    def on_paste(self, event: events.Paste) -> None:
        """Names of files are perhaps meant to be attached."""
        files = pasted_files(event.text)
        if files:
            event.stop()
            event.prevent_default()
            self.post_message(self.FilesPasted(files, event.text))
