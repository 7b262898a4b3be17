# SPDX-License-Identifier: GPL-3.0-or-later
"""The store is damaged: the program says so, keeps what exists nowhere else, and reads the rest again."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.home import Home as CommandLine
from tests.faults.conftest import Office, OfficeMaker
from tests.faults.home import Home
from tuimail.demo.servers import DemoServers
from tuimail.model.flags import FLAGGED
from tuimail.store.database import CACHE, OWN

Damage = Callable[[Path], None]


def lose(*names: str) -> Damage:
    """Files that are not there any more."""

    def damage(store: Path) -> None:
        for name in names:
            (store / name).unlink()

    return damage


def cut(name: str) -> Damage:
    """A file that ends in the middle."""

    def damage(store: Path) -> None:
        os.truncate(store / name, (store / name).stat().st_size // 2)

    return damage


def overwrite(name: str) -> Damage:
    """Every second page of a file holds something else; what its log holds is gone."""

    def damage(store: Path) -> None:
        with (store / name).open("r+b") as file:
            for page in range(1, (store / name).stat().st_size // 4096, 2):
                file.seek(page * 4096)
                file.write(b"\xa5" * 4096)
        (store / f"{name}-wal").unlink()

    return damage


@pytest.fixture
async def crashed(make_office: OfficeMaker, tmp_path: Path) -> Office:
    """A wish, a draft and a message wait; the files are as a power failure finds them, with their logs."""
    office = await make_office(5)
    home = office.home
    await home.end()
    home.begin()
    home.engine.actions.set_flags([home.message("<2@example.org>")], add=frozenset({FLAGGED}))
    home.engine.composer.new(home.account.id, subject="Half a thought")
    later = home.engine.composer.new(home.account.id, to="bob@example.org", subject="For later")
    await home.engine.composer.send(later, delay=100_000)
    copied = tmp_path / "crashed"
    shutil.copytree(home.folder, copied, ignore=shutil.ignore_patterns("doorbell"))
    await home.end()
    home.folder = copied
    return office


def begin_damaged(home: Home, damage: Damage) -> None:
    damage(home.folder)
    home.begin()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (cut(CACHE), "was damaged"),
        (overwrite(CACHE), "was damaged"),
        (lose(CACHE, f"{CACHE}-wal"), "was missing"),
        (lose(f"{CACHE}-wal"), ""),
        (cut(f"{CACHE}-wal"), ""),
    ],
    ids=["cut", "overwritten", "gone", "log gone", "log cut"],
)
async def test_19_a_cache_that_was_damaged_is_read_again(crashed: Office, damage: Damage, said: str) -> None:
    home = crashed.home
    begin_damaged(home, damage)
    assert said in home.engine.repaired
    assert bool(said) == bool(home.engine.repaired)
    await home.start()
    await home.at_peace()
    assert sorted(stored.flags for stored in crashed.other.messages().values() if stored.flags) == [frozenset({FLAGGED})]
    assert crashed.agrees()
    assert [draft.subject for draft in home.store.drafts.all()] == ["Half a thought"]
    assert [item.subject for item in home.engine.outbox.all()] == ["For later"]
    assert crashed.sink.sent == []


@pytest.mark.parametrize(
    "damage", [cut(f"{OWN}-wal"), lose(f"{OWN}-wal"), overwrite(OWN)], ids=["log cut", "log gone", "overwritten"]
)
async def test_19_a_file_of_wishes_that_was_damaged_touches_nothing(crashed: Office, damage: Damage) -> None:
    home = crashed.home
    begin_damaged(home, damage)
    crashed.oracle.remember()
    left = len(home.store.drafts.all()) + home.store.actions.count() + len(home.engine.outbox.all())
    if home.engine.repaired:
        assert f"{left} entries could be saved" in home.engine.repaired
    wished = home.store.actions.count()
    await home.start()
    await home.at_peace()
    assert len(crashed.oracle.went()) == wished, "what was lost is not done, and nothing else is"
    assert crashed.agrees()
    assert crashed.sink.sent == []


FULL = """
import resource, sys
from tuimail.__main__ import main
limit = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
sys.exit(main())
"""


def run(command: list[str]) -> tuple[int, str]:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    return done.returncode, done.stderr


def test_19_a_full_disk_is_said_and_costs_nothing(tmp_path: Path) -> None:
    with DemoServers(60) as servers:
        home = CommandLine(tmp_path)
        home.add_demo(servers)
        (row,) = home.json("list", "--limit", "1")
        before = servers.snapshot()
        for limit in (20_000, 100_000):  # octets that a file may have: the log of the store, or the message is too large
            command = home.command("send", "--to", "bob@example.org", "--subject", "x", "--body", "y" * 120_000)
            status, complaint = run([sys.executable, "-c", FULL, str(limit), *command[3:]])
            assert status in (1, 66)
            assert re.search("[Ff]ree (some )?space", complaint)
        assert servers.sent == []
        assert home.json("flag", str(row["id"]), "--add", "flagged")["status"] == "done"
        after = servers.snapshot()
        assert [shot.uid for shot in after["INBOX"]] == [shot.uid for shot in before["INBOX"]]
        assert home.json("send", "--to", "bob@example.org", "--subject", "x", "--body", "y")["status"] == "done"
        assert len(servers.sent) == 1


def test_19_a_command_says_what_was_repaired(tmp_path: Path) -> None:
    with DemoServers(3) as servers:
        home = CommandLine(tmp_path)
        home.add_demo(servers)
        (row,) = home.json("list", "--limit", "1")
        home.json("flag", str(row["id"]), "--add", "flagged", "--queue", status=75)
        (tmp_path / "data" / CACHE).write_bytes(b"This is not a database. " * 1000)
        done = home.run("sync")
        assert (done.returncode, b"1 carried" in done.stdout) == (0, True)
        assert b"local copy of your mail was damaged" in done.stderr
        assert any(FLAGGED in shot.flags for shot in servers.snapshot()["INBOX"])
        assert home.run("sync").stderr == b""
