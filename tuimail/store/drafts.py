# SPDX-License-Identifier: GPL-3.0-or-later
"""Drafts being written, and the outbox. Both exist nowhere else."""

import time
from dataclasses import replace

from tuimail.model.draft import Draft, OutboxItem, OutboxState
from tuimail.model.ids import AccountId, DraftId, OutboxId
from tuimail.store.codec import dump, load
from tuimail.store.database import Database

_STATES_AT_REST = (OutboxState.HELD, OutboxState.QUEUED)


class Drafts:
    """Messages being written."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def new(self, draft: Draft) -> Draft:
        """Keep a new draft; the answer has its id."""
        draft = replace(draft, saved=int(time.time()))
        self._database.execute(
            "INSERT INTO drafts (account, saved, body) VALUES (?, ?, ?)", (draft.account, draft.saved, dump(draft))
        )
        return replace(draft, id=DraftId(self._database.last_id))

    def save(self, draft: Draft) -> Draft:
        """Keep what was written so far."""
        saved = replace(draft, saved=int(time.time()))
        self._database.execute(
            "UPDATE drafts SET account = ?, saved = ?, body = ? WHERE id = ?",
            (saved.account, saved.saved, dump(saved), saved.id),
        )
        return saved

    def get(self, draft: DraftId) -> Draft | None:
        """One draft, discarded ones included."""
        row = self._database.one("SELECT id, body FROM drafts WHERE id = ?", (draft,))
        return replace(load(row[1], Draft), id=DraftId(row[0])) if row else None

    def all(self) -> tuple[Draft, ...]:
        """Open drafts, latest first."""
        return tuple(
            replace(load(row[1], Draft), id=DraftId(row[0]))
            for row in self._database.execute("SELECT id, body FROM drafts WHERE state = 'open' ORDER BY saved DESC, id DESC")
        )

    def set_state(self, draft: DraftId, state: str) -> None:
        """``open``; ``sending`` while the outbox has it; ``kept`` on the server; ``discarded`` can still be taken back."""
        self._database.execute("UPDATE drafts SET state = ? WHERE id = ?", (state, draft))

    def remove(self, draft: DraftId) -> None:
        """The draft was sent, or is discarded for good."""
        self._database.execute("DELETE FROM drafts WHERE id = ?", (draft,))


class Outbox:
    """Messages on their way out."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, item: OutboxItem) -> OutboxItem:
        """Keep a message to be sent; the answer has its id."""
        self._database.execute(
            "INSERT INTO outbox (account, state, due, body) VALUES (?, ?, ?, ?)",
            (item.account, item.state, item.due, dump(item)),
        )
        return replace(item, id=OutboxId(self._database.last_id))

    def save(self, item: OutboxItem) -> None:
        """Keep a new state. `OutboxState.HANDED_OVER` must be saved before the final dot goes out."""
        self._database.execute(
            "UPDATE outbox SET state = ?, due = ?, body = ? WHERE id = ?", (item.state, item.due, dump(item), item.id)
        )

    def get(self, item: OutboxId) -> OutboxItem | None:
        """One item."""
        row = self._database.one("SELECT id, body FROM outbox WHERE id = ?", (item,))
        return replace(load(row[1], OutboxItem), id=OutboxId(row[0])) if row else None

    def all(self, account: AccountId | None = None) -> tuple[OutboxItem, ...]:
        """Every item that is not sent, oldest first."""
        return tuple(
            replace(load(row[1], OutboxItem), id=OutboxId(row[0]))
            for row in self._database.execute(
                "SELECT id, body FROM outbox WHERE state <> 'sent' AND (? IS NULL OR account = ?) ORDER BY id",
                (account, account),
            )
        )

    def due(self, account: AccountId, now: int) -> tuple[OutboxItem, ...]:
        """What is to be sent now."""
        return tuple(item for item in self.all(account) if item.is_due(now))

    def next_due(self, account: AccountId) -> int | None:
        """When the next item is due, in seconds since 1970; None when nothing waits."""
        return min((item.due for item in self.all(account) if item.state in _STATES_AT_REST), default=None)

    def take(self, item: OutboxId, now: int) -> OutboxItem | None:
        """Claim a due item for sending. None: it was taken back or claimed by another program meanwhile."""
        with self._database.transaction():
            found = self.get(item)
            if found is None or not found.is_due(now):
                return None
            claimed = replace(found, state=OutboxState.SENDING, attempts=found.attempts + 1)
            self.save(claimed)
            return claimed

    def take_back(self, item: OutboxId) -> OutboxItem | None:
        """Remove an item that is not being handed over and was not sent, so that its draft can be edited. None: it is too late.

        One whose answer is unknown may have been sent: it is removed, too, so ask the user before.
        """
        with self._database.transaction():
            found = self.get(item)
            if found is None or found.state in (OutboxState.SENDING, OutboxState.HANDED_OVER, OutboxState.SENT):
                return None
            self.remove(item)
            return found

    def remove(self, item: OutboxId) -> None:
        """The item is done with."""
        self._database.execute("DELETE FROM outbox WHERE id = ?", (item,))

    def recover(self, account: AccountId | None = None) -> tuple[OutboxItem, ...]:
        """After a crash: what was being handed over is unknown, what was only being sent is queued again.

        Only the instance that holds the sync lock may call it, while nothing of the account (default: of any) is being sent.
        Returns the items that are unknown now.
        """
        unknown = []
        with self._database.transaction():
            for item in self.all(account):
                if item.state is OutboxState.HANDED_OVER:
                    unknown.append(replace(item, state=OutboxState.UNKNOWN))
                    self.save(unknown[-1])
                elif item.state is OutboxState.SENDING:
                    self.save(replace(item, state=OutboxState.QUEUED))
        return tuple(unknown)
