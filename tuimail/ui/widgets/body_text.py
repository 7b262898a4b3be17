# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of a message while it is written."""

from dataclasses import dataclass
from pathlib import Path

from textual import events
from textual.message import Message
from textual.widgets import TextArea

from tuimail.ui.pasted import pasted_files

LONGEST_PASTE = 1_000_000
"""Characters. Textual takes about a second of the processor for them, in which no key is answered, and 30 MB."""


class BodyText(TextArea, inherit_bindings=True):
    """A text area that knows pasted names of files."""

    @dataclass
    class FilesPasted(Message):
        """The pasted text consists of names of files, and was not taken over."""

        files: tuple[Path, ...]
        text: str

    @dataclass
    class PasteTooLong(Message):
        """So many characters were pasted, and nothing of them was taken over."""

        length: int

    def on_unmount(self) -> None:
        """Let go of the app: Textual forgets who watches its theme only when that changes, and with them all they ever held."""
        watchers = getattr(self.app, "__watchers", {}).get("theme", [])
        watchers[:] = [(watching, changed) for watching, changed in watchers if watching is not self]

    def on_paste(self, event: events.Paste) -> None:
        """Names of files are perhaps meant to be attached; of too long a text nothing is taken over."""
        files = pasted_files(event.text)
        if not files and len(event.text) <= LONGEST_PASTE:
            return
        event.stop()
        event.prevent_default()
        self.post_message(self.FilesPasted(files, event.text) if files else self.PasteTooLong(len(event.text)))
