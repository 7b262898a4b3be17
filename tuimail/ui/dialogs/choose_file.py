# SPDX-License-Identifier: GPL-3.0-or-later
"""Files, by typing a path with a listing of the folder below it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from textual import events, on
from textual.widget import Widget
from textual.widgets import Input

from tuimail.model.text import safe_line
from tuimail.model.typed_path import typed_path
from tuimail.ui.dialogs.dialog import Dialog, words
from tuimail.ui.typed_path import last_path, where_started
from tuimail.ui.widgets.choice_list import Choice, ChoiceList
from tuimail.ui.widgets.hints import Told
from tuimail.ui.widgets.message_head import size_text
from tuimail.ui.widgets.text_input import TextInput

MOST_ENTRIES = 2000
"""Entries of a folder that are listed."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """Something in a folder."""

    path: Path
    is_folder: bool
    size: int
    """Octets; 0 for folders."""


def list_folder(folder: Path, prefix: str) -> list[FileEntry]:
    """Entries whose names begin with ``prefix``, folders first; hidden ones only when asked for. Raises OSError."""
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            hidden = entry.name.startswith(".") and not prefix.startswith(".")
            if hidden or not entry.name.lower().startswith(prefix.lower()):
                continue
            found.append(_entry(entry))
            if len(found) >= MOST_ENTRIES:
                break
    return sorted(found, key=lambda one: (not one.is_folder, one.path.name.casefold()))


def _entry(entry: os.DirEntry[str]) -> FileEntry:
    try:
        is_folder = entry.is_dir()
        size = 0 if is_folder else entry.stat().st_size
    except OSError:
        # A dangling link or a file that just went: listed all the same, and refused when it is opened.
        is_folder, size = False, 0
    return FileEntry(Path(entry.path), is_folder, size)


class ChooseFile(Dialog[tuple[Path, ...] | None]):
    """Answers with the files chosen, None for escape."""

    DEFAULT_CSS = """
    ChooseFile > .dialog { width: 84; }
    ChooseFile ChoiceList { margin-top: 1; height: 14; max-height: 40vh; }
    """

    def __init__(
        self, start: Path | None = None, title: str = "Attach files", *, several: bool = True, folders: bool = False
    ) -> None:
        """``start``: the folder listed first; else that which the program was started in.

        ``several``: ctrl+t marks more than one.

        ``folders``: a folder is chosen, not a file.
        """
        super().__init__(title)
        self._start = start or where_started()
        self._several = several and not folders
        self._folders = folders
        self._entries: list[FileEntry] = []
        self._marked: dict[Path, None] = {}
        self._list = ChoiceList()
        self._list.can_focus = False

    def content(self) -> Iterator[Widget]:
        """Path above listing."""
        yield TextInput(_with_slash(self._start))
        yield words("", "wrong")
        yield self._list

    @property
    def told(self) -> Told:
        """How to get to a file or folder."""
        mark = (("ctrl+t", "mark several"),) if self._several else ()
        done = (("enter", "open folder"), ("ctrl+s", "choose this folder")) if self._folders else (("enter", "open or choose"),)
        return (*done, ("tab", "complete"), *mark, ("escape", "cancel"))

    def on_mount(self) -> None:
        """List where to start."""
        field = self.query_one(TextInput)
        field.cursor_position = len(field.value)
        self._read()

    @property
    def _text(self) -> str:
        return last_path(self.query_one(TextInput).value)

    @property
    def _typed(self) -> Path:
        return typed_path(self._text or ".")

    @on(Input.Changed)
    def _read(self) -> None:
        text = self._text
        folder, prefix = (self._typed, "") if text.endswith("/") or not text else (self._typed.parent, self._typed.name)
        try:
            self._entries = list_folder(folder, prefix)
            self.say_wrong("")
        except OSError as error:
            self._entries = []
            self.say_wrong(error.strerror or "This folder cannot be read.")
        if self._folders:
            self._entries = [entry for entry in self._entries if entry.is_folder]
        self._show(next((at for at, entry in enumerate(self._entries) if entry.path.name == prefix), 0))

    def _show(self, cursor: int) -> None:
        self._list.set_choices([_choice(entry) for entry in self._entries], cursor)
        self._list.set_marked([index for index, entry in enumerate(self._entries) if entry.path in self._marked])

    def on_key(self, event: events.Key) -> None:
        """Keys for the listing."""
        moves = {
            "down": self._list.cursor_down,
            "up": self._list.cursor_up,
            "pagedown": self._list.page_down,
            "pageup": self._list.page_up,
            "tab": self._complete,
            "ctrl+t": self._mark,
            "ctrl+s": self._choose_folder,
        }
        if event.key in moves:
            moves[event.key]()
            event.stop()
            event.prevent_default()

    @property
    def _entry(self) -> FileEntry | None:
        index = self._list.chosen
        return self._entries[index] if index is not None else None

    def _complete(self) -> None:
        entry = self._entry
        if entry is not None:
            field = self.query_one(TextInput)
            field.value = _with_slash(entry.path) if entry.is_folder else str(entry.path)
            field.cursor_position = len(field.value)

    def _mark(self) -> None:
        entry = self._entry
        if entry is None or entry.is_folder or not self._several:
            return
        if entry.path in self._marked:
            del self._marked[entry.path]
        else:
            self._marked[entry.path] = None
        self._show(min(self._list.cursor_index + 1, len(self._entries) - 1))

    def _choose_folder(self) -> None:
        if self._folders and self._typed.is_dir():
            self.dismiss((self._typed,))

    @on(Input.Submitted)
    @on(ChoiceList.Chosen)
    def _submitted(self) -> None:
        entry = self._entry
        if entry is None:
            self.say_wrong("There is no such file.")
        elif entry.is_folder:
            self._complete()
        else:
            self.dismiss(tuple(dict.fromkeys((*self._marked, entry.path))))


def _choice(entry: FileEntry) -> Choice:
    name = safe_line(entry.path.name)
    return Choice(name + "/" if entry.is_folder else name, "" if entry.is_folder else size_text(entry.size))


def _with_slash(path: Path) -> str:
    text = str(path)
    return text if text.endswith("/") else text + "/"
