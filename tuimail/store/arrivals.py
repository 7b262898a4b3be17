# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server says of messages: arrived, changed, vanished, found again elsewhere. Writes server columns, then folds.

A message that vanished is not dropped at once: it may have been moved by another program, and then its row, with our id, cached
text and waiting actions, must live on. It goes to *limbo* until every folder was pulled; `Arrivals.settle` decides.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tuimail.backends.port import FetchedMessage, FlagUpdate
from tuimail.model.flags import DELETED, SEEN
from tuimail.model.ids import AccountId, FolderId, MessageId
from tuimail.model.uidset import UidSet
from tuimail.store.codec import dump_addresses, dump_flags, ids_json
from tuimail.store.contacts import Contacts
from tuimail.store.database import Database
from tuimail.store.fold import fold_messages
from tuimail.store.rename import rename_message
from tuimail.store.threads import join_thread


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A row without a UID, or a row that may be the same message: by these columns they are matched."""

    id: MessageId
    message_id: str
    size: int
    arrived: int
    subject: str
    pull: int
    """For a row in limbo the pull in which it vanished, else the one in which it was born."""


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
        """Add messages of a folder, or complete those that are known. One transaction; keep batches at 100 or fewer.

        ``sent``: it is the Sent folder, so the recipients are people the user writes to.
        """
        fresh: list[MessageId] = []
        touched: list[MessageId] = []
        unseen = 0
        with self._database.transaction():
            known = self._known(folder, [message.uid for message in batch])
            for message in batch:
                if message.uid in known:
                    self._update(known[message.uid], message)
                    touched.append(known[message.uid])
                elif (waiting := self._awaited(folder, message)) is not None:
                    self._place(waiting, folder, message)
                    touched.append(waiting)
                else:
                    row = self._insert(account, folder, message, pull)
                    fresh.append(row)
                    unseen += SEEN not in message.flags
                    self._contacts.note(message.envelope, message.arrived, sent=sent)
            fold_messages(self._database, [*touched, *self._anchored(fresh)])
        return Inserted(tuple(fresh), unseen)

    def set_flags(self, folder: FolderId, updates: Iterable[FlagUpdate]) -> UidSet:
        """New flags from the server. Returns the UIDs that have no row."""
        updates = list(updates)
        with self._database.transaction():
            known = self._known(folder, [update.uid for update in updates])
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
                (folder, ids_json([MessageId(update.uid) for update in updates])),
            )
        }
        return [update for update in updates if held.get(update.uid) != dump_flags(update.flags)]

    def uids(self, folder: FolderId) -> UidSet:
        """All UIDs of a folder that have rows."""
        return UidSet.of(
            row[0]
            for row in self._database.execute(
                "SELECT uid FROM messages WHERE server_folder = ? AND uid IS NOT NULL ORDER BY uid", (folder,)
            )
        )

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

    def forget_uids(self, folder: FolderId, pull: int) -> None:
        """UIDVALIDITY changed: no UID means anything any more. Every row of the folder goes to limbo to be matched again."""
        rows = [
            MessageId(row[0]) for row in self._database.execute("SELECT id FROM messages WHERE server_folder = ?", (folder,))
        ]
        with self._database.transaction():
            self._to_limbo(rows, pull)

    def in_limbo(self, account: AccountId) -> list[Unplaced]:
        """Rows that vanished and were not settled yet."""
        return self._unplaced("limbo", "uid IS NULL AND account = ? AND limbo IS NOT NULL", (account,))

    def born_since(self, account: AccountId, pull: int, message_ids: Iterable[str]) -> list[Unplaced]:
        """Rows first seen in that pull or later that have one of these Message-IDs."""
        return self._unplaced(
            "born",
            "account = ? AND born >= ? AND uid IS NOT NULL AND message_id IN (SELECT value FROM json_each(?))",
            (account, pull, ids_json(list(message_ids))),  # type: ignore[arg-type]
        )

    def settle(self, adopted: Mapping[MessageId, MessageId], dropped: Iterable[MessageId]) -> list[int]:
        """Rows from limbo take over the place of the newly seen row that is the same message; the others go.

        ``adopted``: row from limbo → new row. Returns the actions that lost every message they named.
        """
        with self._database.transaction():
            for old, new in adopted.items():
                self._take_over(old, new)
            return self._drop(list(dropped))

    def placed(self, message: MessageId, folder: FolderId, uid: int | None) -> set[FolderId]:
        """The server has the message there now (COPYUID); uid None: it is there, under a UID that it did not tell."""
        with self._database.transaction():
            other = None
            if uid is not None:
                other = self._database.value("SELECT id FROM messages WHERE server_folder = ? AND uid = ?", (folder, uid))
            if isinstance(other, int) and other != message:
                self._take_over(message, MessageId(other))
            else:
                self._database.execute(
                    "UPDATE messages SET server_folder = ?, uid = ?, limbo = NULL WHERE id = ?", (folder, uid, message)
                )
            return fold_messages(self._database, [message])

    def stored(self, messages: Sequence[MessageId], add: frozenset[str], remove: frozenset[str]) -> None:
        """The server took a STORE."""
        with self._database.transaction():
            rows = self._database.execute(
                "SELECT id, server_flags FROM messages WHERE id IN (SELECT value FROM json_each(?))",
                (ids_json(list(messages)),),
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

    def _known(self, folder: FolderId, uids: list[int]) -> dict[int, MessageId]:
        return {
            row[0]: MessageId(row[1])
            for row in self._database.execute(
                "SELECT uid, id FROM messages WHERE server_folder = ? AND uid IN (SELECT value FROM json_each(?))",
                (folder, ids_json([MessageId(uid) for uid in uids])),
            )
        }

    def _awaited(self, folder: FolderId, message: FetchedMessage) -> MessageId | None:
        """A row that was moved or copied here and waits for its UID. Where several match, they are copies: any will do."""
        row = self._database.one(
            "SELECT id FROM messages WHERE account = (SELECT account FROM folders WHERE id = :folder) AND uid IS NULL"
            " AND server_folder = :folder AND size = :size AND message_id = :message_id"
            " AND (:message_id <> '' OR arrived = :arrived AND subject = :subject) ORDER BY id LIMIT 1",
            {
                "folder": folder,
                "size": message.size,
                "message_id": message.envelope.message_id,
                "arrived": message.arrived,
                "subject": message.envelope.subject,
            },
        )
        return MessageId(row[0]) if row else None

    def _insert(self, account: AccountId, folder: FolderId, message: FetchedMessage, pull: int) -> MessageId:
        envelope = message.envelope
        anchored = self._anchor(account, message)
        hidden = int(DELETED in message.flags)
        flags = dump_flags(message.flags)
        self._database.execute(
            "INSERT INTO messages (id, account, server_folder, uid, server_flags, modseq, born, folder, flags, hidden, date,"
            " arrived, size, has_date, message_id, in_reply_to, refs, subject, addresses, bodystructure, has_attachment)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                anchored, account, folder, message.uid, flags, message.modseq, pull, folder, flags, hidden,
                message.arrived if envelope.date is None else envelope.date, message.arrived, message.size,
                int(envelope.date is not None), envelope.message_id, envelope.in_reply_to, " ".join(envelope.references),
                envelope.subject, dump_addresses(envelope), message.bodystructure, int(message.has_attachment),
            ),
        )  # fmt: skip
        row = MessageId(self._database.last_id)
        self._database.execute(
            "UPDATE messages SET thread = ? WHERE id = ?", (join_thread(self._database, row, account, envelope), row)
        )
        return row

    def _anchor(self, account: AccountId, message: FetchedMessage) -> int | None:
        """The id by which a waiting action names this message although the cache that held it was lost."""
        if not self._database.one("SELECT 1 FROM message_anchors LIMIT 1"):
            return None
        rows = list(
            self._database.execute(
                "SELECT message FROM message_anchors WHERE account = ? AND message_id = ? AND size = ?"
                " AND (message_id <> '' OR uid = ?) AND message NOT IN (SELECT id FROM messages) LIMIT 2",
                (account, message.envelope.message_id, message.size, message.uid),
            )
        )
        return rows[0][0] if len(rows) == 1 else None

    def _anchored(self, rows: list[MessageId]) -> list[MessageId]:
        if not rows or not self._database.one("SELECT 1 FROM action_messages LIMIT 1"):
            return []
        return [
            MessageId(row[0])
            for row in self._database.execute(
                "SELECT DISTINCT message FROM action_messages WHERE message IN (SELECT value FROM json_each(?))",
                (ids_json(rows),),
            )
        ]

    def _update(self, row: MessageId, message: FetchedMessage) -> None:
        self._database.execute(
            "UPDATE messages SET server_flags = ?, modseq = coalesce(?, modseq) WHERE id = ?",
            (dump_flags(message.flags), message.modseq, row),
        )

    def _place(self, row: MessageId, folder: FolderId, message: FetchedMessage) -> None:
        self._database.execute(
            "UPDATE messages SET server_folder = ?, uid = ?, limbo = NULL, server_flags = ?, modseq = ? WHERE id = ?",
            (folder, message.uid, dump_flags(message.flags), message.modseq, row),
        )

    def _to_limbo(self, rows: list[MessageId], pull: int) -> None:
        self._database.execute(
            "UPDATE messages SET server_folder = NULL, uid = NULL, limbo = ?, folder = NULL, hidden = 1"
            " WHERE id IN (SELECT value FROM json_each(?))",
            (pull, ids_json(rows)),
        )
        fold_messages(self._database, rows)

    def _unplaced(self, pull: str, where: str, values: Sequence[int | str]) -> list[Unplaced]:
        return [
            Unplaced(MessageId(row[0]), *row[1:])
            for row in self._database.execute(
                f"SELECT id, message_id, size, arrived, subject, {pull} FROM messages WHERE {where} ORDER BY id",  # noqa: S608
                values,
            )
        ]

    def _take_over(self, old: MessageId, new: MessageId) -> None:
        """Row ``old`` gets the server side of row ``new``, which is the same message and goes; its actions become old's."""
        row = self._database.one("SELECT server_folder, uid, server_flags, modseq FROM messages WHERE id = ?", (new,))
        if row is None:
            return
        rename_message(self._database, new, old)
        self._database.execute("UPDATE OR IGNORE bodies SET message = ? WHERE message = ?", (old, new))
        self._database.execute("DELETE FROM messages WHERE id = ?", (new,))
        self._database.execute(
            "UPDATE messages SET server_folder = ?, uid = ?, server_flags = ?, modseq = ?, limbo = NULL WHERE id = ?",
            (*row, old),
        )
        fold_messages(self._database, [old])

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
