# SPDX-License-Identifier: GPL-3.0-or-later
"""A first fill writes its rows by another way than everything else, and leaves the same store behind."""

import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.mailbox import Mailbox, mail
from tuimail.backends.port import FetchedMessage
from tuimail.model.action import Move
from tuimail.model.flags import DELETED, FLAGGED, SEEN
from tuimail.model.query import parse_query
from tuimail.store.database import CACHE, LOG_OCTETS, OWN, Connection
from tuimail.store.store import Store
from tuimail.sync.indexer import index_slice

NAMES = "abcdefgh"
TABLES = {
    **dict.fromkeys(("messages", "folders", "thread_ids", "thread_ids_new", "contacts", "search_todo"), "*"),
    "search_docsize": "id, sz",
}


def filled(folder: Path, batches: Sequence[Sequence[FetchedMessage]], *, in_bulk: bool) -> Mailbox:
    """A store whose INBOX had these batches written by a connection of its own, and is indexed."""
    box = Mailbox.make(folder)
    store = Store(folder)
    if in_bulk:
        store.write_in_bulk()
    for batch in batches:
        store.arrivals.insert(box.account, box.folder("INBOX"), batch, 1)
    assert not in_bulk or store.search.pending() == 0
    while store.arrivals.file_keys():
        pass
    store.close()
    while index_slice(box.store):
        pass
    return box


def content(box: Mailbox) -> dict[str, list[tuple[object, ...]]]:
    """What the cache holds."""
    with Connection(box.store.folder / CACHE) as connection:
        return {
            table: sorted(connection.execute(f"SELECT {columns} FROM {table}"), key=repr) for table, columns in TABLES.items()
        }


def found(box: Mailbox, typed: str) -> list[int]:
    """The rows that a search finds."""
    batches = box.store.search.find(parse_query(typed), [box.folder("INBOX")])
    return [number for batch in batches for number in batch]


letters = st.builds(
    lambda uid, name, replies, flags, date: mail(
        uid, name, replies=tuple(replies), flags=flags, date=date, subject=f"About {name}"
    ),
    st.integers(1, 12),
    st.sampled_from([*NAMES, "-"]),
    st.lists(st.sampled_from(NAMES), max_size=3),
    st.sets(st.sampled_from([SEEN, FLAGGED, DELETED])),
    st.sampled_from([-5, 0, 1000, 2000, 2**40]),
)


@settings(max_examples=12, deadline=None)
@given(st.lists(st.lists(letters, max_size=6), max_size=4))
def test_what_is_written_in_bulk_is_what_is_written_one_by_one(batches: list[list[FetchedMessage]]) -> None:
    with TemporaryDirectory() as folder:
        one = filled(Path(folder) / "one", batches, in_bulk=False)
        bulk = filled(Path(folder) / "bulk", batches, in_bulk=True)
        try:
            assert content(bulk) == content(one)
            for typed in ("about", "a", "ada", "from:ada"):
                assert found(bulk, typed) == found(one, typed)
        finally:
            one.store.close()
            bulk.store.close()


def test_a_whole_batch_at_once(tmp_path: Path) -> None:
    batch = [mail(uid, f"m{uid}") for uid in range(200, 0, -1)]
    box = filled(tmp_path, [batch], in_bulk=True)
    assert box.shown("INBOX").total == 200
    assert len(found(box, "about")) == 200
    box.store.close()


def test_waiting_actions_still_change_what_is_shown(tmp_path: Path) -> None:
    """After the cache was lost, a message that is to be moved comes again, and is shown where it goes to."""
    box = Mailbox.make(tmp_path)
    (row,) = box.deliver("INBOX", mail(1, subject="harbour"))
    box.pulled("INBOX", 2)
    box.store.actions.perform([Move((row,), box.folder("Archive"))], "Move")
    box.store.close()
    for lost in tmp_path.glob(f"{CACHE}*"):
        lost.unlink()
    assert (tmp_path / OWN).exists()
    box = box.reopen_closed()
    box.list_folders("INBOX", "Archive")
    store = Store(tmp_path)
    store.write_in_bulk()
    store.arrivals.insert(box.account, box.folder("INBOX"), [mail(1, subject="harbour"), mail(2)], 1)
    store.close()
    assert box.ids("Archive") == [row]
    assert box.shown("Archive").total == 1
    assert box.shown("INBOX").total == 1
    while index_slice(box.store):
        pass
    batches = box.store.search.find(parse_query("harbour"), [box.folder("Archive")])
    assert [number for batch in batches for number in batch] == [row]
    box.store.close()


def test_what_a_fill_has_just_brought_is_known_by_its_name(tmp_path: Path) -> None:
    """A fill that was killed leaves keys of conversations that are not filed yet."""
    box = Mailbox.make(tmp_path)
    letter = mail(1, "harbour")
    store = Store(tmp_path)
    store.write_in_bulk()
    store.arrivals.insert(box.account, box.folder("INBOX"), [letter], 1)
    store.close()
    name = letter.envelope.message_id
    assert box.store.messages.by_message_id(box.account, name) == tuple(box.ids("INBOX"))
    assert box.store.held(box.account, box.folder("INBOX")).count(name, letter.size) == 1
    box.store.close()


def test_the_log_of_a_large_write_gives_its_room_back(tmp_path: Path) -> None:
    box = Mailbox.make(tmp_path)
    (message,) = box.deliver("INBOX", mail(1))
    log = tmp_path / f"{CACHE}-wal"
    with box.store.transaction():
        for number in range(40):
            box.store.bodies.put(message, str(number), os.urandom(1_000_000))
    assert log.stat().st_size > LOG_OCTETS
    for number in range(2):
        box.store.bodies.put(message, str(number), b"short")
    assert log.stat().st_size <= LOG_OCTETS
    box.store.close()
