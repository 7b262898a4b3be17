# SPDX-License-Identifier: GPL-3.0-or-later
"""The first milliseconds in a real terminal: the cached frame, the keys typed meanwhile, and a start that fails."""

import signal
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.file_keyring import VARIABLE
from tests.pty.terminal import Terminal, tuimail
from tests.pty.test_program import is_restored
from tuimail.demo.servers import DemoServers
from tuimail.store.store import Store

FRAME_ONLY = "import sys, time; from tuimail.launch import launch; launch(['--home', {home!r}]); time.sleep(60)"
"""What the program does before it imports anything, and then nothing."""
PROGRAM = (
    "import sys; sys.argv[1:] = ['--home', {home!r}]; import tuimail.__main__ as program; {before}; sys.exit(program.main())"
)
SLOW = (
    "import time; slow = type(sys)('slow'); sys.meta_path.insert(0, slow);"
    "slow.find_spec = lambda name, *_: name == 'tuimail.start' and time.sleep(60) or None"
)
"""Importing takes for ever."""
BROKEN = "sys.modules[{module!r}] = None"
"""The program with a module that cannot be imported."""
SWITCH = b"\x1b[?1049h"


@pytest.fixture
def servers() -> Iterator[DemoServers]:
    with DemoServers(40) as running:
        yield running


def configure(home: Path, servers: DemoServers, password: str = 'password_command = ["cat", "{secret}"]') -> None:
    at = servers.addresses
    (home / "secret").write_text(at.password)
    config = home / "config.toml"
    config.write_text(
        f"""
[settings]
threads = false

[accounts.demo]
name = "{at.name}"
email = "{at.email}"
username = "{at.user}"
{password.format(secret=home / "secret")}
imap = {{ host = "{at.host}", port = {at.imap_port}, security = "none" }}
smtp = {{ host = "{at.host}", port = {at.smtp_port}, security = "none" }}
"""
    )
    config.chmod(0o600)


@pytest.fixture
def home(tmp_path: Path, servers: DemoServers) -> Path:
    """A home in which the program was used, and left."""
    configure(tmp_path, servers)
    with tuimail(home=tmp_path) as terminal:
        terminal.sees("● demo", "1/27", "enter open")
        terminal.keys("Q")
        assert terminal.ended() == 0
    return tmp_path


def frame(home: Path) -> Path:
    return home / "state" / "frame"


def some_subject(home: Path) -> str:
    """A subject that stands on the screen."""
    store = Store.open(home / "data")
    try:
        account = store.accounts.ensure("demo")
        inbox = store.folders.by_name(account, "INBOX")
        assert inbox is not None
        row = store.messages.rows(store.messages.order(inbox.id)[:1])[0]
        assert row is not None
        return row.envelope.subject[:30]
    finally:
        store.close(clean=True)


def test_no_picture_of_an_encrypted_store_is_kept(tmp_path: Path, servers: DemoServers) -> None:
    configure(tmp_path, servers)
    with (tmp_path / "config.toml").open("a") as file:
        file.write(f'[store]\nencrypted = true\nkey_command = "echo {"07" * 32}"\n')
    (tmp_path / "state").mkdir()
    frame(tmp_path).write_text("of before")
    with tuimail(home=tmp_path) as terminal:
        terminal.sees("● demo", "1/27", "enter open")
        assert not frame(tmp_path).exists()
        terminal.keys("Q")
        assert terminal.ended() == 0
    assert not frame(tmp_path).exists()


def launched(home: Path, size: tuple[int, int] = (120, 40)) -> Terminal:
    return Terminal(["-c", FRAME_ONLY.format(home=str(home))], size=size)


def failing(home: Path, module: str) -> Terminal:
    return Terminal(["-c", PROGRAM.format(home=str(home), before=BROKEN.format(module=module))])


def test_the_last_screen_is_there_before_anything_is_imported(home: Path) -> None:
    subject = some_subject(home)
    with launched(home) as terminal:
        terminal.sees(subject, "enter open", "Inbox")
        assert SWITCH in terminal.written


def test_the_frame_says_nothing_of_connections(home: Path) -> None:
    with launched(home) as terminal:
        terminal.sees("enter open", "? help")
        assert "demo" not in terminal.lines[-2]


