# SPDX-License-Identifier: GPL-3.0-or-later
"""Folder tree, message list and reader on one screen. How they stand follows the width."""

import asyncio

from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Horizontal

from tuimail.ui.commands import Place
from tuimail.ui.screens.keyed import KeyedScreen
from tuimail.ui.widgets.folder_tree import FolderTree
from tuimail.ui.widgets.hints import Hints
from tuimail.ui.widgets.message_body import MessageBody
from tuimail.ui.widgets.message_list import MessageList
from tuimail.ui.widgets.search_line import SearchLine
from tuimail.ui.widgets.status_line import StatusLine
from tuimail.ui.widgets.toast import Toasts

NARROW, WIDE = 100, 200
"""Columns below which one pane stands at a time, and from which the reader stands beside the list."""


class PanesScreen(KeyedScreen):
    """The panes, and the ways between them."""

    def __init__(self) -> None:
        super().__init__()
        self.list = MessageList(id="list")
        self.body = MessageBody(id="body")
        self.folders = FolderTree(id="tree")
        self.line = SearchLine()
        self.status = StatusLine()
        self.hints = Hints()
        self.toasts = Toasts()
        self.tree_wanted = True
        self.in_front = asyncio.Event()
        """Set while no other screen or dialog lies over this one."""

    @property
    def is_reading(self) -> bool:
        """Whether the reader stands."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Tree beside list and reader, search line, status, hints."""
        with Horizontal(id="panes"):
            yield self.folders
            with Container(id="main"):
                yield self.list
                yield self.body
        yield self.toasts
        yield self.line
        yield self.status
        yield self.hints

    def on_mount(self) -> None:
        """The list is where one begins."""
        super().on_mount()
        self.hints.keymap = self.program.keymap
        self.set_focus(self.list)
        self.lay_out()

    def on_resize(self, event: events.Resize) -> None:  # noqa: ARG002
        """The layout follows the width."""
        self.lay_out()

    def on_screen_resume(self) -> None:
        """Nothing lies over this screen."""
        self.in_front.set()

    def on_screen_suspend(self) -> None:
        """Something lies over it, or is about to."""
        self.in_front.clear()

    def lay_out(self) -> None:
        """Decide which panes stand, and where."""
        width = self.app.size.width
        narrow = width < NARROW
        reading = self.is_reading
        self.set_class(narrow, "-narrow")
        self.set_class(width >= WIDE, "-wide")
        self.set_class(reading, "-reading")
        in_tree = narrow and self.focused is self.folders
        self.folders.display = in_tree if narrow else self.tree_wanted
        self.query_one("#main").display = not in_tree
        self.body.display = reading
        self.list.display = not (narrow and reading)

    def toggle_tree(self) -> None:
        """Show or hide the folder tree; on a narrow screen go to it, or back."""
        if self.app.size.width < NARROW:
            if self.focused is self.folders:
                self.focus_main()
            else:
                self.folders.display = True
                self.set_focus(self.folders)
        else:
            self.tree_wanted = not self.tree_wanted
            if not self.tree_wanted and self.focused is self.folders:
                self.focus_main()
        self.lay_out()

    def next_pane(self, step: int = 1) -> None:
        """To the next pane that stands."""
        panes = [pane for pane in (self.folders, self.list, self.body) if pane.display]
        at = panes.index(self.focused) if self.focused in panes else 0
        self.set_focus(panes[(at + step) % len(panes)])

    def focus_main(self) -> None:
        """From the tree to the list, or to the reader where it stands alone."""
        self.query_one("#main").display = True
        self.set_focus(self.body if self.is_reading and not self.list.display else self.list)

    def on_descendant_focus(self) -> None:
        """Hints follow the focus."""
        self.hints.place = self.place
        self.hints.instead = self.line.told if self.focused is self.line else ()
        self.lay_out()

    @property
    def place(self) -> Place:
        """The key table's row for the focused pane."""
        if self.focused is self.folders:
            return Place.TREE
        return Place.READER if self.focused is self.body else Place.LIST

    def keys_changed(self) -> None:
        """Show how an unfinished sequence can go on."""
        self.hints.pending = self.keys.pending
