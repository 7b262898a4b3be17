# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that commands write where the user says."""

import os
from pathlib import Path

import pytest

from tuimail.cli.output import write_file
from tuimail.model.errors import FileProblem

SOMEBODY = 54_321
"""Another user's number."""


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """A folder that all may write to, such as /tmp."""
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    return shared


def test_a_new_file_is_private_and_is_written_anew(shared: Path) -> None:
    file = shared / "report"
    old = os.umask(0)
    try:
        write_file(file, "first, and longer")
    finally:
        os.umask(old)
    assert file.stat().st_mode & 0o777 == 0o600
    write_file(file, "second")
    assert file.read_text() == "second"


def test_ones_own_link_is_followed(shared: Path, tmp_path: Path) -> None:
    (shared / "report").symlink_to(tmp_path / "own")
    (tmp_path / "own").touch()
    write_file(shared / "report", "text")
    assert (tmp_path / "own").read_text() == "text"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("there", [True, False])
def test_a_link_that_another_user_put_there_is_not_followed(shared: Path, tmp_path: Path, there: bool) -> None:
    own, link = tmp_path / "own", shared / "report"
    if there:
        own.write_text("precious")
    link.symlink_to(own)
    os.chown(link, SOMEBODY, -1, follow_symlinks=False)
    with pytest.raises(FileProblem, match="another user"):
        write_file(link, "text")
    assert not there or own.read_text() == "precious"
    assert own.exists() is there


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_file_that_another_user_put_there_gets_nothing(shared: Path) -> None:
    file = shared / "report"
    file.touch()
    file.chmod(0o666)
    os.chown(file, SOMEBODY, -1)
    with pytest.raises(FileProblem, match="another user"):
        write_file(file, "text")
    assert file.read_text() == ""


def test_a_folder_is_told(shared: Path) -> None:
    with pytest.raises(FileProblem, match="directory"):
        write_file(shared, "text")
