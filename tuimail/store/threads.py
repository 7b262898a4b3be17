# SPDX-License-Identifier: GPL-3.0-or-later
"""Which conversation a message belongs to: References and In-Reply-To (RFC 5322 §3.6.4), whatever order they arrive in."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b

from tuimail.model.ids import AccountId, MessageId
from tuimail.model.message import Envelope
from tuimail.store.codec import ids_json
from tuimail.store.database import Database

_MOST_REFERENCES = 40
_FILED = 1000
"""Keys that `file_keys` takes at a time."""


def thread_key(account: AccountId, message_id: str) -> int:
    """A signed 64-bit number for a Message-ID."""
    return int.from_bytes(
        blake2b(f"{account} {message_id}".encode("utf-8", "replace"), digest_size=8).digest(), "big", signed=True
    )


def thread_of(database: Database, account: AccountId, message_id: str) -> int:
    """The conversation that a Message-ID belongs to; 0 where nobody ever named it."""
    return database.number(
        "SELECT thread FROM thread_ids WHERE key = ?1 UNION ALL SELECT thread FROM thread_ids_new WHERE key = ?1",
        (thread_key(account, message_id),),
    )


def thread_keys(account: AccountId, envelope: Envelope) -> list[int]:
    """Keys of all Message-IDs that tie this message to others."""
    names = {envelope.message_id, envelope.in_reply_to, *envelope.references[-_MOST_REFERENCES:]} - {""}
    return [thread_key(account, name) for name in names]


def join_threads(database: Database, keys: Mapping[MessageId, Sequence[int]]) -> dict[MessageId, int]:
    """The threads of new messages with these keys. Threads that they tie together become one. Call it inside a transaction."""
    of_key: dict[int, int] = {
        row[0]: row[1]
        for row in database.execute(
            "SELECT key, thread FROM thread_ids WHERE key IN (SELECT value FROM json_each(:keys))"
            " UNION ALL SELECT key, thread FROM thread_ids_new WHERE key IN (SELECT value FROM json_each(:keys))",
            {"keys": ids_json(key for its_keys in keys.values() for key in its_keys)},
        )
    }
    stored = set(of_key)
    joined: dict[int, int] = {}
    threads: dict[MessageId, int] = {}
    for message, its_keys in keys.items():
        found = {_root(joined, of_key[key]) for key in its_keys if key in of_key}
        thread = threads[message] = min(found, default=int(message))
        if len(found) > 1:
            joined |= dict.fromkeys(found - {thread}, thread)
        for key in its_keys:
            of_key[key] = thread
    moves = [(_root(joined, other), other) for other in joined]
    if moves:
        with database.triggers():
            database.executemany("UPDATE messages SET thread = ? WHERE thread = ?", moves)
        database.executemany("UPDATE thread_ids SET thread = ? WHERE thread = ?", moves)
        database.executemany("UPDATE thread_ids_new SET thread = ? WHERE thread = ?", moves)
    fresh = sorted((key, _root(joined, thread)) for key, thread in of_key.items() if key not in stored)
    table = "thread_ids_new" if database.in_bulk else "thread_ids"
    database.executemany(f"INSERT INTO {table} (key, thread) VALUES (?, ?)", fresh)  # noqa: S608
    return {message: _root(joined, thread) for message, thread in threads.items()}


def file_keys(database: Database) -> bool:
    """Put some of the keys that came in bulk where they belong. One transaction. False: there were none."""
    with database.transaction():
        database.execute(
            "INSERT INTO thread_ids (key, thread) SELECT key, thread FROM thread_ids_new ORDER BY key LIMIT ?", (_FILED,)
        )
        before = database.changes
        database.execute(
            "DELETE FROM thread_ids_new WHERE key IN (SELECT key FROM thread_ids_new ORDER BY key LIMIT ?)", (_FILED,)
        )
        return database.changes > before


def _root(joined: Mapping[int, int], thread: int) -> int:
    """What a thread became part of; each step leads to a smaller number."""
    while thread in joined:
        thread = joined[thread]
    return thread
