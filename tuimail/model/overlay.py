# SPDX-License-Identifier: GPL-3.0-or-later
"""Server state + waiting actions → what the user sees. Pure, and called inside the transaction that changes either."""

from collections.abc import Iterable
from dataclasses import dataclass

from tuimail.model.action import Action, Copy, Expunge, Move, SetFlags
from tuimail.model.flags import DELETED, Flags
from tuimail.model.ids import FolderId, MessageId


@dataclass(frozen=True, slots=True)
class MessageState:
    """Where a message is and what it carries: as the server has it, or as it is shown."""

    folder: FolderId | None
    """None: nowhere. On the server side: its UID vanished, and nobody knows yet where to."""
    flags: Flags
    hidden: bool = False
    r"""Shown side only: deleted for good by a waiting action, or ``\Deleted`` on the server."""


def shown(message: MessageId, server: MessageState, actions: Iterable[Action]) -> MessageState:
    """Fold the waiting actions, oldest first, over what the server has."""
    folder, flags = server.folder, server.flags
    expunged = False
    for action in actions:
        match action:
            case SetFlags(messages, add, remove) if message in messages:
                flags = (flags | add) - remove
            case Move(messages, target) if message in messages:
                folder = target
            case Copy(folder=target, copies=copies) if message in copies:
                folder = target
            case Expunge(messages) if message in messages:
                expunged = True
    return MessageState(folder, flags, expunged or folder is None or DELETED in flags)
