# SPDX-License-Identifier: GPL-3.0-or-later
"""The real program in a real terminal: it starts, works, ends, and survives being ended."""

import os
import signal
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pty.terminal import Terminal, tuimail
from tests.servers import provider
from tuimail.demo.servers import DemoServers

ALTERNATE_SCREEN_OFF = b"\x1b[?1049l"
CURSOR_ON = b"\x1b[?25h"
MOUSE_OFF = b"\x1b[?1000l"


@pytest.fixture
def servers() -> Iterator[DemoServers]:
    with DemoServers(40) as running:
        yield running


@pytest.fixture
def home(tmp_path: Path, servers: DemoServers) -> Path:
    """A home whose configuration names the demo servers."""
    at = servers.addresses
    config = tmp_path / "config.toml"
    secret = tmp_path / "secret"
    secret.write_text(at.password)
    config.write_text(
        f"""
[settings]
undo_send = 0

[accounts.demo]
name = "{at.name}"
email = "{at.email}"
username = "{at.user}"
password_command = ["cat", "{secret}"]
imap = {{ host = "{at.host}", port = {at.imap_port}, security = "none" }}
smtp = {{ host = "{at.host}", port = {at.smtp_port}, security = "none" }}
"""
    )
    config.chmod(0o600)
    return tmp_path


def is_restored(terminal: Terminal) -> bool:
    """Whether the terminal is as a shell wants it."""
    tail = bytes(terminal.written)
    return tail.rfind(ALTERNATE_SCREEN_OFF) > tail.rfind(b"\x1b[?1049h") and tail.rfind(CURSOR_ON) > tail.rfind(b"\x1b[?25l")


def write_a_draft(terminal: Terminal) -> None:
    terminal.sees("● demo")
    terminal.keys("c")
    terminal.sees("Subject", "^X finish")
    terminal.keys("ada@example.org\t\t\t")
    terminal.keys("Never lose this\r")
    terminal.keys("Every single word")
    terminal.sees("Every single word")


def test_the_doctor_examines_the_demo() -> None:
    with tuimail("demo", "--messages", "3") as terminal:
        terminal.sees("Inbox", "● demo", "enter open")
        terminal.keys(":")
        terminal.keys("doctor")
        terminal.sees("Try every step")
        terminal.keys("\r")
        terminal.sees("smtp sign-in", "All is well.", "Not now")
        terminal.keys("n")
        terminal.until(lambda: "Not now" not in terminal.text, "the question goes")
        terminal.keys("q")
        terminal.sees("enter open")
        terminal.keys("Q")
        assert terminal.ended() == 0


def test_the_demo_starts_reads_and_quits() -> None:
    with tuimail("demo", "--messages", "40") as terminal:
        terminal.sees("Inbox", "● demo", "enter open")
        terminal.keys("\r")
        terminal.sees("From", "Date")
        terminal.keys("q")
        terminal.keys("Q")
        assert terminal.ended() == 0
        assert is_restored(terminal)


def test_what_a_killed_demo_left_goes_with_the_next(tmp_path: Path) -> None:
    """It holds what was written and typed there."""
    env = {"TMPDIR": str(tmp_path)}
    with tuimail("demo", "--messages", "3", env=env) as terminal:
        terminal.sees("● demo")
        terminal.signal(signal.SIGKILL)
        assert terminal.ended() == -signal.SIGKILL
    (left,) = tmp_path.iterdir()
    os.utime(left, (0, 0))
    with tuimail("demo", "--messages", "3", env=env) as terminal:
        terminal.sees("● demo")
        assert not left.exists()
        terminal.keys("Q")
        assert terminal.ended() == 0
    assert not list(tmp_path.iterdir())


