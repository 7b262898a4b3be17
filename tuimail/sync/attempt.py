# SPDX-License-Identifier: GPL-3.0-or-later
"""From which pull on it is seen what an action makes, should its answer be lost."""

from collections.abc import Sequence

from tuimail.model.action import Action, Append, Copy, Move
from tuimail.model.ids import AccountId
from tuimail.store.store import Store
from tuimail.store.ties import messages_of
from tuimail.sync.settle import sweeps_of

_MOST = 1000
"""Messages that are looked through. Where more came of late, a large folder is being read for the first time."""


def seen_from(store: Store, account: AccountId, actions: Sequence[Action]) -> int:
    """The number for `WaitingAction.attempt`. Call it while no folder is being read.

    A pull that is under way has its number already, and sees what is made in folders that it has not looked at yet; so it
    counts from the latest pull of all folders that has ended. What was seen since then and is like it was there before.
    """
    latest = sweeps_of(store, account).latest
    seen = store.seen_after(account, latest, _MOST)
    moved = [message for action in actions if isinstance(action, Copy | Move) for message in messages_of(action)]
    if max(len(seen), len(moved)) >= _MOST:
        return store.next_pull()
    if not seen:
        return 1 + latest
    appended = [action for action in actions if isinstance(action, Append)]
    sizes = {(row.message_id, row.size) for row in store.arrivals.alike(moved)}
    sizes |= {(action.message_id, store.blobs.size(action.blob)) for action in appended}
    places = {(action.message_id, action.folder) for action in appended}  # where it is looked for by its Message-ID alone
    like = [one for one in seen if (one.message_id, one.size) in sizes or (one.message_id, one.folder) in places]
    return 1 + max((one.pull for one in like), default=latest)
