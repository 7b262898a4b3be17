# SPDX-License-Identifier: GPL-3.0-or-later
"""Which lines the folder tree has: accounts, folders nested by their names, and entries that are no folders. Pure."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from tuimail.model.folder import Folder, FolderRole
from tuimail.model.ids import AccountId, FolderId

ROLE_ORDER = (
    FolderRole.INBOX,
    FolderRole.FLAGGED,
    FolderRole.DRAFTS,
    FolderRole.SENT,
    FolderRole.ARCHIVE,
    FolderRole.ALL,
    FolderRole.JUNK,
    FolderRole.TRASH,
)
_RANK = {role: rank for rank, role in enumerate(ROLE_ORDER)}
_LABELS = {
    FolderRole.INBOX: "Inbox",
    FolderRole.FLAGGED: "Starred",
    FolderRole.DRAFTS: "Drafts",
    FolderRole.SENT: "Sent",
    FolderRole.ARCHIVE: "Archive",
    FolderRole.ALL: "All mail",
    FolderRole.JUNK: "Junk",
    FolderRole.TRASH: "Trash",
}
_DEEPEST = 100
"""Levels of a name that are told apart: whatever a server lists, to nest it is soon done. Those below stand in one label."""


@dataclass(frozen=True, slots=True)
class TreeAccount:
    """One account with its folders."""

    id: AccountId
    name: str
    folders: tuple[Folder, ...] = ()


@dataclass(frozen=True, slots=True)
class VirtualFolder:
    """An entry that is no folder of a server: the outbox, all unread mail, a saved search."""

    name: str
    """By which `FolderTree.Selected` tells it: ``"outbox"``, ``"unread"``."""
    label: str
    count: int = 0
    icon: str = ""
    """One column; empty: the sign for the name, or none."""


Key = tuple[str, int | str]
"""What an entry is, over rebuilds: ``("folder", 3)``, ``("level", "1/Projects")``, ``("virtual", "outbox")``."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the tree."""

    key: Key
    label: str
    depth: int
    folder: Folder | None = None
    virtual: VirtualFolder | None = None
    unread: int = 0
    """Of the folder, and of those hidden below it where it is collapsed."""
    branch: bool = False
    """There is something below it."""
    collapsed: bool = False

    @property
    def selectable(self) -> bool:
        """Whether opening it shows messages; otherwise it only folds."""
        return self.virtual is not None or (self.folder is not None and self.folder.selectable)


def build_entries(
    accounts: Sequence[TreeAccount], virtual: Sequence[VirtualFolder], collapsed: Collection[Key]
) -> tuple[Entry, ...]:
    """All visible lines, in order. With a single account its name is left out."""
    entries = [Entry(("virtual", one.name), one.label, 0, virtual=one, unread=one.count) for one in virtual]
    for account in accounts:
        below = 0 if len(accounts) == 1 else 1
        if below:
            key: Key = ("account", account.id)
            folded = key in collapsed
            unread = sum(folder.unread for folder in account.folders) if folded else 0
            entries.append(Entry(key, account.name, 0, unread=unread, branch=True, collapsed=folded))
            if folded:
                continue
        entries.extend(_flatten(_nest(account), below, collapsed))
    return tuple(entries)


class _Node:
    """A level of a name; ``folder`` is None where the server has no folder of that name."""

    def __init__(self, key: Key, label: str) -> None:
        self.key = key
        self.label = label
        self.folder: Folder | None = None
        self.children: dict[str, _Node] = {}

    @property
    def rank(self) -> tuple[int, str]:
        role = self.folder.role if self.folder is not None else None
        return (_RANK[role] if role is not None else len(_RANK), self.label.casefold())


def _nest(account: TreeAccount) -> _Node:
    """Folders below one another. One with a role stands at the top, wherever the server keeps it, with all that is below it."""
    root = _Node(("account", account.id), account.name)
    tops: dict[tuple[str, ...], _Node] = {(): root}
    for folder in account.folders:
        if folder.role is not None:
            node = _Node(("folder", folder.id), _LABELS[folder.role])
            node.folder = folder
            levels = _levels(folder)
            tops[levels] = root.children["/".join(("", *levels))] = node
    depths = sorted({len(levels) for levels in tops}, reverse=True)
    for folder in account.folders:
        if folder.role is None:
            levels = _levels(folder)
            above = next(depth for depth in depths if depth < len(levels) and levels[:depth] in tops)
            node = tops[levels[:above]]
            for depth in range(above, len(levels)):
                if levels[depth] not in node.children:
                    key: Key = ("level", f"{account.id}/{'/'.join(levels[: depth + 1])}")
                    node.children[levels[depth]] = _Node(key, levels[depth])
                node = node.children[levels[depth]]
            node.folder = folder
    return root


def _levels(folder: Folder) -> tuple[str, ...]:
    return tuple(folder.name.split(folder.delimiter, _DEEPEST - 1)) if folder.delimiter else (folder.name,)


def _flatten(root: _Node, depth: int, collapsed: Collection[Key]) -> Iterator[Entry]:
    stack = [(node, depth) for node in _ordered(root, reverse=True)]
    while stack:
        node, depth = stack.pop()
        key = ("folder", node.folder.id) if node.folder is not None else node.key
        folded = bool(node.children) and key in collapsed
        unread = _unread(node) if folded else (node.folder.unread if node.folder is not None else 0)
        label = node.label if node.label.strip() else f"“{node.label}”"
        yield Entry(key, label, depth, node.folder, None, unread, bool(node.children), folded)
        if not folded:
            stack.extend((child, depth + 1) for child in _ordered(node, reverse=True))


def _ordered(node: _Node, *, reverse: bool) -> list[_Node]:
    return sorted(node.children.values(), key=lambda child: child.rank, reverse=reverse)


def _unread(node: _Node) -> int:
    total, stack = 0, [node]
    while stack:
        one = stack.pop()
        total += one.folder.unread if one.folder is not None else 0
        stack.extend(one.children.values())
    return total


def folder_of(key: Key) -> FolderId | None:
    """The folder that a key names."""
    return FolderId(int(key[1])) if key[0] == "folder" else None
