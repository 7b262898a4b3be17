# SPDX-License-Identifier: GPL-3.0-or-later
"""Two rows turned out to be one message: what named the one names the other from then on."""

from dataclasses import replace

from tuimail.model.action import Action, Append, Copy, Expunge, Move, SetFlags
from tuimail.model.draft import Draft
from tuimail.model.ids import MessageId
from tuimail.store.codec import dump, dump_steps, load, load_action, load_steps
from tuimail.store.database import Database


def rename_message(database: Database, old: MessageId, new: MessageId) -> None:
    """Let waiting actions, undo and drafts speak of ``new`` where they spoke of ``old``. Call it inside a transaction."""
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
        database.execute("SELECT id, inverse FROM gestures WHERE undone = 0 AND instr(inverse, ?)", (str(old),))
    ):
        steps = [(step, _renamed(action, old, new)) for step, action in load_steps(inverse)]
        database.execute("UPDATE gestures SET inverse = ? WHERE id = ?", (dump_steps(steps), number))
    for number, body in list(
        database.execute(
            "SELECT id, body FROM drafts WHERE json_extract(body, '$.source') = :old OR json_extract(body, '$.stored') = :old",
            {"old": old},
        )
    ):
        draft = load(body, Draft)
        source = new if draft.source == old else draft.source
        stored = new if draft.stored == old else draft.stored
        database.execute(
            "UPDATE drafts SET body = ? WHERE id = ?", (dump(replace(draft, source=source, stored=stored)), number)
        )


def _renamed(action: Action, old: MessageId, new: MessageId) -> Action:
    match action:
        case Copy(messages, _, copies):
            return replace(action, messages=_swap(messages, old, new), copies=_swap(copies, old, new))
        case SetFlags(messages=messages) | Move(messages=messages) | Expunge(messages=messages):
            return replace(action, messages=tuple(dict.fromkeys(_swap(messages, old, new))))
        case Append(replaces=messages):
            return replace(action, replaces=tuple(dict.fromkeys(_swap(messages, old, new))))
    return action


def _swap(messages: tuple[MessageId, ...], old: MessageId, new: MessageId) -> tuple[MessageId, ...]:
    return tuple(new if message == old else message for message in messages)
