# SPDX-License-Identifier: GPL-3.0-or-later
"""Where files are."""

from pathlib import Path

import pytest

from tuimail.model.errors import FileProblem
from tuimail.paths import Paths, resolve


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


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("in the way")
    with pytest.raises(FileProblem, match="cannot be made"):
        resolve(str(tmp_path / "home")).create()
