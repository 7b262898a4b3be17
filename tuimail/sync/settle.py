# SPDX-License-Identifier: GPL-3.0-or-later
"""When all folders were pulled: where messages went that vanished, and which actions lost theirs."""

from collections.abc import Sequence
from dataclasses import dataclass

from tuimail.model.action import ActionState, Append, Copy, Expunge, Move
from tuimail.model.errors import ServerRefused
from tuimail.model.ids import AccountId, ActionId, MessageId
from tuimail.model.notice import ActionFailed
from tuimail.store.arrivals import Unplaced
from tuimail.store.store import Store
from tuimail.store.ties import messages_of
from tuimail.sync.plan import Sweeps, key, plan

DELETED_ELSEWHERE = "The message was deleted by another program."
UNCLEAR = "Another program moved or copied the message, and which one is meant cannot be told."
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
        decided = plan(limbo, [row for row in born if row.id not in ours], sweeps, all_known=all_known)
        ended = store.arrivals.settle(decided.adopt, decided.drop)
        store.accounts.learn(account, _SWEEPS, f"{pull} {sweeps.latest} {sweeps.before}")
        for action in ended:
            failed += _end(store, ActionId(action), decided.unclear)
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
        if waiting.state is ActionState.CARRYING and isinstance(waiting.action, Move | Copy):
            alike = {key(row) for row in store.arrivals.alike(messages_of(waiting.action) - vanished)}
            alike -= {key(row) for row in limbo if row.born >= waiting.attempt}
            ours |= {row.id for row in born if key(row) in alike and places[row.id].folder == waiting.action.folder}
    return ours


def _end(store: Store, action: ActionId, unclear: frozenset[MessageId]) -> list[ActionFailed]:
    """An action lost every message that it named. Returns what the user is to be told."""
    waiting = store.actions.get(action)
    if waiting is None or isinstance(waiting.action, Append):
        return []
    store.actions.fail(action)
    if isinstance(waiting.action, Expunge):
        return []
    if unclear & messages_of(waiting.action):
        error = ServerRefused(UNCLEAR, "Look for it in both places, then repeat what you wanted.", code="NONEXISTENT")
    else:
        error = ServerRefused(DELETED_ELSEWHERE, "There is nothing left to do.", code="NONEXISTENT")
    return [ActionFailed(waiting.account, waiting.id, waiting.text, error)]
