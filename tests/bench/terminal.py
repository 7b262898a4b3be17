# SPDX-License-Identifier: GPL-3.0-or-later
"""A program in a pseudo-terminal, each octet of its output with the time it came.

Reading and drawing are apart: a thread stamps the octets as they come; they are drawn, slowly, when none came for a moment.
"""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Self

import pyte

_ANSWERS = {
    b"\x1b[?2026$p": b"\x1b[?2026;2$y",  # synchronized output (DECRQM)
    b"\x1b[c": b"\x1b[?62;22c",  # device attributes (DA1)
    b"\x1b[6n": b"\x1b[1;1R",  # cursor position
}
"""What a program asks its terminal → what this one says."""
_FRAME_BEGINS, _FRAME_ENDS = b"\x1b[?2026h", b"\x1b[?2026l"
_UNKNOWN = re.compile(rb"\x1b(?:\[(?:[<>=][0-9;]*[A-Za-z]|\?[0-9;]*(?:\$p|[A-Zac-gi-km-z]))|[()*+][A-Z0-9]|[=>])")
"""Sequences that the emulator does not know: keyboard protocols, questions about modes, sets of characters."""
_BEGUN = re.compile(rb"\x1b(?:[()*+]|\[[0-9;:<>=?$]*)?\Z")
_MOMENT = 0.003
"""Seconds without output after which there is time to draw."""
_LONGEST = 0.1
"""Seconds after which what came is drawn, even though more comes."""
_BETWEEN_FRAMES = 0.005
"""Seconds without output that part two frames."""
QUIET = 0.04
"""Seconds without output after which a reaction counts as complete."""


class NeverShown(Exception):
    """What was waited for did not come; the text has the screen."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """What a key led to."""

    shown: float
    """Seconds until the last octet of the first frame; 0 where nothing came."""
    settled: float
    """Seconds until the last octet before it was quiet."""
    octets: int


class Terminal:
    """A context manager: starts the program, kills its process group at the end where it still runs."""

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        env: Mapping[str, str],
        folder: Path,
        answers: Mapping[bytes, bytes] | None = None,
        size: tuple[int, int] = (120, 40),
    ) -> None:
        """``answers``: what is written as soon as the program writes something, such as a password at its prompt."""
        self._answers = {**_ANSWERS, **(answers or {})}
        self._arguments, self._env, self._folder, self._size = list(arguments), dict(env), folder, size
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self._arrived: list[tuple[float, bytes]] = []
        """Not drawn yet."""
        self._came = threading.Condition()
        self._closed = False
        self._reader = threading.Thread(target=self._read, name="terminal", daemon=True)
        self._begun = b""
        self._in_frame = False
        self._text: str | None = None
        self.octets = 0
        """All that the program wrote."""
        self.started = 0.0
        """Just before the program was executed; the monotonic clock, as all times here."""

    def __enter__(self) -> Self:
        self._master, slave = pty.openpty()
        columns, rows = self._size
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.started = time.monotonic()
        self._process = subprocess.Popen(
            self._arguments,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=self._env,
            cwd=self._folder,
            start_new_session=True,
            preexec_fn=_take_terminal,
        )
        os.close(slave)
        self._woken, self._wake = os.pipe()
        self._reader.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.write(self._wake, b"x")
        self._reader.join()
        for descriptor in (self._master, self._woken, self._wake):
            os.close(descriptor)

    @property
    def pid(self) -> int:
        """The program's process."""
        return self._process.pid

    @property
    def lines(self) -> list[str]:
        """What stands on the screen."""
        return self.text.split("\n")

    @property
    def text(self) -> str:
        """What stands on the screen, as one string."""
        if self._text is None:
            columns, rows = range(self._size[0]), range(self._size[1])
            # Three times as fast as `pyte.Screen.display`; the second cell of a wide character is empty.
            buffer = self._screen.buffer
            self._text = "\n".join("".join([buffer[row][column].data for column in columns]).rstrip() for row in rows)
        return self._text

    def write(self, keys: str) -> float:
        """Send keys; when that was."""
        at = time.monotonic()
        os.write(self._master, keys.encode())
        return at

    def until(self, condition: Callable[[Self], object], what: str, patience: float = 30.0) -> float:
        """Wait until something holds on a whole screen. When the octets came that made it so. Raises NeverShown."""
        end = time.monotonic() + patience
        at = time.monotonic()
        while self._in_frame or not condition(self):
            if time.monotonic() > end:
                raise NeverShown(f"never shown: {what}\n{self.text}")
            if self._arrived:
                at = self._draw_one()
            elif not self._collect(_MOMENT, _LONGEST):
                raise NeverShown(f"ended before: {what}\n{self.text}")
        return at

    def sees(self, text: str, patience: float = 30.0) -> float:
        """Wait until a text stands on the screen."""
        return self.until(lambda here: text in here.text, text, patience)

    def settle(self, quiet: float = QUIET, patience: float = 10.0) -> None:
        """Draw everything, until nothing came for some time."""
        end = time.monotonic() + patience
        while self._collect(quiet, 1.0) and self._arrived and time.monotonic() < end:
            self._draw_all()
        self._draw_all()

    def react(self, keys: str, quiet: float = QUIET, patience: float = 2.0) -> Reaction:
        """Send keys to a program that is quiet, and take in what they lead to."""
        before = self.octets
        at = self.write(keys)
        end = at + patience
        while not self._arrived and time.monotonic() < end and self._collect(_MOMENT, quiet):
            pass
        self._collect(quiet, patience)
        times = [came for came, _ in self._arrived] or [at]
        frame = next((one for one, other in pairwise(times) if other - one > _BETWEEN_FRAMES), times[-1])
        self._draw_all()
        return Reaction(frame - at, times[-1] - at, self.octets - before)

    def ended(self, patience: float = 10.0) -> bool:
        """Wait for the end of the program."""
        end = time.monotonic() + patience
        while self._process.poll() is None and time.monotonic() < end:
            if not self._collect(_MOMENT, _LONGEST):
                time.sleep(0.01)
            self._draw_all()
        return self._process.poll() is not None

    def _collect(self, quiet: float, at_most: float) -> bool:
        """Wait until nothing came for ``quiet`` seconds, or for ``at_most`` seconds. False: it is closed, and all was drawn."""
        end = time.monotonic() + at_most
        with self._came:
            while not self._closed and self._came.wait(quiet) and time.monotonic() < end:
                pass
            return not self._closed or bool(self._arrived)

    def _read(self) -> None:
        """The thread: stamp what comes, and answer at once what the program asks."""
        while self._master in select.select([self._master, self._woken], [], [])[0]:
            try:
                data = os.read(self._master, 65_536)
            except OSError:  # how the end of a terminal is told
                break
            now = time.monotonic()
            for question, answer in self._answers.items():
                if question in data:
                    os.write(self._master, answer)
            with self._came:
                self._arrived.append((now, data))
                self.octets += len(data)
                self._came.notify()
        with self._came:
            self._closed = True
            self._came.notify()

    def _draw_all(self) -> None:
        while self._arrived:
            self._draw_one()

    def _draw_one(self) -> float:
        at, data = self._arrived.pop(0)
        data = self._begun + data
        begun = _BEGUN.search(data)
        cut = begun.start() if begun else len(data)
        data, self._begun = data[:cut], data[cut:]
        begins, ends = data.rfind(_FRAME_BEGINS), data.rfind(_FRAME_ENDS)
        if begins != ends:
            self._in_frame = begins > ends
        self._stream.feed(_UNKNOWN.sub(b"", data))
        self._text = None
        return at


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
