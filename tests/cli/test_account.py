# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail account`` and ``tuimail config`` as a script sees them: output, exit status, files."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tuimail.demo.servers import DemoServers


@pytest.fixture(scope="module")
def servers() -> Iterator[DemoServers]:
    with DemoServers(0) as running:
        yield running


def tuimail(home: Path, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command line with its files below ``home``."""
    return subprocess.run(
        [sys.executable, "-m", "tuimail", "--home", str(home), *arguments],
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def added(
    home: Path, servers: DemoServers, *, password: str = "", more: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    """Add the demo's user as an account."""
    at = servers.addresses
    return tuimail(
        home,
        "account",
        "add",
        at.email,
        "--name",
        at.name,
        f"--imap={at.host}:{at.imap_port}/none",
        f"--smtp={at.host}:{at.smtp_port}/none",
        f"--username={at.user}",
        "--password-stdin",
        *more,
        typed=f"{password or at.password}\n",
    )


def test_an_account_is_added_listed_and_removed(tmp_path: Path, servers: DemoServers) -> None:
    done = added(tmp_path, servers)
    assert (done.returncode, done.stderr) == (0, "")
    listed = json.loads(tuimail(tmp_path, "account", "list", "--json").stdout)
    assert listed == [{"name": "example", "email": servers.addresses.email, "protocol": "imap", "default": True}]
    assert servers.addresses.password not in (tmp_path / "config.toml").read_text("utf-8")
    assert (tmp_path / "config.toml").stat().st_mode & 0o777 == 0o600

    assert tuimail(tmp_path, "account", "remove", "example").returncode == 0
    assert json.loads(tuimail(tmp_path, "account", "list", "--json").stdout) == []
    assert tuimail(tmp_path, "account", "remove", "example").returncode == 64


def test_a_refused_password_saves_nothing(tmp_path: Path, servers: DemoServers) -> None:
    done = added(tmp_path, servers, password="not-the-password")
    assert done.returncode == 77
    assert "Nothing was saved." in done.stderr
    assert not (tmp_path / "config.toml").exists()
    assert "not-the-password" not in done.stdout + done.stderr


def test_yes_saves_although_signing_in_failed(tmp_path: Path, servers: DemoServers) -> None:
    assert added(tmp_path, servers, password="not-the-password", more=("--yes",)).returncode == 0
    assert [account["name"] for account in json.loads(tuimail(tmp_path, "account", "list", "--json").stdout)] == ["example"]


def test_check_uses_the_password_command(tmp_path: Path, servers: DemoServers) -> None:
    at = servers.addresses
    (tmp_path / "config.toml").write_text(
        f"""
[accounts.work]
email = "{at.email}"
username = "{at.user}"
password_command = "printf {at.password}"
imap = {{ host = "127.0.0.1", port = {at.imap_port}, security = "none" }}
smtp = {{ host = "127.0.0.1", port = {at.smtp_port}, security = "none" }}
""",
        "utf-8",
    )
    done = tuimail(tmp_path, "--json", "account", "check", "work")
    steps = json.loads(done.stdout)["accounts"][0]["steps"]
    assert (done.returncode, [step["status"] for step in steps]) == (0, ["ok", "ok"])

    spoken = tuimail(tmp_path, "account", "check", "--verbose").stderr
    assert "C: " in spoken
    assert "CAPABILITY" in spoken
    assert at.password not in spoken


def test_several_accounts_are_checked_in_one_document(tmp_path: Path, servers: DemoServers) -> None:
    at = servers.addresses
    account = f"""
email = "{{name}}@example.org"
username = "{at.user}"
password_command = "printf {at.password}"
imap = {{{{ host = "127.0.0.1", port = {at.imap_port}, security = "none" }}}}
smtp = {{{{ host = "127.0.0.1", port = {at.smtp_port}, security = "none" }}}}
"""
    text = "".join(f"[accounts.{name}]\n{account.format(name=name)}" for name in ("one", "two"))
    (tmp_path / "config.toml").write_text(text, "utf-8")
    done = tuimail(tmp_path, "account", "check", "--json")
    checked = json.loads(done.stdout)["accounts"]
    assert [(each["name"], len(each["steps"])) for each in checked] == [("one", 2), ("two", 2)]


def test_standard_input_without_a_password(tmp_path: Path, servers: DemoServers) -> None:
    at = servers.addresses
    where = (f"--imap={at.host}:{at.imap_port}/none", f"--smtp={at.host}:{at.smtp_port}/none")
    done = tuimail(tmp_path, "account", "add", at.email, *where, "--password-stdin")
    assert done.returncode == 64
    assert "holds no password" in done.stderr


def test_an_unreachable_server_is_named(tmp_path: Path) -> None:
    arguments = ("account", "add", "ada@example.org", "--imap=127.0.0.1:1/none", "--smtp=127.0.0.1:1/none", "--password-stdin")
    done = tuimail(tmp_path, *arguments, typed="x\n")
    assert done.returncode == 69
    assert "127.0.0.1:1 refused the connection" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("account", "add", "nonsense", "--password-stdin"), 64, "e-mail address"),
        (("account", "add", "a@b.example", "--imap=imap.b.example/none", "--password-stdin"), 64, "Use tls or starttls"),
        (("account", "check", "nobody"), 64, "There is no account"),
        ((), 64, "needs a terminal"),
        (("nonsense",), 64, "invalid choice"),
    ],
)
def test_wrong_usage_is_said_in_a_sentence(tmp_path: Path, arguments: tuple[str, ...], status: int, words: str) -> None:
    done = tuimail(tmp_path, *arguments, typed="x\n")
    assert done.returncode == status
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_configuration_names_file_line_and_key(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[settings]\nundo_sned = 3\n", "utf-8")
    done = tuimail(tmp_path, "config", "check")
    assert done.returncode == 78
    assert f"{tmp_path / 'config.toml'}, line 2" in done.stderr
    assert "undo_send" in done.stderr
    failed = json.loads(tuimail(tmp_path, "config", "check", "--json").stderr)
    assert failed["error"]["kind"] == "ConfigWrong"


def test_options_may_stand_before_or_after_the_command(tmp_path: Path) -> None:
    before = tuimail(tmp_path, "config", "path").stdout
    after = subprocess.run(
        [sys.executable, "-m", "tuimail", "config", "path", "--home", str(tmp_path)], capture_output=True, text=True, check=True
    ).stdout
    assert before == after == f"{tmp_path / 'config.toml'}\n"


def test_settings_in_force_are_shown_without_secrets(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[settings]\nundo_send = 30\n", "utf-8")
    assert json.loads(tuimail(tmp_path, "config", "show").stdout)["settings"]["undo_send"] == 30
