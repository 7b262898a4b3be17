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
"""Octets of a line that are kept in memory."""


def _line(when: float, direction: str, line: bytes) -> str:
    text = line.decode("ascii", "backslashreplace")
    return f"{time.strftime('%H:%M:%S', time.localtime(when))} {direction}: {safe_line(text, limit=len(text))}"


def to_file(file: TextIO) -> ProtocolLog:
    """Write it to an open file."""

    def write(direction: str, line: bytes) -> None:
        print(_line(time.time(), direction, line), file=file, flush=True)

    return write


def beside_screen(folder: Path) -> ProtocolLog:
    """Write it to standard error where that is a file, else, as the screen has the terminal, to ``dialogue.log`` there."""
    if sys.stderr.isatty():
        descriptor = os.open(folder / "dialogue.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        return to_file(os.fdopen(descriptor, "w", encoding="utf-8"))
    return to_file(sys.stderr)


class Recent:
    """The last lines, in memory. Called as `ProtocolLog`, from any thread."""

    def __init__(self, lines: int = 1000, also: ProtocolLog | None = None) -> None:
        """``also``: gets each line too."""
        self._lines: deque[tuple[float, str, bytes]] = deque(maxlen=lines)
        self._also = also

    def __call__(self, direction: str, line: bytes) -> None:
        """One more line, as `ProtocolLog`."""
        self._lines.append((time.time(), direction, line[:_KEPT]))
        if self._also is not None:
            self._also(direction, line)

    def lines(self) -> list[str]:
        """Oldest first; safe to show."""
        return [_line(*each) for each in tuple(self._lines)]
