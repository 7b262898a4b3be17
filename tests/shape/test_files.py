# SPDX-License-Identifier: GPL-3.0-or-later
"""Every file says under which licence it is and what it is for; the wheel holds what the program reads at run time."""

import ast
import tomllib
from pathlib import Path

import pytest

from tests.shape.sources import ROOT, python_files, relative, tree_of

HEADER = "# SPDX-License-Identifier: GPL-3.0-or-later"


def test_every_file_names_its_licence() -> None:
    without = [
        relative(path)
        for path in python_files("tuimail", "tests", "bench")
        if not path.read_text(encoding="utf-8").startswith(HEADER + "\n")
    ]
    assert not without


def test_every_module_says_what_it_is_for() -> None:
    assert not [relative(path) for path in python_files("tuimail") if not ast.get_docstring(tree_of(path))]


def test_every_package_is_a_package() -> None:
    folders = {path.parent for path in python_files("tuimail", "tests")}
    assert not [relative(folder) for folder in folders if not (folder / "__init__.py").exists()]


def test_the_wheel_holds_the_themes_and_the_types() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["packages"] == ["tuimail"]
    assert wheel["force-include"]["themes"] == "tuimail/themes"
    assert len(list((ROOT / "themes").glob("*.toml"))) >= 7
    assert (ROOT / "tuimail" / "py.typed").exists()


@pytest.mark.parametrize("script", ["run", "servers", "venv"])
def test_the_scripts_can_be_run(script: str) -> None:
    file: Path = ROOT / ".ci" / script
    assert file.stat().st_mode & 0o111
    assert "set -euo pipefail" in file.read_text()
