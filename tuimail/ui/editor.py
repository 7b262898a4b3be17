# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's own editor, for the text of a message."""

import contextlib
import os
import shlex
import subprocess
from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from tuimail.engine.editing import Editing
from tuimail.model.draft import Draft
from tuimail.model.errors import FileProblem, InputWrong
from tuimail.model.text import safe_line

if TYPE_CHECKING:
    from tuimail.ui.app import TuimailApp


def arguments(command: str) -> list[str]:
    """A command as it is started, without a shell. Raises InputWrong."""
    try:
        words = shlex.split(command)
    except ValueError:
        words = []
    if not words:
        raise InputWrong(f"“{safe_line(command)}” is no command.", "Write a program and its arguments; quotes come in pairs.")
    return words


@contextlib.contextmanager
def edited(app: "TuimailApp", editing: Editing, draft: Draft) -> Iterator[str]:
    """The text of a draft, which was saved just now, after the user's editor had it: it is to be kept before this ends.

    Of an editor that was killed it is what was saved last. Raises InputWrong, FileProblem.
    """
    command = arguments(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    with editing.lent(draft) as lent:
        status = _run(app, [*command, str(lent.file)])
        if status > 0:
            raise InputWrong(f"{command[0]} ended with {status}; the text is as it was.")
        yield lent.text()
        if status < 0:
            left = lent.left
            lent.taken = not left
            app.say(f"{command[0]} was ended by signal {-status}; the text is what it had saved. {left}".rstrip(), seconds=15)


def _run(app: "TuimailApp", command: list[str]) -> int:
    """Its exit status, or the signal as a negative number."""
    try:
        with app.suspend():
            return subprocess.run(command, check=False).returncode
    except SuspendNotSupported:
        raise InputWrong("The screen cannot be given to another program here.") from None
    except OSError as error:
        raise FileProblem(
            f"{command[0]} cannot be started: {error.strerror}.", "Set EDITOR to an editor that is there."
        ) from error
