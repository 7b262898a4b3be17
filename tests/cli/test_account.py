# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail account`` and ``tuimail config`` as a script sees them: output, exit status, files."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pty.terminal import tuimail as on_terminal
from tests.servers import provider
from tests.servers.provider import LocalProvider
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
    assert re.search(r"C: (\w+) AUTHENTICATE PLAIN \*\*\*\n(?s:.*)S: \1 OK ", spoken)
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
        (("account", "check"), 78, "no account yet"),
        (("send", "--to", "a@b.example", "--subject", "s", "--body", "x"), 78, "no account yet"),
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


@pytest.fixture(scope="module")
def running_provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalProvider]:
    with provider.running(tmp_path_factory.mktemp("provider"), 0) as running:
        yield running


@pytest.fixture
def example(running_provider: LocalProvider) -> Iterator[LocalProvider]:
    """A provider whose document and DNS lead to its servers."""
    running_provider.publish()
    yield running_provider
    running_provider.publish()
    running_provider.dns.records.clear()
    running_provider.mail.faults.refuse.clear()


def add(
    home: Path, example: LocalProvider, *more: str, password: str = "", trusted: bool = True
) -> subprocess.CompletedProcess[str]:
    """Add an account by its address and password alone."""
    (home / "config.toml").write_text(example.configuration(trusted=trusted), "utf-8")
    typed = f"{password or example.at.password}\n"
    return tuimail(home, "account", "add", example.at.email, "--password-stdin", *more, typed=typed)


def names(home: Path) -> list[str]:
    return [account["name"] for account in json.loads(tuimail(home, "account", "list", "--json").stdout)]


def test_address_and_password_are_enough(tmp_path: Path, example: LocalProvider) -> None:
    done = add(tmp_path, example)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"Example Mail: localhost:{example.at.imaps_port}" in done.stdout
    written = (tmp_path / "config.toml").read_text("utf-8")
    assert written.startswith(example.configuration())
    assert example.at.password not in written


def test_json_holds_the_steps_alone(tmp_path: Path, example: LocalProvider) -> None:
    done = add(tmp_path, example, "--json")
    (account,) = json.loads(done.stdout)["accounts"]
    assert account["name"] == "example"
    assert [list(step) for step in account["steps"]] == [["step", "server", "status", "detail", "advice", "seconds"]] * 2
    assert [(step["step"], step["status"]) for step in account["steps"]] == [("imap sign-in", "ok"), ("smtp sign-in", "ok")]


def test_a_failure_is_an_error_in_json(tmp_path: Path, example: LocalProvider) -> None:
    done = add(tmp_path, example, "--json", password="not-the-password")
    error = json.loads(done.stderr)["error"]
    assert (done.returncode, error["kind"]) == (77, "SignInNeeded")
    assert "Nothing was saved" in error["message"]
    assert "app password" in error["advice"]
    assert "not-the-password" not in done.stdout + done.stderr
    assert names(tmp_path) == []


def test_a_certificate_that_does_not_hold(tmp_path: Path, example: LocalProvider) -> None:
    done = add(tmp_path, example, trusted=False)
    assert done.returncode == 69
    assert "signed by itself" in done.stderr
    assert not example.signed_in or example.at.password not in "".join(example.signed_in)
    assert names(tmp_path) == []


def test_imap_that_is_switched_off(tmp_path: Path, example: LocalProvider) -> None:
    example.publish(more='<enable visiturl="https://example.org/imap"><instruction>Switch IMAP on.</instruction></enable>')
    refusal = "NO [ALERT] IMAP access is disabled for your account"
    example.mail.faults.refuse.update({"LOGIN": refusal, "AUTHENTICATE": refusal})
    done = add(tmp_path, example)
    assert done.returncode == 77
    assert "IMAP is switched off" in done.stderr
    assert "https://example.org/imap" in done.stderr


def test_nobody_knows_the_servers(tmp_path: Path, example: LocalProvider) -> None:
    example.withdraw()
    done = add(tmp_path, example, "--json")
    assert done.returncode == 69
    assert "--imap" in json.loads(done.stderr)["error"]["advice"]
    assert names(tmp_path) == []


def test_servers_from_the_dns_get_no_password_unseen(tmp_path: Path, example: LocalProvider) -> None:
    example.withdraw()
    example.dns.records["_imaps._tcp.example.org", "SRV"] = [f"0 0 {example.at.imaps_port} localhost."]
    example.dns.records["_submissions._tcp.example.org", "SRV"] = [f"0 0 {example.at.smtps_port} localhost."]
    before = example.signed_in
    done = add(tmp_path, example, "--yes")
    assert done.returncode == 64
    assert f"--imap localhost:{example.at.imaps_port} --smtp localhost:{example.at.smtps_port}" in done.stderr
    assert example.signed_in == before
    assert names(tmp_path) == []


def test_a_provider_that_takes_tokens_only(tmp_path: Path, example: LocalProvider) -> None:
    example.publish(authentication="OAuth2")
    before = example.signed_in
    done = add(tmp_path, example)
    assert done.returncode == 77
    assert "sign-in in the browser" in done.stderr
    assert example.signed_in == before


def test_a_provider_without_imap_says_so(tmp_path: Path, example: LocalProvider) -> None:
    (tmp_path / "config.toml").write_text("", "utf-8")
    done = tuimail(tmp_path, "account", "add", "ada@tuta.com", "--password-stdin", typed="x\n")
    assert done.returncode == 69
    assert "Tuta has no IMAP" in done.stderr


def test_on_a_terminal_two_questions_are_asked(tmp_path: Path, example: LocalProvider) -> None:
    (tmp_path / "config.toml").write_text(example.configuration(), "utf-8")
    with on_terminal("account", "add", home=tmp_path) as terminal:
        terminal.sees("E-mail address:")
        terminal.keys(f"{example.at.email}\r")
        terminal.sees("Example Mail", "Password (not shown):")
        terminal.keys(f"{example.at.password}\r")
        terminal.sees("Account example saved.")
        assert terminal.ended() == 0
        assert example.at.password.encode() not in bytes(terminal.written)
    assert names(tmp_path) == ["example"]


def test_on_a_terminal_servers_from_the_dns_are_agreed_to_first(tmp_path: Path, example: LocalProvider) -> None:
    example.withdraw()
    example.dns.records["_imaps._tcp.example.org", "SRV"] = [f"0 0 {example.at.imaps_port} localhost."]
    example.dns.records["_submissions._tcp.example.org", "SRV"] = [f"0 0 {example.at.smtps_port} localhost."]
    (tmp_path / "config.toml").write_text(example.configuration(), "utf-8")
    before = example.signed_in
    with on_terminal("account", "add", example.at.email, "--yes", home=tmp_path) as terminal:
        terminal.sees("is at localhost", "Send the password there? [y/N]")
        terminal.keys("n\r")
        assert terminal.ended() == 64
    assert example.signed_in == before
    assert names(tmp_path) == []
