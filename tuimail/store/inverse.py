# SPDX-License-Identifier: GPL-3.0-or-later
"""What takes an action back once the server did it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from tuimail.model.action import (
    Action,
    Append,
    Copy,
    CreateFolder,
    DeleteFolder,
    Expunge,
    Move,
    RenameFolder,
    SetFlags,
    Subscribe,
)
from tuimail.model.ids import AccountId, FolderId, MessageId
from tuimail.store.codec import Step, ids_json, load_flags
from tuimail.store.database import Database

Named = tuple[int, int]
"""The number of an action within its gesture, and a message or folder that it changes."""


def inverse_of(database: Database, action: Action) -> list[Action]:
    """What takes an action back, seen from how things are shown before it. Empty: it cannot be taken back."""
    match action:
        case SetFlags(messages, add, remove):
            return _inverse_flags(database, messages, add, remove)
        case Move(messages):
            homes: dict[FolderId, list[MessageId]] = {}
            for number, folder in database.execute(
                "SELECT id, folder FROM messages WHERE id IN (SELECT value FROM json_each(?)) AND folder IS NOT NULL",
                (ids_json(messages),),
            ):
                homes.setdefault(FolderId(folder), []).append(MessageId(number))
            return [Move(tuple(ids), home) for home, ids in homes.items()]
        case Copy(copies=copies):
            return [Expunge(copies)]
        case CreateFolder(folder):
            return [DeleteFolder(folder, only_empty=True)]
        case DeleteFolder(folder):
            return [
                CreateFolder(folder, name, bool(subscribed), AccountId(account), delimiter)
                for name, subscribed, account, delimiter in database.execute(
                    "SELECT name, subscribed, account, delimiter FROM folders WHERE id = ? AND name IS NOT NULL", (folder,)
                )
            ]
        case RenameFolder(folder, old, new):
            return [RenameFolder(folder, new, old)]
        case Subscribe(folder, subscribed):
            return [Subscribe(folder, not subscribed)]
    return []


def _inverse_flags(
    database: Database, messages: tuple[MessageId, ...], add: frozenset[str], remove: frozenset[str]
) -> list[Action]:
    """Only what really changes is changed back: a message that had the flag already keeps it."""
    groups: dict[tuple[frozenset[str], frozenset[str]], list[MessageId]] = {}
    for number, flags in database.execute(
        "SELECT id, flags FROM messages WHERE id IN (SELECT value FROM json_each(?))", (ids_json(messages),)
    ):
        held = load_flags(flags)
        change = (remove & held, add - held)
        if any(change):
            groups.setdefault(change, []).append(MessageId(number))
    return [SetFlags(tuple(ids), back, off) for (back, off), ids in groups.items()]


def named(step: int, action: Action) -> set[Named]:
    """What an action changes; its inverse changes the same."""
    match action:
        case Copy(copies=numbers):
            return {(step, number) for number in numbers}
        case SetFlags(messages=numbers) | Move(messages=numbers) | Expunge(messages=numbers):
            return {(step, number) for number in numbers}
        case Append() | CreateFolder() | RenameFolder() | DeleteFolder() | Subscribe():
            return {(step, action.folder)}


def without(steps: Sequence[Step], gone: Iterable[Named]) -> list[Step]:
    """Of inverse steps what is still to be done when these changes of their actions never happened."""
    gone = set(gone)
    left: list[Step] = []
    for step, action in steps:
        if isinstance(action, SetFlags | Move | Expunge):
            messages = tuple(number for number in action.messages if (step, number) not in gone)
            if messages:
                left.append((step, replace(action, messages=messages)))
        elif not named(step, action) & gone:
            left.append((step, action))
    return left
