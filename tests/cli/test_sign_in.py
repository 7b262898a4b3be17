# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail account add --sign-in`` and ``account sign-in``: at a local authorization server, from a terminal's view."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.accounts.test_oauth import visit
from tests.cli.file_keyring import VARIABLE
from tests.cli.home import Home
from tests.servers import oauth
from tests.servers.oauth import AuthorizationServer
from tuimail.demo.servers import DemoServers


@pytest.fixture(scope="module")
def mail() -> Iterator[DemoServers]:
    with DemoServers(0) as servers:
        yield servers


@pytest.fixture
def provider(mail: DemoServers) -> Iterator[AuthorizationServer]:
    with oauth.running() as server:
        server.on_issued = mail.set_password
        yield server


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "tests.cli.file_keyring.FileKeyring")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "keyring.json"))
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    return Home(tmp_path)


class Run:
    """A command that waits for a sign-in."""

    def __init__(self, home: Home, *arguments: str) -> None:
        self.process = subprocess.Popen(
            home.command(*arguments), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.said: list[str] = []

    def until(self, start: str) -> str:
        """The line that begins so."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said.append(line)
            if line.startswith(start):
                return line.strip()
        raise AssertionError(self.said)

    def ended(self) -> int:
        """The exit status."""
        out, err = self.process.communicate(timeout=120)
        self.said += [out, err]
        return self.process.returncode


def add(home: Home, mail: DemoServers, *more: str) -> Run:
    at = mail.addresses
    servers = (f"--imap={at.host}:{at.imap_port}/none", f"--smtp={at.host}:{at.smtp_port}/none", f"--username={at.user}")
    return Run(home, "account", "add", at.email, *servers, *more)


def test_an_account_is_added_by_browser_and_stays_signed_in(
    home: Home, mail: DemoServers, provider: AuthorizationServer
) -> None:
    (home.folder / "config.toml").write_text(provider.configuration())
    run = add(home, mail, "--sign-in", "browser")
    assert visit(run.until("http://127.0.0.1"))[0] == 200
    assert run.ended() == 0, run.said
    assert 'auth = "oauth2"' in (home.folder / "config.toml").read_text()
    steps = home.json("account", "check")["accounts"][0]["steps"]
    assert [step["status"] for step in steps] == ["ok", "ok"]
    assert provider.renewals == 1
    provider.revoke()
    done = home.run("account", "check", "--verbose")
    assert done.returncode == 77
    assert b"withdrawn" in done.stdout
    again = Run(home, "account", "sign-in")
    visit(again.until("http://127.0.0.1"))
    assert again.ended() == 0, again.said
    assert home.run("account", "check").returncode == 0
    everything = "".join([*run.said, *again.said, done.stdout.decode(), done.stderr.decode()])
    everything += "".join(path.read_text("utf-8", "replace") for path in home.folder.rglob("*.log"))
    assert not [secret for secret in provider.issued if secret in everything]


def test_the_address_that_the_browser_ends_on_is_pasted(home: Home, mail: DemoServers, provider: AuthorizationServer) -> None:
    (home.folder / "config.toml").write_text(provider.configuration())
    run = add(home, mail, "--sign-in", "browser")
    asked = {key: values[0] for key, values in parse_qs(urlsplit(run.until("http://127.0.0.1")).query).items()}
    assert run.process.stdin is not None
    run.process.stdin.write("http://127.0.0.1/?code=forged&state=forged\n")
    run.process.stdin.flush()
    run.until("This address does not belong")
    run.process.stdin.write(provider.authorize(asked) + "\n")
    run.process.stdin.flush()
    assert run.ended() == 0, run.said


def test_a_code_is_typed_elsewhere(home: Home, mail: DemoServers, provider: AuthorizationServer) -> None:
    provider.typed = ["authorization_pending"]
    (home.folder / "config.toml").write_text(provider.configuration(device=True))
    run = add(home, mail, "--sign-in", "code", "--json")
    assert run.until("Type this code there:").endswith("WDJB-MJHT")
    assert run.ended() == 0, run.said
    assert [step["status"] for step in json.loads(run.said[-2])["accounts"][0]["steps"]] == ["ok", "ok"]


def test_a_token_that_no_server_takes_saves_and_leaves_nothing(
    home: Home, mail: DemoServers, provider: AuthorizationServer
) -> None:
    provider.on_issued = lambda token: None
    provider.denies = False
    (home.folder / "config.toml").write_text(provider.configuration())
    run = add(home, mail, "--sign-in", "browser")
    visit(run.until("http://127.0.0.1"))
    assert run.ended() == 77, run.said
    assert "accounts" not in (home.folder / "config.toml").read_text()
    assert json.loads((home.folder / "keyring.json").read_text()) == {}


def test_without_a_client_it_is_told_what_to_register(home: Home, mail: DemoServers) -> None:
    run = add(home, mail, "--sign-in", "browser", "--json")
    assert run.ended() == 77
    assert "[oauth.example]" in run.said[-1]


def test_an_account_with_a_password_has_no_page(home: Home, mail: DemoServers) -> None:
    home.add_demo(mail)
    assert home.error("account", "sign-in", status=64)["kind"] == "InputWrong"


def test_the_doctor_signs_in_with_the_tokens_that_are_kept(
    home: Home, mail: DemoServers, provider: AuthorizationServer
) -> None:
    (home.folder / "config.toml").write_text(provider.configuration())
    run = add(home, mail, "--sign-in", "browser")
    visit(run.until("http://127.0.0.1"))
    assert run.ended() == 0, run.said
    done = home.run("doctor", "--json")
    steps = json.loads(done.stdout)
    assert [step["status"] for step in _steps(steps) if "sign-in" in step["step"]] == ["ok", "ok"], done.stdout
    assert not [secret for secret in provider.issued if secret.encode() in done.stdout + done.stderr]


def _steps(document: object) -> list[dict[str, str]]:
    """All steps, wherever they stand in the document."""
    if isinstance(document, list):
        return [step for part in document for step in _steps(part)]
    if isinstance(document, dict):
        return [document] if "step" in document else [step for part in document.values() for step in _steps(part)]
    return []
