# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets the cached frame answer the keys that move the cursor, until the program is there to do it.

The frame brings along how its first rows look with the cursor on them and without, and which keys move it. A thread reads what
is typed while the program is imported: as long as it is such keys, the cursor on the screen follows them. All that was typed is
handed to the program, which does the same anew, and everything else.
"""

import _thread
import os
import select

_INPUT = 0
_LIMIT = 1 << 16
"""Octets typed ahead, after which no more are read."""

TYPE_CHECKING = False
"""As in `typing`, which is not imported here."""
if TYPE_CHECKING:
    from collections.abc import Callable

    from tuimail.frame import Steps


class Answering:
    """Reads keys and moves the cursor of the frame that was painted, in a thread, until it is asked what was typed."""

    def __init__(self, steps: "Steps", write: "Callable[[bytes], object]") -> None:
        self._write = write
        self._keys, self._rows = steps
        self._row = 0
        self._follows = True
        """Only keys were typed that move the cursor of the frame, and not out of its rows."""
        self._typed = b""
        """At first with line feeds for `enter`, which the terminal makes of it before it is set for the program (ICRNL)."""
        self._unread = b""
        self._woken, self._wake = os.pipe()
        if select.select([_INPUT], [], [], 0)[0]:  # what was typed already need not wait for the thread
            self._take()
            self._typed = self._typed.replace(b"\n", b"\r")
        self._ended = _thread.allocate_lock()
        self._ended.acquire()
        _thread.start_new_thread(self._read, ())

    def end(self) -> bytes:
        """Read no more. What was typed."""
        if self._wake >= 0:
            os.close(self._wake)
            self._ended.acquire()
            os.close(self._woken)
            self._wake = -1
        typed, self._typed = self._typed, b""
        return typed

    def _read(self) -> None:
        try:
            while len(self._typed) < _LIMIT and self._woken not in select.select([_INPUT, self._woken], [], [])[0]:
                if not self._take():
                    break
        finally:
            self._ended.release()

    def _take(self) -> bool:
        """Read what was typed. False: the terminal is gone."""
        try:
            data = os.read(_INPUT, 4096)
        except OSError:
            return False
        self._typed += data
        self._follow(data)
        return bool(data)

    def _follow(self, data: bytes) -> None:
        """Move the cursor as far as what was typed moves it."""
        self._unread += data
        before = self._row
        while self._follows and self._unread:
            key = next((key for key in self._keys if self._unread.startswith(key)), None)
            if key is None:
                self._follows = any(key.startswith(self._unread) for key in self._keys)
                break
            self._unread = self._unread[len(key) :]
            there = max(0, self._row + self._keys[key])
            self._follows = there < len(self._rows)
            self._row = there if self._follows else self._row
        if self._row != before:
            self._write(self._rows[before][0] + self._rows[self._row][1])
