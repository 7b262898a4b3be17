# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the dialogue with the servers is written for ``--verbose``. Secrets were struck out where they were sent."""

import os
import sys
import time
from pathlib import Path
from typing import TextIO

from tuimail.backends.log import ProtocolLog
from tuimail.model.text import safe_line


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
