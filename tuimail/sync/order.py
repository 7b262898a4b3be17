# SPDX-License-Identifier: GPL-3.0-or-later
"""In which order waiting actions are carried. Pure."""

from collections import Counter
from collections.abc import Sequence

from tuimail.model.action import Append, Copy, CreateFolder, DeleteFolder, Expunge, Move, RenameFolder, SetFlags, Subscribe
from tuimail.store.actions import WaitingAction
from tuimail.store.ties import messages_of

_OF_FOLDERS = (RenameFolder, DeleteFolder)


def in_order(queue: Sequence[WaitingAction]) -> list[WaitingAction]:
    """As they were made; but one whose answer was lost comes after those that have nothing to do with it.

    It may be what the server ends each connection over, and nothing behind it would ever be carried.
    """
    if not any(one.attempt for one in queue) or any(isinstance(one.action, _OF_FOLDERS) for one in queue):
        return list(queue)
    messages = Counter(message for one in queue for message in messages_of(one.action))
    folders = Counter(
        one.action.folder for one in queue if isinstance(one.action, Append | Copy | CreateFolder | Move | Subscribe)
    )

    def waits(one: WaitingAction) -> bool:
        match one.action:
            case SetFlags() | Move() | Copy() | Expunge():
                alone = all(messages[message] == 1 for message in messages_of(one.action))
            case CreateFolder(folder=folder):
                alone = folders[folder] == 1
            case _:
                alone = False
        return bool(one.attempt) and alone

    return sorted(queue, key=waits)
