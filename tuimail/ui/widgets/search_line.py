# SPDX-License-Identifier: GPL-3.0-or-later
"""The line to search, filter, or find in: shown while it is needed, closed by escape."""

from enum import StrEnum
from typing import ClassVar

from textual import events
from textual.widgets import Input

from tuimail.ui.widgets.hints import Told

_LANGUAGE = "words, from: to: subject: is:unread has:attachment in: after: -word"


class Looking(StrEnum):
    """What the line is for."""

    SEARCH = "Search"
    FILTER = "Filter"
    FIND = "Find in message"


class SearchLine(Input):
    """One line at the bottom of the screen."""

    DEFAULT_CSS = """
    SearchLine { display: none; height: 1; border: none; padding: 0 1; background: $surface; }
    SearchLine:focus { border: none; }
    SearchLine.-open { display: block; }
    """

    takes_letters_together: ClassVar = True
    """Letters that were typed together come as one text: each would take as long as all of them."""

    def __init__(self) -> None:
        super().__init__(id="search-line", compact=True, select_on_focus=False)
        self.cursor_blink = False
        self.looking = Looking.SEARCH

    @property
    def told(self) -> Told:
        """The keys that work while it is open."""
        goes_on = {Looking.SEARCH: "search", Looking.FILTER: "keep what fits", Looking.FIND: "find"}[self.looking]
        return (("enter", goes_on), ("escape", "cancel"))

    def open_for(self, looking: Looking, value: str = "") -> None:
        """Show the line and begin to type."""
        self.looking = looking
        self.placeholder = f"{looking}" if looking is Looking.FIND else f"{looking}: {_LANGUAGE}"
        self.value = value
        self.add_class("-open")
        self.screen.set_focus(self)

    def open_search(self) -> None:
        """Search this folder, here and on the server."""
        self.open_for(Looking.SEARCH)

    def open_filter(self) -> None:
        """Filter what is listed, while typing."""
        self.open_for(Looking.FILTER)

    def open_find(self) -> None:
        """Find words in the open message."""
        self.open_for(Looking.FIND)

    def close(self) -> None:
        """Hide the line."""
        self.remove_class("-open")

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "escape":
            event.stop()
            event.prevent_default()
            self.value = ""
            self.post_message(Input.Submitted(self, ""))
            return
        await super()._on_key(event)
