# SPDX-License-Identifier: GPL-3.0-or-later
"""Bits that the disk changed: what exists nowhere else is kept as far as it can be read, the rest is read again."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.store.mailbox import Mailbox
from tuimail.model.action import SetFlags
from tuimail.model.draft import Draft, OutboxItem, OutboxState
from tuimail.model.errors import FileProblem, StoreProblem
from tuimail.model.flags import FLAGGED
from tuimail.model.ids import DraftId, OutboxId
from tuimail.paths import private_folder
from tuimail.store.bodies import Blobs
from tuimail.store.database import CACHE, OWN, Connection, StoreDamaged
from tuimail.store.repair import make_folder

WORDS = "Every single word. " * 40
DRAFTS, SENDING, WISHES = 5, 2, 4


@pytest.fixture
def own(box: Mailbox) -> Path:
    """A file with drafts, an outbox and wishes; the store is closed."""
    for row in box.fill("INBOX", WISHES):
        box.store.actions.perform([SetFlags((row,), frozenset({FLAGGED}))], "Starred")
    for number in range(DRAFTS):
        box.store.drafts.new(Draft(DraftId(0), box.account, subject=f"Draft {number}", body=WORDS))
    for number in range(SENDING):
        blob = box.store.blobs.write(b"Subject: Hello\r\n\r\nHello")
        item = OutboxItem(
            OutboxId(0), box.account, None, OutboxState.QUEUED, blob, f"<{number}@x>", "a@x", ("b@x",), f"Mail {number}", 24, 1
        )
        box.store.outbox.add(item)
    box.store.close(clean=True)
    return box.store.folder / OWN


def kept(box: Mailbox) -> tuple[int, int, int]:
    """How many drafts, messages and wishes the store has, opened anew."""
    store = box.reopen_closed().store
    found = len(store.drafts.all()), len(store.outbox.all()), len(store.actions.waiting(box.account))
    assert f"{sum(found)} entries could be saved" in store.repaired
    assert len(list(store.folder.glob(f"{OWN}.set-aside-*[0-9]"))) == 1
    store.close(clean=True)
    assert not box.reopen_closed().store.repaired
    return found


def flip(path: Path, offset: int, bit: int = 0) -> None:
    content = bytearray(path.read_bytes())
    content[offset] ^= 1 << bit
    path.write_bytes(content)


def find(path: Path, text: bytes) -> int:
    """Where the last row with that text stands: those before may be what is left of older ones."""
    return path.read_bytes().rindex(text)


@pytest.mark.parametrize("offset", [0, 15, 16, 17, 18, 19, 20, 21, 47, 60, 61, 63])
def test_a_bit_of_the_header_costs_nothing(box: Mailbox, own: Path, offset: int) -> None:
    flip(own, offset, 5)
    assert kept(box) == (DRAFTS, SENDING, WISHES)


@pytest.mark.parametrize("text", [b"CREATE TABLE drafts", b"CREATE TABLE gestures", b"CREATE INDEX actions_account"])
def test_a_bit_of_the_schema_costs_nothing(box: Mailbox, own: Path, text: bytes) -> None:
    flip(own, own.read_bytes().index(text), 3)
    assert kept(box) == (DRAFTS, SENDING, WISHES)


def test_a_page_of_the_schema_costs_nothing(box: Mailbox, own: Path) -> None:
    content = bytearray(own.read_bytes())
    content[100:4096] = bytes(3996)
    own.write_bytes(content)
    assert kept(box) == (DRAFTS, SENDING, WISHES)


def test_a_wish_that_an_index_lost_is_found(box: Mailbox, own: Path) -> None:
    with Connection(own) as connection:
        root = connection.number("SELECT rootpage FROM sqlite_schema WHERE name = 'actions_account'")
    flip(own, root * 4096 - 1, 6)
    assert kept(box) == (DRAFTS, SENDING, WISHES)


def edit(own: Path, sql: str) -> None:
    with Connection(own) as connection:
        connection.run(sql)
        connection.run("PRAGMA wal_checkpoint(TRUNCATE)")


ODD = "CAST(replace(CAST(body AS TEXT), '{}', CAST(x'{}' AS TEXT)) AS TEXT)"


@pytest.mark.parametrize(
    ("change", "left"),
    [
        (ODD.format("single word.", "73696E676C6520776FF264"), "Every single wo"),  # no UTF-8
        (ODD.format('"body":"', "22626F64793A22"), WORDS),  # no JSON
        (ODD.format('"kind":"new"', "226B696E64223A226E657722") + " || '}'", WORDS),
    ],
)
def test_every_letter_that_is_left_of_a_draft_is_kept(box: Mailbox, own: Path, change: str, left: str) -> None:
    edit(own, f"UPDATE drafts SET body = {change} WHERE id = 3")
    assert kept(box) == (DRAFTS, SENDING, WISHES)
    draft = box.store.drafts.get(DraftId(3))
    assert draft is not None
    assert left in draft.body


def test_a_draft_of_no_known_state_is_open(box: Mailbox, own: Path) -> None:
    edit(own, "UPDATE drafts SET state = 'opdn' WHERE id = 3")
    assert kept(box) == (DRAFTS, SENDING, WISHES)


def test_an_entry_of_the_outbox_that_is_damaged_is_a_draft_with_its_message(box: Mailbox, own: Path) -> None:
    edit(own, "UPDATE outbox SET body = replace(body, 'b@x', CAST(x'E24078' AS TEXT)) WHERE id = 1")
    assert kept(box) == (DRAFTS + 1, SENDING - 1, WISHES)
    (draft,) = [each for each in box.store.drafts.all() if "damaged" in each.subject]
    assert "Mail 0" in draft.body
    (file,) = draft.attachments
    assert box.store.blobs.read(file.blob).endswith(b"Hello")


def test_a_wish_that_means_nothing_is_not_carried(box: Mailbox, own: Path) -> None:
    edit(own, "UPDATE actions SET kind = 'SetFlbgs' WHERE id = 1")
    edit(own, "UPDATE actions SET body = replace(body, '\"add\"', '\"bdd') WHERE id = 2")
    assert kept(box) == (DRAFTS, SENDING, WISHES - 2)


def test_what_the_start_before_could_not_finish_is_finished(box: Mailbox, own: Path) -> None:
    salvaged = own.with_name(f"{OWN}.salvaged")
    salvaged.write_bytes(own.read_bytes())
    own.write_bytes(b"This is not a database. " * 1000)
    assert kept(box) == (DRAFTS, SENDING, WISHES)
    assert not salvaged.exists()


OPEN_WITHOUT_ROOM = """
import resource, sys
from pathlib import Path
from tuimail.store.store import Store
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
Store.open(Path(sys.argv[1]))
"""


def test_without_room_a_damaged_file_stays_as_it_is(box: Mailbox, own: Path) -> None:
    flip(own, 0)
    before = own.read_bytes()
    command = [sys.executable, "-c", OPEN_WITHOUT_ROOM, str(own.parent)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert "StoreProblem" in done.stderr.splitlines()[-1]
    assert "space" in done.stderr.splitlines()[-1]
    assert own.read_bytes() == before
    assert kept(box) == (DRAFTS, SENDING, WISHES)


def read_all(box: Mailbox) -> None:
    folder = box.folder("INBOX")
    for row in box.store.messages.rows(box.store.messages.order(folder)):
        assert row is not None
        box.store.bodies.get(row.id, "1")
    box.store.search.take(100)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE messages SET subject = CAST(x'48F26C' AS TEXT) WHERE id = 2",
        "UPDATE messages SET addresses = replace(addresses, '[', '{') WHERE id = 2",
        "UPDATE messages SET addresses = '[]' WHERE id = 2",
        "UPDATE folders SET role = 'inbpx'",
        "UPDATE bodies SET content = substr(content, 5)",
    ],
)
def test_rows_of_the_cache_that_mean_nothing_are_read_again(box: Mailbox, change: str) -> None:
    (first, *_) = box.fill("INBOX", 3)
    box.store.bodies.put(first, "1", b"word " * 2000, "text/plain", "utf-8")
    read_all(box)
    box.store.close(clean=True)
    edit(box.store.folder / CACHE, change)
    box.reopen_closed()
    with pytest.raises(StoreDamaged, match=r"is damaged\. Start tuimail again"):
        read_all(box)
    box.store.close(clean=True)
    assert "local copy of your mail was damaged" in box.reopen_closed().store.repaired
    box.list_folders("INBOX")
    box.fill("INBOX", 3)
    read_all(box)
    assert not box.reopen(clean=True).store.repaired


def test_a_letter_in_a_trigger_of_the_cache_is_repaired(box: Mailbox) -> None:
    box.fill("INBOX", 3)
    box.store.close(clean=True)
    cache = box.store.folder / CACHE
    flip(cache, find(cache, b"message = OLD.id;") + len("message = OL"), 4)
    assert "local copy of your mail was damaged" in box.reopen_closed().store.repaired
    assert not box.reopen(clean=True).store.repaired


@pytest.mark.parametrize("make", [make_folder, private_folder, lambda place: Blobs(place).write(b"x")])
def test_a_link_that_leads_nowhere_is_told_as_one(tmp_path: Path, make: Callable[[Path], object]) -> None:
    place = tmp_path / "place"
    place.symlink_to(tmp_path / "away")
    with pytest.raises((StoreProblem, FileProblem), match=r"place is a link to .*away, which is not there"):
        make(place)
