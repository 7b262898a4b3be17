# SPDX-License-Identifier: GPL-3.0-or-later
"""A day's work on the command line: what it leaves on the disk, what other users can see of it, and whom it talks to."""

import base64
import getpass
import os
import re
import signal
import socket
import stat
import subprocess
from pathlib import Path

import pytest

from tests.accounts.test_oauth import visit
from tests.cli.file_keyring import VARIABLE
from tests.cli.home import Home
from tests.cli.test_sign_in import add
from tests.servers import oauth
from tuimail.demo.servers import DemoServers

_WATCH = """
import os, sys
def note(event, arguments):
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        told = f"{arguments[1][0]}:{arguments[1][1]}"
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        told = f"{event} {arguments[0]}"
    else:
        return
    with open(os.environ["CONNECTIONS"], "a") as file:
        file.write(told + "\\n")
sys.addaudithook(note)
"""
_BREAKS = """
import signal
def end(number, frame):
    from asyncio.base_events import BaseEventLoop
    whole = BaseEventLoop._run_once
    def broken(loop):
        BaseEventLoop._run_once = whole
        raise ValueError("nobody expected this")
    BaseEventLoop._run_once = broken
signal.signal(signal.SIGUSR1, end)
"""
TEMPTING = b"""From: tracker@example.com
To: ada@example.org
Subject: tempting
Message-ID: <tempting@example.com>
Disposition-Notification-To: tracker@example.com
Return-Receipt-To: tracker@example.com
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8

<link rel="stylesheet" href="http://tracker.example.com/a.css"><img src="https://tracker.example.com/1x1.png">
<iframe src="http://tracker.example.com/"></iframe><p>Look at <a href="https://tracker.example.com/go">this</a></p>
""".replace(b"\n", b"\r\n")


@pytest.fixture
def own(tmp_path: Path, servers: DemoServers) -> Home:
    """A home whose password is kept outside of it."""
    at = servers.addresses
    (tmp_path / "secret").write_text(at.password)
    (tmp_path / "home").mkdir()
    home = Home(tmp_path / "home")
    home.add_demo(servers)
    config = home.folder / "config.toml"
    text = config.read_text("utf-8").replace(f'["printf", "{at.password}"]', f'["cat", "{tmp_path / "secret"}"]')
    config.write_text(text, "utf-8")
    config.chmod(0o600)
    return home


def run(home: Home, *arguments: str, typed: bytes = b"") -> bytes:
    """A command under the most careless umask; all that it says."""
    command = ["/bin/sh", "-c", 'umask 000; ulimit -c unlimited; exec "$@"', "sh", *home.command(*arguments)]
    done = subprocess.run(command, input=typed, capture_output=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def work(home: Home, servers: DemoServers) -> bytes:
    """A day: look, read, answer, save, examine. All that was said."""
    servers.deliver(TEMPTING)
    said = run(home, "sync", "--verbose")
    tempting = next(row for row in home.json("list") if row["subject"] == "tempting")
    said += run(home, "read", str(tempting["id"]), "--mark")
    (home.folder / "notes.txt").write_text("notes")
    (home.folder / "notes.txt").chmod(0o600)
    files = ("--attach", str(home.folder / "notes.txt"))
    said += run(home, "send", "--to", "bob@example.org", "--subject", "x", *files, "-", "--verbose", typed=b"words\n")
    said += run(home, "save", str(tempting["id"]), "--to", str(home.folder / "saved"), "--part", "message")
    return said + run(home, "doctor", "--verbose", "--report", str(home.folder / "report.txt"))


def test_what_is_left_and_sent_and_who_is_asked(
    own: Home, servers: DemoServers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "watching").mkdir()
    (tmp_path / "watching" / "sitecustomize.py").write_text(_WATCH)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'watching'}:{os.environ.get('PYTHONPATH', Path.cwd())}")
    monkeypatch.setenv("CONNECTIONS", str(tmp_path / "connections"))
    before = len(servers.sent)
    said = work(own, servers)
    at = servers.addresses

    for path in own.folder.rglob("*"):
        mode = path.lstat().st_mode
        assert stat.S_IMODE(mode) & 0o077 == 0, path
        if stat.S_ISREG(mode):
            assert at.password.encode() not in path.read_bytes(), path
    assert at.password.encode() not in said

    (sent,) = servers.sent[before:]
    machine = {socket.gethostname(), getpass.getuser(), str(Path.home()), str(own.folder), "127.0.0.1"}
    for word in machine - {""}:
        assert not re.search(rb"(?<![\w.])" + re.escape(word.encode()) + rb"(?![\w.])", sent.raw), word
    assert re.search(rb"(?m)^Date: .* \+0000\r$", sent.raw)
    assert b"User-Agent" not in sent.raw
    assert re.search(rb"(?m)^Message-ID: <[\w-]+@" + at.email.rpartition("@")[2].encode() + rb">\r$", sent.raw)

    asked = set((tmp_path / "connections").read_text().split("\n")) - {""}
    assert asked >= {f"127.0.0.1:{at.imap_port}", f"127.0.0.1:{at.smtp_port}"}
    assert not [one for one in asked if at.host not in one]
    assert {one for one in asked if one.startswith("127.")} == {f"127.0.0.1:{at.imap_port}", f"127.0.0.1:{at.smtp_port}"}


