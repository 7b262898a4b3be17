# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server says of messages: arrived, changed, vanished, found again elsewhere. Writes server columns, then folds.

A message that vanished is not dropped at once: it may have been moved by another program, and then its row, with our id, cached
text and waiting actions, must live on. It goes to *limbo* until every folder was pulled; `Arrivals.settle` decides.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tuimail.backends.port import FetchedMessage, FlagUpdate
from tuimail.model.flags import DELETED
from tuimail.model.ids import AccountId, FolderId, MessageId
from tuimail.model.uidset import UidSet
from tuimail.store.anchors import anchored_messages, rebind_moved
from tuimail.store.codec import dump_flags, ids_json, load_flags
from tuimail.store.contacts import Contacts
from tuimail.store.database import Database
from tuimail.store.fold import fold_messages
from tuimail.store.insert import NewRow, insert_rows, new_rows
from tuimail.store.placeholders import restore_copies
from tuimail.store.rename import rename_message
from tuimail.store.threads import file_keys
from tuimail.store.unplaced import Likeness, Unplaced, likeness


@dataclass(frozen=True, slots=True)
class Inserted:
    """What a batch of header data did."""

    fresh: tuple[MessageId, ...]
    """Rows that were not known before."""
    unseen: int
    r"""Of those, how many lack ``\Seen``."""


