# SPDX-License-Identifier: GPL-3.0-or-later
"""What a folder held at a moment, to tell which messages of an import are there already."""

from tuimail.model.ids import AccountId, FolderId
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