def test_the_frame_is_what_the_program_paints_next(home: Path) -> None:
    with launched(home) as terminal:
        terminal.sees("enter open", "? help")
        pictured = terminal.lines
    with tuimail(home=home) as terminal:
        terminal.sees("● demo")
        assert terminal.lines[:-2] == pictured[:-2]
        assert terminal.lines[-1] == pictured[-1]


def test_the_screen_is_switched_once_and_never_cleared(home: Path) -> None:
    with tuimail(home=home) as terminal:
        terminal.sees("● demo")
        assert terminal.written.count(SWITCH) == 1
        assert b"\x1b[2J" not in terminal.written


@pytest.mark.parametrize("env", [{}, {"COLUMNS": "80", "LINES": "24"}], ids=["", "with a size in the environment"])
def test_while_the_program_takes_over_the_rows_stay(home: Path, env: dict[str, str]) -> None:
    subject = some_subject(home)
    with tuimail(home=home, env=env) as terminal:
        terminal.sees(subject)
        terminal.until(lambda: subject in terminal.text and "● demo" in terminal.text, "the program")
        seen = bytes(terminal.written)
    with Terminal(["-c", ""]) as replay:
        begun = False
        for line in seen.split(b"\x1b[?2026"):
            replay._draw(line)
            begun = begun or subject in replay.text
            assert not begun or subject in replay.text


def test_keys_typed_before_the_program_is_there_are_not_echoed_and_work(home: Path) -> None:
    with launched(home) as terminal:
        terminal.sees("enter open", "? help")
        before = terminal.text
        terminal.keys("zzz\x1a\x1c\r")
        terminal.read(0.3)
        assert terminal.text == before
        assert terminal.status is None
    with tuimail(home=home) as terminal:
        terminal.sees("enter open")
        terminal.keys("jj")
        terminal.sees("3/27", "● demo")


@pytest.mark.parametrize("leave", ["Q", "\rQ"], ids=["from the list", "from a message"])
def test_what_was_open_is_not_in_the_frame(home: Path, leave: str) -> None:
    with tuimail(home=home) as terminal:
        terminal.sees("● demo")
        terminal.keys("jj")
        terminal.sees("3/27")
        if leave.startswith("\r"):
            terminal.keys("\r")
            terminal.sees("From")
        terminal.keys("Q")
        assert terminal.ended() == 0
    with launched(home) as terminal:
        terminal.sees("1/27", "enter open")


def test_the_cursor_of_the_frame_moves_before_the_program_is_there(home: Path) -> None:
    with launched(home) as terminal:
        terminal.sees("enter open", "1/27")
        first, second = terminal.lines[:2]
        terminal.keys("j")
        terminal.sees("2/27")
        assert terminal.lines[0] != first
        assert terminal.lines[1] != second
        terminal.keys("\x1b[Bjkk")
        terminal.sees("2/27")
        terminal.keys("kkk")
        terminal.sees("1/27")
        assert terminal.lines[:2] == [first, second]


def test_the_cursor_of_the_frame_goes_no_further_than_it_is_known(home: Path) -> None:
    with launched(home) as terminal:
        terminal.sees("1/27")
        terminal.keys("j" * 26)
        terminal.sees("12/27")
        terminal.keys("k")
        terminal.read(0.3)
        assert "12/27" in terminal.text


def test_after_another_key_the_frame_waits_for_the_program(home: Path) -> None:
    with launched(home) as terminal:
        terminal.sees("1/27")
        terminal.keys("j")
        terminal.sees("2/27")
        terminal.keys("/j")
        terminal.read(0.3)
        assert "2/27" in terminal.text


def test_what_moved_the_cursor_of_the_frame_moves_that_of_the_program(home: Path) -> None:
    with tuimail(home=home) as terminal:
        terminal.sees("1/27")
        terminal.keys("jjjjk")
        terminal.sees("4/27", "● demo")
        terminal.keys("j")
        terminal.sees("5/27")


