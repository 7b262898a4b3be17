# SPDX-License-Identifier: GPL-3.0-or-later
"""Which conversation a message belongs to: References and In-Reply-To (RFC 5322 §3.6.4), whatever order they arrive in."""

from hashlib import blake2b

from tuimail.model.ids import AccountId, MessageId
from tuimail.model.message import Envelope
from tuimail.store.codec import dump
from tuimail.store.database import Database

_MOST_REFERENCES = 40


def thread_keys(account: AccountId, envelope: Envelope) -> list[int]:
    """A signed 64-bit number for each Message-ID that ties this message to others."""
    names = {envelope.message_id, envelope.in_reply_to, *envelope.references[-_MOST_REFERENCES:]} - {""}
    return [
        int.from_bytes(blake2b(f"{account} {name}".encode("utf-8", "replace"), digest_size=8).digest(), "big", signed=True)
        for name in names
    ]


def join_thread(database: Database, message: MessageId, account: AccountId, envelope: Envelope) -> int:
    """The thread of a new message. Threads that it ties together become one."""
    keys = thread_keys(account, envelope)
    if not keys:
        return message
    found = {
        int(str(row[0]))
        for row in database.execute(
            "SELECT DISTINCT thread FROM thread_ids WHERE key IN (SELECT value FROM json_each(?))", (dump(keys),)
        )
    }
    thread = min(found, default=int(message))
    for other in found - {thread}:
        database.execute("UPDATE messages SET thread = ? WHERE thread = ?", (thread, other))
        database.execute("UPDATE thread_ids SET thread = ? WHERE thread = ?", (thread, other))
    database.executemany("INSERT OR IGNORE INTO thread_ids (key, thread) VALUES (?, ?)", [(key, thread) for key in keys])
    return thread
