# SPDX-License-Identifier: GPL-3.0-or-later
"""New rows for a batch of header data, with few statements for the whole batch."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from tuimail.backends.port import FetchedMessage
from tuimail.model.address import Address
from tuimail.model.flags import DELETED, SEEN
from tuimail.model.ids import AccountId, FolderId, MessageId
from tuimail.model.query import segmented
from tuimail.model.remember import remember
from tuimail.store.bulk import follow_up
from tuimail.store.codec import dump_addresses, dump_flags
from tuimail.store.database import Database
from tuimail.store.search import recipients_of, sender_of
from tuimail.store.threads import join_threads, thread_keys

_FEW = 12
"""Addresses in all fields of a message that is usual enough to be remembered."""
_INSERT = (
    "INSERT INTO messages (id, account, server_folder, uid, server_flags, modseq, born, folder, flags, hidden, thread, date,"
    " arrived, size, has_date, message_id, in_reply_to, refs, subject, addresses, bodystructure, has_attachment)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


class NewRow(NamedTuple):
    """A message as it is written. All that can be known of it without the store, so that nobody waits for it there."""

    uid: int
    flags: str
    """See `tuimail.store.codec.dump_flags`."""
    is_deleted: bool
    is_seen: bool
    modseq: int | None
    date: int
    """What the list is sorted by: the ``Date`` field, else the time of arrival."""
    arrived: int
    size: int
    has_date: int
    message_id: str
    in_reply_to: str
    refs: str
    subject: str
    addresses: str
    """See `tuimail.store.codec.dump_addresses`."""
    bodystructure: bytes
    has_attachment: int
    keys: list[int]
    """See `tuimail.store.threads.thread_keys`."""
    entry: tuple[str, str, str]
    """Subject, sender and recipients in the search index."""
    people: list[tuple[str, str]]
    """Names and addresses to be remembered: the recipients of a sent message, the author of a received one."""

    @property
    def columns(self) -> tuple[int | str | bytes, ...]:
        """From ``date`` on."""
        return (
            self.date, self.arrived, self.size, self.has_date, self.message_id, self.in_reply_to, self.refs, self.subject,
            self.addresses, self.bodystructure, self.has_attachment,
        )  # fmt: skip


def new_rows(account: AccountId, batch: Iterable[FetchedMessage], *, sent: bool) -> list[NewRow]:
    """Messages of an account, ready to be written. ``sent``: they are from the Sent folder."""
    return [_new_row(account, message, sent) for message in {message.uid: message for message in batch}.values()]


def _new_row(account: AccountId, message: FetchedMessage, sent: bool) -> NewRow:
    envelope = message.envelope
    correspondents = _correspondents(envelope.sender, envelope.from_, envelope.reply_to, envelope.to, envelope.cc, envelope.bcc)
    return NewRow(
        message.uid, dump_flags(message.flags), DELETED in message.flags, SEEN in message.flags, message.modseq,
        message.arrived if envelope.date is None else envelope.date, message.arrived, message.size,
        int(envelope.date is not None), envelope.message_id, envelope.in_reply_to,
        " ".join(envelope.references), envelope.subject, correspondents.addresses, message.bodystructure,
        int(message.has_attachment), thread_keys(account, envelope),
        (segmented(envelope.subject), correspondents.sender, correspondents.recipients),
        correspondents.written_to if sent else correspondents.author,
    )  # fmt: skip


class _Correspondents(NamedTuple):
    """The address fields of a message, in each form that they are written in."""

    addresses: str
    sender: str
    recipients: str
    author: list[tuple[str, str]]
    written_to: list[tuple[str, str]]


@remember(2048, size=lambda *fields: sum(map(len, fields)), most=_FEW)
def _correspondents(sender: tuple[Address, ...], *fields: tuple[Address, ...]) -> _Correspondents:
    """Of Sender, From, Reply-To, To, Cc and Bcc. The same people write to each other often."""
    from_, _, *recipients = fields
    return _Correspondents(
        dump_addresses((*fields, sender) if sender else fields),
        segmented(sender_of(from_)),
        segmented(recipients_of(recipients)),
        [(person.name, person.email) for person in from_[:1]],
        [(person.name, person.email) for field in recipients for person in field],
    )


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
        row = ids.get(new.uid)
        if row is None:
            row, following = MessageId(following), following + 1
        rows[row] = new
    threads = join_threads(database, {row: new.keys for row, new in rows.items()})
    database.executemany(
        _INSERT,
        [
            (
                row, account, folder, new.uid, new.flags, new.modseq, pull, folder, new.flags, int(new.is_deleted),
                threads[row], *new.columns,
            )
            for row, new in rows.items()
        ],
    )  # fmt: skip
    if database.in_bulk:
        follow_up(database, folder, rows, frozenset(ids.values()))
    return tuple(rows)