def test_another_size_starts_without_the_frame(home: Path) -> None:
    with tuimail(home=home, size=(100, 30)) as terminal:
        terminal.sees("● demo")
        terminal.keys("Q")
        assert terminal.ended() == 0
    with launched(home, size=(120, 40)) as terminal:
        terminal.read(1)
        assert SWITCH not in terminal.written


@pytest.mark.parametrize("module", ["tuimail.start", "textual.app", "tuimail.ui.app"])
def test_a_start_that_fails_gives_the_terminal_back_and_says_why(home: Path, module: str) -> None:
    with failing(home, module) as terminal:
        assert terminal.ended() != 0
        assert SWITCH in terminal.written
        assert is_restored(terminal)
        assert termios.tcgetattr(terminal._terminal)[3] == terminal.before[3]
        told = bytes(terminal.written).partition(b"\x1b[?1049l")[2]
        assert told.strip()


def test_a_store_that_cannot_be_opened_is_told_on_the_ordinary_screen(home: Path) -> None:
    own = home / "data" / "own.sqlite"
    identity = own.stat().st_ino
    own.chmod(0o600)
    (home / "data" / "sync.lock").unlink(missing_ok=True)
    (home / "data" / "sync.lock").mkdir()
    with tuimail(home=home) as terminal:
        terminal.ended()
        assert SWITCH in terminal.written
        assert is_restored(terminal)
    assert own.stat().st_ino == identity


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_before_the_program_is_there_gives_the_terminal_back(home: Path, number: int) -> None:
    slow = PROGRAM.format(home=str(home), before=SLOW)
    with Terminal(["-c", slow]) as terminal:
        terminal.sees("enter open")
        terminal.signal(number)
        assert terminal.ended() == 128 + number
        assert is_restored(terminal)
        assert termios.tcgetattr(terminal._terminal)[3] == terminal.before[3]
        assert "Traceback" not in terminal.text


def test_a_changed_configuration_shows_no_old_frame(home: Path) -> None:
    config = home / "config.toml"
    config.write_text(config.read_text().replace("threads", "thread"))
    with tuimail(home=home) as terminal:
        assert terminal.ended() == 78
        assert SWITCH not in terminal.written
        assert "threads" in terminal.text
    assert not frame(home).exists()


def test_where_a_password_is_asked_for_nothing_is_shown_before(tmp_path: Path, servers: DemoServers) -> None:
    configure(tmp_path, servers, password="")
    with tuimail(home=tmp_path) as terminal:
        terminal.sees("Password for demo")
        terminal.keys(servers.addresses.password + "\r")
        terminal.sees("● demo")
        terminal.keys("Q")
        assert terminal.ended() == 0
    assert not frame(tmp_path).exists()


def test_a_password_is_asked_for_once_where_there_is_a_keyring(
    tmp_path: Path, servers: DemoServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "keyring"
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "tests.cli.file_keyring.FileKeyring")
    monkeypatch.setenv(VARIABLE, str(kept))
    configure(tmp_path, servers, password="")
    with tuimail(home=tmp_path) as terminal:
        terminal.sees("Password for demo")
        terminal.keys(servers.addresses.password + "\r")
        terminal.sees("● demo")
        terminal.until(kept.exists, "the kept password")
        terminal.keys("Q")
        assert terminal.ended() == 0
    with tuimail(home=tmp_path) as terminal:
        terminal.sees("● demo")
        assert "Password for demo" not in terminal.text


def test_with_the_account_its_picture_goes(home: Path) -> None:
    assert frame(home).exists()
    with tuimail("account", "remove", "demo", home=home) as terminal:
        assert terminal.ended() == 0
    assert not frame(home).exists()


def test_other_commands_paint_nothing(home: Path) -> None:
    for arguments in (["config", "check"], ["--version"], ["account", "list"]):
        with tuimail(*arguments, home=home) as terminal:
            assert terminal.ended() == 0
            assert SWITCH not in terminal.written


def test_the_terminal_is_as_before_after_a_start_over_the_frame(home: Path) -> None:
    with tuimail(home=home) as terminal:
        terminal.sees("● demo")
        terminal.keys("Q")
        assert terminal.ended() == 0
        assert is_restored(terminal)
        assert termios.tcgetattr(terminal._terminal) == terminal.before
