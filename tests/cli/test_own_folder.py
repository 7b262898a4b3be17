# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders for temporary files, in a place that others write to as well."""

import os
import tempfile
from pathlib import Path

import pytest

from tuimail.cli.own_folder import own_folder


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go; everybody may write there, and remove their own."""
    place = tmp_path / "tmp"
    place.mkdir()
    place.chmod(0o1777)
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


def left_in(place: Path, name: str) -> Path:
    """A folder that is older than any start takes."""
    (place / name).mkdir()
    (place / name / "file").touch()
    os.utime(place / name, (0, 0))
    return place / name


def test_it_is_private_and_goes(place: Path) -> None:
    with own_folder("own-") as folder:
        (folder / "file").touch()
        assert folder.parent == place
        assert folder.stat().st_mode & 0o777 == 0o700
    assert not folder.exists()


def test_what_was_left_goes_and_what_is_in_use_or_named_otherwise_stays(place: Path) -> None:
    left, other = left_in(place, "own-left"), left_in(place, "other")
    (place / "own-link").symlink_to(other)
    with own_folder("own-") as first:
        os.utime(first, (0, 0))
        with own_folder("own-"):
            assert first.exists()
    assert not left.exists()
    assert (other / "file").exists()


def test_where_others_could_have_given_a_folder_its_name_nothing_is_removed(place: Path) -> None:
    place.chmod(0o777)
    left = left_in(place, "own-left")
    with own_folder("own-"):
        assert (left / "file").exists()
