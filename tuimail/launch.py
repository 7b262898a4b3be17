# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: SIM105
"""The first milliseconds: the cached frame on the terminal, before anything heavy is imported.

Importing Textual takes ten times as long as starting Python. So where the program is asked for the plain screen and there is a
frame that fits, it is painted here, and the terminal is set so that what is typed meanwhile is not echoed and reaches the app.
Only what Python's own start imported is imported here, and `termios`, which is small.

From then on the terminal is ours until Textual's driver takes it over (`tuimail.ui.takeover`); when the start fails
before that, `Launch.withdraw` gives it back, so that a message can be read.
"""

import os
import sys

from tuimail.frame import Frame, places

TYPE_CHECKING = False
"""As in `typing`, which is not imported here."""
if TYPE_CHECKING:
    from collections.abc import Callable

    from tuimail.answer import Answering
    from tuimail.frame import Picture

ENTER = b"\x1b[?1049h\x1b[?25l\x1b[?7l"
"""Alternate screen, cursor hidden, no wrapping at the last column: as Textual's driver sets them, too."""
LEAVE = b"\x1b[?7h\x1b[0m\x1b[?25h\x1b[?1049l"
_INPUT, _OUTPUT = 0, 1
_IFLAG, _LFLAG, _CC = 0, 3, 6
"""Places in what `termios.tcgetattr` returns."""


class Launch:
    """The terminal between the start of the program and the take-over by Textual."""

    def __init__(self) -> None:
        self._answering: Answering | None = None
        self.attributes: list[object] | None = None
        """How the terminal was set before; None while nothing was changed."""
        self.home: str | None = None
        """What ``--home`` names, or "", where nothing but the plain screen was asked for."""
        self.config_file = self.state = ""
        """The configuration and the state folder, where the plain screen was asked for on a terminal."""
        self.imported: Callable[[], object] = bool
        """To be called when the program is imported, before it shows anything."""
        self.notes: dict[str, bytes] = {}
        """What earlier starts noted for this one, and this one for later ones: octets by name."""
        self.is_shown = False
        """The frame stands on the alternate screen, and nobody has taken it over."""

    def paint(self, picture: "Picture") -> None:
        """Set the terminal for a program on the whole screen, paint the frame, and answer the keys that it can answer."""
        sequences, steps = picture
        self._silence()
        if self.attributes is None:
            return
        self.is_shown = True
        self._withdraw_on_signal()
        _write(ENTER + sequences)
        if steps[1]:
            from tuimail.answer import Answering

            self._answering = Answering(steps, _write)

    def typed(self) -> bytes:
        """What was typed so far, for who reads the keys from now on."""
        answering, self._answering = self._answering, None
        return answering.end() if answering is not None else b""

    def taken_over(self) -> None:
        """Textual has the alternate screen now, and will leave it."""
        self.is_shown = False

    def withdraw(self) -> None:
        """Give the terminal back as it was, unless Textual has it. May be called again, and where nothing was painted."""
        self.typed()
        if not self.is_shown:
            return
        self.is_shown = False
        _write(LEAVE)
        import termios

        assert self.attributes is not None
        try:
            termios.tcsetattr(_INPUT, termios.TCSADRAIN, self.attributes)  # type: ignore[arg-type]
        except termios.error:  # the terminal is gone
            pass

    def _silence(self) -> None:
        """No echo, each key on its own, `enter` unchanged; of the keys that send signals only the interrupt is left."""
        import termios

        try:
            self.attributes = termios.tcgetattr(_INPUT)
            changed = termios.tcgetattr(_INPUT)
            changed[_IFLAG] &= ~(termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR)
            changed[_LFLAG] &= ~(termios.ECHO | termios.ECHONL | termios.ICANON | termios.IEXTEN)
            for key in (termios.VSUSP, termios.VQUIT):
                changed[_CC][key] = b"\0"
            changed[_CC][termios.VMIN], changed[_CC][termios.VTIME] = 1, 0
            termios.tcsetattr(_INPUT, termios.TCSANOW, changed)
        except termios.error:
            self.attributes = None

    def _withdraw_on_signal(self) -> None:
        """A program that is ended now still leaves through `withdraw`."""
        import signal

        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, lambda received, _: sys.exit(128 + received))


def launch(arguments: list[str], environment: "os._Environ[str]" = os.environ) -> Launch:
    """Paint the cached frame if these arguments ask for the plain screen, on a terminal for which there is a frame."""
    made = Launch()
    made.home = home = plain_home(arguments)
    if home is None or not (os.isatty(_INPUT) and os.isatty(_OUTPUT)):
        return made
    made.config_file, _, made.state = places(home, environment)
    try:
        size = os.get_terminal_size(_OUTPUT)
    except OSError:
        return made
    picture = Frame(home, environment).read((size.columns, size.lines))
    if picture[0]:
        made.paint(picture)
    return made


def plain_home(arguments: list[str]) -> str | None:
    """What ``--home`` names, or "", where nothing else is asked for; None for everything that begins otherwise."""
    match arguments:
        case []:
            return ""
        case ["--home", home]:
            return home
        case [option] if option.startswith("--home="):
            return option.removeprefix("--home=")
    return None


def _write(data: bytes) -> None:
    """Write all of it. What fails here fails again later, where it can be told."""
    try:
        while data:
            data = data[os.write(_OUTPUT, data) :]
    except OSError:
        pass