def test_other_users_see_no_secret_and_a_crash_leaves_no_core(own: Home, servers: DemoServers) -> None:
    command = ["/bin/sh", "-c", 'ulimit -c unlimited; exec "$@"', "sh", *own.command("sync", "--watch")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        try:
            assert running.stdout is not None
            assert running.stdout.readline(), "it has signed in"
            seen = Path(f"/proc/{running.pid}")
            for told in ("cmdline", "environ"):
                assert servers.addresses.password.encode() not in (seen / told).read_bytes()
            (core,) = [line for line in (seen / "limits").read_text().splitlines() if line.startswith("Max core file size")]
            assert core.split()[4:6] == ["1", "1"], "the only limit that also keeps it from a program in core_pattern"
            running.send_signal(signal.SIGABRT)
            ended = os.waitid(os.P_PID, running.pid, os.WEXITED | os.WNOWAIT)
            assert ended is not None
            assert (ended.si_status, ended.si_code) == (signal.SIGABRT, os.CLD_KILLED), "else CLD_DUMPED"
        finally:
            running.kill()
            running.wait(120)


def test_tokens_are_in_the_keyring_alone(tmp_path: Path, servers: DemoServers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signed in, at work, renewing, ended by an error that nobody expected, and examined."""
    (tmp_path / "sitecustomize.py").write_text(_BREAKS)
    home = Home(tmp_path / "home")
    home.folder.mkdir()
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "tests.cli.file_keyring.FileKeyring")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "keyring.json"))
    with oauth.running() as provider:
        provider.on_issued = servers.set_password
        (home.folder / "config.toml").write_text(provider.configuration())
        added = add(home, servers, "--sign-in", "browser", "--verbose")
        visit(added.until("http://127.0.0.1"))
        assert added.ended() == 0, added.said
        before, said = provider.renewals, "".join(added.said).encode()
        monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{os.environ.get('PYTHONPATH', Path.cwd())}")
        command = home.command("sync", "--watch", "--verbose")
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
            try:
                assert running.stdout is not None
                said += running.stdout.readline()
                assert provider.renewals > before
                said += b"".join((Path(f"/proc/{running.pid}") / told).read_bytes() for told in ("cmdline", "environ"))
                running.send_signal(signal.SIGUSR1)
                said += b"".join(running.communicate(timeout=120))
            finally:
                running.kill()
        assert running.returncode > 0
        said += run(home, "doctor", "--verbose", "--report", str(home.folder / "report.txt"))
    assert any(token in (tmp_path / "keyring.json").read_text() for token in provider.refresh)
    assert provider.renewals >= 2
    said += b"".join(path.read_bytes() for path in home.folder.rglob("*") if path.is_file())
    assert b"nobody expected this" in said, "the error is told"
    said += b" ".join(base64.b64decode(word[: len(word) // 4 * 4]) for word in re.findall(rb"[A-Za-z0-9+/]{20,}", said))
    assert not [secret for secret in provider.issued if secret.encode() in said]
