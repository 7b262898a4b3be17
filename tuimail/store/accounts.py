# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts as the store knows them: a number for each key of the configuration, and what was learned about each."""

from tuimail.model.ids import AccountId
from tuimail.store.database import Database


class Accounts:
    """Ids and learned facts of accounts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ensure(self, key: str) -> AccountId:
        """The id for an account's key, made when it is new."""
        with self._database.transaction():
            self._database.execute("INSERT OR IGNORE INTO accounts (key) VALUES (?)", (key,))
            return AccountId(self._database.number("SELECT id FROM accounts WHERE key = ?", (key,)))

    def all(self) -> dict[str, AccountId]:
        """Key → id of every account that was ever used with this store."""
        return {str(key): AccountId(int(str(number))) for key, number in self._database.execute("SELECT key, id FROM accounts")}

    def learned(self, account: AccountId, name: str) -> str:
        """A fact learned by experience; "" when nothing is known."""
        return str(self._database.value("SELECT value FROM learned WHERE account = ? AND name = ?", (account, name)) or "")

    def learn(self, account: AccountId, name: str, value: str) -> None:
        """Remember a fact."""
        self._database.execute("INSERT OR REPLACE INTO learned (account, name, value) VALUES (?, ?, ?)", (account, name, value))

    def forget(self, account: AccountId) -> None:
        """Remove an account with its mail, its waiting actions and what was learned. Drafts, outbox and local mail stay."""
        with self._database.transaction():
            for table in ("learned", "actions", "message_anchors", "folder_anchors", "cache.messages", "cache.folders"):
                self._database.execute(f"DELETE FROM {table} WHERE account = ?", (account,))  # noqa: S608 own table names
            self._database.execute("DELETE FROM action_messages WHERE action NOT IN (SELECT id FROM actions)")
