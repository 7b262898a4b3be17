# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail doctor`` as a script sees it: output, exit status, report."""

import json
import socket
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.home import Home
from tuimail.demo.servers import DemoServers


@pytest.fixture
def own(tmp_path: Path, servers: DemoServers) -> Home:
    """A home of its own, with one account that works."""
    made = Home(tmp_path)
    made.add_demo(servers)
    return made


def break_it(home: Home, servers: DemoServers, key: str, **other: object) -> None:
    """Add an account that does not work."""
    at = servers.addresses
    right = {"email": at.email, "user": at.user, "password": at.password, "imap": at.imap_port, "smtp": at.smtp_port}
    home.add(key, **{**right, **other})  # type: ignore[arg-type]


def test_a_healthy_account(own: Home, servers: DemoServers) -> None:
    done = own.run("doctor", "--verbose")
    shown = done.stdout.decode()
    assert done.returncode == 0
    assert "✓ imap sign-in" in shown
    assert "All is well" in shown
    assert "\x1b" not in shown
    said = done.stderr.decode()
    assert "C: a CAPABILITY" in said
    assert "AUTH PLAIN ***" in said
    assert servers.addresses.password not in shown + said


def test_the_document(own: Home) -> None:
    document = own.json("doctor", "work")
    (account,) = document["accounts"]
    assert account["name"] == "work"
    steps = account["steps"] + document["program"]
    assert {tuple(step) for step in steps} == {("step", "server", "status", "detail", "advice", "seconds")}
    assert {step["status"] for step in steps} <= {"ok", "warn"}
    assert {step["step"] for step in document["program"]} >= {"configuration", "store", "keyring", "terminal"}
    assert "message to oneself" not in {step["step"] for step in steps}


def test_the_exit_status_is_that_of_the_worst(own: Home, servers: DemoServers) -> None:
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        break_it(own, servers, "away", imap=unused.getsockname()[1])
        assert own.run("doctor", "work").returncode == 0
        assert own.run("doctor", "away").returncode == 69
        break_it(own, servers, "wrong", password="not-the-password")
        done = own.run("doctor")
    assert done.returncode == 77
    assert "✗ imap connect" in done.stdout.decode()
    assert "✗ imap sign-in" in done.stdout.decode()
    assert b"not-the-password" not in done.stdout + done.stderr


def test_a_wrong_configuration_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[settings]\nundo_sned = 3\n", "utf-8")
    done = Home(tmp_path).run("doctor", "--json")
    assert done.returncode == 78
    (step,) = [step for step in json.loads(done.stdout)["program"] if step["status"] == "fail"]
    assert step["step"] == "configuration"
    assert "undo_send" in step["detail"] + step["advice"]


def test_any_locale_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "latin-1")
    done = Home(tmp_path).run("doctor")
    assert (done.returncode, done.stderr) == (0, b"")
    assert "✓ store" in done.stdout.decode()


def test_no_account_is_no_failure(tmp_path: Path) -> None:
    done = Home(tmp_path).run("doctor")
    assert done.returncode == 0
    assert "tuimail account add makes one" in done.stdout.decode()


def test_a_name_that_no_account_has(own: Home) -> None:
    assert own.error("doctor", "nobody", status=64)["kind"] == "InputWrong"


def test_a_message_to_oneself_when_told_so(own: Home, servers: DemoServers) -> None:
    document = own.json("doctor", "--yes")
    assert [step["status"] for step in document["accounts"][0]["steps"] if step["step"] == "message to oneself"] == ["ok"]
    assert servers.sent[-1].subject == "tuimail doctor"


def test_the_report_tells_nothing_of_the_user(own: Home, servers: DemoServers) -> None:
    at, file = servers.addresses, own.folder / "report.txt"
    break_it(own, servers, "wrong", password="not-the-password")
    own.run("doctor", "--report", str(file))
    report = file.read_text("utf-8")
    assert file.stat().st_mode & 0o777 == 0o600
    assert "dialogue" in report
    assert "AUTHENTICATE PLAIN ***" in report
    for own_word in (at.password, "not-the-password", at.email, at.user, "Lovelace", "Köln"):
        assert own_word not in report


def test_a_damaged_store_is_found(own: Home) -> None:
    own.json("sync")
    cache = own.folder / "data" / "cache.sqlite"
    cache.write_bytes(b"no database at all" * 1000)
    done = own.run("doctor", "--json")
    (step,) = [step for step in json.loads(done.stdout)["program"] if step["step"] == "store"]
    assert step["status"] == "fail"
    assert "cache.sqlite is damaged" in step["detail"]
