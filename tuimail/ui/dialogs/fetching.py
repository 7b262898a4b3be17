# SPDX-License-Identifier: GPL-3.0-or-later
"""Something has to be fetched before a command can go on."""

import asyncio
from collections.abc import Iterator
from typing import Any

from textual.widget import Widget

from tuimail.ui.dialogs.dialog import Dialog, words
from tuimail.ui.widgets.hints import Told


class Fetching(Dialog[bool]):
    """Stays until a task is done; True then. Escape gives it up: None. What is typed meanwhile reaches nothing behind it."""

    def __init__(self, what: str, task: asyncio.Task[Any]) -> None:
        super().__init__("Fetching")
        self._what, self._awaited = what, task

    def content(self) -> Iterator[Widget]:
        """What is fetched."""
        yield words(self._what, "message")

    @property
    def told(self) -> Told:
        """There is nothing but to wait or not to."""
        return (("escape", "do not wait"),)

    def on_mount(self) -> None:
        """Wait."""
        self._awaited.add_done_callback(lambda _: self._look())

    def on_screen_resume(self) -> None:
        """In front, perhaps again: what was waited for may be there."""
        self._look()

    def _look(self) -> None:
        if self._awaited.done() and self.is_current:
            self.dismiss(True)
