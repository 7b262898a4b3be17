# SPDX-License-Identifier: GPL-3.0-or-later
"""When all folders were pulled: where messages went that vanished, and which actions lost theirs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tuimail.model.action import Append, Copy, Expunge, Move
from tuimail.model.errors import ServerRefused
from tuimail.model.ids import AccountId, ActionId, MessageId
from tuimail.model.notice import ActionFailed
from tuimail.store.endings import REFUSED, Ending
from tuimail.store.store import Store
from tuimail.store.ties import messages_of
from tuimail.store.unplaced import Unplaced
from tuimail.sync.plan import Sweeps, key, plan

DELETED_ELSEWHERE = "The message was deleted by another program."
UNCLEAR = "The message is gone from its folder. There is another one like it, and whether that is meant cannot be told."
_SWEEPS = "sweeps"
"""Learned fact: the numbers of the last three pulls of all folders."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of it."""

    failed: tuple[ActionFailed, ...]
    """Actions that lost every message they named."""
    changed: bool
    """Rows came, or went."""


def sweeps_of(store: Store, account: AccountId) -> Sweeps:
    """The last three pulls of all folders of an account."""
    numbers = [int(word) for word in store.accounts.learned(account, _SWEEPS).split()]
    return Sweeps(*numbers)


def settle(store: Store, account: AccountId, pull: int, *, all_known: bool) -> Settled:
    """Every folder was looked at in this pull: adopt what was found again, drop what went nowhere. One transaction."""
    sweeps = sweeps_of(store, account)
    limbo = store.arrivals.in_limbo(account)
    failed: list[ActionFailed] = []
    with store.transaction():
        born = store.arrivals.born_since(account, sweeps.earliest, {row.message_id for row in limbo})
        ours = _our_copies(store, account, limbo, born)
        doubt = set() if all_known else _in_doubt(store, account)
        sought = [row for row in limbo if row.id not in doubt]
        decided = plan(sought, [row for row in born if row.id not in ours], sweeps, all_known=all_known)
        ended = store.arrivals.settle(decided.adopt, decided.drop)
        store.accounts.learn(account, _SWEEPS, f"{pull} {sweeps.latest} {sweeps.before}")
        vanished = {row.id: row for row in limbo}
        for action in ended:
            failed += _end(store, ActionId(action), vanished)
    return Settled(tuple(failed), bool(decided.adopt or decided.drop))


def _our_copies(store: Store, account: AccountId, limbo: Sequence[Unplaced], born: Sequence[Unplaced]) -> set[MessageId]:
    """Those of the newly seen rows that an action without an answer may have made: they are left for it to find.

    A message of such an action that vanished itself was moved, so it is looked for like any other. So is what it may have made,
    once that was seen and vanished again.
    """
    vanished = {row.id for row in limbo}
    places = store.messages.places(row.id for row in born)
    ours: set[MessageId] = set()
    for waiting in store.actions.waiting(account) if born else ():
        if waiting.attempt and isinstance(waiting.action, Move | Copy):
            alike = {key(row) for row in store.arrivals.alike(messages_of(waiting.action) - vanished)}
            alike -= {key(row) for row in limbo if row.born >= waiting.attempt}
            ours |= {row.id for row in born if key(row) in alike and places[row.id].folder == waiting.action.folder}
    return ours


def _in_doubt(store: Store, account: AccountId) -> set[MessageId]:
    """Messages of moves and copies without an answer.

    While older messages are unread, as after a new UIDVALIDITY, the one seen elsewhere may be what such an action made.
    """
    waiting = store.actions.waiting(account)
    sent = [messages_of(one.action) for one in waiting if one.attempt and isinstance(one.action, Move | Copy)]
    return set().union(*sent)


def _end(store: Store, action: ActionId, vanished: Mapping[MessageId, Unplaced]) -> list[ActionFailed]:
    """An action lost every message that it named. Returns what the user is to be told."""
    waiting = store.actions.get(action)
    if waiting is None or isinstance(waiting.action, Append):
        return []
    store.actions.fail(action)
    rows = [vanished[message] for message in messages_of(waiting.action) if message in vanished]
    deleting = isinstance(waiting.action, Expunge)
    if any(_has_twin(store, waiting.account, row, born=row.pull if deleting else 0) for row in rows):
        error = ServerRefused(UNCLEAR, "Look for it, then repeat what you wanted.", code="NONEXISTENT")
    elif deleting:
        return []
    else:
        error = ServerRefused(DELETED_ELSEWHERE, "There is nothing left to do.", code="NONEXISTENT")
    store.endings.note_action(action, Ending(REFUSED, str(error)))
    return [ActionFailed(waiting.account, waiting.id, waiting.text, error)]


def _has_twin(store: Store, account: AccountId, dropped: Unplaced, born: int) -> bool:
    """Whether the server has a message like it that is known since pull ``born``: that may be it, moved, or a copy."""
    if not dropped.message_id:
        return False
    places = store.messages.places(store.messages.by_message_id(account, dropped.message_id))
    there = store.arrivals.alike(message for message, place in places.items() if place.uid is not None)
    return any(row.born >= born and key(row) == key(dropped) for row in there)
