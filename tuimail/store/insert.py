# SPDX-License-Identifier: GPL-3.0-or-later
"""New rows for a batch of header data, with few statements for the whole batch."""

from collections.abc import Mapping, Sequence

from tuimail.backends.port import FetchedMessage
from tuimail.model.flags import DELETED
from tuimail.model.ids import AccountId, FolderId, MessageId
from tuimail.store.bulk import follow_up, insert_many
from tuimail.store.codec import dump_addresses, dump_flags
from tuimail.store.database import Database
from tuimail.store.threads import join_threads

_HEAD = (
    "INSERT INTO messages (id, account, server_folder, uid, server_flags, modseq, born, folder, flags, hidden, thread, date,"
    " arrived, size, has_date, message_id, in_reply_to, refs, subject, addresses, bodystructure, has_attachment)"
)


def insert_rows(
    database: Database,
    account: AccountId,
    folder: FolderId,
    batch: Sequence[FetchedMessage],
    pull: int,
    ids: Mapping[int, MessageId],
) -> tuple[MessageId, ...]:
    """Insert messages, those in ``ids`` (by UID) under these ids. Returns the ids in order. Call it inside a transaction."""
    following = database.number("SELECT seq FROM cache.sqlite_sequence WHERE name = 'messages'") + 1
    rows: dict[MessageId, FetchedMessage] = {}
    for message in batch:
        row = ids.get(message.uid)
        if row is None:
            row, following = MessageId(following), following + 1
        rows[row] = message
    threads = join_threads(database, account, {row: message.envelope for row, message in rows.items()})
    columns = [_columns(account, folder, row, message, pull, threads[row]) for row, message in rows.items()]
    insert_many(database, _HEAD, columns)
    if database.in_bulk:
        follow_up(database, folder, rows, frozenset(ids.values()))
    return tuple(rows)


def _columns(
    account: AccountId, folder: FolderId, row: MessageId, message: FetchedMessage, pull: int, thread: int
) -> tuple[int | str | bytes | None, ...]:
    envelope = message.envelope
    flags = dump_flags(message.flags)
    return (
        row, account, folder, message.uid, flags, message.modseq, pull, folder, flags, int(DELETED in message.flags), thread,
        message.arrived if envelope.date is None else envelope.date, message.arrived, message.size,
        int(envelope.date is not None), envelope.message_id, envelope.in_reply_to, " ".join(envelope.references),
        envelope.subject, dump_addresses(envelope), message.bodystructure, int(message.has_attachment),
    )  # fmt: skip