def test_reads_and_sends_with_an_account_of_the_configuration(home: Path, servers: DemoServers) -> None:
    with tuimail(home=home) as terminal:
        write_a_draft(terminal)
        terminal.keys("\x18y")
        terminal.until(lambda: servers.sent, "the mail")
        terminal.keys("Q")
        assert terminal.ended() == 0
    assert b"Every single word" in servers.sent[0].raw


def test_settings_of_the_terminal_come_back(home: Path) -> None:
    with tuimail(home=home) as terminal:
        terminal.sees("● demo")
        assert termios.tcgetattr(terminal._terminal)[3] != terminal.before[3]
        terminal.keys("Q")
        terminal.until(lambda: is_restored(terminal), "the terminal is given back")
        assert terminal.ended() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_gives_the_terminal_back_and_keeps_the_draft(home: Path, number: int) -> None:
    with tuimail(home=home) as terminal:
        write_a_draft(terminal)
        terminal.signal(number)
        assert terminal.ended() == 0
        assert is_restored(terminal)
    finds_the_draft(home)


def test_a_terminal_that_goes_away_costs_no_word(home: Path) -> None:
    with tuimail(home=home) as terminal:
        write_a_draft(terminal)
        terminal.hang_up()
        terminal.ended()
    finds_the_draft(home)


def test_after_kill_9_the_draft_is_there_at_the_next_start(home: Path) -> None:
    with tuimail(home=home) as terminal:
        write_a_draft(terminal)
        terminal.sees("draft saved")
        terminal.signal(signal.SIGKILL)
        assert terminal.ended() == -signal.SIGKILL
    finds_the_draft(home)


def finds_the_draft(home: Path) -> None:
    with tuimail(home=home) as terminal:
        terminal.sees("● demo", "1 open draft")
        terminal.keys("gc")
        terminal.sees("ada@example.org", "Never lose this", "Every single word", "^X finish")
        terminal.keys("\x1b")
        terminal.sees("enter open")
        terminal.keys("Q")
        assert terminal.ended() == 0


def test_keys_typed_before_the_first_screen_are_not_lost(home: Path) -> None:
    with tuimail(home=home) as terminal:
        terminal.sees("● demo")
        terminal.keys("Q")
        assert terminal.ended() == 0
    with tuimail(home=home) as terminal:
        terminal.keys("c")
        terminal.sees("^X finish")


def test_a_wrong_configuration_is_told_with_its_line(home: Path) -> None:
    config = home / "config.toml"
    config.write_text(config.read_text().replace("undo_send", "undo_sent"))
    with tuimail(home=home) as terminal:
        assert terminal.ended() == 78
        said = terminal.text.replace("\n", "")
        assert "undo_sent" in said
        assert "undo_send" in said.replace("undo_sent", "")
        assert "Traceback" not in terminal.text


def test_from_a_fresh_home_to_the_inbox_by_address_and_password(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with provider.running(tmp_path) as example:
        (home / "config.toml").write_text(example.configuration())
        with tuimail(home=home) as terminal:
            terminal.sees("Welcome to tuimail", "E-mail address")
            terminal.keys(f"{example.at.email}\r{example.at.password}\r")
            terminal.sees("There is no safe keyring here", "● example", "Inbox")
            assert example.at.password.encode() not in bytes(terminal.written)
            terminal.keys("Q")
            assert terminal.ended() == 0
    holding = [file for file in home.rglob("*") if file.is_file() and example.at.password.encode() in file.read_bytes()]
    assert not holding, "no file holds the password"
    assert not (home / "state" / "frame").exists(), "the next start asks for the password before it shows mail"


def test_an_address_is_followed_by_the_password_with_tab_as_well(tmp_path: Path) -> None:
    with tuimail(home=tmp_path) as terminal:
        terminal.sees("Welcome to tuimail", "E-mail address")
        terminal.keys("ada@gmail.com\tsesame")
        terminal.sees("ada@gmail.com", "App password", "••••••")
        assert "sesame" not in terminal.text
        assert b"sesame" not in bytes(terminal.written)
