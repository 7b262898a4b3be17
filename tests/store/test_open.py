# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting with files that are new, damaged, missing, too new, or half written."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from tests.store.mailbox import NAMES, Mailbox, mail
from tuimail.model.action import Copy, CreateFolder, Move, SetFlags
from tuimail.model.draft import Draft
from tuimail.model.errors import StoreProblem
from tuimail.model.flags import FLAGGED, SEEN
from tuimail.model.ids import DraftId, MessageId
from tuimail.store.database import CACHE, OWN, Connection, StoreDamaged
from tuimail.store.messages import SORTS
from tuimail.store.repair import prepare
from tuimail.store.store import Store


def test_a_new_store_is_for_the_user_alone(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        box = Mailbox.make(tmp_path / "deep" / "store")
        box.fill("INBOX", 3)
    finally:
        os.umask(old)
    assert box.store.repaired == ""
    assert (tmp_path / "deep" / "store").stat().st_mode & 0o777 == 0o700
    files = list((tmp_path / "deep" / "store").iterdir())
    assert {OWN, CACHE} < {file.name for file in files}
    assert {file.name: oct(file.stat().st_mode & 0o777) for file in files} == {file.name: "0o600" for file in files}
    box.store.close()


@pytest.mark.parametrize("clean", [True, False])
def test_everything_is_there_again(box: Mailbox, clean: bool) -> None:
    (message,) = box.deliver("INBOX", mail(1))
    box.store.actions.perform([Move((message,), box.folder("Archive"))], "Archived")
    box.reopen(clean=clean)
    assert (box.store.repaired, box.ids("Archive")) == ("", [message])
    assert box.store.actions.undo().text == "Archived"
    assert box.ids("INBOX") == [message]


def test_files_that_are_up_to_date_are_not_written_to_be_opened(box: Mailbox) -> None:
    files = [box.store.folder / name for name in (OWN, CACHE)]
    box.store.close(clean=True)
    before = [file.read_bytes() for file in files]  # with a counter of changes
    assert prepare(box.store.folder) == ""
    assert [file.read_bytes() for file in files] == before


def overwrite_page(path: Path, page: int) -> None:
    with path.open("r+b") as file:
        file.seek(page * 4096)
        file.write(b"\xa5" * 4096)


def overwrite_pages(path: Path) -> None:
    for page in range(1, path.stat().st_size // 4096, 2):
        overwrite_page(path, page)


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def write_garbage(path: Path) -> None:
    path.write_bytes(b"This is not a database. " * 1000)


DAMAGES = pytest.mark.parametrize("damage", [overwrite_pages, truncate, write_garbage])
Damage = Callable[[Path], None]


@DAMAGES
def test_a_damaged_cache_is_set_aside_and_read_again(box: Mailbox, damage: Damage) -> None:
    old = box.fill("INBOX", 300)
    folder = box.store.folder
    box.store.close()
    damage(folder / CACHE)
    box.reopen_closed()
    assert "set aside" in box.store.repaired
    (aside,) = folder.glob(f"{CACHE}.set-aside-*[0-9]")
    assert aside.name in box.store.repaired
    assert box.tree() == []
    box.list_folders("INBOX")
    fresh = box.fill("INBOX", 300)
    assert len(box.ids("INBOX")) == 300
    assert min(fresh) > max(old)
    assert box.reopen().store.repaired == ""


def use(box: Mailbox) -> None:
    """Read and write a little of everything."""
    box.list_folders(*NAMES)
    box.fill("INBOX", 300)
    for sort in SORTS:
        box.store.messages.rows(box.store.messages.order(box.folder("INBOX"), sort))


@pytest.mark.parametrize("page", range(1, 12))
def test_damage_that_no_check_looked_for_is_repaired_once_it_is_met(box: Mailbox, page: int) -> None:
    use(box)
    box.store.close(clean=True)
    overwrite_page(box.store.folder / CACHE, page)
    for _ in range(2):
        box.reopen_closed()
        with contextlib.suppress(StoreDamaged):
            use(box)
        box.store.close(clean=True)
    use(box.reopen_closed())
    assert len(box.ids("INBOX")) == 300


def test_damage_is_told_with_what_to_do(box: Mailbox) -> None:
    box.fill("INBOX", 300)
    box.reopen(clean=True)
    for page in range(1, (box.store.folder / CACHE).stat().st_size // 4096):
        overwrite_page(box.store.folder / CACHE, page)
    with pytest.raises(StoreProblem, match=r"is damaged\. Start tuimail again"):
        box.store.another()
    assert "set aside" in box.reopen(clean=True).store.repaired


def test_a_cache_that_was_deleted_is_read_again_under_new_ids(box: Mailbox) -> None:
    old = box.fill("INBOX", 3)
    box.store.close(clean=True)
    (box.store.folder / CACHE).unlink()
    box.reopen_closed()
    assert "missing" in box.store.repaired
    box.list_folders("INBOX")
    assert min(box.fill("INBOX", 3)) > max(old)


def test_a_log_without_its_file_is_not_taken_for_the_new_one(box: Mailbox) -> None:
    box.fill("INBOX", 3)
    log = box.store.folder / f"{CACHE}-wal"
    written = log.read_bytes()
    assert written, "there is a log that SQLite would read"
    box.store.close()
    (box.store.folder / CACHE).unlink()
    log.write_bytes(written)
    box.reopen_closed()
    assert "missing" in box.store.repaired
    assert box.tree() == []


def test_two_caches_set_aside_in_one_second_are_both_kept(box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.strftime", lambda *_: "20260101-000000")
    for _ in range(2):
        box.store.close()
        write_garbage(box.store.folder / CACHE)
        box.reopen_closed()
    assert len(list(box.store.folder.glob(f"{CACHE}.set-aside-*"))) == 2


def test_wishes_outlive_the_cache(box: Mailbox) -> None:
    keep, note, other = box.deliver("INBOX", mail(1), mail(2, "note"), mail(3, "-", subject="No id"))
    box.pulled("INBOX", 4)
    archive = box.folder("Archive")
    new = box.store.folders.add_waiting(box.account, "/")
    box.store.actions.perform([Move((note,), archive), SetFlags((other,), frozenset({FLAGGED}))], "Archived")
    box.store.actions.perform([CreateFolder(new, "New"), Copy((note,), new)], "Copied")
    (copy,) = box.ids("New")
    waiting = box.store.actions.waiting(box.account)
    box.store.close()
    write_garbage(box.store.folder / CACHE)
    box.reopen_closed()
    assert box.store.actions.waiting(box.account) == waiting
    assert box.tree() == ["New"]
    assert box.store.actions.lost_rows(waiting[0].id) == {note}

    box.list_folders("INBOX", "Archive")
    assert (box.folder("Archive"), box.folder("New"), box.shown("New").delimiter) == (archive, new, "/")
    fresh = box.deliver("INBOX", mail(1), mail(2, "note"), mail(3, "-", subject="No id"))
    assert fresh[1:] == (note, other)
    assert fresh[0] != keep
    assert (box.ids("Archive"), box.ids("New"), box.flags(other)) == ([note], [copy], {FLAGGED})
    assert box.store.actions.lost_rows(waiting[0].id) == frozenset()
    assert box.store.actions.undo().text == "Copied"
    assert (box.tree(), box.store.messages.row(MessageId(copy))) == (["Archive", "INBOX"], None)
    box.carry()
    assert (box.ids("Archive"), box.ids("INBOX")) == ([note], [fresh[0], other])


def test_a_double_elsewhere_does_not_get_the_wish(box: Mailbox) -> None:
    (note,) = box.deliver("INBOX", mail(1, "note"))
    box.pulled("INBOX", 2)
    box.store.actions.perform([SetFlags((note,), frozenset({FLAGGED}))], "Starred")
    box.store.close()
    write_garbage(box.store.folder / CACHE)
    box.reopen_closed()
    box.list_folders("INBOX", "Archive")
    (double,) = box.deliver("Archive", mail(1, "note"))
    box.store.arrivals.settle({}, [])
    assert box.flags(double) == set()
    assert box.deliver("INBOX", mail(1, "note")) == (note,)
    assert (box.flags(double), box.flags(note)) == (set(), {FLAGGED})


@pytest.mark.parametrize("doubles", [1, 2])
def test_a_wish_follows_a_message_that_moved_while_the_cache_was_lost(box: Mailbox, doubles: int) -> None:
    (note,) = box.deliver("INBOX", mail(1, "note"))
    box.pulled("INBOX", 2)
    box.store.actions.perform([Move((note,), box.folder("Trash"))], "Deleted")
    box.store.close()
    write_garbage(box.store.folder / CACHE)
    box.reopen_closed()
    box.list_folders("INBOX", "Archive", "Trash")
    found = box.deliver("Archive", *(mail(uid, "note") for uid in range(5, 5 + doubles)))
    box.pulled("INBOX", 2)
    box.store.arrivals.settle({}, [])
    (waiting,) = box.store.actions.waiting(box.account)
    if doubles == 1:
        assert waiting.action == Move(found, box.folder("Trash"))
        assert (box.ids("Trash"), box.ids("Archive")) == (list(found), [])
    else:
        assert box.store.actions.lost_rows(waiting.id) == {note}
        assert box.ids("Archive") == list(found)


def test_two_wishes_do_not_follow_to_one_message(box: Mailbox) -> None:
    doubles = box.deliver("INBOX", mail(1, "note"), mail(2, "note"))
    box.pulled("INBOX", 3)
    for double in doubles:
        box.store.actions.perform([Move((double,), box.folder("Trash"))], "Deleted")
    box.store.close()
    write_garbage(box.store.folder / CACHE)
    box.reopen_closed()
    box.list_folders("INBOX", "Archive", "Trash")
    (found,) = box.deliver("Archive", mail(5, "note"))
    box.pulled("INBOX", 3)
    box.store.arrivals.settle({}, [])
    assert (box.ids("Archive"), box.ids("Trash")) == ([found], [])
    assert [box.store.actions.lost_rows(one.id) for one in box.store.actions.waiting(box.account)] == [
        {double} for double in doubles
    ]


def test_drafts_on_both_sides_of_the_damage_are_saved(box: Mailbox) -> None:
    drafts = [box.store.drafts.new(Draft(DraftId(0), box.account, body="x" * 2000)) for _ in range(100)]
    box.reopen(clean=True).store.close()
    path = box.store.folder / OWN
    pages = [page for page in range(path.stat().st_size // 4096) if b"xxxx" in path.read_bytes()[page * 4096 :][:4096]]
    overwrite_page(path, pages[len(pages) // 2])
    saved = {draft.id for draft in box.reopen_closed().store.drafts.all()}
    assert {drafts[0].id, drafts[-1].id} <= saved
    assert len(saved) > 90


@DAMAGES
def test_what_can_be_read_of_a_damaged_own_file_is_saved(box: Mailbox, damage: Damage) -> None:
    rows = box.fill("INBOX", 200)
    for row in rows:
        box.store.actions.perform([SetFlags((row,), frozenset({FLAGGED}))], "Starred")
        box.store.drafts.new(Draft(DraftId(0), box.account, body="x" * 2000))
    box.store.close()
    damage(box.store.folder / OWN)
    box.reopen_closed()
    saved = len(box.store.drafts.all()) + box.store.actions.count()
    assert f"{saved} entries could be saved" in box.store.repaired
    assert len(list(box.store.folder.glob(f"{OWN}.set-aside-*[0-9]"))) == 1
    for waiting in box.store.actions.waiting(box.account):
        assert isinstance(waiting.action, SetFlags)
        assert FLAGGED in box.flags(waiting.action.messages[0])
    starred = sum(FLAGGED in box.flags(row) for row in rows)
    assert starred == box.store.actions.count()
    box.store.drafts.new(Draft(DraftId(0), box.account))
    assert box.reopen().store.repaired == ""


def test_wishes_are_shown_although_their_ties_were_lost(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1))
    box.store.actions.perform([Move((message,), box.folder("Archive"))], "Archived")
    box.store.actions.perform([Copy((message,), box.folder("Trash"))], "Copied")
    copies = box.ids("Trash")
    box.store.close()
    with Connection(box.store.folder / OWN) as own:
        root = own.number("SELECT rootpage FROM sqlite_schema WHERE name = 'action_messages'")
        own.run("PRAGMA wal_checkpoint(TRUNCATE)")
    overwrite_page(box.store.folder / OWN, root - 1)
    box.reopen_closed()
    assert "2 entries could be saved" in box.store.repaired
    assert (box.ids("Archive"), box.ids("Trash")) == ([message], copies)


def set_version(path: Path, version: int) -> None:
    connection = apsw.Connection(str(path))
    connection.execute(f"PRAGMA user_version = {version}")
    connection.close()


def test_an_own_file_of_a_newer_program_is_left_alone(box: Mailbox) -> None:
    box.store.close()
    set_version(box.store.folder / OWN, 99)
    before = (box.store.folder / OWN).read_bytes()
    with pytest.raises(StoreProblem, match="newer tuimail"):
        Store.open(box.store.folder)
    assert (box.store.folder / OWN).read_bytes() == before


def test_a_cache_of_a_newer_program_is_set_aside(box: Mailbox) -> None:
    box.store.close()
    set_version(box.store.folder / CACHE, 99)
    box.reopen_closed()
    assert "newer tuimail" in box.store.repaired
    assert box.tree() == []


@pytest.mark.parametrize("version", [0, 1, 2, -1, -(2**31)])
def test_files_whose_version_is_not_that_of_their_tables_are_repaired(box: Mailbox, version: int) -> None:
    (message,) = box.deliver("INBOX", mail(1))
    box.store.actions.perform([Move((message,), box.folder("Archive"))], "Archived")
    box.store.close()
    for name in (OWN, CACHE):
        set_version(box.store.folder / name, version)
    box.reopen_closed()
    assert "damaged" in box.store.repaired
    assert box.store.actions.count() == 1
    box.store.close()
    box.reopen_closed()
    assert not box.store.repaired


@pytest.mark.parametrize("blocked", ["", OWN, CACHE])
def test_a_place_where_no_store_can_be_is_told(tmp_path: Path, blocked: str) -> None:
    store = tmp_path / "store"
    if blocked:
        (store / blocked).mkdir(parents=True)
    else:
        store.write_text("a file")
    with pytest.raises(StoreProblem):
        Store.open(store)
    assert not list(tmp_path.rglob("*.set-aside-*"))


def test_a_full_disk_is_told_and_loses_nothing(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1))
    small = Connection(box.store.folder / OWN)
    small.run("PRAGMA max_page_count = 1")
    with pytest.raises(StoreProblem, match="disk is full"), small.transaction():
        small.execute("INSERT INTO drafts (account, saved, body) VALUES (1, 1, ?)", ("x" * 1_000_000,))
    small.close()
    assert box.store.drafts.all() == ()
    box.store.actions.perform([SetFlags((message,), frozenset({SEEN}))], "Read")
    assert box.flags(message) == {SEEN}


def run(script: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """A program of its own that opens the store ``box``."""
    prelude = "import sys\nfrom pathlib import Path\nfrom tests.store.mailbox import *\nbox = Mailbox.make(Path(sys.argv[1]))\n"
    return subprocess.run(
        [sys.executable, "-c", prelude + script, str(folder)], capture_output=True, text=True, check=False, timeout=60
    )


FILE_TOO_LARGE = """
import resource
from tuimail.model.errors import StoreProblem
first, *_ = box.fill("INBOX", 10)
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
done = 0
try:
    while True:
        box.store.actions.perform([SetFlags((first,), frozenset({f"k{done}" + "x" * 1000}))], "Labelled")
        done += 1
except StoreProblem as error:
    print(error.message)
print(done)
"""


def test_a_disk_that_does_not_write_is_told_and_what_was_promised_is_kept(tmp_path: Path) -> None:
    ended = run(FILE_TOO_LARGE, tmp_path / "store")
    assert ended.stderr == ""
    message, done = ended.stdout.splitlines()
    assert message.startswith(("The disk did not", "The disk is full"))
    box = Mailbox.make(tmp_path / "store")
    assert box.store.actions.count() == int(done)
    assert len(box.flags(MessageId(box.ids("INBOX")[0])) - {SEEN}) == int(done)
    box.store.close()


BUSY_UNTIL_KILLED = """
first, *rest = box.fill("INBOX", 50)
number = 0
while True:
    box.store.actions.perform([SetFlags((first,), frozenset({f"k{number}"}))], "Labelled")
    print(number, flush=True)
    box.store.actions.perform([Copy((rest[number % 49],), box.folder("Archive"))], "Copied")
    box.deliver("INBOX", mail(1000 + number))
    if number % 3 == 0:
        box.store.actions.undo()
    number += 1
"""


@pytest.mark.parametrize("after", [1, 20, 57])
def test_a_killed_program_loses_nothing_that_it_had_promised(tmp_path: Path, after: int) -> None:
    prelude = "import sys\nfrom pathlib import Path\nfrom tests.store.mailbox import *\nbox = Mailbox.make(Path(sys.argv[1]))\n"
    promised = -1
    with subprocess.Popen(
        [sys.executable, "-c", prelude + BUSY_UNTIL_KILLED, str(tmp_path / "store")], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        for line in child.stdout:
            promised = int(line)
            if promised >= after:
                child.send_signal(signal.SIGKILL)
                break
        promised = max([promised, *(int(line) for line in child.stdout if line.endswith("\n"))])
    box = Mailbox.make(tmp_path / "store")
    assert box.store.repaired == ""
    labels = {f"k{number}" for number in range(promised + 1)}
    assert labels <= box.flags(MessageId(box.ids("INBOX")[0]))
    copies = [waiting.action for waiting in box.store.actions.waiting(box.account) if isinstance(waiting.action, Copy)]
    assert sorted(box.ids("Archive")) == sorted(copy for action in copies for copy in action.copies)
    assert box.counts("Archive")[0] == len(copies)
    box.store.close()


def test_a_cache_older_than_the_wishes_is_folded_again(box: Mailbox, tmp_path: Path) -> None:
    first, second = box.deliver("INBOX", mail(1), mail(2))
    box.store.actions.perform([Copy((first,), box.folder("Trash"))], "Copied")
    box.store.close()
    older = (box.store.folder / CACHE).read_bytes()
    box.reopen_closed()
    box.store.actions.undo()
    new = box.store.folders.add_waiting(box.account, "/")
    box.store.actions.perform([CreateFolder(new, "New"), Move((first,), new)], "Moved")
    box.store.actions.perform([Copy((second,), box.folder("Archive"))], "Copied")
    box.store.close()
    (box.store.folder / CACHE).write_bytes(older)
    box.reopen_closed()
    assert (box.ids("INBOX"), box.ids("New"), box.ids("Trash")) == ([second], [first], [])
    assert len(box.ids("Archive")) == 1
    assert [box.counts(name) for name in ("INBOX", "New", "Trash", "Archive")] == [(1, 1), (1, 1), (0, 0), (1, 1)]
