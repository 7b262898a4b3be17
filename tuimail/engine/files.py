# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of the user's that are to be sent along."""

from pathlib import Path

from tuimail.model.errors import FileProblem
from tuimail.model.text import safe_line


def read_file(path: Path) -> bytes:
    """The whole of a file that is to be attached. Takes time: call it in a thread. Raises FileProblem."""
    try:
        if not path.is_file():
            reason = "it is a folder" if path.is_dir() else "there is no such file"
            raise FileProblem(f"{safe_line(str(path))} cannot be attached: {reason}.", "Check the path.")
        return path.read_bytes()
    except OSError as error:
        raise FileProblem(
            f"{safe_line(str(path))} cannot be attached: {error.strerror}.", "Check the path and its permissions."
        ) from error