class Arrivals:
    """The server side of messages."""

    def __init__(self, database: Database, contacts: Contacts) -> None:
        self._database = database
        self._contacts = contacts

    def insert(
        self, account: AccountId, folder: FolderId, batch: Sequence[FetchedMessage], pull: int, *, sent: bool = False
    ) -> Inserted:
        """Add messages of a folder, or complete those that are known. One transaction; keep batches at 200 or fewer.

        ``sent``: it is the Sent folder, so the recipients are people the user writes to.
        """
        return self.insert_rows(account, folder, new_rows(account, batch, sent=sent), pull, sent=sent)

    def insert_rows(
        self, account: AccountId, folder: FolderId, rows: Sequence[NewRow], pull: int, *, sent: bool = False
    ) -> Inserted:
        """The same for rows that were made ready before: nobody has to wait for that."""
        with self._database.transaction():
            known = self._known(folder, rows)
            known |= self._awaited(account, folder, [row for row in rows if row.uid not in known])
            self._complete(folder, [(known[row.uid], row) for row in rows if row.uid in known])
            new = [row for row in rows if row.uid not in known]
            anchored = anchored_messages(self._database, account, folder, new)
            fresh = insert_rows(self._database, account, folder, new, pull, anchored)
            self._contacts.note(((*person, row.arrived) for row in new for person in row.people), sent=sent)
            if known or anchored:
                with self._database.triggers():
                    restored = restore_copies(self._database) if anchored else []
                    fold_messages(self._database, [*known.values(), *anchored.values(), *restored])
        return Inserted(fresh, sum(not row.is_seen for row in new))

    def file_keys(self) -> bool:
        """After `insert_rows` in bulk: a little of what it left for later. One transaction. False: nothing was left."""
        return file_keys(self._database)

    def set_flags(self, folder: FolderId, updates: Iterable[FlagUpdate]) -> UidSet:
        """New flags from the server. Returns the UIDs that have no row."""
        updates = list(updates)
        with self._database.transaction():
            known = self._known(folder, updates)
            changed = [update for update in updates if update.uid in known]
            self._database.executemany(
                "UPDATE messages SET server_flags = ?, modseq = coalesce(?, modseq) WHERE id = ?",
                [(dump_flags(update.flags), update.modseq, known[update.uid]) for update in changed],
            )
            fold_messages(self._database, [known[update.uid] for update in changed])
        return UidSet.of(update.uid for update in updates if update.uid not in known)

    def differing(self, folder: FolderId, updates: Iterable[FlagUpdate]) -> list[FlagUpdate]:
        """Those updates that say something new (for servers that can only send all flags)."""
        updates = list(updates)
        held = {
            row[0]: row[1]
            for row in self._database.execute(
                "SELECT uid, server_flags FROM messages WHERE server_folder = ? AND uid IN (SELECT value FROM json_each(?))",
                (folder, ids_json(update.uid for update in updates)),
            )
        }
        return [update for update in updates if held.get(update.uid) != dump_flags(update.flags)]

    def uids(self, folder: FolderId, start: int = 1, limit: int = -1) -> UidSet:
        """UIDs of a folder that have rows: all, or the lowest ``limit`` of those from ``start`` on."""
        return UidSet.of(
            row[0]
            for row in self._database.execute(
                "SELECT uid FROM messages WHERE server_folder = ? AND uid >= ? ORDER BY uid LIMIT ?", (folder, start, limit)
            )
        )

    def count(self, folder: FolderId) -> int:
        """How many messages of a folder have rows with a UID."""
        return self._database.number("SELECT count(*) FROM messages WHERE server_folder = ? AND uid IS NOT NULL", (folder,))

    def vanish(self, folder: FolderId, uids: UidSet, pull: int) -> int:
        """These UIDs are gone from the folder: their rows go to limbo. Returns how many there were."""
        count = 0
        with self._database.transaction():
            for low, high in uids.ranges:
                rows = [
                    MessageId(row[0])
                    for row in self._database.execute(
                        "SELECT id FROM messages WHERE server_folder = ? AND uid BETWEEN ? AND ?", (folder, low, high)
                    )
                ]
                self._to_limbo(rows, pull)
                count += len(rows)
        return count

    def miss(self, folder: FolderId, pull: int) -> int:
        """Rows that wait for their UID in a folder whose messages were all read are not there: they go to limbo, too."""
        with self._database.transaction():
            rows = [
                MessageId(row[0])
                for row in self._database.execute(
                    # Left to itself, SQLite takes an index that has every message of the account.
                    "SELECT id FROM messages INDEXED BY messages_unplaced"
                    " WHERE account = (SELECT account FROM folders WHERE id = :folder)"
                    " AND uid IS NULL AND server_folder = :folder",
                    {"folder": folder},
                )
            ]
            self._to_limbo(rows, pull)
        return len(rows)

    def awaiting_uids(self, account: AccountId) -> set[FolderId]:
        """Folders in which rows wait for their UID: a move put them there, and did not tell it."""
        rows = self._database.execute(
            # Left to itself, SQLite takes an index that has every message of the account.
            "SELECT DISTINCT server_folder FROM messages INDEXED BY messages_unplaced"
            " WHERE account = ? AND uid IS NULL AND server_folder IS NOT NULL",
            (account,),
        )
        return {FolderId(row[0]) for row in rows}

    def forget_uids(self, folder: FolderId, pull: int) -> None:
        """UIDVALIDITY changed: no UID means anything any more. Every row of the folder goes to limbo to be matched again."""
        with self._database.transaction():
            rows = [
                MessageId(row[0])
                for row in self._database.execute("SELECT id FROM messages WHERE server_folder = ?", (folder,))
            ]
            self._to_limbo(rows, pull)

    def in_limbo(self, account: AccountId) -> list[Unplaced]:
        """Rows that vanished and were not settled yet."""
        where = "uid IS NULL AND account = ? AND limbo IS NOT NULL"
        # Left to itself, SQLite takes an index that has every message of the account.
        return self._unplaced("limbo", where, (account,), index="INDEXED BY messages_unplaced")

    def born_since(self, account: AccountId, pull: int, message_ids: Iterable[str]) -> list[Unplaced]:
        r"""Rows first seen in that pull or later, without ``\Deleted``, that have one of these Message-IDs."""
        return self._unplaced(
            "born",
            "account = ? AND born >= ? AND uid IS NOT NULL AND message_id IN (SELECT value FROM json_each(?))"
            " AND instr(server_flags, ?) = 0",
            (account, pull, ids_json(message_ids), DELETED),
        )

    def alike(self, messages: Iterable[MessageId]) -> list[Unplaced]:
        """These rows, by what they are matched."""
        return self._unplaced("born", "id IN (SELECT value FROM json_each(?))", (ids_json(messages),))

    def settle(self, adopted: Mapping[MessageId, MessageId], dropped: Iterable[MessageId]) -> list[int]:
        """Rows from limbo take over the place of the newly seen row that is the same message; the others go.

        ``adopted``: row from limbo → new row. Returns the actions that lost every message they named. Call it after every
        folder was pulled: actions whose messages were not read again after the cache was lost are looked for elsewhere, too.
        """
        with self._database.transaction():
            for old, new in adopted.items():
                self._take_over(old, new)
            bound = rebind_moved(self._database)
            if bound:
                fold_messages(self._database, [*bound, *restore_copies(self._database)])
            return self._drop(list(dropped))

    def placed(self, message: MessageId, folder: FolderId, uid: int | None) -> set[FolderId]:
        """The server has the message there now (COPYUID); uid None: it is there, under a UID that it did not tell."""
        changed: set[FolderId] = set()
        with self._database.transaction():
            other = None
            if uid is not None:
                other = self._database.value("SELECT id FROM messages WHERE server_folder = ? AND uid = ?", (folder, uid))
            if isinstance(other, int) and other != message:
                changed = self._take_over(message, MessageId(other))
            else:
                self._database.execute(
                    "UPDATE messages SET server_folder = ?, uid = ?, limbo = NULL WHERE id = ?", (folder, uid, message)
                )
            return changed | fold_messages(self._database, [message])

    def stored(self, messages: Sequence[MessageId], add: frozenset[str], remove: frozenset[str]) -> None:
        """The server took a STORE."""
        with self._database.transaction():
            rows = self._database.execute(
                "SELECT id, server_flags FROM messages WHERE id IN (SELECT value FROM json_each(?))",
                (ids_json(messages),),
            )
            self._database.executemany(
                "UPDATE messages SET server_flags = ? WHERE id = ?",
                [(dump_flags((frozenset(flags.split()) | add) - remove), number) for number, flags in list(rows)],
            )

    def expunged(self, messages: Sequence[MessageId], *, removed: bool) -> None:
        r"""The server took an expunge; ``removed`` False: without UIDPLUS it only set ``\Deleted``."""
        with self._database.transaction():
            if removed:
                self._drop(list(messages))
            else:
                self.stored(messages, frozenset({DELETED}), frozenset())

    def _known(self, folder: FolderId, batch: Sequence[NewRow] | Sequence[FlagUpdate]) -> dict[int, MessageId]:
        return {
            row[0]: MessageId(row[1])
            for row in self._database.execute(
                "SELECT uid, id FROM messages WHERE server_folder = ? AND uid IN (SELECT value FROM json_each(?))",
                (folder, ids_json(item.uid for item in batch)),
            )
        }

    def _awaited(self, account: AccountId, folder: FolderId, batch: Sequence[NewRow]) -> dict[int, MessageId]:
        """UID → row that was moved or copied here and waits for its UID. Where several match, they are copies: any will do.

        What a move left behind is none of them, see `Unplaced.deleted`.
        """
        if not self._database.one(
            "SELECT 1 FROM messages INDEXED BY messages_unplaced"
            " WHERE account = ? AND uid IS NULL AND server_folder = ? LIMIT 1",
            (account, folder),
        ):
            return {}
        batch = [new for new in batch if not new.is_deleted]
        rows: dict[Likeness, list[MessageId]] = {}
        for number, *columns in self._database.execute(
            "SELECT id, size, message_id, arrived, subject FROM messages WHERE account = ? AND uid IS NULL"
            " AND server_folder = ? AND message_id IN (SELECT value FROM json_each(?)) ORDER BY id DESC",
            (account, folder, ids_json(new.message_id for new in batch)),
        ):
            rows.setdefault(likeness(*columns), []).append(MessageId(number))
        found: dict[int, MessageId] = {}
        for new in batch:
            alike = likeness(new.size, new.message_id, new.arrived, new.subject)
            if rows.get(alike):
                found[new.uid] = rows[alike].pop()
        return found

    def _complete(self, folder: FolderId, known: Sequence[tuple[MessageId, NewRow]]) -> None:
        self._database.executemany(
            "UPDATE messages SET server_folder = ?, uid = ?, limbo = NULL, server_flags = ?, modseq = coalesce(?, modseq)"
            " WHERE id = ?",
            [(folder, new.uid, new.flags, new.modseq, row) for row, new in known],
        )

    def _to_limbo(self, rows: list[MessageId], pull: int) -> None:
        self._database.execute(
            "UPDATE messages SET server_folder = NULL, uid = NULL, limbo = ?, folder = NULL, hidden = 1"
            " WHERE id IN (SELECT value FROM json_each(?))",
            (pull, ids_json(rows)),
        )
        fold_messages(self._database, rows)

    def _unplaced(self, pull: str, where: str, values: Sequence[int | str], *, index: str = "") -> list[Unplaced]:
        return [
            Unplaced(MessageId(number), message_id, size, arrived, subject, seen_in, born, load_flags(flags))
            for number, message_id, size, arrived, subject, seen_in, born, flags in self._database.execute(
                f"SELECT id, message_id, size, arrived, subject, {pull}, born, server_flags FROM messages {index}"  # noqa: S608
                f" WHERE {where} ORDER BY id",
                values,
            )
        ]

    def _take_over(self, old: MessageId, new: MessageId) -> set[FolderId]:
        """Row ``old`` gets the server side of row ``new``, which is the same message and goes; its actions become old's."""
        row = self._database.one("SELECT server_folder, uid, server_flags, modseq, folder FROM messages WHERE id = ?", (new,))
        if row is None:
            return set()
        *server, shown_in = row
        rename_message(self._database, new, old)
        self._database.execute("UPDATE OR IGNORE bodies SET message = ? WHERE message = ?", (old, new))
        self._database.execute("DELETE FROM messages WHERE id = ?", (new,))
        self._database.execute(
            "UPDATE messages SET server_folder = ?, uid = ?, server_flags = ?, modseq = ?, limbo = NULL WHERE id = ?",
            (*server, old),
        )
        return fold_messages(self._database, [old]) | ({FolderId(shown_in)} if shown_in is not None else set())

    def _drop(self, rows: list[MessageId]) -> list[int]:
        """Delete rows and what waits for them. Returns actions that are left without a message."""
        wanted = ids_json(rows)
        touched = [
            int(row[0])
            for row in self._database.execute(
                "SELECT DISTINCT action FROM action_messages WHERE message IN (SELECT value FROM json_each(?))", (wanted,)
            )
        ]
        self._database.execute("DELETE FROM action_messages WHERE message IN (SELECT value FROM json_each(?))", (wanted,))
        self._database.execute("DELETE FROM message_anchors WHERE message IN (SELECT value FROM json_each(?))", (wanted,))
        self._database.execute("DELETE FROM messages WHERE id IN (SELECT value FROM json_each(?))", (wanted,))
        return [
            action for action in touched if not self._database.one("SELECT 1 FROM action_messages WHERE action = ?", (action,))
        ]
