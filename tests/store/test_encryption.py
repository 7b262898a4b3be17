# SPDX-License-Identifier: GPL-3.0-or-later
"""An encrypted store: nothing of the mail can be read on the disk, and whatever happens to it, nothing is lost."""

import contextlib
import os
import shutil
import subprocess
import sys
import traceback
from pathlib import Path

import apsw
import pytest

from tests.store.mailbox import Mailbox
from tests.store.planted import WORDS, add, held, plant, readable
from tuimail.model.errors import FileProblem, StoreProblem
from tuimail.model.store_key import StoreKey
from tuimail.store import encryption
from tuimail.store.bodies import Blobs
from tuimail.store.conversion import convert
from tuimail.store.database import CACHE, OWN, Connection, Database
from tuimail.store.health import health
from tuimail.store.sharing import Sharing
from tuimail.store.store import Store

KEY, OTHER = StoreKey(bytes(range(32))), StoreKey(bytes(32))


def files(folder: Path) -> dict[str, bytes]:
    return {str(found.relative_to(folder)): found.read_bytes() for found in folder.rglob("*") if found.is_file()}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in the clear, not to be changed."""
    folder = tmp_path_factory.mktemp("plain") / "store"
    plant(folder)
    return folder


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store that was encrypted from its beginning."""
    plant(tmp_path / "store", KEY)
    return tmp_path / "store"


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="only Linux tells who holds a lock")
def test_a_look_at_an_open_store_takes_no_lock_from_it(store: Path) -> None:
    def locked() -> set[str]:
        return {line.split(":", 1)[1] for line in Path("/proc/locks").read_text().splitlines() if f" {os.getpid()} " in line}

    with Sharing(store):
        opened = Store.open(store, KEY)
        before = locked()
        assert encryption.fingerprint(store) == KEY.fingerprint
        assert health(store, KEY).encrypted
        assert locked() >= before
        opened.close()


def test_an_error_of_writing_tells_no_key(tmp_path: Path) -> None:
    with Connection(tmp_path / "store.sqlite") as database:
        database.execute("CREATE TABLE kept (what)")
        with pytest.raises(StoreProblem) as raised:
            database.copy_to(tmp_path / "nowhere" / "store.sqlite", KEY)
    told = "".join(traceback.format_exception(raised.value))
    assert KEY.of_databases.hex() not in told
    assert "copy_to" in told


def test_every_word_is_there_before_and_none_after(tmp_path: Path) -> None:
    plant(tmp_path)
    before = held(tmp_path)
    assert readable(tmp_path) == set(WORDS)
    convert(tmp_path, None, KEY)
    assert encryption.fingerprint(tmp_path) == KEY.fingerprint
    assert readable(tmp_path) == set()
    assert held(tmp_path, KEY) == before
    convert(tmp_path, KEY, None)
    assert encryption.fingerprint(tmp_path) is None
    assert readable(tmp_path) == set(WORDS)
    assert held(tmp_path) == before


def test_nothing_can_be_read_while_programs_write(store: Path) -> None:
    one = Mailbox.make(store, "other", names=("INBOX", "plantedfolder"), store=Store.open(store, KEY))
    other = Store.open(store, KEY)
    add(one)
    assert {found.name for found in store.iterdir()} >= {f"{OWN}-wal", f"{CACHE}-wal"}
    assert (store / f"{CACHE}-wal").stat().st_size > 0
    assert readable(store) == set()
    assert [draft.body for draft in other.drafts.all()] == ["planteddraft"] * 2
    one.store.close()
    other.close()
    assert readable(store) == set()


def temporary_files() -> set[str]:
    """Files that are open and have no name any more."""
    found = set()
    for number in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            found.add(str(number.readlink()))
    return {name for name in found if name.endswith(" (deleted)")}


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux tells which files are open")
@pytest.mark.parametrize("kind", [Connection, Database])
def test_what_is_sorted_goes_to_no_temporary_file(store: Path, kind: type[Connection]) -> None:
    """SQLite's would be in the clear."""
    before = temporary_files()
    numbers = "WITH RECURSIVE one(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM one WHERE n < 20000)"
    with kind(store if kind is Database else store / CACHE, KEY) as database:
        rows = database.execute(f"{numbers} SELECT hex(randomblob(200)) AS found FROM one ORDER BY found")
        next(rows)
        assert temporary_files() == before


