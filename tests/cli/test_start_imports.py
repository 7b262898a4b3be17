# SPDX-License-Identifier: GPL-3.0-or-later
"""What commands for scripts import: they are called in loops, so the screen stays out, and what they do not need."""

import subprocess
import sys
from pathlib import Path

import pytest

NEVER = ("textual", "rich.console", "tuimail.ui", "tuimail.demo")
LOCAL = ("aioimaplib", "aiosmtplib", "keyring", "email", "http", "icalendar", "markdown_it", "turbohtml", "tomlkit")
"""Not needed to read the local store."""
SCRIPT = """
import sys
from tuimail.__main__ import main
sys.argv[1:] = {arguments!r}
status = main()
print("MODULES", status, *sys.modules)
"""


def modules(home: Path, *arguments: str) -> list[str]:
    """What is imported when a command ends."""
    script = SCRIPT.format(arguments=["--home", str(home), *arguments])
    done = subprocess.run([sys.executable, "-c", script], input="", capture_output=True, text=True, check=True, timeout=60)
    line = next(line for line in done.stdout.splitlines() if line.startswith("MODULES"))
    return line.split()[2:]


def among(names: tuple[str, ...], loaded: list[str]) -> list[str]:
    return [module for module in loaded if any(module == name or module.startswith(f"{name}.") for name in names)]


@pytest.mark.parametrize(
    "arguments", [("list",), ("folders",), ("sync",), ("flag", "1"), ("sendmail", "a@b.example"), ("view", "/nowhere")]
)
def test_no_screen(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    loaded = modules(tmp_path, *arguments)
    assert not among(NEVER, loaded)
    assert not among(LOCAL, loaded)
