# SPDX-License-Identifier: GPL-3.0-or-later
"""The cached frame's file: for whom it is, of what, and who may read it."""

import os
from pathlib import Path

import pytest

from tuimail.frame import LIMIT, NOTHING, Frame, places
from tuimail.paths import resolve

SIZE = (120, 40)
TERMINAL = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
PICTURE = (b"\x1b[1HInbox: the whole truth", ({b"j": 1, b"k": -1}, [(b"first", b"> first"), (b"second", b"> second")]))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    paths = resolve(str(tmp_path))
    paths.create()
    paths.config_file.write_text("[accounts.work]")
    (paths.data / "own.sqlite").write_bytes(b"store")
    return tmp_path


def frame(home: Path, **changed: str) -> Frame:
    return Frame(str(home), {**TERMINAL, **changed})


def file(home: Path) -> Path:
    return home / "state" / "frame"


def test_what_was_kept_is_shown_again(home: Path) -> None:
    frame(home).keep(PICTURE, SIZE)
    assert frame(home).read(SIZE) == PICTURE
    assert frame(home).read(SIZE) == PICTURE


def test_nothing_kept_nothing_shown(home: Path) -> None:
    assert frame(home).read(SIZE) == NOTHING


def test_only_the_owner_may_read_it(home: Path) -> None:
    frame(home).keep(PICTURE, SIZE)
    assert file(home).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (home / "state").iterdir()] == ["frame"]


@pytest.mark.parametrize(
    ("size", "changed"),
    [((80, 24), {}), (SIZE, {"TERM": "linux"}), (SIZE, {"COLORTERM": ""}), (SIZE, {"NO_COLOR": "1"})],
    ids=["size", "terminal", "colours", "no colours"],
)
def test_another_terminal_does_not_show_it_and_leaves_it(home: Path, size: tuple[int, int], changed: dict[str, str]) -> None:
    frame(home).keep(PICTURE, SIZE)
    assert frame(home, **changed).read(size) == NOTHING
    assert frame(home).read(SIZE) == PICTURE


def test_after_a_change_of_the_configuration_it_goes(home: Path) -> None:
    frame(home).keep(PICTURE, SIZE)
    (home / "config.toml").write_text("")
    assert frame(home).read(SIZE) == NOTHING
    assert not file(home).exists()


def test_with_another_store_it_goes(home: Path) -> None:
    frame(home).keep(PICTURE, SIZE)
    (home / "data" / "own.sqlite").rename(home / "aside")
    assert frame(home).read(SIZE) == NOTHING
    assert not file(home).exists()


def test_what_the_program_writes_into_the_store_does_not_matter(home: Path) -> None:
    frame(home).keep(PICTURE, SIZE)
    (home / "data" / "own.sqlite").write_bytes(b"store and more")
    assert frame(home).read(SIZE) == PICTURE


def test_a_configuration_changed_while_the_program_runs_makes_its_picture_worthless(home: Path) -> None:
    running = frame(home)
    (home / "config.toml").write_text("")
    running.keep(PICTURE, SIZE)
    assert frame(home).read(SIZE) == NOTHING


def test_forgotten(home: Path) -> None:
    frame(home).keep(PICTURE, SIZE)
    frame(home).forget()
    frame(home).forget()
    assert not file(home).exists()


def test_a_file_that_others_can_read_or_write_is_not_trusted(home: Path) -> None:
    frame(home).keep(PICTURE, SIZE)
    file(home).chmod(0o644)
    assert frame(home).read(SIZE) == NOTHING


def test_neither_a_link_nor_a_pipe_nor_a_folder_is_followed(home: Path) -> None:
    frame(home).keep(PICTURE, SIZE)
    file(home).rename(home / "elsewhere")
    file(home).symlink_to(home / "elsewhere")
    assert frame(home).read(SIZE) == NOTHING
    file(home).unlink()
    os.mkfifo(file(home), 0o600)
    assert frame(home).read(SIZE) == NOTHING
    file(home).unlink()
    file(home).mkdir(mode=0o700)
    assert frame(home).read(SIZE) == NOTHING


@pytest.mark.parametrize("content", [b"", b"\n", b"\n\n\n", b"tuimail", os.urandom(3000)])
def test_a_damaged_file_is_no_frame(home: Path, content: bytes) -> None:
    file(home).write_bytes(content)
    file(home).chmod(0o600)
    assert frame(home).read(SIZE) == NOTHING


@pytest.mark.parametrize("octets", [1, 5, 40])
def test_a_torn_picture_is_none(home: Path, octets: int) -> None:
    frame(home).keep(PICTURE, SIZE)
    file(home).write_bytes(file(home).read_bytes()[:-octets])
    assert frame(home).read(SIZE) == NOTHING


def test_nothing_huge_is_kept_or_read(home: Path) -> None:
    frame(home).keep((b"x" * LIMIT, ({}, [])), SIZE)
    assert not file(home).exists()


def test_a_folder_that_cannot_be_written_is_told(home: Path) -> None:
    file(home).mkdir()
    with pytest.raises(OSError, match="frame"):
        frame(home).keep(PICTURE, SIZE)
    assert [path.name for path in (home / "state").iterdir()] == ["frame"]


@pytest.mark.parametrize(
    ("home", "environment"),
    [
        ("/h", {"TUIMAIL_HOME": "/other"}),
        ("", {"TUIMAIL_HOME": "/other"}),
        ("~/mail", {}),
        ("", {}),
        ("", {"XDG_CONFIG_HOME": "/c", "XDG_DATA_HOME": "/d", "XDG_STATE_HOME": "/s"}),
        ("", {"XDG_CONFIG_HOME": "relative", "XDG_DATA_HOME": "", "XDG_STATE_HOME": "./s"}),
    ],
)
def test_files_are_where_the_program_has_them(home: str, environment: dict[str, str]) -> None:
    paths = resolve(home or None, environment)
    assert tuple(map(Path, places(home, environment))) == (paths.config_file, paths.data, paths.state)
