# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses seen in mail, for completion: those written to first, then those heard from most."""

from collections.abc import Iterable

from tuimail.model.address import Address
from tuimail.model.message import Envelope
from tuimail.store.database import Database

_UPSERT = (
    "INSERT INTO contacts (email, name, written, received, last) VALUES (?, ?, ?, ?, ?) ON CONFLICT (email) DO UPDATE SET"
    " name = CASE WHEN excluded.name <> '' AND excluded.last >= last THEN excluded.name ELSE name END,"
    " written = written + excluded.written, received = received + excluded.received, last = max(last, excluded.last)"
)


class Contacts:
    """People the user writes to or hears from."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, mail: Iterable[tuple[Envelope, int]], *, sent: bool) -> None:
        """Remember the recipients of sent messages, or the authors of received ones. Each comes with its time."""
        people: dict[str, tuple[str, int, int]] = {}
        for envelope, when in mail:
            for person in (*envelope.to, *envelope.cc, *envelope.bcc) if sent else envelope.from_[:1]:
                name, count, last = people.get(person.email.lower(), ("", 0, when))
                newer = person.name if person.name and when >= last else name or person.name
                people[person.email.lower()] = (newer, count + 1, max(last, when))
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
        if not start:
            return ()
        rows = self._database.execute(
            "SELECT name, email FROM contacts WHERE email LIKE ? ESCAPE '!' OR name LIKE ? ESCAPE '!' OR name LIKE ? ESCAPE '!'"
            " ORDER BY written > 0 DESC, written * 4 + received DESC, last DESC LIMIT ?",
            (f"{start}%", f"{start}%", f"% {start}%", limit),
        )
        return tuple(Address(name, email) for name, email in rows)
