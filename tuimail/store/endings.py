# SPDX-License-Identifier: GPL-3.0-or-later
"""How actions and outgoing messages ended that were refused or taken back. What was done leaves no trace here.

The program that waits for an answer need not be the one that carries, so the answer is kept in the store.
"""

from dataclasses import dataclass

from tuimail.model.ids import ActionId, OutboxId
from tuimail.store.database import Database

_KEPT = 1000
"""Endings of each kind; older ones are forgotten."""
REFUSED, TAKEN_BACK = "refused", "taken back"


@dataclass(frozen=True, slots=True)
class Ending:
    """How it ended."""

    state: str
    """`REFUSED` or `TAKEN_BACK`."""
    detail: str = ""
    """Why, in words."""


class Endings:
    """What did not come about."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note_action(self, action: ActionId, ending: Ending) -> None:
        """An action is about to leave the queue without having been done."""
        self._note("action", action, ending)

    def note_message(self, item: OutboxId, ending: Ending) -> None:
        """A message is about to leave the outbox without having been sent."""
        self._note("outbox", item, ending)

    def of_action(self, action: ActionId) -> Ending | None:
        """How an action ended that waits no more; None: it was done."""
        return self._of("action", action)

    def of_message(self, item: OutboxId) -> Ending | None:
        """How a message ended that is not in the outbox any more; None: it was sent."""
        return self._of("outbox", item)

    def _note(self, kind: str, number: int, ending: Ending) -> None:
        with self._database.transaction():
            self._database.execute("DELETE FROM endings WHERE kind = ? AND number <= ?", (kind, number - _KEPT))
            self._database.execute(
                "INSERT OR REPLACE INTO endings (kind, number, state, detail) VALUES (?, ?, ?, ?)",
                (kind, number, ending.state, ending.detail),
            )

    def _of(self, kind: str, number: int) -> Ending | None:
        row = self._database.one("SELECT state, detail FROM endings WHERE kind = ? AND number = ?", (kind, number))
        return Ending(*row) if row else None