def test_what_a_killed_program_left_in_its_logs_is_there(store: Path, tmp_path: Path) -> None:
    opened = Mailbox.make(store, "other", names=("INBOX", "plantedfolder"), store=Store.open(store, KEY))
    add(opened)
    shutil.copytree(store, tmp_path / "killed")
    opened.store.close(clean=True)
    assert held(tmp_path / "killed", KEY) == held(store, KEY)


def test_files_are_for_the_user_alone(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        plant(tmp_path)
        convert(tmp_path, None, KEY)
    finally:
        os.umask(before)
    assert not [found for found in tmp_path.rglob("*") if found.stat().st_mode & 0o077]


@pytest.mark.parametrize("key", [None, OTHER], ids=["no key", "another key"])
def test_without_the_key_nothing_is_touched(store: Path, key: StoreKey | None) -> None:
    before = files(store)
    with pytest.raises(StoreProblem, match="encrypted"):
        Store.open(store, key)
    assert files(store) == before
    assert health(store, key).damaged == (OWN, CACHE)
    assert files(store) == before


def test_another_program_that_makes_the_store_with_another_key(tmp_path: Path) -> None:
    """Both began with an empty folder."""
    Store.open(tmp_path, KEY).close(clean=True)
    before = files(tmp_path)
    with pytest.raises(StoreProblem, match="another key"):
        Store.open(tmp_path, OTHER)
    assert files(tmp_path) == before


@pytest.mark.parametrize("name", [OWN, CACHE])
@pytest.mark.parametrize("at", [0, 15])
def test_a_bit_less_in_the_salt_costs_nothing(store: Path, name: str, at: int) -> None:
    before = held(store, KEY)
    octets = bytearray((store / name).read_bytes())
    octets[at] ^= 1
    (store / name).write_bytes(octets)
    assert KEY.fingerprint in encryption.fingerprints(store)
    assert health(store, KEY).damaged == (name,)
    assert held(store, KEY) == before
    assert encryption.fingerprints(store) == (KEY.fingerprint,)


def test_a_file_in_the_clear_among_encrypted_ones_is_not_taken(store: Path, plain: Path) -> None:
    (store / CACHE).write_bytes((plain / CACHE).read_bytes())
    with pytest.raises(StoreProblem, match="not encrypted"):
        Store.open(store, KEY)


@pytest.mark.parametrize("start", [0, 4096], ids=["header", "pages"])
def test_a_damaged_cache_is_read_again_and_encrypted_again(store: Path, start: int) -> None:
    damaged = bytearray((store / CACHE).read_bytes())
    damaged[start : start + 30_000] = bytes(30_000)
    (store / CACHE).write_bytes(damaged)
    (store / "damaged").touch()
    opened = Store.open(store, KEY)
    assert "read again from the server" in opened.repaired
    assert [draft.body for draft in opened.drafts.all()] == ["planteddraft"]
    opened.close()
    assert readable(store) == set()


@pytest.mark.parametrize("start", [0, 8192], ids=["header", "pages"])
def test_of_a_damaged_own_file_the_rest_is_saved(store: Path, start: int) -> None:
    """The header of the other file tells that it is encrypted, and how."""
    damaged = bytearray((store / OWN).read_bytes())
    damaged[start : start + 4096] = bytes(4096)
    (store / OWN).write_bytes(damaged)
    assert encryption.fingerprint(store) == KEY.fingerprint
    opened = Store.open(store, KEY)
    assert "damaged" in opened.repaired
    assert opened.local_mail.files.all()
    opened.close()
    assert readable(store) == set()


def test_a_missing_cache_is_encrypted_again(store: Path) -> None:
    (store / CACHE).unlink()
    Mailbox.make(store, store=Store.open(store, KEY)).store.close()
    assert (store / CACHE).read_bytes()[:16] == KEY.fingerprint


def test_a_file_that_was_changed_or_exchanged_is_not_believed(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "blobs", KEY)
    one, two = blobs.write_all([b"one", b"two"])
    at_one, at_two = tmp_path / "blobs" / one, tmp_path / "blobs" / two
    at_one.write_bytes(at_two.read_bytes())
    at_two.write_bytes(at_two.read_bytes()[:-1] + b"\0\0")
    for name in (one, two):
        with pytest.raises(FileProblem, match="damaged"):
            blobs.read(name)


def test_what_is_kept_twice_is_sealed_with_another_nonce(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path, KEY)
    one, two = (blobs.path(name).read_bytes() for name in blobs.write_all([b"the same"] * 2))
    assert one[:12] != two[:12]
    assert one[12:] != two[12:]


def test_what_stands_in_the_files_tells_nothing_of_a_key() -> None:
    secrets = [KEY.octets, KEY.of_databases, KEY.of_files]
    assert len(set(secrets)) == 3
    assert not [secret for secret in secrets if KEY.fingerprint in secret]
    assert StoreKey.new().octets != StoreKey.new().octets
    assert not [secret for secret in secrets if repr(secret)[2:-1] in repr(KEY) or secret.hex() in repr(KEY)]


def test_a_sqlite_that_cannot_encrypt_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(apsw, "mc_version")
    with pytest.raises(StoreProblem, match="cannot encrypt"):
        Store.open(tmp_path, KEY)
    assert (tmp_path / OWN).stat().st_size == 0


def test_a_store_that_is_open_is_not_converted(tmp_path: Path) -> None:
    plant(tmp_path)
    opened = Store.open(tmp_path)
    with pytest.raises(StoreProblem, match="Another program uses"):
        convert(tmp_path, None, KEY)
    assert [draft.body for draft in opened.drafts.all()] == ["planteddraft"]
    opened.close(clean=True)
    with Sharing(tmp_path), pytest.raises(StoreProblem, match="Another program uses"):
        convert(tmp_path, None, KEY)
    assert readable(tmp_path) == set(WORDS)


def test_files_that_were_set_aside_are_not_left_in_the_clear(tmp_path: Path) -> None:
    plant(tmp_path)
    (tmp_path / f"{OWN}.set-aside-20260101-000000").write_bytes(b"plantedsubject")
    before = files(tmp_path)
    with pytest.raises(StoreProblem, match="set-aside-20260101"):
        convert(tmp_path, None, KEY)
    assert files(tmp_path) == before


def test_a_file_that_cannot_be_read_stops_it_all(store: Path) -> None:
    sealed = next((store / "blobs").iterdir())
    sealed.write_bytes(b"\0" * 40)
    before = set(files(store))
    with pytest.raises(FileProblem, match=sealed.name):
        convert(store, KEY, None)
    assert set(files(store)) == before
    assert encryption.fingerprint(store) == KEY.fingerprint
    assert readable(store) == set()


@pytest.mark.parametrize(("now", "then", "stride"), [(None, KEY, 1), (KEY, None, 3)], ids=["encrypted", "decrypted"])
def test_killed_at_any_step_it_is_done_or_was_never_begun(
    tmp_path: Path, now: StoreKey | None, then: StoreKey | None, stride: int
) -> None:
    plant(tmp_path / "store", now)
    (tmp_path / "work").mkdir()
    keys = ["-" if key is None else key.text for key in (now, then)]
    command = [sys.executable, "-m", "tests.store.killed", str(tmp_path / "store"), str(tmp_path / "work"), str(stride), *keys]
    done = subprocess.run(command, capture_output=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr.decode()
    as_before, converted = map(int, done.stdout.split())
    assert as_before >= 12 // stride
    assert converted >= 12 // stride
