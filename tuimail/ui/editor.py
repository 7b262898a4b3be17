# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's own editor, for the text of a message."""

import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

from textual.app import App, SuspendNotSupported

from tuimail.model.errors import FileProblem, InputWrong
from tuimail.model.text import safe_line


def arguments(command: str) -> list[str]:
    """A command as it is started, without a shell. Raises InputWrong."""
    try:
        words = shlex.split(command)
    except ValueError:
        words = []
    if not words:
        raise InputWrong(f"“{safe_line(command)}” is no command.", "Write a program and its arguments; quotes come in pairs.")
    return words


def edited(app: App[Any], text: str) -> str:
    """The text after the user's editor had it. Raises InputWrong, FileProblem."""
    import tempfile

    command = arguments(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    descriptor, name = tempfile.mkstemp(prefix="tuimail-", suffix=".eml")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        with app.suspend():
            status = subprocess.run([*command, name], check=False).returncode
        if status:
            raise InputWrong(f"{command[0]} ended with {status}; the text is as it was.")
        return Path(name).read_text("utf-8", errors="replace")
    except SuspendNotSupported:
        raise InputWrong("The screen cannot be given to another program here.") from None
    except OSError as error:
        raise FileProblem(
            f"{command[0]} cannot be started: {error.strerror}.", "Set EDITOR to an editor that is there."
        ) from error
    finally:
        Path(name).unlink(missing_ok=True)
