# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of the messages on a POP3 server: each is downloaded once, and deleted there only when it is safe here."""

from collections.abc import Iterable
from dataclasses import dataclass

from tuimail.model.ids import AccountId
from tuimail.store.database import Database
from tuimail.store.local_mail import LocalMail


@dataclass(frozen=True, slots=True)
class KnownMessage:
    """A message that is on the server, or was."""

    id: int
    identity: str
    """Its unique-id (RFC 1939 §7), or what stands for it."""
    fingerprint: str
    """Of its header: the same message under another identity has the same one."""
    file: str
    """Of the local message."""
    size: int
    """Octets, as the server told them."""
    stored: bool
    """It was safely on disk as a whole."""
    asked_to_delete: bool = False
    """A QUIT was to remove it from the server."""
    gone: int = 0
    """Since when the server does not list it, in seconds since 1970; 0: it does."""


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message, or its header, whose file is written."""

    identity: str
    fingerprint: str
    file: str
    size: int
    """Octets of the whole message, as the server told them."""
    arrived: int
    """Seconds since 1970."""
    whole: bool = False


class Pop3Messages:
    """The known messages of all POP3 accounts. Each method is one transaction, and on the disk when it returns."""

    def __init__(self, database: Database, local: LocalMail) -> None:
        self._database = database
        self._local = local

    def known(self, account: AccountId) -> list[KnownMessage]:
        """All of an account, in the order in which they came."""
        sql = "SELECT id, identity, fingerprint, file, size, stored, gone FROM pop3_messages WHERE account = ? ORDER BY id"
        return [
            KnownMessage(number, identity, fingerprint, file, size, stored > 0, stored > 1, gone)
            for number, identity, fingerprint, file, size, stored, gone in self._database.execute(sql, (account,))
        ]

    def arrived(self, account: AccountId, folder: int, messages: Iterable[NewMessage]) -> None:
        """Messages came. They are shown in ``folder`` and known from now on."""
        with self._database.transaction():
            for new in messages:
                self._local.add(folder, new.file, new.size, frozenset(), new.arrived, whole=new.whole)
                self._displace(account, new.identity)
                self._database.execute(
                    "INSERT INTO pop3_messages (account, identity, fingerprint, file, size, stored) VALUES (?, ?, ?, ?, ?, ?)",
                    (account, new.identity, new.fingerprint, new.file, new.size, int(new.whole)),
                )

    def strays(self, account: AccountId, found: Iterable[str]) -> dict[str, list[str]]:
        """Files among those found that no message has: each with the files of its account's messages of the same size.

        A program that was killed between file and row leaves them.
        """
        own = {name for name in found if name.startswith(f"{account}-")}
        for table in ("local_messages", "pop3_messages"):
            own -= {row[0] for row in self._database.execute(f"SELECT file FROM {table}")}  # noqa: S608 own names
        sql = (
            "SELECT DISTINCT file FROM local_messages m JOIN local_folders f ON f.id = m.folder"
            " WHERE f.account = ? AND m.whole AND m.size = ?"
        )
        files = self._local.files
        return {name: [row[0] for row in self._database.execute(sql, (account, files.size(name)))] for name in own}

    def completed(self, files: Iterable[tuple[KnownMessage, str]]) -> None:
        """The whole of each message is in its file now, wherever its header was moved or copied to meanwhile."""
        with self._database.transaction():
            for known, file in files:
                self._local.complete(known.file, file)
                self._database.execute("UPDATE pop3_messages SET file = ?, stored = 1 WHERE id = ?", (file, known.id))

    def renamed(self, account: AccountId, identities: Iterable[tuple[KnownMessage, str]]) -> None:
        """The server gives these messages other identities now."""
        pairs = list(identities)
        with self._database.transaction():
            # First out of each other's way: two messages may have swapped theirs.
            for _, identity in pairs:
                self._displace(account, identity)
            self._database.executemany(
                "UPDATE pop3_messages SET identity = ? WHERE id = ?", [(identity, known.id) for known, identity in pairs]
            )

    def seen(self, there: Iterable[KnownMessage], missing: Iterable[KnownMessage], now: int) -> None:
        """The server was looked at: these are there, those are not."""
        with self._database.transaction():
            self._database.executemany(
                "UPDATE pop3_messages SET gone = 0 WHERE id = ?", [(known.id,) for known in there if known.gone]
            )
            self._database.executemany(
                "UPDATE pop3_messages SET gone = ? WHERE id = ?", [(now, known.id) for known in missing if not known.gone]
            )

    def deleting(self, known: Iterable[KnownMessage]) -> None:
        """The server is about to be asked to remove these, which are stored."""
        with self._database.transaction():
            self._database.executemany("UPDATE pop3_messages SET stored = 2 WHERE id = ?", [(one.id,) for one in known])

    def forget(self, known: Iterable[KnownMessage]) -> None:
        """These are not on the server any more."""
        with self._database.transaction():
            self._database.executemany("DELETE FROM pop3_messages WHERE id = ?", [(one.id,) for one in known])

    def _displace(self, account: AccountId, identity: str) -> None:
        """A message that had this identity has it no more: the server gave it to another one."""
        self._database.execute(
            "UPDATE pop3_messages SET identity = char(2) || id WHERE account = ? AND identity = ?", (account, identity)
        )
