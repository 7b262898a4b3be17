# SPDX-License-Identifier: GPL-3.0-or-later
"""Where files are."""

import os
import stat
from pathlib import Path

import pytest

from tuimail.model.errors import FileProblem
from tuimail.paths import Paths, resolve

SOMEBODY = 54_321
"""Another user's number."""
PLACES = ("", "data", "state", "data/own.sqlite", "state/tuimail.log", "data/editing")


def test_one_folder_for_all() -> None:
    wanted = Paths(Path("/h/config.toml"), Path("/h/themes"), Path("/h/data"), Path("/h/state"))
    assert resolve("/h", {"TUIMAIL_HOME": "/other"}) == wanted
    assert resolve(None, {"TUIMAIL_HOME": "/h", "XDG_CONFIG_HOME": "/c"}) == wanted


def test_the_xdg_folders() -> None:
    given = {"XDG_CONFIG_HOME": "/c", "XDG_DATA_HOME": "/d", "XDG_STATE_HOME": "relative"}
    paths = resolve(None, given)
    assert paths.config_file == Path("/c/tuimail/config.toml")
    assert paths.themes == Path("/c/tuimail/themes")
    assert paths.data == Path("/d/tuimail")
    assert paths.state == Path.home() / ".local/state/tuimail"


def test_folders_are_closed_to_others(tmp_path: Path) -> None:
    paths = resolve(str(tmp_path / "home"))
    paths.create()
    paths.create()
    for folder in (paths.config_file.parent, paths.data, paths.state):
        assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("chosen", ["~nobody-is-called-so/mail", "~nobody-is-called-so"])
def test_a_home_folder_that_nobody_knows(chosen: str) -> None:
    with pytest.raises(FileProblem, match="home folder"):
        resolve(chosen)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("in the way")
    with pytest.raises(FileProblem, match="cannot be made"):
        resolve(str(tmp_path / "home")).create()


@pytest.fixture
def made(tmp_path: Path) -> Paths:
    """The folders, as a careless program or a backup would have made them."""
    paths = resolve(str(tmp_path / "home"))
    paths.create()
    paths.config_file.touch()
    (paths.data / "editing").mkdir()
    for file in (paths.data / "own.sqlite", paths.state / "tuimail.log"):
        file.touch()
        file.chmod(0o666)
    for folder in (paths.data, paths.state):
        folder.chmod(0o777)
    return paths


def test_what_is_open_to_others_is_closed(made: Paths) -> None:
    made.create()
    for path in (made.data, made.state, made.data / "own.sqlite", made.state / "tuimail.log"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


@pytest.mark.parametrize("name", ["config.toml", ""])
def test_a_configuration_that_others_may_write_is_not_used(made: Paths, name: str) -> None:
    """It names programs that are run."""
    path = made.config_file.parent / name
    path.chmod(path.stat().st_mode | stat.S_IWOTH)
    with pytest.raises(FileProblem, match=r"chmod go-w"):
        made.create()
    path.chmod(path.stat().st_mode & ~stat.S_IWOTH)
    made.create()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("name", PLACES)
def test_what_another_user_put_there_is_not_used(made: Paths, name: str) -> None:
    """Whatever is written into such a file, that user reads."""
    os.chown(made.config_file.parent / name, SOMEBODY, -1)
    with pytest.raises(FileProblem, match="belongs to another user"):
        made.create()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("name", ["data", "data/own.sqlite"])
def test_a_link_of_another_user_leads_nowhere(made: Paths, tmp_path: Path, name: str) -> None:
    path, own = made.config_file.parent / name, tmp_path / "own"
    path.rename(own)
    own.chmod(0o755)
    path.symlink_to(own)
    os.chown(path, SOMEBODY, -1, follow_symlinks=False)
    with pytest.raises(FileProblem, match="belongs to another user"):
        made.create()
    assert stat.S_IMODE(own.stat().st_mode) == 0o755


def test_a_link_of_ones_own_is_followed(made: Paths, tmp_path: Path) -> None:
    made.data.rename(tmp_path / "elsewhere")
    made.data.symlink_to(tmp_path / "elsewhere")
    made.create()
    assert stat.S_IMODE((tmp_path / "elsewhere").stat().st_mode) == 0o700
