# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading messages: the order of a folder, a page of rows, one row."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tuimail.model.flags import DELETED
from tuimail.model.ids import AccountId, FolderId, MessageId
from tuimail.model.message import Envelope, MessageRow
from tuimail.model.uidset import UidSet
from tuimail.store.codec import ids_in_slices, ids_json, load_addresses, load_flags, load_ids
from tuimail.store.database import Database, Row
from tuimail.store.threads import thread_of

SORTS = {
    "date": "date",
    "from": "json_extract(addresses, '$[0][0][0]') || json_extract(addresses, '$[0][0][1]') COLLATE NOCASE",
    "subject": "ltrim(replace(replace(replace(lower(subject), 're:', ''), 'fwd:', ''), 'aw:', ''))",
    "size": "size",
}
_COLUMNS = (
    "id, account, folder, uid, thread, date, size, flags, has_attachment, snippet, waiting, has_date, message_id, in_reply_to,"
    " refs, subject, addresses"
)

_FEW = 8
"""People of each address field whom a list may name."""
_IS_HEAD = (
    " AND NOT EXISTS (SELECT 1 FROM messages n WHERE n.thread = m.thread AND n.folder = m.folder AND n.hidden = 0"
    " AND (n.date, n.id) > (m.date, m.id))"
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message is on the server."""

    folder: FolderId | None
    uid: int | None


class Messages:
    """Messages as they are shown."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def order(self, folder: FolderId, sort: str = "-date", limit: int = -1, *, heads: bool = False) -> "array[int]":
        """The ids of a folder's messages in the order asked for: a key of `SORTS`, ``-`` before it for descending.

        ``heads``: of each conversation only the newest message in that folder. By date, with or without ``heads``, the first
        few cost the same whatever the size of the folder.
        """
        direction = "DESC" if sort.startswith("-") else "ASC"
        key = SORTS[sort.removeprefix("-")]
        # One value instead of a row for each: Python's lock is free for the screen while SQLite walks through a large folder.
        ids = self._database.value(
            "SELECT json_group_array(id) FROM"  # noqa: S608
            f" (SELECT id FROM messages m WHERE folder = ? AND hidden = 0{_IS_HEAD if heads else ''}"
            f" ORDER BY {key} {direction}, id {direction} LIMIT ?)",
            (folder, limit),
        )
        return load_ids(str(ids))

    def extent(self, folder: FolderId) -> tuple[int, int]:
        """How many messages a folder lists; and a number that grows with each that comes, leaves, or joins a conversation."""
        row = self._database.one("SELECT rows_total, changes FROM folders WHERE id = ?", (folder,))
        return (int(row[0]), int(row[1])) if row else (0, 0)

    def count_from(self, folder: FolderId, date: int, message: int) -> int:
        """How many messages of a folder are listed from this place on, up to the newest."""
        return self._database.number(
            "SELECT count(*) FROM messages WHERE folder = ? AND hidden = 0 AND (date, id) >= (?, ?)", (folder, date, message)
        )

    def date(self, message: int) -> int | None:
        """What a message is sorted by; it never changes. None: it is gone."""
        value = self._database.value("SELECT date FROM messages WHERE id = ?", (message,))
        return value if isinstance(value, int) else None

    def listed(self, folder: FolderId, ids: Sequence[int]) -> frozenset[int]:
        """Those of these messages that are listed in a folder."""
        return frozenset(
            row[0]
            for row in self._database.execute(
                "SELECT id FROM messages WHERE id IN (SELECT value FROM json_each(?)) AND +folder = ? AND hidden = 0",
                (ids_json(ids), folder),
            )
        )

    def rows(self, ids: Sequence[int], *, short: bool = False) -> list[MessageRow | None]:
        """These messages, in the order asked for; None for one that is gone.

        ``short``: as a list shows them, with the first few of each address field alone, and without references; a message may
        have thousands of both.
        """
        people = _FEW if short else None
        found = {
            int(row.id): row
            for row in self._database.each(
                lambda row: _row(row, people),
                f"SELECT {_COLUMNS} FROM messages WHERE id IN (SELECT value FROM json_each(?))",  # noqa: S608
                (ids_json(ids),),
            )
        }
        return [found.get(number) for number in ids]

    def unchanged(self, rows: Iterable[MessageRow]) -> dict[int, MessageRow]:
        """Those of these rows that are still true, by id. Takes a fifth of the time of reading them."""
        held = {int(row.id): row for row in rows}
        return {
            number: held[number]
            for number, folder, uid, thread, flags, attachment, snippet, waiting in self._database.execute(
                "SELECT id, folder, uid, thread, flags, has_attachment, snippet, waiting FROM messages"
                " WHERE id IN (SELECT value FROM json_each(?))",
                (ids_json(held),),
            )
            if (folder or 0, uid, thread, load_flags(flags), bool(attachment), snippet, bool(waiting))
            == _changing(held[number])
        }

    def row(self, message: MessageId) -> MessageRow | None:
        """One message."""
        return self.rows([message])[0]

    def thread(self, message: MessageId) -> tuple[MessageId, ...]:
        """All shown messages of the conversation that this one belongs to, oldest first."""
        return tuple(
            MessageId(row[0])
            for row in self._database.execute(
                "SELECT id FROM messages WHERE thread = (SELECT thread FROM messages WHERE id = ?) AND hidden = 0"
                " ORDER BY date, id",
                (message,),
            )
        )

    def without(self, flag: str, ids: Sequence[int]) -> Iterator[int]:
        """Those of any number of messages that are shown without a flag, in their order."""
        for some in ids_in_slices(ids):
            for (number,) in self._database.execute(
                "SELECT m.id FROM json_each(?) CROSS JOIN messages m ON m.id = value WHERE instr(' ' || m.flags || ' ', ?) = 0",
                (some, f" {flag} "),
            ):
                yield number

    def conversation(self, folder: FolderId, thread: int) -> "array[int]":
        """The messages of a conversation that are listed in a folder, newest first."""
        rows = self._database.execute(
            "SELECT id FROM messages WHERE thread = ? AND folder = ? AND hidden = 0 ORDER BY date DESC, id DESC",
            (thread, folder),
        )
        return array("q", (row[0] for row in rows))

    def conversations(self, folder: FolderId, threads: Iterable[int]) -> dict[int, tuple[int, int]]:
        """Of conversations how many messages are listed in a folder, and how many of them are unread."""
        return {
            row[0]: (row[1], row[2])
            for row in self._database.execute(
                "SELECT thread, count(*), count(*) - sum(seen) FROM messages WHERE thread IN (SELECT value FROM json_each(?))"
                " AND folder = ? AND hidden = 0 GROUP BY thread",
                (ids_json(threads), folder),
            )
        }

    def unread_in(self, folder: FolderId) -> frozenset[int]:
        """The unread messages of a folder."""
        return frozenset(
            row[0]
            for row in self._database.execute("SELECT id FROM messages WHERE folder = ? AND hidden = 0 AND seen = 0", (folder,))
        )

    def unread(self, accounts: Iterable[AccountId] = ()) -> "array[int]":
        """All unread messages of inboxes and ordinary folders, newest first."""
        chosen = ids_json(accounts)
        return array(
            "q",
            (
                row[0]
                for row in self._database.execute(
                    "SELECT m.id FROM messages m JOIN folders f ON f.id = m.folder WHERE m.hidden = 0 AND m.seen = 0"
                    " AND f.name IS NOT NULL"
                    " AND coalesce(f.role, '') NOT IN ('junk', 'trash', 'drafts', 'all')"
                    " AND (? = '[]' OR m.account IN (SELECT value FROM json_each(?))) ORDER BY m.date DESC, m.id DESC",
                    (chosen, chosen),
                )
            ),
        )

    def by_message_id(self, account: AccountId, message_id: str) -> tuple[MessageId, ...]:
        """Shown messages with that Message-ID."""
        return tuple(
            MessageId(row[0])
            for row in self._database.execute(
                "SELECT id FROM messages WHERE thread = ? AND message_id = ? AND account = ? AND hidden = 0 ORDER BY id",
                (thread_of(self._database, account, message_id), message_id, account),
            )
        )

    def places(self, messages: Iterable[MessageId]) -> dict[MessageId, Place]:
        """Where these are on the server. Those without a row are missing from the answer."""
        return {
            MessageId(row[0]): Place(row[1], row[2])
            for row in self._database.execute(
                "SELECT id, server_folder, uid FROM messages WHERE id IN (SELECT value FROM json_each(?))",
                (ids_json(messages),),
            )
        }

    def at(self, folder: FolderId, uids: Iterable[int]) -> dict[int, MessageId]:
        """UID → message of a folder on the server."""
        return {
            row[0]: MessageId(row[1])
            for row in self._database.execute(
                "SELECT uid, id FROM messages WHERE server_folder = ? AND uid IN (SELECT value FROM json_each(?))",
                (folder, ids_json(uids)),
            )
        }

    def marked_deleted(self, folder: FolderId) -> UidSet:
        r"""The UIDs of a folder's messages that carry ``\Deleted`` on the server and are hidden here."""
        return UidSet.of(
            row[0]
            for row in self._database.execute(
                "SELECT uid FROM messages WHERE server_folder = ? AND uid IS NOT NULL AND instr(server_flags, ?) > 0",
                (folder, DELETED),
            )
        )

    def bodystructure(self, message: MessageId) -> bytes:
        """The raw BODYSTRUCTURE; empty when there is none."""
        value = self._database.value("SELECT bodystructure FROM messages WHERE id = ?", (message,))
        return value if isinstance(value, bytes) else b""

    def set_snippet(self, message: MessageId, snippet: str) -> None:
        """The first words of the text, once they are known."""
        self._database.execute("UPDATE messages SET snippet = ? WHERE id = ?", (snippet, message))


def _changing(row: MessageRow) -> tuple[object, ...]:
    return row.folder, row.uid, row.thread, row.flags, row.has_attachment, row.snippet, row.waiting


def _row(row: Row, people: int | None) -> MessageRow:
    (number, account, folder, uid, thread, date, size, flags, attachment, snippet, waiting, has_date, message_id, in_reply_to,
     refs, subject, addresses) = row  # fmt: skip
    from_, reply_to, to, cc, bcc, *sender = load_addresses(addresses, people)
    envelope = Envelope(
        subject, date if has_date else None, from_, reply_to, to, cc, bcc, message_id, in_reply_to,
        tuple(refs.split()) if people is None else (),
        sender[0] if sender else (),
    )  # fmt: skip
    return MessageRow(
        MessageId(number), AccountId(account), FolderId(folder or 0), uid, thread, envelope, date, size, load_flags(flags),
        bool(attachment), snippet, bool(waiting),
    )  # fmt: skip
