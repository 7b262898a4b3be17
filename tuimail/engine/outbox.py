# SPDX-License-Identifier: GPL-3.0-or-later
"""The outbox: what waits to be sent can be taken back, tried again, or removed; of what may have been sent the user decides."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace

from tuimail.engine.accounts import Accounts
from tuimail.model.address import format_addresses
from tuimail.model.draft import Draft, OutboxItem, OutboxState
from tuimail.model.errors import InputWrong
from tuimail.model.ids import DraftId, OutboxId
from tuimail.model.notice import DraftsChanged, Notice, OutboxChanged
from tuimail.store.endings import TAKEN_BACK, Ending
from tuimail.store.store import Store

_DECIDED = "Something else became of that message meanwhile."


class Outbox:
    """Messages on their way out."""

    def __init__(
        self,
        store: Store,
        accounts: Accounts,
        publish: Callable[[Notice], None],
        restore: Callable[[DraftId], Draft],
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._publish = publish
        self._restore = restore

    def all(self) -> tuple[OutboxItem, ...]:
        """Everything that is not sent, oldest first."""
        return self._store.outbox.all()

    def take_back(self, item: OutboxId) -> Draft | None:
        """Take a message out of the outbox: its draft is open again, to those who have not got it; None where there is none (a
        redirected message). One whose answer is unknown may have arrived and is taken out all the same: the user decided so.

        Raises InputWrong while it is being handed over, and when it was sent.
        """
        found = self._taken(item)
        if found.draft is None:
            return None
        self._narrow(found.draft, found.recipients)
        return self._restore(found.draft)

    def _taken(self, item: OutboxId) -> OutboxItem:
        """Take it out of the store, with its file. Raises InputWrong when it is too late."""
        found = self._store.outbox.take_back(item)
        if found is None:
            raise InputWrong("It is too late: the message was handed over.")
        self._store.endings.note_message(item, Ending(TAKEN_BACK))
        self._store.blobs.remove(found.blob)
        self._outbox_changed(found)
        return found

    def undo(self, item: OutboxId) -> Draft | None:
        """Take a message back that was just sent. Raises InputWrong when it is too late, or nobody knows whether it is.

        Who undoes what came last may not think of a message, and one that arrived would have no copy.
        """
        found = self._store.outbox.get(item)
        if found is not None and found.state is OutboxState.UNKNOWN:
            raise InputWrong("The message may have been sent: no answer came.", "Decide in the outbox what becomes of it.")
        return self.take_back(item)

    def send_again(self, item: OutboxId) -> None:
        """Try an item of the outbox now: one that waits, was refused, or whose answer is unknown (the user decided)."""
        found = self._store.outbox.get(item)
        if found is not None and found.state not in (OutboxState.SENDING, OutboxState.HANDED_OVER):
            self._store.outbox.save(replace(found, state=OutboxState.QUEUED, due=int(time.time()), soon=True, error=""))
            self._outbox_changed(found)

    def remove(self, item: OutboxId) -> None:
        """Do not send it (any more). Its draft, if there is one, stays among the drafts."""
        found = self._store.outbox.take_back(item)
        if found is not None:
            self._store.endings.note_message(item, Ending(TAKEN_BACK))
            self._store.blobs.remove(found.blob)
            if found.draft is not None:
                self._narrow(found.draft, found.recipients)
                self._store.drafts.set_state(found.draft, "open")
            self._outbox_changed(found)
            self._publish(DraftsChanged())

    async def arrived(self, item: OutboxId) -> None:
        """The user knows that a message arrived whose answer is unknown: what follows is as if the server had said so.

        Raises InputWrong where something else became of it, FileProblem, StoreProblem.
        """
        from tuimail.sync.filing import Filing

        def still() -> OutboxItem | None:
            found = self._store.outbox.get(item)
            return found if found is not None and found.state is OutboxState.UNKNOWN else None

        found = still()
        if found is None:
            raise InputWrong(_DECIDED)
        filing = Filing(self._store, self._publish)
        message = await asyncio.to_thread(self._store.blobs.read, found.blob)
        copy = await asyncio.to_thread(filing.write_copy, found, message)
        if not filing.note_sent(found, copy, still=lambda: still() is not None):
            if copy != found.blob:
                self._store.blobs.remove(copy)
            raise InputWrong(_DECIDED)
        self._accounts.get(found.account).loop.ring()

    def drop(self, item: OutboxId) -> DraftId | None:
        """Throw a message away with its draft, which can be restored as any that was discarded; None where there is none.

        Raises InputWrong while it is being handed over, and when it was sent.
        """
        found = self._taken(item)
        if found.draft is not None:
            self._narrow(found.draft, found.recipients)
            self._store.drafts.set_state(found.draft, "discarded")
            self._publish(DraftsChanged())
        return found.draft

    def _narrow(self, number: DraftId, recipients: tuple[str, ...]) -> None:
        """Address a draft to those alone who have not got it: sent once more, it doubles nothing."""
        from tuimail.mime.addresses import parse_typed

        draft = self._store.drafts.get(number)
        if draft is None:
            return
        to, cc, bcc = map(parse_typed, (draft.to, draft.cc, draft.bcc))
        if any(address.email not in recipients for address in (*to, *cc, *bcc)):
            left = [tuple(one for one in field if one.email in recipients) for field in (to, cc, bcc)]
            to_left, cc_left, bcc_left = map(format_addresses, left)
            self._store.drafts.save(replace(draft, to=to_left, cc=cc_left, bcc=bcc_left))

    def _outbox_changed(self, item: OutboxItem) -> None:
        self._publish(OutboxChanged(item.id))
        self._accounts.get(item.account).loop.ring()
