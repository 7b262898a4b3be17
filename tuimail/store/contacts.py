# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses seen in mail, for completion: those written to first, then those heard from most."""

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

    def note(self, envelope: Envelope, when: int, *, sent: bool) -> None:
        """Remember the recipients of sent mail, or the author of received mail."""
        people = (*envelope.to, *envelope.cc, *envelope.bcc) if sent else envelope.from_[:1]
        self._database.executemany(
            _UPSERT,
            [(person.email.lower(), person.name, int(sent), int(not sent), when) for person in people if "@" in person.email],
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
