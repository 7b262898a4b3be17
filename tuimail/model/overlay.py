# SPDX-License-Identifier: GPL-3.0-or-later
"""Server state + waiting actions → what the user sees. Pure, and called inside the transaction that changes either."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from tuimail.model.action import (
    Action,
    Copy,
    CreateFolder,
    DeleteFolder,
    Expunge,
    Move,
    RenameFolder,
    SetFlags,
    Subscribe,
)
from tuimail.model.flags import DELETED, Flags
from tuimail.model.ids import FolderId


@dataclass(frozen=True, slots=True)
class MessageState:
    """Where a message is and what it carries: as the server has it, or as it is shown."""

    folder: FolderId | None
    """None: nowhere. On the server side: its UID vanished, and nobody knows yet where to."""
    flags: Flags
    hidden: bool = False
    r"""Shown side only: deleted for good by a waiting action, or ``\Deleted`` on the server."""


def shown(server: MessageState, actions: Iterable[Action]) -> MessageState:
    """Fold waiting actions, oldest first, over what the server has.

    ``actions`` are those that change this very message: a `Copy` stands for the copy that it makes, never for its source.
    """
    folder, flags = server.folder, server.flags
    expunged = False
    for action in actions:
        match action:
            case SetFlags(add=add, remove=remove):
                flags = (flags | add) - remove
            case Move(folder=target) | Copy(folder=target):
                folder = target
            case Expunge():
                expunged = True
    return MessageState(folder, flags, expunged or folder is None or DELETED in flags)


@dataclass(frozen=True, slots=True)
class FolderState:
    """A folder's name and subscription: as the server has them, or as they are shown. ``name`` None: not there."""

    name: str | None
    subscribed: bool
    delimiter: str = ""
    waiting: bool = False


def shown_folders(server: Mapping[FolderId, FolderState], actions: Iterable[Action]) -> dict[FolderId, FolderState]:
    """Fold the waiting folder actions of an account, oldest first, over the folders that the server has."""
    folders = dict(server)
    for action in actions:
        match action:
            case CreateFolder(folder=folder, name=name, subscribe=subscribe) if folder in folders:
                folders[folder] = replace(folders[folder], name=name, subscribed=subscribe, waiting=True)
            case RenameFolder(old=old, new=new):
                for folder, state in folders.items():
                    renamed = new_name(state.name, state.delimiter, old, new)
                    if renamed != state.name:
                        folders[folder] = replace(state, name=renamed, waiting=True)
            case DeleteFolder(folder=folder) if folder in folders:
                folders[folder] = replace(folders[folder], name=None, waiting=True)
            case Subscribe(folder=folder, subscribed=subscribed) if folder in folders:
                folders[folder] = replace(folders[folder], subscribed=subscribed)
    return folders


def new_name(name: str | None, delimiter: str, old: str, new: str) -> str | None:
    """What a folder is called after ``old`` became ``new``: descendants move along (RFC 9051 §6.3.6)."""
    if name == old:
        return new
    if name is not None and delimiter and name.startswith(old + delimiter):
        return new + name[len(old) :]
    return name
