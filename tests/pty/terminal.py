# SPDX-License-Identifier: GPL-3.0-or-later
"""A program in a real pseudo-terminal, its output read by a terminal emulator (pyte)."""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import pyte
from pyte.screens import wcwidth

_ASKS_FOR_FRAMES, _HAS_FRAMES = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
_FRAME_BEGINS, _FRAME_ENDS = b"\x1b[?2026h", b"\x1b[?2026l"
"""Synchronized output: between these the screen is half drawn, and nothing is looked for on it."""
PATIENCE = float(os.environ.get("TUIMAIL_TEST_PATIENCE", "30"))
"""Seconds after which something counts as never shown."""


_UNKNOWN = re.compile(rb"\x1b\[(?:[<>=][0-9;]*[A-Za-z]|\?[0-9;]*(?:\$p|[A-Zac-gi-km-z]))")
"""Sequences that the emulator does not know: keyboard protocols, questions about modes."""
_BEGUN = re.compile(rb"\x1b(?:\[[0-9;:<>=?$]*)?\Z")


def _split(data: bytes) -> tuple[bytes, bytes]:
    """Whole sequences and text, and a sequence of which the rest is still to come."""
    found = _BEGUN.search(data)
    at = found.start() if found else len(data)
    return data[:at], data[at:]


class _Screen(pyte.Screen):
    """At a joiner or a variation selector pyte would forget the rest of what it was told to draw."""

    def draw(self, data: str) -> None:
        if not data.isascii():
            data = "".join(one for one in data if wcwidth(one) or unicodedata.combining(one))
        super().draw(data)


class Terminal:
    """A context manager: starts the program, kills it at the end where it still runs."""

    def __init__(
        self, arguments: list[str], *, size: tuple[int, int] = (120, 40), env: Mapping[str, str] | None = None
    ) -> None:
        self._arguments = arguments
        self._size = size
        self._env = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **(env or {})}
        self._screen = _Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self.written = bytearray()
        """Every byte that the program wrote."""
        self._begun = b""
        self._shown: list[str] | None = None
        self._hung_up = False
        self.status: int | None = None
        """How it ended, as `os.waitstatus_to_exitcode` tells; None while it runs."""

    def __enter__(self) -> Self:
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
                signal.signal(number, signal.SIG_DFL)  # whatever the tests themselves were started with
            os.execve(sys.executable, [sys.executable, *self._arguments], self._env)
        columns, rows = self._size
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.before = termios.tcgetattr(self._terminal)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        if not self._hung_up:
            os.close(self._terminal)

    @property
    def lines(self) -> list[str]:
        """What stands on the screen."""
        if self._shown is None:
            buffer, columns = self._screen.buffer, range(self._screen.columns)
            self._shown = ["".join(buffer[y][x].data for x in columns).rstrip() for y in range(self._screen.lines)]
        return list(self._shown)

    @property
    def text(self) -> str:
        """What stands on the screen, as one string."""
        return "\n".join(self.lines)

    def read(self, seconds: float = 0.05) -> bool:
        """Take in what the program writes within some time. False: the terminal is closed."""
        ready, _, _ = select.select([self._terminal], [], [], seconds)
        if not ready:
            return True
        try:
            data = os.read(self._terminal, 65536)
        except OSError:
            return False
        asked = self.written.count(_ASKS_FOR_FRAMES)
        self.written += data
        if self.written.count(_ASKS_FOR_FRAMES) > asked:
            os.write(self._terminal, _HAS_FRAMES)
        self._draw(data)
        return bool(data)

    def _draw(self, data: bytes) -> None:
        whole, begun = _split(self._begun + data)
        self._begun = begun
        self._stream.feed(_UNKNOWN.sub(b"", whole))
        self._shown = None

    @property
    def is_whole(self) -> bool:
        """Whether no frame is half drawn."""
        return self.written.rfind(_FRAME_ENDS) >= self.written.rfind(_FRAME_BEGINS)

    def until(self, condition: Callable[[], object], what: str) -> None:
        """Wait until something holds on a whole screen."""
        end = time.monotonic() + PATIENCE
        while not (self.is_whole and condition()):
            assert time.monotonic() < end, f"never came: {what}\n{self.text}"
            assert self.read(), f"the program ended before: {what}\n{self.text}"

    def sees(self, *texts: str) -> None:
        """Wait until all these stand on the screen."""
        for text in texts:
            self.until(lambda text=text: text in self.text, text)  # type: ignore[misc]

    def keys(self, text: str) -> None:
        """Send keys as a terminal does."""
        os.write(self._terminal, text.encode())

    def signal(self, number: int) -> None:
        """Send a signal to the program."""
        os.kill(self.pid, number)

    def resize(self, size: tuple[int, int]) -> None:
        """The window gets another size: columns and rows."""
        columns, rows = size
        self._screen.resize(rows, columns)
        self._shown = None
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def hang_up(self) -> None:
        """The terminal goes away."""
        os.close(self._terminal)
        self._hung_up = True

    def ended(self) -> int:
        """Wait for the end of the program. Its status, negative for a signal."""
        end = time.monotonic() + PATIENCE
        while self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
            assert pid or time.monotonic() < end, f"the program did not end\n{self.text}"
            if not self._hung_up:
                self._read_all()
        return self.status

    def _read_all(self) -> None:
        while select.select([self._terminal], [], [], 0.05)[0] and self.read():
            pass


@contextlib.contextmanager
def tuimail(
    *arguments: str, home: Path | None = None, size: tuple[int, int] = (120, 40), env: Mapping[str, str] | None = None
) -> Iterator[Terminal]:
    """The program in a terminal, its files below ``home``."""
    place = [] if home is None else ["--home", str(home)]
    with Terminal(["-m", "tuimail", *place, *arguments], size=size, env=env) as terminal:
        yield terminal
