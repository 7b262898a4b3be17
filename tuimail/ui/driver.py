# SPDX-License-Identifier: GPL-3.0-or-later
"""The driver: a Textual driver that sleeps until there is input, and writes each frame in one piece.

Textual's own looks for input ten times a second, ends its thread a tenth of a second late, fails at octets that are no UTF-8,
spins where the terminal has gone, and asks for every motion of the mouse.
"""

import contextlib
import os
import re
import select
import signal
import sys
from codecs import getincrementaldecoder
from collections.abc import Iterable
from io import TextIOWrapper
from typing import Any, cast

from textual import constants
from textual._parser import ParseError, Read1
from textual._time import get_time
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

ESCAPE_DELAY = 0.05
"""Seconds after which an ESC is a key and not the begin of a sequence; ``ESCDELAY`` in the environment (milliseconds) wins.
Over slow lines less would tear alt+key apart."""
_CHUNK = 65536
_NEVER = re.compile("[\x80-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""C1 and bidi controls (UAX #9): no sequence of ours has them, and no text may have them."""
_REPORTS = ("\x1b[?1000", "\x1b[?1002", "\x1b[?1006")
"""xterm mouse modes: clicks and wheel, motion while a button is down, coordinates as numbers."""


def driver_class(found: type[Driver]) -> type[Driver]:
    """Our own in place of Textual's for Linux and macOS; any other stays."""
    return TerminalDriver if found is LinuxDriver and sys.platform in ("linux", "darwin") else found


class Keyboard(XTermParser):
    """Textual's parser with another delay after ESC, which tells when it wants to be woken."""

    delay = ESCAPE_DELAY if "ESCDELAY" not in os.environ else constants.ESCAPE_DELAY

    def read1(self, timeout: float | None = None) -> Read1:  # type: ignore[override]  # a class there, called as this is
        """Ask for one character."""
        return Read1(None if timeout is None else self.delay)

    @property
    def patience(self) -> float | None:
        """Seconds until a pause ends what is begun; None: nothing is begun."""
        return None if self._timeout_time is None else max(0.0, self._timeout_time - get_time())


class _Terminal:
    """A file for `WriterThread` that writes each text at once, whole, and nothing where the terminal has gone."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def write(self, text: str) -> None:
        data = memoryview(text.encode("utf-8", "replace"))
        with contextlib.suppress(OSError):
            while data:
                try:
                    data = data[os.write(self._descriptor, data) :]
                except BlockingIOError:
                    select.select([], [self._descriptor], [])

    def flush(self) -> None:
        """Nothing is held back."""

    def fileno(self) -> int:
        return self._descriptor


class TerminalDriver(LinuxDriver):
    """Reads keys in a thread that sleeps in select(2) until there are some, or until it is woken through a pipe to end."""

    def __init__(self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self.typed = b""
        """What was read before, by somebody else: comes before what is read here."""
        self._pipe: tuple[int, int] | None = None
        """To read from and to write to."""
        if self._file is not None:
            self._file = cast(TextIOWrapper, _Terminal(self._file.fileno()))

    def write(self, data: str) -> None:
        """Write to the terminal, without what may never reach one."""
        super().write(data if data.isascii() else _NEVER.sub("", data))

    def start_application_mode(self) -> None:
        """Take the terminal."""
        if self._pipe is None:
            self._pipe = os.pipe()
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def stop_application_mode(self) -> None:
        """Give the terminal back, with the pen that it had."""
        self.write("\x1b[m")
        super().stop_application_mode()

    def _get_terminal_size(self) -> tuple[int, int]:
        """Columns and rows of the terminal itself. ``COLUMNS`` and ``LINES``, where exported, stay the same after a resize."""
        try:
            columns, rows = os.get_terminal_size(self._file.fileno() if self._file is not None else 1)
        except OSError:
            columns = rows = 0
        return (columns, rows) if columns and rows else super()._get_terminal_size()

    def disable_input(self) -> None:
        """End the thread that reads keys."""
        if self._pipe is not None:
            os.write(self._pipe[1], b"\0")
        super().disable_input()

    def close(self) -> None:
        """End the thread that writes."""
        super().close()
        if self._pipe is not None:
            for descriptor in self._pipe:
                os.close(descriptor)
            self._pipe = None

    def rearm(self) -> None:
        """Switch on again what a terminal may have forgotten."""
        if self._writer_thread is not None:
            self._enable_mouse_support()
            self._enable_bracketed_paste()
            self._disable_line_wrap()

    def _enable_mouse_support(self) -> None:
        if self._mouse:
            self.write("".join(f"{mode}h" for mode in _REPORTS))

    def _disable_mouse_support(self) -> None:
        if self._mouse:
            self.write("".join(f"{mode}l" for mode in _REPORTS))

    def _query_in_band_window_resize(self) -> None:
        """Not asked: SIGWINCH tells it too, and with the answer Textual turns on mouse reports in pixels."""

    def run_input_thread(self) -> None:
        """Hand on keys until woken, or until the terminal has gone."""
        keyboard = Keyboard(self._debug)
        assert self._pipe is not None
        woken = self._pipe[0]
        decode = getincrementaldecoder("utf-8")("replace").decode
        typed, self.typed = self.typed, b""
        try:
            self._hand_on(keyboard.feed(decode(typed)) if typed else ())
            while True:
                ready, _, _ = select.select([self.fileno, woken], [], [], keyboard.patience)
                if woken in ready:
                    return
                if ready:
                    data = self._read()
                    if not data:
                        os.kill(os.getpid(), signal.SIGHUP)
                        return
                    self._hand_on(keyboard.feed(text) if (text := decode(data)) else ())
                self._hand_on(keyboard.tick())
        finally:
            with contextlib.suppress(EOFError, ParseError):
                for _ in keyboard.feed(""):
                    pass

    def _read(self) -> bytes:
        """What was typed; nothing where the terminal has gone."""
        try:
            return os.read(self.fileno, _CHUNK)
        except OSError:
            return b""

    def _hand_on(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self.process_message(message)
