# SPDX-License-Identifier: GPL-3.0-or-later
"""Files and drafts that an action needed, and nothing needs any more once it was carried or failed."""

import asyncio
from collections.abc import Sequence

from tuimail.model.action import Action, Append
from tuimail.model.ids import DraftId
from tuimail.store.store import Store


async def forget_blobs(store: Store, actions: Sequence[Action]) -> None:
    """The files of many appends go, but for those that the outbox or other appends still need."""
    needed = _needed_blobs(store)
    gone = [action.blob for action in actions if isinstance(action, Append) and action.blob not in needed]
    await asyncio.to_thread(store.blobs.remove_all, gone)


def forget_blob(store: Store, action: Action) -> None:
    """The file of an append goes, unless the outbox or another append still needs it."""
    if isinstance(action, Append) and action.blob not in _needed_blobs(store):
        store.blobs.remove(action.blob)


def forget_draft(store: Store, number: DraftId) -> None:
    """The server has the draft now: it goes here, with its files."""
    draft = store.drafts.get(number)
    if draft is not None:
        store.drafts.remove(number)
        for attachment in draft.attachments:
            store.blobs.remove(attachment.blob)


def _needed_blobs(store: Store) -> set[str]:
    return {item.blob for item in store.outbox.all()} | store.actions.blobs()
