# SPDX-License-Identifier: GPL-3.0-or-later
"""Which messages an action is about."""

from tuimail.model.action import Action, Append, Copy, Expunge, Move, SetFlags
from tuimail.model.ids import MessageId


def ties(action: Action) -> tuple[tuple[MessageId, ...], tuple[MessageId, ...]]:
    """The messages that an action changes, and those that it only needs."""
    match action:
        case Copy(messages, _, copies):
            return copies, messages
        case SetFlags(messages=messages) | Move(messages=messages) | Expunge(messages=messages):
            return messages, ()
        case Append(replaces=messages):
            return (), messages
    return (), ()


def messages_of(action: Action) -> set[MessageId]:
    """Every message that an action needs or makes."""
    changed, needed = ties(action)
    return {*changed, *needed}
