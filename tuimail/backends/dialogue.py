# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the dialogue with the servers goes: into a file for ``--verbose``, into memory for the doctor.

Secrets were struck out where they were sent.
"""

import os
import sys
import time
from collections import deque
from pathlib import Path
from typing import TextIO

from tuimail.backends.log import ProtocolLog
from tuimail.model.text import safe_line

_KEPT = 400
"""Characters of a line that are kept in memory."""


def to_file(file: TextIO) -> ProtocolLog:
    """Write it to an open file."""

    def write(direction: str, line: bytes) -> None:
        clock = time.strftime("%H:%M:%S")
        text = line.decode("ascii", "backslashreplace")
        print(f"{clock} {direction}: {safe_line(text, limit=len(text))}", file=file, flush=True)

    return write


def beside_screen(folder: Path) -> ProtocolLog:
    """Write it to standard error where that is a file, else, as the screen has the terminal, to ``dialogue.log`` there."""
    if sys.stderr.isatty():
        descriptor = os.open(folder / "dialogue.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        return to_file(os.fdopen(descriptor, "w", encoding="utf-8"))
    return to_file(sys.stderr)


class Recent:
    """The last lines, in memory. Called as `ProtocolLog`, from any thread."""

    def __init__(self, lines: int = 2000, also: ProtocolLog | None = None) -> None:
        """``also``: gets each line too."""
        self._lines: deque[str] = deque(maxlen=lines)
        self._also = also
        self.count = 0
        """Of all lines so far, those that are gone included."""

    def __call__(self, direction: str, line: bytes) -> None:
        """One more line, as `ProtocolLog`."""
        text = line.decode("ascii", "backslashreplace")
        self._lines.append(f"{time.strftime('%H:%M:%S')} {direction}: {safe_line(text, limit=_KEPT)}")
        self.count += 1
        if self._also is not None:
            self._also(direction, line)

    def lines(self) -> list[str]:
        """Oldest first; safe to show."""
        return list(self._lines)
