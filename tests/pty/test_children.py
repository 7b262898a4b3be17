# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that are started from the screen: what they get, and what is left when one of them, or tuimail, is killed."""

import contextlib
import os
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pty.terminal import Terminal, tuimail
from tests.pty.test_program import home, write_a_draft
from tuimail.demo.servers import DemoServers

__all__ = ["home"]

_TELLS = """#!/bin/sh
{ echo "# $0 $*"; tr '\\0' '\\n' < /proc/$$/cmdline; echo "# environment"; tr '\\0' '\\n' < /proc/$$/environ
  echo "# open"; ls -l /proc/self/fd; } > "%s.new"
"""
_SHELL_OWN = {"_", "PWD", "OLDPWD", "SHLVL"}
LINK = "https://example.org/place?q=$(touch$%7BIFS%7Dran);touch+ran&x"
_NOISE = "printf '\\033]2;noise\\007noise\\n'; printf '\\033[2Jnoise\\n' >&2"
"""Of a program that knows nothing of the screen."""
LETTER = b"""From: Bob <bob@example.org>\r
To: ada@example.org\r
Subject: A place to look at\r
Message-ID: <place@example.org>\r
\r
Look at https://example.org/place?q=$(touch${IFS}ran);touch+ran&x today.\r
"""


@pytest.fixture
def servers() -> Iterator[DemoServers]:
    with DemoServers(3) as running:
        yield running


def program(folder: Path, name: str, rest: str) -> Path:
    """A program that writes what it got into ``NAME.told`` and goes on with ``rest``."""
    path = folder / name
    told = folder / f"{name}.told"
    path.write_text(_TELLS % told + f'mv "{told}.new" "{told}"\n{rest}\n')
    path.chmod(0o700)
    return path


def said(terminal: Terminal) -> str:
    """What the program says in passing, wherever its lines are broken: the names of files differ in length."""
    return " ".join(line.partition("█")[2].strip() for line in terminal.lines)


def assert_nothing_that_is_not_its_own(folder: Path, name: str, env: dict[str, str], secret: str) -> None:
    """What a program told: arguments and environment without secrets, no file but the usual three."""
    told = (folder / f"{name}.told").read_text()
    assert secret not in told
    arguments, _, rest = told.partition("# environment\n")
    environment, _, descriptors = rest.partition("# open\n")
    given = {*os.environ, *env, *_SHELL_OWN, "TERM", "COLORTERM"}
    assert {line.partition("=")[0] for line in environment.splitlines() if "=" in line} <= given
    opened = [line.split(" -> ", 1) for line in descriptors.splitlines() if " -> " in line]
    others = [target for number, target in opened if number.split()[-1] not in ("0", "1", "2")]
    assert all(target.startswith("/proc/") for target in others), others
    assert "Look at" not in arguments
    assert "A place" not in arguments


def test_what_they_get_and_what_is_left_when_they_are_killed(home: Path, servers: DemoServers) -> None:
    """The editor's text is kept whoever was killed, and its file goes; what it had not saved stays where it put it."""
    editor = program(home, "editor", '. "$0.does"')
    does, pid, editing = home / "editor.does", home / "editor.pid", home / "data" / "editing"
    config, env = home / "config.toml", {"VISUAL": str(editor), "BROWSER": str(program(home, "browser", _NOISE))}
    password = program(home, "password", f'exec cat "{home / "secret"}"')
    config.write_text(config.read_text().replace(f'["cat", "{home / "secret"}"]', f'["{password}"]'))
    program(home, "pipe", f"{_NOISE}; exec cat")
    servers.deliver(LETTER)

    def edit(what: str) -> None:
        does.write_text(what)
        terminal.keys("\x05")

    with tuimail(home=home, env=env) as terminal:
        terminal.sees("● demo", "A place to look at")
        terminal.keys("\r")
        terminal.sees("From     Bob", "Look at https://example.org/place?q=")
        terminal.keys("o")
        terminal.sees(" 1 ps:")
        terminal.keys("1")
        terminal.until((home / "browser.told").exists, "the browser")
        assert (home / "browser.told").read_text().split("# environment\n")[0].splitlines()[-1] == LINK, (
            "one argument, no shell"
        )
        terminal.keys("|")
        terminal.sees("Pipe the message to")
        terminal.keys(f"{home / 'pipe'}\r")
        terminal.sees("ended with 0")
        assert b"noise" not in terminal.written, "what they write is not for the screen"
        write_a_draft(terminal)
        edit('echo "Saved at once" >> "$1"')
        terminal.sees("Every single word", "Saved at once")
        for name in ("password", "editor", "browser", "pipe"):
            assert_nothing_that_is_not_its_own(home, name, env, servers.addresses.password)
        assert not list(editing.iterdir())

        edit('echo "Saved before" >> "$1"; kill -KILL $$')
        terminal.until(lambda: "ended by signal 9" in said(terminal), "what became of the editor")
        terminal.sees("Saved before")
        assert not list(editing.iterdir())

        edit('echo half > "$1.swp"; kill -KILL $$')
        terminal.until(lambda: "The editor left files" in said(terminal), "what it left")
        (left,) = editing.rglob("*.*")
        assert left.suffix == ".swp"
        assert stat.S_IMODE(left.parent.stat().st_mode) == 0o700
        left.unlink()

        edit(f'echo "Saved at last" >> "$1"; echo $$ > "{pid}.new"; mv "{pid}.new" "{pid}"; exec sleep 600')
        terminal.until(pid.exists, "the editor")
        terminal.signal(signal.SIGKILL)
        assert terminal.ended() == -signal.SIGKILL
    with contextlib.suppress(ProcessLookupError):
        os.kill(int(pid.read_text()), signal.SIGKILL)
    with tuimail(home=home) as terminal:
        terminal.sees("What the editor saved last is in the draft “Never lose this”")
        terminal.keys("gc")
        terminal.sees("Every single word", "Saved at last")
    assert not list(editing.iterdir())
