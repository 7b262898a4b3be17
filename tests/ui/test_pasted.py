# SPDX-License-Identifier: GPL-3.0-or-later
"""Which pasted texts are names of files."""

from pathlib import Path

import pytest

from tuimail.ui.pasted import pasted_files


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    one, two = tmp_path / "one file.txt", tmp_path / "zwei.txt"
    one.write_text("1")
    two.write_text("2")
    return one, two


def test_plain_quoted_escaped_and_uris(files: tuple[Path, Path]) -> None:
    one, two = files
    assert pasted_files(str(two)) == (two,)
    assert pasted_files(str(one)) == (one,)
    assert pasted_files(f"'{one}' {two}\n") == (one, two)
    assert pasted_files(str(one).replace(" ", "\\ ")) == (one,)
    assert pasted_files(one.as_uri()) == (one,)
    assert pasted_files(f"{one}\n{two}\n") == (one, two)


def test_anything_else_is_text(files: tuple[Path, Path], tmp_path: Path) -> None:
    one, two = files
    for text in (
        "",
        "Hello",
        f"see {two}",
        f"{two} is it",
        str(tmp_path),
        str(tmp_path / "missing"),
        "/",
        "~nobody-here/x",
        "'",
    ):
        assert pasted_files(text) == ()
    assert pasted_files("/" + "x" * 20_000) == ()
    assert pasted_files("/\0") == ()
    assert pasted_files(f"{two}\n{one}\nand text") == ()
