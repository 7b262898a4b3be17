# SPDX-License-Identifier: GPL-3.0-or-later
"""What is believed of COPYUID (RFC 4315 §3): a row that believed a false one would stand for another message, and delete it."""

from collections.abc import Mapping, Sequence

from tuimail.backends.port import Copied, FetchedMessage
from tuimail.model.ids import FolderId, MessageId
from tuimail.model.uidset import UidSet
from tuimail.store.folders import ServerFolder
from tuimail.store.store import Store
from tuimail.store.unplaced import Unplaced
from tuimail.sync.plan import key


def can_be_true(store: Store, target: ServerFolder, members: Mapping[int, MessageId], copied: Copied) -> bool:
    """Whether the UIDs that a server gives to ``members`` (UID at the old place → message) in the target can be theirs.

    Each is of one message, and new (RFC 9051 §2.3.1.1), but where a pull was faster than the answer: then the same message has
    a row there.
    """
    if not copied.uids or copied.uidvalidity != target.cursor.uidvalidity:
        return False
    given = {new: members[old] for old, new in copied.uids.items() if old in members}
    if len(set(copied.uids.values())) < len(copied.uids) or not all(given):
        return False
    there = store.messages.at(target.id, given)
    if any(uid < target.cursor.uidnext and uid not in there for uid in given):
        return False
    rows = {row.id: row for row in store.arrivals.alike({*there.values(), *(given[uid] for uid in there)})}
    return all(_same(rows.get(found), rows.get(given[uid])) for uid, found in there.items())


def mistaken(store: Store, folder: FolderId, fetched: Sequence[FetchedMessage]) -> UidSet:
    """UIDs whose rows are of other messages than the server has there: by what it said before they are where they are not."""
    there = store.messages.at(folder, [message.uid for message in fetched])
    if not there:
        return UidSet()
    rows = {row.id: row for row in store.arrivals.alike(there.values())}
    return UidSet.of(
        message.uid
        for message in fetched
        if (row := rows.get(there.get(message.uid, MessageId(0)))) is not None
        and row.message_id != message.envelope.message_id
        and "" not in (row.message_id, message.envelope.message_id)
    )


def _same(one: Unplaced | None, other: Unplaced | None) -> bool:
    """Some servers tell another size of a copy."""
    if one is None or other is None:
        return False
    return key(one) == key(other) or one.message_id == other.message_id != ""
