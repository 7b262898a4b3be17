# SPDX-License-Identifier: GPL-3.0-or-later
"""What an account's lists held at a moment, to tell afterwards how much changed."""

from tuimail.model.ids import AccountId
from tuimail.store.database import Database


class Snapshot:
    """The listed messages of one account, remembered in memory: some 30 octets for each."""

    def __init__(self, database: Database, account: AccountId) -> None:
        self._database = database
        self._account = account
        self._table = f"temp.before_{int(account)}"
        database.execute(f"DROP TABLE IF EXISTS {self._table}")
        database.execute(
            f"CREATE TABLE {self._table} AS SELECT id, folder, flags FROM cache.messages"  # noqa: S608 own table names
            f" WHERE account = {int(account)} AND folder IS NOT NULL AND NOT hidden"
        )
        database.execute(f"CREATE INDEX {self._table}_id ON before_{int(account)} (id)")

    def compare(self) -> tuple[int, int]:
        """How many messages came since, and how many changed their flags or folder, or went."""
        listed = f"account = {int(self._account)} AND folder IS NOT NULL AND NOT hidden"
        came = self._database.number(
            f"SELECT count(*) FROM cache.messages WHERE {listed} AND id NOT IN (SELECT id FROM {self._table})"  # noqa: S608
        )
        changed = self._database.number(
            f"SELECT count(*) FROM {self._table} b LEFT JOIN cache.messages m ON m.id = b.id AND m.folder IS NOT NULL"  # noqa: S608
            " AND NOT m.hidden WHERE m.id IS NULL OR m.folder <> b.folder OR m.flags <> b.flags"
        )
        return came, changed
