# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses seen in mail, for completion: those written to first, then those heard from most."""

from collections.abc import Iterable

from tuimail.model.address import Address
from tuimail.store.database import Database

_UPSERT = (
    "INSERT INTO contacts (email, name, written, received, last) VALUES (?, ?, ?, ?, ?) ON CONFLICT (email) DO UPDATE SET"
    " name = CASE WHEN excluded.name <> '' AND excluded.last >= last THEN excluded.name ELSE name END,"
    " written = written + excluded.written, received = received + excluded.received, last = max(last, excluded.last)"
)
_LONGEST = 1000
"""Characters that can be the beginning of a person; SQLite takes no pattern of more than 50,000 octets."""


class Contacts:
    """People the user writes to or hears from."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, seen: Iterable[tuple[str, str, int]], *, sent: bool) -> None:
        """Remember recipients of sent messages, or authors of received ones: each a name, an address and a message's time."""
        people: dict[str, tuple[str, int, int]] = {}
        for name, email, when in seen:
            key = email.lower()
            known, count, last = people.get(key, ("", 0, when))
            people[key] = (name if name and when >= last else known or name, count + 1, max(last, when))
        self._database.executemany(
            _UPSERT,
            [
                (email, name, count * sent, count * (not sent), last)
                for email, (name, count, last) in people.items()
                if "@" in email
            ],
        )

    def complete(self, typed: str, limit: int = 10) -> tuple[Address, ...]:
        """People whose address or a word of whose name starts with what was typed."""
        start = typed.strip().lower().replace("!", "!!").replace("%", "!%").replace("_", "!_")
        if not start or len(start) > _LONGEST:
            return ()
        rows = self._database.execute(
            "SELECT name, email FROM contacts WHERE email LIKE ? ESCAPE '!' OR name LIKE ? ESCAPE '!' OR name LIKE ? ESCAPE '!'"
            " ORDER BY written > 0 DESC, written * 4 + received DESC, last DESC LIMIT ?",
            (f"{start}%", f"{start}%", f"% {start}%", limit),
        )
        return tuple(Address(name, email) for name, email in rows)
