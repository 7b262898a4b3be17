# SPDX-License-Identifier: GPL-3.0-or-later
"""The disk becomes full under the program that is open: every file may have no octet more, until there is room again."""

import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pty.terminal import Terminal, tuimail
from tests.pty.test_program import finds_the_draft, home, is_restored, servers, write_a_draft
from tuimail.demo.servers import DemoServers

__all__ = ["home", "servers"]


def fill_disk(terminal: Terminal, *, full: bool = True) -> None:
    resource.prlimit(terminal.pid, resource.RLIMIT_FSIZE, (1 if full else resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@pytest.fixture
def writing(home: Path) -> Iterator[Terminal]:
    """Somebody writes, and what is typed now cannot be saved."""
    with tuimail(home=home) as terminal:
        write_a_draft(terminal)
        terminal.sees("draft saved")
        fill_disk(terminal)
        terminal.keys(" and one more")
        terminal.sees("This draft is not saved", "one more")
        yield terminal


def quit_for_good(terminal: Terminal) -> None:
    assert terminal.ended() == 0
    assert is_restored(terminal)
    for wrong in (b"Traceback", b"Logging error", b"did not expect"):
        assert wrong not in terminal.written


def test_what_is_typed_is_saved_once_there_is_room(writing: Terminal, home: Path) -> None:
    fill_disk(writing, full=False)
    writing.until(lambda: "not saved" not in writing.text, "all is well again")
    writing.sees("draft saved")
    writing.signal(signal.SIGKILL)
    writing.ended()
    with tuimail(home=home) as terminal:
        terminal.sees("1 open draft")
        terminal.keys("gc")
        terminal.sees("Every single word and one more")


def test_a_signal_ends_the_program_all_the_same(writing: Terminal, home: Path) -> None:
    writing.signal(signal.SIGTERM)
    quit_for_good(writing)
    finds_the_draft(home)


def test_mail_goes_out_once_there_is_room(home: Path, servers: DemoServers) -> None:
    with tuimail(home=home) as terminal:
        write_a_draft(terminal)
        terminal.sees("draft saved")
        fill_disk(terminal)
        terminal.keys("\x18y")
        terminal.until(
            lambda: "Free some space" in terminal.text and "enter close" in terminal.lines[-1], "the dialog that says why"
        )
        fill_disk(terminal, full=False)
        terminal.keys("\r")
        terminal.sees("^X finish")
        terminal.keys("\x18y")
        terminal.until(lambda: servers.sent, "the mail")
        terminal.sees("enter open")
        terminal.keys("Q")
        quit_for_good(terminal)
    assert len(servers.sent) == 1
