# SPDX-License-Identifier: GPL-3.0-or-later
"""Two rows turned out to be one message: what named the one names the other from then on."""

from dataclasses import replace

from tuimail.model.action import Action, Copy, Expunge, Move, SetFlags
from tuimail.model.ids import MessageId
from tuimail.store.codec import dump, dump_actions, load_action, load_actions
from tuimail.store.database import Database

_GESTURES = 100
"""How far back undo is kept right; older gestures cannot be taken back."""


def rename_message(database: Database, old: MessageId, new: MessageId) -> None:
    """Let waiting actions and undo speak of ``new`` where they spoke of ``old``. Call it inside a transaction."""
    waiting = list(
        database.execute(
            "SELECT id, kind, body FROM actions WHERE id IN (SELECT action FROM action_messages WHERE message = ?)", (old,)
        )
    )
    for number, kind, body in waiting:
        action = _renamed(load_action(kind, body), old, new)
        database.execute("UPDATE actions SET body = ? WHERE id = ?", (dump(action), number))
    database.execute("UPDATE OR IGNORE action_messages SET message = ? WHERE message = ?", (new, old))
    database.execute("DELETE FROM action_messages WHERE message = ?", (old,))
    database.execute("UPDATE OR REPLACE message_anchors SET message = ? WHERE message = ?", (new, old))
    for number, inverse in list(
        database.execute(
            "SELECT id, inverse FROM gestures WHERE undone = 0 AND instr(inverse, ?) ORDER BY id DESC LIMIT ?",
            (str(old), _GESTURES),
        )
    ):
        actions = tuple(_renamed(action, old, new) for action in load_actions(inverse))
        database.execute("UPDATE gestures SET inverse = ? WHERE id = ?", (dump_actions(actions), number))


def _renamed(action: Action, old: MessageId, new: MessageId) -> Action:
    match action:
        case Copy(messages, _, copies):
            return replace(action, messages=_swap(messages, old, new), copies=_swap(copies, old, new))
        case SetFlags(messages=messages) | Move(messages=messages) | Expunge(messages=messages):
            return replace(action, messages=_swap(messages, old, new))
    return action


def _swap(messages: tuple[MessageId, ...], old: MessageId, new: MessageId) -> tuple[MessageId, ...]:
    return tuple(dict.fromkeys(new if message == old else message for message in messages))
