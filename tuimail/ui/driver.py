# SPDX-License-Identifier: GPL-3.0-or-later
"""The driver: a Textual driver that reads keys and writes frames on the event loop.

Textual's own reads in one thread and writes in another, for which a key and its frame have to wait. It looks for input ten
times a second, ends its thread a tenth of a second late, fails at octets that are no UTF-8, spins where the terminal has gone,
and asks for every motion of the mouse.
"""

import asyncio
import contextlib
import os
import re
import select
import signal
import sys
import termios
from codecs import getincrementaldecoder
from contextvars import Context
from io import TextIOWrapper
from typing import Any, cast

from textual import constants, events
from textual._parser import Read1
from textual._time import get_time
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size
from textual.message import Message

ESCAPE_DELAY = 0.05
"""Seconds after which an ESC is a key and not the begin of a sequence; ``ESCDELAY`` in the environment (milliseconds) wins.
Over slow lines less would tear alt+key apart."""
_CHUNK = 65536
_NEVER = re.compile("[\x80-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""C1 and bidi controls (UAX #9): no sequence of ours has them, and no text may have them."""
_REPORTS = ("\x1b[?1000", "\x1b[?1002", "\x1b[?1006")
"""xterm mouse modes: clicks and wheel, motion while a button is down, coordinates as numbers."""

_ALTERNATE_SCREEN, _HIDE_CURSOR, _TELL_FOCUS = "\x1b[?1049h", "\x1b[?25l", "\x1b[?1004h"


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
    """A file for `WriterThread` that writes each text whole, and nothing where the terminal has gone.

    What the terminal takes without waiting need not go through the thread.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._prompt: int | None = None
        """The same terminal, opened anew so that it can be non-blocking: as it was given, it is shared with the shell."""
        self._given = self._written = 0
        """How many texts the thread was given, and how many of them it wrote; each is counted by one thread."""

    def open(self) -> None:
        """Begin to write without waiting, where the system allows it."""
        with contextlib.suppress(OSError):
            self.close()  # a job that was continued in the background has it open already
            self._prompt = os.open(os.ttyname(self._descriptor), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)

    def close(self) -> None:
        """The thread writes everything from here on."""
        if self._prompt is not None:
            os.close(self._prompt)
            self._prompt = None

    def rest(self, text: str) -> bytes:
        """Write what the terminal takes at once. What is left for the thread; all of it, where the thread is not done."""
        data = text.encode("utf-8", "replace")
        if self._prompt is not None and self._written == self._given:
            try:
                data = data[os.write(self._prompt, data) :]
            except BlockingIOError:
                pass
            except OSError:
                return b""
        self._given += bool(data)
        return data

    def write(self, rest: bytes) -> None:
        data = memoryview(rest)
        with contextlib.suppress(OSError):
            while data:
                try:
                    data = data[os.write(self._descriptor, data) :]
                except BlockingIOError:
                    select.select([], [self._descriptor], [])
        self._written += 1

    def flush(self) -> None:
        """Nothing is held back."""

    def fileno(self) -> int:
        return self._descriptor


class TerminalDriver(LinuxDriver):
    """Reads keys on the event loop, as they come, and writes there what the terminal takes at once."""

    def __init__(self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self.typed = b""
        """What was read before, by somebody else: comes before what is read here."""
        self._keyboard: Keyboard | None = None
        """None while no keys are read."""
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._pause: asyncio.TimerHandle | None = None
        self._terminal: _Terminal | None = None
        self._settings: list[Any] | None = None
        """Of the terminal while it is ours, as `termios.tcgetattr` tells; None before, and once it was given back."""
        if self._file is not None:
            self._terminal = _Terminal(self._file.fileno())
            self._file = cast(TextIOWrapper, self._terminal)
            # Before the first Resize the app would ask Rich, which believes what COLUMNS and LINES say.
            self._size = self._size or self._get_terminal_size()

    def write(self, data: str) -> None:
        """Write to the terminal, without what may never reach one."""
        data = data if data.isascii() else _NEVER.sub("", data)
        if self._terminal is None:
            super().write(data)
        elif rest := self._terminal.rest(data):
            super().write(rest)  # type: ignore[arg-type]  # only `_Terminal.write` sees it

    def start_application_mode(self) -> None:
        """Take the terminal. Where it was never given back, as SIGSTOP comes without a warning, it is made ready again."""
        if self._settings is not None:
            self._loop.call_soon_threadsafe(self._take_again)  # a signal's handler may have come into the midst of anything
            return
        if self._terminal is not None:
            self._terminal.open()
        self._key_thread = None
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self._key_thread is not None:  # else this is a background job, which is about to be stopped
            with contextlib.suppress(termios.error):
                self._settings = termios.tcgetattr(self.fileno)
            self.read_keys()

    def _take_again(self) -> None:
        """Undo what a shell did to the terminal meanwhile, and show everything anew. Stops again in the background."""
        if self._settings is None:
            return
        with contextlib.suppress(termios.error):
            termios.tcsetattr(self.fileno, termios.TCSANOW, self._settings)
        for mode in _ALTERNATE_SCREEN, _HIDE_CURSOR, _TELL_FOCUS:
            self.write(mode)
        self.rearm()
        size = Size(*self._get_terminal_size())
        self.send_message(events.Resize(size, size))

    def stop_application_mode(self) -> None:
        """Give the terminal back, with the pen that it had."""
        self._settings = None
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
        """Read no more keys."""
        if self._keyboard is not None:
            self._loop.remove_reader(self.fileno)
            self._keyboard = None
            self._wait_for_pause()
        super().disable_input()

    def close(self) -> None:
        """End the thread that writes."""
        super().close()
        if self._terminal is not None:
            self._terminal.close()

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
        """Nothing: keys are read on the event loop."""

    def read_keys(self) -> None:
        """Begin to hand on keys; first what was typed before."""
        self._keyboard = Keyboard(self._debug)
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        # In a context of its own: what a widget prevents while it is busy does not hold for keys.
        Context().run(self._loop.add_reader, self.fileno, self._readable)
        typed, self.typed = self.typed, b""
        self._hand_on(typed)

    @property
    def has_input(self) -> bool:
        """Whether something was typed that is not read yet."""
        return self._keyboard is not None and bool(select.select([self.fileno], [], [], 0)[0])

    def _readable(self) -> None:
        try:
            data = os.read(self.fileno, _CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._hand_on(data)
        else:
            self._loop.remove_reader(self.fileno)
            os.kill(os.getpid(), signal.SIGHUP)

    def _hand_on(self, data: bytes) -> None:
        if self._keyboard is not None and (text := self._decode(data)):
            for message in self._keyboard.feed(text):
                self.process_message(message)
            self._wait_for_pause()

    def _wait_for_pause(self) -> None:
        """Ask to be woken when a pause ends what is begun."""
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
        patience = self._keyboard.patience if self._keyboard is not None else None
        if patience is not None:
            self._pause = self._loop.call_later(patience, self._paused, context=Context())

    def _paused(self) -> None:
        if self._keyboard is not None:
            for message in self._keyboard.tick():
                self.process_message(message)
            self._wait_for_pause()

    def send_message(self, message: Message) -> None:
        """Give the app a message."""
        self._app.post_message(message)
