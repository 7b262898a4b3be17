# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder tree."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from tuimail.model.folder import Folder, FolderRole
from tuimail.model.ids import AccountId, FolderId
from tuimail.model.width import cell_len
from tuimail.ui.look import Component
from tuimail.ui.widgets.line_view import RowView, pad, strip_of
from tuimail.ui.widgets.tree_entries import Entry, Key, TreeAccount, VirtualFolder, build_entries

_COUNTED = (None, FolderRole.INBOX, FolderRole.ARCHIVE, FolderRole.ALL, FolderRole.FLAGGED, FolderRole.JUNK)
"""Roles whose unread messages are worth a number."""


class FolderTree(RowView):
    """Accounts and their folders. Call `show` with new values whenever they change; cursor and folds stay."""

    empty_text = "No folders"

    @dataclass
    class Selected(Message):
        """The user wants to see a folder, or a virtual one by its name; the other is None."""

        folder: FolderId | None
        virtual: str | None

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._accounts: tuple[TreeAccount, ...] = ()
        self._virtual: tuple[VirtualFolder, ...] = ()
        self._entries: tuple[Entry, ...] = ()
        self._open: Key | None = None
        self._sought: FolderId | None = None
        self.collapsed: set[Key] = set()
        """What is folded; to be remembered between runs."""

    def show(self, accounts: Sequence[TreeAccount], virtual: Sequence[VirtualFolder] = ()) -> None:
        """Show these."""
        self._accounts, self._virtual = tuple(accounts), tuple(virtual)
        self._rebuild()

    def mark_open(self, folder: FolderId | None, virtual: str | None = None) -> None:
        """Tell which folder the list shows; the cursor goes there too."""
        self._open = ("folder", folder) if folder is not None else ("virtual", virtual) if virtual is not None else None
        index = self._index_of(self._open)
        if index is not None:
            self.move_to(index)
        self.refresh()

    def seek(self, folder: FolderId) -> None:
        """Put the cursor on a folder as soon as it stands in the tree; what is folded around it is unfolded."""
        self._sought = folder

    @property
    def line_count(self) -> int:
        """Visible entries."""
        return len(self._entries)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The visible entries."""
        return self._entries

    @property
    def cursor_entry(self) -> Entry | None:
        """The entry under the cursor."""
        return self._entries[self.cursor_index] if self._entries else None

    @property
    def cursor_folder(self) -> Folder | None:
        """The folder under the cursor; None on anything else."""
        entry = self.cursor_entry
        return entry.folder if entry is not None else None

    @property
    def cursor_account(self) -> AccountId | None:
        """The account whose folder or name is under the cursor; None on anything else."""
        entry = self.cursor_entry
        if entry is None:
            return None
        if entry.folder is not None:
            return entry.folder.account
        return AccountId(int(entry.key[1])) if entry.key[0] == "account" else None

    def _index_of(self, key: Key | None) -> int | None:
        return next((index for index, entry in enumerate(self._entries) if entry.key == key), None)

    def _rebuild(self) -> None:
        before = self.cursor_entry
        self._entries = build_entries(self._accounts, self._virtual, self.collapsed)
        index = self._index_of(before.key) if before is not None else self._index_of(self._open)
        if self._sought is not None and self._unfold_to(self._sought):
            index, self._sought = self._index_of(("folder", self._sought)), None
        self.cursor_index = index if index is not None else max(0, min(self.cursor_index, len(self._entries) - 1))
        self.set_line_count()
        self.show_line(self.cursor_index)
        self.refresh()

    def _unfold_to(self, folder: FolderId) -> bool:
        """Unfold what hides a folder. False: there is no such folder yet."""
        everything = build_entries(self._accounts, self._virtual, ())
        at = next((at for at, entry in enumerate(everything) if entry.key == ("folder", folder)), None)
        if at is None:
            return False
        depth = everything[at].depth
        for entry in reversed(everything[:at]):
            if entry.depth < depth:
                depth = entry.depth
                self.collapsed.discard(entry.key)
        self._entries = build_entries(self._accounts, self._virtual, self.collapsed)
        return True

    def activate(self) -> None:
        """Show the folder under the cursor; fold or unfold what is no folder."""
        entry = self.cursor_entry
        if entry is None:
            return
        if entry.selectable:
            self._select(entry)
        elif entry.branch:
            self._set_collapsed(entry, not entry.collapsed)

    def _select(self, entry: Entry) -> None:
        self.mark_open(entry.folder.id if entry.folder else None, entry.virtual.name if entry.virtual else None)
        self.post_message(
            self.Selected(entry.folder.id if entry.folder else None, entry.virtual.name if entry.virtual else None)
        )

    def select_next(self) -> bool:
        """Open the folder after the one that is open. False at the end."""
        return self._select_by(1)

    def select_previous(self) -> bool:
        """Open the folder before the one that is open. False at the beginning."""
        return self._select_by(-1)

    def _select_by(self, step: int) -> bool:
        index = self._index_of(self._open)
        index = (index if index is not None else self.cursor_index) + step
        while 0 <= index < len(self._entries):
            if self._entries[index].selectable:
                self._select(self._entries[index])
                return True
            index += step
        return False

    def unfold(self) -> None:
        """Show what is below; a second time, go there."""
        entry = self.cursor_entry
        if entry is not None and entry.branch:
            if entry.collapsed:
                self._set_collapsed(entry, False)
            else:
                self.cursor_down()

    def fold(self) -> None:
        """Hide what is below; where there is nothing, go to the parent."""
        entry = self.cursor_entry
        if entry is None:
            return
        if entry.branch and not entry.collapsed:
            self._set_collapsed(entry, True)
            return
        parents = (index for index in range(self.cursor_index - 1, -1, -1) if self._entries[index].depth < entry.depth)
        self.move_to(next(parents, self.cursor_index))

    def _set_collapsed(self, entry: Entry, collapsed: bool) -> None:
        if collapsed:
            self.collapsed.add(entry.key)
        else:
            self.collapsed.discard(entry.key)
        self._rebuild()

    def draw_line(self, index: int, width: int) -> Strip:
        """One entry: cursor, fold sign, icon, name, unread count."""
        entry = self._entries[index]
        look, signs = self.look, self.symbols
        counted = entry.folder is None or entry.folder.role in _COUNTED
        count = f"{entry.unread:,}" if entry.unread and counted else ""
        if entry.folder is not None and entry.folder.role is FolderRole.DRAFTS and entry.folder.total:
            count = f"{entry.folder.total:,}"
        here = index == self.cursor_index
        fold = (signs.folded if entry.collapsed else signs.unfolded) if entry.branch else " "
        style = self._style(entry, bold=bool(entry.unread and counted))
        icon, label = self._icon(entry), entry.label
        left = f" {'  ' * min(entry.depth, 6)}"
        room = width - 2 - cell_len(left) - (2 if icon else 0) - len(count) - 2
        segments = [
            self.cursor_sign() if here else Segment(" ", Style.null()),
            Segment(left[1:] + fold + " ", look[Component.MUTED]),
            Segment(
                f"{icon} " if icon else "", look[Component.MUTED] + style if entry.key == self._open else look[Component.MUTED]
            ),
            Segment(pad(label, room, signs.ellipsis) + " ", style),
            Segment(count, look[Component.MUTED if self._is_quiet(entry) else Component.COUNT]),
            Segment(" ", Style.null()),
        ]
        return strip_of(segments, width, self.ground, self.cursor_style() if here else None)

    def _is_quiet(self, entry: Entry) -> bool:
        return entry.folder is not None and entry.folder.role in (FolderRole.DRAFTS, FolderRole.JUNK)

    def _style(self, entry: Entry, *, bold: bool) -> Style:
        look = self.look
        if entry.key == self._open:
            return look[Component.FOLDER_OPEN]
        if entry.key[0] == "account":
            return look[Component.ACCOUNT]
        if not entry.selectable or (entry.folder is not None and not entry.folder.subscribed):
            return look[Component.MUTED]
        return look[Component.FOLDER_UNREAD if bold and not self._is_quiet(entry) else Component.FOLDER]

    def _icon(self, entry: Entry) -> str:
        signs = self.symbols
        if entry.virtual is not None:
            named = {"outbox": signs.outbox, "unread": signs.all_unread}
            return entry.virtual.icon or named.get(entry.virtual.name, signs.folder)
        if entry.key[0] == "account":
            return ""
        role = entry.folder.role if entry.folder is not None else None
        return signs.roles[role] if role is not None else signs.folder

    def on_click(self, event: events.Click) -> None:
        """A click opens a folder, or folds on its sign."""
        index = self.top + event.y
        if not 0 <= index < self.line_count:
            return
        entry = self._entries[index]
        self.move_to(index)
        if entry.branch and event.x <= 2 + 2 * entry.depth:
            self._set_collapsed(entry, not entry.collapsed)
        else:
            self.activate()

    PERFORMS: ClassVar[Mapping[str, Callable[..., object]]] = {
        **RowView.PERFORMS,
        "open": activate,
        "unfold": unfold,
        "fold": fold,
        "next_folder": select_next,
        "previous_folder": select_previous,
    }
