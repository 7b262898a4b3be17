# SPDX-License-Identifier: GPL-3.0-or-later
"""The output stage and the driver in a real terminal: the screen is right after whatever happened to it."""

import contextlib
import fcntl
import os
import select
import signal
import struct
import termios
from pathlib import Path

import pytest

from tests.pty.terminal import Terminal, tuimail
from tests.pty.test_program import home, is_restored, servers

__all__ = ["home", "servers"]

LIST = ("Inbox", "● demo", "enter open")


def spoil(terminal: Terminal) -> None:
    """Somebody else writes on the terminal."""
    terminal._draw(b"\x1b[m\x1b[2J\x1b[H" + b"$ another program was here\r\n" * 20)


def resize(terminal: Terminal, columns: int, rows: int) -> None:
    """The user makes the window larger or smaller."""
    terminal._screen.resize(rows, columns)
    spoil(terminal)
    fcntl.ioctl(terminal._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def descriptors(terminal: Terminal) -> int:
    """How many descriptors of the terminal the program has (Linux' /proc)."""
    found = 0
    for link in Path(f"/proc/{terminal.pid}/fd").glob("*"):
        with contextlib.suppress(OSError):  # closed meanwhile
            found += link.readlink().match("/dev/pts/*")
    return found


def is_clean(terminal: Terminal) -> bool:
    return "another program" not in terminal.text


def shows_the_list(terminal: Terminal) -> bool:
    return is_clean(terminal) and "● demo" in terminal.lines[-2] and "enter open" in terminal.lines[-1]


@pytest.mark.parametrize("env", [{}, {"COLUMNS": "80", "LINES": "24"}], ids=["", "with a size in the environment"])
def test_after_a_resize(home: Path, env: dict[str, str]) -> None:
    with tuimail(home=home, env=env) as terminal:
        terminal.sees(*LIST)
        for size in ((100, 30), (140, 45), (120, 40)):
            resize(terminal, *size)
            terminal.until(lambda: shows_the_list(terminal), "the list in the new size")


def test_after_a_suspension(home: Path) -> None:
    with tuimail(home=home) as terminal:
        terminal.sees(*LIST)
        before = terminal.lines
        terminal.keys("\x1a")
        _, status = os.waitpid(terminal.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        while terminal.read() and not is_restored(terminal):
            pass
        spoil(terminal)
        terminal.signal(signal.SIGCONT)
        terminal.until(lambda: terminal.lines == before, "the same screen")
        terminal.keys("Q")
        assert terminal.ended() == 0


def test_after_stops_that_nobody_tells_of_before(home: Path) -> None:
    """SIGSTOP, as a debugger or a shell's ``kill -STOP`` sends it: the shell sets the terminal as it likes it meanwhile."""
    with tuimail(home=home) as terminal:
        terminal.sees(*LIST)
        before, taken = terminal.lines, termios.tcgetattr(terminal._terminal)
        held = descriptors(terminal)
        for _ in range(3):
            terminal.signal(signal.SIGSTOP)
            _, status = os.waitpid(terminal.pid, os.WUNTRACED)
            assert os.WIFSTOPPED(status)
            while select.select([terminal._terminal], [], [], 0)[0]:
                terminal.read()
            termios.tcsetattr(terminal._terminal, termios.TCSANOW, terminal.before)
            spoil(terminal)
            terminal.signal(signal.SIGCONT)
            terminal.until(lambda: terminal.lines == before, "the same screen")
            terminal.until(lambda: termios.tcgetattr(terminal._terminal) == taken, "the terminal as the program wants it")
            assert descriptors(terminal) == held
        terminal.keys("Q")
        assert terminal.ended() == 0
        assert termios.tcgetattr(terminal._terminal) == terminal.before
        assert terminal.written.count(b"\x1b[>") == terminal.written.count(b"\x1b[<u")  # the keyboard's modes are a stack


def test_after_the_editor(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    editor = home / "editor"
    editor.write_text('#!/bin/sh\nprintf "another program %s" "$(seq -s " " 900)" > /dev/tty\necho "Written outside" >> "$1"\n')
    editor.chmod(0o700)
    monkeypatch.setenv("VISUAL", str(editor))
    with tuimail(home=home) as terminal:
        terminal.sees(*LIST)
        terminal.keys("c")
        terminal.sees("^E editor")
        terminal.keys("\t\t\t\tDear all")
        terminal.sees("Dear all")
        terminal.keys("\x05")
        terminal.sees("Written outside")
        terminal.until(lambda: is_clean(terminal) and "From" in terminal.text and "Subject" in terminal.text, "the composer")


@pytest.mark.parametrize("how", ["\x0c", "\x1b[I"], ids=["redraw", "focus"])
def test_after_somebody_else_wrote(home: Path, how: str) -> None:
    with tuimail(home=home) as terminal:
        terminal.sees(*LIST)
        terminal.keys("j")
        terminal.sees("2/")
        before = terminal.lines
        spoil(terminal)
        terminal.keys(how)
        terminal.until(lambda: terminal.lines == before, "the same screen")


def test_at_rest_nothing_is_written(home: Path) -> None:
    with tuimail(home=home) as terminal:
        terminal.sees(*LIST)
        terminal.keys("j")
        terminal.sees("2/")
        while select.select([terminal._terminal], [], [], 2)[0]:
            terminal.read()
        written = len(terminal.written)
        terminal.read(3)
        assert len(terminal.written) == written


def test_the_mouse_reports_clicks_and_wheel_only(home: Path) -> None:
    with tuimail(home=home) as terminal:
        terminal.sees(*LIST)
        written = bytes(terminal.written)
        assert b"\x1b[?1000h" in written
        assert b"\x1b[?1006h" in written
        assert b"\x1b[?1003h" not in written
        terminal.keys("\x1b[<0;60;5M\x1b[<0;60;5m")
        terminal.sees("5/")


BREAKS_LATER = """
import sys
from tuimail.ui.output.stage import Stage

frame, frames = Stage.frame, []

def breaks(stage, *arguments, **options):
    frames.append(1)
    if len(frames) > 3:
        raise KeyError("something new in Textual")
    return frame(stage, *arguments, **options)

Stage.frame = breaks
from tuimail.__main__ import main
sys.argv = ["tuimail", *sys.argv[1:]]
sys.exit(main())
"""


def test_where_the_stage_fails_textual_draws(home: Path) -> None:
    with Terminal(["-c", BREAKS_LATER, "--home", str(home)]) as terminal:
        terminal.sees(*LIST)
        for number in range(2, 8):
            terminal.keys("j")
            terminal.sees(f" {number}/")
        terminal.keys("c")
        terminal.sees("^X finish")
        terminal.until(lambda: "enter open" not in terminal.text, "the list goes")
        terminal.keys("\x1b")
        terminal.sees(*LIST)
        terminal.keys("Q")
        assert terminal.ended() == 0
    logs = "".join(file.read_text() for file in home.rglob("*.log"))
    assert logs.count("output: the stage met something unknown") == 1
