# SPDX-License-Identifier: GPL-3.0-or-later
"""A pseudo-terminal that this process itself draws on, and every octet that was written there."""

import fcntl
import os
import pty
import re
import struct
import termios
import threading
from typing import Self

_CHUNK = 1 << 20
_BEGUN = re.compile(rb"\x1b(?:[\[\]P][^\x1b\x07A-Za-z]*)?\Z")
"""A sequence of which the rest is still to come."""


class OwnTerminal:
    """A context manager: standard input and standard error are a terminal, on which Textual reads keys and draws."""

    def __init__(self, columns: int, rows: int) -> None:
        self._size = struct.pack("HHHH", rows, columns, 0, 0)
        self._written = bytearray()
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, self._size)
        self._before = os.dup(0), os.dup(2)
        os.dup2(slave, 0)
        os.dup2(slave, 2)
        os.close(slave)
        threading.Thread(target=self._read, name="terminal", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for number, descriptor in zip((0, 2), self._before, strict=True):
            os.dup2(descriptor, number)
            os.close(descriptor)

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._master, _CHUNK)
            except OSError:  # nobody has the terminal open any more
                return
            with self._lock:
                self._written += data

    def keys(self, text: str) -> None:
        """Type."""
        os.write(self._master, text.encode())

    def taken(self) -> bytes:
        """What was written since the last call, but for a sequence that has only begun."""
        with self._lock:
            begun = _BEGUN.search(self._written)
            end = begun.start() if begun else len(self._written)
            data = bytes(self._written[:end])
            del self._written[:end]
        return data
