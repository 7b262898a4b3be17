# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders: what LIST and STATUS told, how they are shown, and the cursor of each one's last pull."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tuimail.model.folder import Folder, FolderRole
from tuimail.model.ids import AccountId, FolderId, MessageId
from tuimail.store.anchors import anchored_folder
from tuimail.store.codec import ids_json
from tuimail.store.counts import server_counts
from tuimail.store.database import Database, Row, Value
from tuimail.store.fold import fold_folder_users, fold_folders, fold_messages

_COLUMNS = (
    "id, account, name, delimiter, role, subscribed, selectable,"
    " rows_total + unlisted_total, rows_unread + unlisted_unread, waiting"
)

_SERVER_COLUMNS = (
    "id, server_name, delimiter, selectable, server_subscribed, role, mailbox_id, uidvalidity, uidnext, highestmodseq,"
    " filled_from"
)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Up to where a folder was pulled. Never "the highest UID we hold": that may have been moved away."""

    uidvalidity: int | None = None
    uidnext: int = 1
    """Every message below it was seen by an earlier pull."""
    highestmodseq: int | None = None
    filled_from: int = 0
    """Messages with this UID and above have rows; below it they are still to be fetched. 0: never pulled, 1: all have rows."""


@dataclass(frozen=True, slots=True)
class ListedFolder:
    """What LIST told of one folder, its role decided."""

    name: str
    delimiter: str
    role: FolderRole | None
    subscribed: bool
    selectable: bool
    mailbox_id: str = ""


@dataclass(frozen=True, slots=True)
class ServerFolder:
    """A folder as the server has it."""

    id: FolderId
    name: str
    delimiter: str
    selectable: bool
    subscribed: bool
    role: FolderRole | None
    mailbox_id: str
    cursor: Cursor

    @property
    def as_listed(self) -> ListedFolder:
        """What LIST told of it."""
        return ListedFolder(self.name, self.delimiter, self.role, self.subscribed, self.selectable, self.mailbox_id)


class Folders:
    """The folders of all accounts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, account: AccountId | None = None) -> tuple[Folder, ...]:
        """Every folder that is shown, of one account or of all."""
        rows = self._database.each(
            _folder,
            f"SELECT {_COLUMNS} FROM folders WHERE name IS NOT NULL AND (? IS NULL OR account = ?) ORDER BY account, name",  # noqa: S608
            (account, account),
        )
        return tuple(rows)

    def get(self, folder: FolderId) -> Folder | None:
        """One folder as it is shown."""
        return self._one("id = ? AND name IS NOT NULL", folder)

    def by_role(self, account: AccountId, role: FolderRole) -> Folder | None:
        """The folder of an account with that role."""
        return self._one("account = ? AND role = ? AND name IS NOT NULL", account, role)

    def by_name(self, account: AccountId, name: str) -> Folder | None:
        """The folder of an account with that name; INBOX in any case."""
        name = "INBOX" if name.upper() == "INBOX" else name
        return self._one("account = ? AND name = ?", account, name)

    def _one(self, where: str, *bindings: Value) -> Folder | None:
        sql = f"SELECT {_COLUMNS} FROM folders WHERE {where}"  # noqa: S608 own conditions
        return next(self._database.each(_folder, sql, bindings), None)

    def named(self, account: AccountId, name: str) -> Folder | None:
        """A folder by its name, or by its role's: ``archive``, ``sent``."""
        found = self.by_name(account, name)
        if found is None and name.lower() in set(FolderRole):
            found = self.by_role(account, FolderRole(name.lower()))
        return found

    def add_waiting(self, account: AccountId, delimiter: str) -> FolderId:
        """A row for a folder that is to be created; it is shown once its `CreateFolder` was performed."""
        self._database.execute(
            "INSERT INTO folders (account, delimiter, uidnext, filled_from) VALUES (?, ?, 1, 0)", (account, delimiter)
        )
        return FolderId(self._database.last_id)

    def on_server(self, account: AccountId) -> dict[str, ServerFolder]:
        """Name on the server → folder."""
        sql = f"SELECT {_SERVER_COLUMNS} FROM folders WHERE account = ? AND server_name IS NOT NULL"  # noqa: S608
        return {found.name: found for found in self._database.each(_server_folder, sql, (account,))}

    def server_folder(self, folder: FolderId) -> ServerFolder | None:
        """One folder as the server has it; None when it is not there (yet)."""
        sql = f"SELECT {_SERVER_COLUMNS} FROM folders WHERE id = ? AND server_name IS NOT NULL"  # noqa: S608
        return next(self._database.each(_server_folder, sql, (folder,)), None)

    def apply_listing(
        self, account: AccountId, listed: Sequence[ListedFolder], renamed: Mapping[FolderId, str], gone: Sequence[FolderId]
    ) -> bool:
        """Make the server side equal to LIST's answer: first renames, then folders that went, then the rest.

        Returns whether anything shown changed.
        """
        as_listed = {name: folder.as_listed for name, folder in self.on_server(account).items()}
        if not renamed and not gone and as_listed == {item.name: item for item in listed}:
            return False
        with self._database.transaction():
            before = self.all(account)
            for folder in gone:
                self.remove(folder)
            self._database.executemany("UPDATE folders SET server_name = NULL WHERE id = ?", [(folder,) for folder in renamed])
            self._database.executemany(
                "UPDATE folders SET server_name = ? WHERE id = ?", [(name, folder) for folder, name in renamed.items()]
            )
            known = self.on_server(account)
            for item in listed:
                if (there := known.get(item.name)) is None:
                    self._insert(account, item)
                elif there.as_listed != item:
                    self._update(there.id, item)
            self._database.execute(
                "UPDATE folders SET delimiter = ? WHERE account = ? AND server_name IS NULL AND delimiter = ''",
                (next((item.delimiter for item in listed if item.delimiter), ""), account),
            )
            fold_folders(self._database, account)
            return self.all(account) != before

    def _update(self, folder: FolderId, item: ListedFolder) -> None:
        self._database.execute(
            "UPDATE folders SET server_name = ?, delimiter = ?, role = ?, server_subscribed = ?, selectable = ?, mailbox_id = ?"
            " WHERE id = ?",
            (item.name, item.delimiter, item.role, int(item.subscribed), int(item.selectable), item.mailbox_id, folder),
        )

    def _insert(self, account: AccountId, item: ListedFolder) -> None:
        """A folder that is new on the server; waiting actions may know it already."""
        folder = anchored_folder(self._database, account, item.name)
        self._database.execute("INSERT OR IGNORE INTO folders (id, account) VALUES (?, ?)", (folder, account))
        self._update(folder or FolderId(self._database.last_id), item)
        if folder is not None:
            fold_folder_users(self._database, folder)

    def set_server_name(self, folder: FolderId, name: str, *, subscribed: bool | None = None) -> None:
        """The server has the folder under this name now, and those below it under names to match."""
        with self._database.transaction():
            row = self._database.one("SELECT account, server_name, delimiter FROM folders WHERE id = ?", (folder,))
            if row is None:
                return
            account, old, delimiter = row
            other = self._database.value(
                "SELECT id FROM folders WHERE account = ? AND server_name = ? AND id <> ?", (account, name, folder)
            )
            if isinstance(other, int):
                self._absorb(folder, FolderId(other))
            self._database.execute("UPDATE folders SET server_name = ? WHERE id = ?", (name, folder))
            if isinstance(old, str) and delimiter:
                prefix = f"{old}{delimiter}"
                self._database.execute(
                    "UPDATE folders SET server_name = ? || substr(server_name, ?)"
                    " WHERE account = ? AND substr(server_name, 1, ?) = ?",
                    (f"{name}{delimiter}", len(prefix) + 1, account, len(prefix), prefix),
                )
            if subscribed is not None:
                self._database.execute("UPDATE folders SET server_subscribed = ? WHERE id = ?", (int(subscribed), folder))

    def _absorb(self, folder: FolderId, other: FolderId) -> None:
        """Another row turned out to be this folder (made by another program meanwhile): it goes, its messages stay."""
        messages = [
            MessageId(row[0]) for row in self._database.execute("SELECT id FROM messages WHERE server_folder = ?", (other,))
        ]
        self._database.execute("UPDATE messages SET server_folder = ? WHERE server_folder = ?", (folder, other))
        self._database.execute(
            "UPDATE folders SET (uidvalidity, uidnext, highestmodseq, filled_from, mailbox_id, unlisted_total, unlisted_unread)"
            " = (SELECT uidvalidity, uidnext, highestmodseq, filled_from, mailbox_id, unlisted_total, unlisted_unread"
            " FROM folders WHERE id = ?) WHERE id = ?",
            (other, folder),
        )
        self._database.execute(
            "UPDATE actions SET body = json_set(body, '$.folder', ?) WHERE json_extract(body, '$.folder') = ?", (folder, other)
        )
        self._database.execute("DELETE FROM folders WHERE id = ?", (other,))
        fold_messages(self._database, messages)
        fold_folder_users(self._database, folder)

    def set_server_subscribed(self, folder: FolderId, subscribed: bool) -> None:
        """The server took a SUBSCRIBE or UNSUBSCRIBE."""
        self._database.execute("UPDATE folders SET server_subscribed = ? WHERE id = ?", (int(subscribed), folder))

    def set_role(self, folder: FolderId, role: FolderRole | None) -> None:
        """What a folder is for, until the next LIST says otherwise."""
        self._database.execute("UPDATE folders SET role = ? WHERE id = ?", (role, folder))

    def remove(self, folder: FolderId) -> None:
        """The folder is gone on the server, and its messages with it (they stay in limbo where actions still need them)."""
        with self._database.transaction():
            needed = [
                MessageId(row[0])
                for row in self._database.execute(
                    "SELECT id FROM messages WHERE server_folder = ? AND id IN (SELECT message FROM action_messages)", (folder,)
                )
            ]
            self._database.execute(
                "UPDATE messages SET server_folder = NULL, uid = NULL,"
                " limbo = coalesce((SELECT CAST(value AS INTEGER) FROM facts WHERE name = 'pull'), 0)"
                " WHERE id IN (SELECT value FROM json_each(?))",
                (ids_json(needed),),
            )
            self._database.execute("DELETE FROM messages WHERE server_folder = ?", (folder,))
            fold_messages(self._database, needed)
            self._database.execute("DELETE FROM folders WHERE id = ?", (folder,))
            fold_folder_users(self._database, folder)

    def set_cursor(self, folder: FolderId, cursor: Cursor) -> None:
        """Remember up to where the folder was pulled. What was filled meanwhile stays filled."""
        self._database.execute(
            "UPDATE folders SET uidvalidity = :uidvalidity, uidnext = :uidnext, highestmodseq = :highestmodseq, filled_from ="
            " CASE WHEN uidvalidity = :uidvalidity AND :filled_from AND filled_from THEN min(filled_from, :filled_from)"
            " ELSE :filled_from END WHERE id = :folder",
            {
                "folder": folder,
                "uidvalidity": cursor.uidvalidity,
                "uidnext": cursor.uidnext,
                "highestmodseq": cursor.highestmodseq,
                "filled_from": cursor.filled_from,
            },
        )

    def filled(self, folder: FolderId, uidvalidity: int | None, lowest: int, *, fresh: int = 0, unseen: int = 0) -> None:
        """All messages from this UID on have rows now, ``fresh`` of them since the last time."""
        self._database.execute(
            "UPDATE folders SET filled_from = :lowest, unlisted_total = max(unlisted_total - :fresh, 0),"
            " unlisted_unread = max(unlisted_unread - :unseen, 0)"
            " WHERE id = :folder AND uidvalidity = :uidvalidity AND filled_from > :lowest",
            {"folder": folder, "uidvalidity": uidvalidity, "lowest": lowest, "fresh": fresh, "unseen": unseen},
        )

    def rewind(self, folder: FolderId, uidvalidity: int | None, highestmodseq: int | None) -> None:
        """Let the next pull ask for all changes since that mod-sequence once more."""
        self._database.execute(
            "UPDATE folders SET highestmodseq = min(highestmodseq, ?) WHERE id = ? AND uidvalidity = ?",
            (highestmodseq, folder, uidvalidity),
        )

    def next_unfilled(
        self, account: AccountId, watched: FolderId | None, opened: Iterable[FolderId], left_alone: Iterable[FolderId]
    ) -> ServerFolder | None:
        """The folder whose older messages come next: the one on the screen, INBOX, those with a role or opened, the others."""
        # A sign before a column keeps SQLite from an index that has every folder.
        given: dict[str, Value] = {"account": account, "left_alone": ids_json(left_alone)}
        for first, value in (
            ("id = :value AND +account", watched),
            ("role = :value AND account", FolderRole.INBOX),
            ("role > :value AND account", ""),
            ("id IN (SELECT value FROM json_each(:value)) AND +account", ids_json(opened)),
            ("role IS :value AND account", None),
        ):
            found = self._database.each(
                _server_folder,
                f"SELECT {_SERVER_COLUMNS} FROM folders WHERE {first} = :account AND filled_from > 1"  # noqa: S608
                " AND +server_name IS NOT NULL AND selectable AND id NOT IN (SELECT value FROM json_each(:left_alone)) LIMIT 1",
                given | {"value": value},
            )
            if (folder := next(found, None)) is not None:
                return folder
        return None

    def set_unlisted(self, folder: FolderId, total: int, unread: int) -> None:
        """How many messages the server has in the folder that have no row yet."""
        self._database.execute(
            "UPDATE folders SET unlisted_total = ?, unlisted_unread = ? WHERE id = ?", (max(total, 0), max(unread, 0), folder)
        )

    def server_counts(self, folder: FolderId) -> tuple[int, int]:
        r"""Rows of this folder by server state: all, and without ``\Seen``."""
        return server_counts(self._database, folder)


def _folder(row: Row) -> Folder:
    number, account, name, delimiter, role, subscribed, selectable, total, unread, waiting = row
    return Folder(
        FolderId(number), AccountId(account), name, delimiter, FolderRole(role) if role else None, bool(subscribed),
        bool(selectable), total, unread, bool(waiting),
    )  # fmt: skip


def _server_folder(row: Row) -> ServerFolder:
    number, name, delimiter, selectable, subscribed, role, mailbox_id, uidvalidity, uidnext, highestmodseq, filled_from = row
    return ServerFolder(
        FolderId(number), name, delimiter, bool(selectable), bool(subscribed), FolderRole(role) if role else None, mailbox_id,
        Cursor(uidvalidity, uidnext, highestmodseq, filled_from),
    )  # fmt: skip
