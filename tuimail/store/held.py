# SPDX-License-Identifier: GPL-3.0-or-later
"""What a folder held at a moment: for an export, and to tell which messages of an import are there already."""

from collections.abc import Iterable

from tuimail.model.ids import AccountId, FolderId, MessageId
from tuimail.store.codec import ids_json
from tuimail.store.database import Database
from tuimail.store.threads import thread_of


class Held:
    """The messages that a folder lists when this is made."""

    def __init__(self, database: Database, account: AccountId, folder: FolderId) -> None:
        self._database = database
        self._account = account
        self._folder = folder
        self._highest = database.number("SELECT max(id) FROM messages")
        self._nameless: dict[int, int] = {
            row[0]: row[1]
            for row in database.execute(
                "SELECT size, count(*) FROM messages WHERE folder = ? AND hidden = 0 AND message_id = '' GROUP BY size",
                (folder,),
            )
        }

    def count(self, message_id: str, size: int) -> int:
        """How many have that Message-ID; without one, how many of those that have none have that size in octets."""
        if not message_id:
            return self._nameless.get(size, 0)
        return self._database.number(
            "SELECT count(*) FROM messages WHERE thread = ? AND message_id = ? AND folder = ? AND hidden = 0 AND id <= ?",
            (thread_of(self._database, self._account, message_id), message_id, self._folder, self._highest),
        )

    def arrived(self, messages: Iterable[MessageId]) -> dict[int, int]:
        """When these arrived (INTERNALDATE), in seconds since 1970."""
        rows = self._database.execute(
            "SELECT id, arrived FROM messages WHERE id IN (SELECT value FROM json_each(?))", (ids_json(messages),)
        )
        return dict(rows)
