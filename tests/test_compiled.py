# SPDX-License-Identifier: GPL-3.0-or-later
"""What a start compiles is kept for the next one, and is never used for anything else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shape.sources import ROOT
from tuimail.compiled import folder_for

MODULE = """
from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple, get_type_hints

WORDS = re.compile(r"(?P<first>\\w+) (?P<second>[^\\W\\d]+)", re.IGNORECASE)
CODES = re.compile(rb"\\x00(.)")

@dataclass(frozen=True, order=True)
class Point:
    x: int
    y: int = 2

class Pair(NamedTuple):
    point: Point
    rest: "list[int]"

def told():
    found = WORDS.match("Über alles")
    return [found.groupdict(), WORDS.groupindex, CODES.search(b"a\\0b")[1], repr(Point(1)), Point(1) < Point(2),
            Pair(Point(3), [4]), get_type_hints(Pair), VALUE]

VALUE = 1
"""
START = """
import sys
from tuimail.compiled import Compiled

sys.path[0] = sys.argv[2]
compiled = Compiled(sys.argv[1])
compiled.use()
compiled.use_for_classes()
from parcel import inner
compiled.settle()
import re
re.compile("what the user typed")
print(inner.told())
print(type(inner.__spec__.loader).__name__, inner.__file__, inner.__package__, type(sys.modules["parcel"].__path__).__name__)
compiled.keep()
"""


class Starts:
    """A small program that keeps what it compiles."""

    def __init__(self, folder: Path) -> None:
        self.state = folder / "state"
        self.state.mkdir()
        self.sources = folder / "sources"
        (self.sources / "parcel").mkdir(parents=True)
        (self.sources / "parcel" / "__init__.py").write_text("")
        self.inner = self.sources / "parcel" / "inner.py"
        self.inner.write_text(MODULE)
        self.file = self.state / "compiled"

    def run(self, state: Path | None = None, *options: str) -> tuple[str, str]:
        """Start it: what it tells, and who loaded the module."""
        ran = subprocess.run(
            [sys.executable, *options, "-c", START, str(state or self.state), str(self.sources)],
            cwd=ROOT,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
        told, loaded = ran.stdout.splitlines()
        loader, file, package, kind = loaded.split()
        assert (file, package, kind) == (str(self.inner), "parcel", "list")
        return told, loader


@pytest.fixture
def starts(tmp_path: Path) -> Starts:
    return Starts(tmp_path)


FROM_SOURCE, FROM_FILE = "SourceFileLoader", "_Loader"


def test_the_second_start_compiles_nothing_and_does_the_same(starts: Starts) -> None:
    first, loader = starts.run()
    assert loader == FROM_SOURCE
    written = starts.file.read_bytes()
    assert starts.run() == (first, FROM_FILE)
    assert starts.file.read_bytes() == written, "nothing was missing, and nothing is written"


def test_a_changed_source_is_read_again(starts: Starts) -> None:
    starts.run()
    starts.inner.write_text(MODULE.replace("VALUE = 1", "VALUE = 22"))
    told, loader = starts.run()
    assert (told[-4:], loader) == (" 22]", FROM_SOURCE)
    assert starts.run() == (told, FROM_FILE)


def test_a_source_that_went_is_missed_as_ever(starts: Starts) -> None:
    starts.run()
    starts.inner.unlink()
    with pytest.raises(subprocess.CalledProcessError) as failed:
        starts.run()
    assert "cannot import name 'inner'" in failed.value.stderr


def test_only_the_owner_may_read_it_and_only_then_it_is_used(starts: Starts) -> None:
    told, _ = starts.run()
    assert starts.file.stat().st_mode & 0o777 == 0o600
    for mode in (0o644, 0o620, 0o602):
        starts.file.chmod(mode)
        assert starts.run() == (told, FROM_SOURCE)
        assert starts.file.stat().st_mode & 0o777 == 0o600


def test_for_another_python_path_it_is_not_used(starts: Starts, tmp_path: Path) -> None:
    told, _ = starts.run()
    elsewhere = tmp_path / "elsewhere"
    starts.sources.rename(elsewhere)
    starts.sources, starts.inner = elsewhere, elsewhere / "parcel" / "inner.py"
    assert starts.run() == (told, FROM_SOURCE)


@pytest.mark.parametrize("keep", [0, 4, 100, -2000, -1], ids=["nothing", "no length", "no table", "no code", "one octet short"])
def test_a_torn_file_is_as_good_as_none(starts: Starts, keep: int) -> None:
    told, _ = starts.run()
    starts.file.write_bytes(starts.file.read_bytes()[:keep])
    assert starts.run()[0] == told


def test_nonsense_is_as_good_as_none(starts: Starts) -> None:
    starts.file.write_bytes(os.urandom(3000))
    starts.file.chmod(0o600)
    _, loader = starts.run()
    assert loader == FROM_SOURCE
    assert starts.run()[1] == FROM_FILE


def test_without_a_folder_to_write_to_the_program_works(starts: Starts, tmp_path: Path) -> None:
    assert starts.run(tmp_path / "missing")[1] == FROM_SOURCE


def test_what_is_compiled_for_the_user_is_not_kept(starts: Starts) -> None:
    starts.run()
    content = starts.file.read_bytes()
    assert b"?P<first>" in content
    assert b"what the user typed" not in content


def test_it_stands_beside_the_program_where_that_is_the_users_own(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    assert folder_for(str(package), "state") == str(package / "__pycache__")
    assert (package / "__pycache__").is_dir()


def test_it_stands_with_the_state_where_the_program_is_not_the_users(tmp_path: Path) -> None:
    assert folder_for(str(tmp_path / "missing"), "state") == "state"
    package = tmp_path / "package"
    package.mkdir()
    (package / "__pycache__").write_text("no folder")
    assert folder_for(str(package), "state") == "state"
    if os.getuid() == 0:
        os.chown(package, 12345, 12345)
        assert folder_for(str(package), "state") == "state"
