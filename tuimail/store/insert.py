# SPDX-License-Identifier: GPL-3.0-or-later
"""New rows for a batch of header data, with few statements for the whole batch."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tuimail.backends.port import FetchedMessage
from tuimail.model.flags import DELETED
from tuimail.model.ids import AccountId, FolderId, MessageId
from tuimail.model.query import segmented
from tuimail.store.bulk import follow_up, insert_many
from tuimail.store.codec import dump_addresses, dump_flags
from tuimail.store.database import Database
from tuimail.store.search import recipients_of, sender_of
from tuimail.store.threads import join_threads, thread_keys

_HEAD = (
    "INSERT INTO messages (id, account, server_folder, uid, server_flags, modseq, born, folder, flags, hidden, thread, date,"
    " arrived, size, has_date, message_id, in_reply_to, refs, subject, addresses, bodystructure, has_attachment)"
)


class NewRow(NamedTuple):
    """A message as it is written. All that can be known of it without the store, so that nobody waits for it there."""

    message: FetchedMessage
    flags: str
    columns: tuple[int | str | bytes, ...]
    """From ``date`` on."""
    keys: list[int]
    """See `tuimail.store.threads.thread_keys`."""
    entry: tuple[str, str, str]
    """Subject, sender and recipients in the search index."""

    @property
    def date(self) -> int:
        """What the list is sorted by."""
        date = self.message.envelope.date
        return self.message.arrived if date is None else date


def new_row(account: AccountId, message: FetchedMessage) -> NewRow:
    """A message of an account, ready to be written."""
    envelope = message.envelope
    columns = (
        message.arrived if envelope.date is None else envelope.date, message.arrived, message.size,
        int(envelope.date is not None), envelope.message_id, envelope.in_reply_to, " ".join(envelope.references),
        envelope.subject, dump_addresses(envelope), message.bodystructure, int(message.has_attachment),
    )  # fmt: skip
    recipients = recipients_of((envelope.to, envelope.cc, envelope.bcc))
    entry = segmented(envelope.subject), segmented(sender_of(envelope.from_)), segmented(recipients)
    return NewRow(message, dump_flags(message.flags), columns, thread_keys(account, envelope), entry)


def insert_rows(
    database: Database,
    account: AccountId,
    folder: FolderId,
    batch: Sequence[NewRow],
    pull: int,
    ids: Mapping[int, MessageId],
) -> tuple[MessageId, ...]:
    """Insert messages, those in ``ids`` (by UID) under these ids. Returns the ids in order. Call it inside a transaction."""
    following = database.number("SELECT seq FROM cache.sqlite_sequence WHERE name = 'messages'") + 1
    rows: dict[MessageId, NewRow] = {}
    for new in batch:
        row = ids.get(new.message.uid)
        if row is None:
            row, following = MessageId(following), following + 1
        rows[row] = new
    threads = join_threads(database, {row: new.keys for row, new in rows.items()})
    insert_many(
        database,
        _HEAD,
        [
            (
                row, account, folder, new.message.uid, new.flags, new.message.modseq, pull, folder, new.flags,
                int(DELETED in new.message.flags), threads[row], *new.columns,
            )
            for row, new in rows.items()
        ],
    )  # fmt: skip
    if database.in_bulk:
        follow_up(database, folder, rows, frozenset(ids.values()))
    return tuple(rows)
