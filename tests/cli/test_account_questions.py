# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail account add`` where something is in the way that the user can mend: the certificate, a mistyped password."""

import hashlib
import ssl
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_account import names, tuimail
from tests.pty.terminal import Terminal
from tests.pty.terminal import tuimail as on_terminal
from tests.servers import provider
from tests.servers.provider import LocalProvider


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalProvider]:
    with provider.running(tmp_path_factory.mktemp("provider"), 0) as running:
        yield running


def servers_of(example: LocalProvider) -> tuple[str, ...]:
    """The options that name the servers, at an address that the certificate holds for."""
    at = example.at
    return (at.email, f"--username={at.user}", f"--imap=localhost:{at.imaps_port}", f"--smtp=localhost:{at.smtps_port}")


def trusted(example: LocalProvider) -> tuple[str, ...]:
    """The same, with the authority of their certificate."""
    return (*servers_of(example), f"--ca-file={example.ca_file}")


def kept(home: Path) -> dict[str, Any]:
    return tomllib.loads((home / "config.toml").read_text("utf-8"))["accounts"]["example"]  # type: ignore[no-any-return]


def test_an_authority_is_named_and_kept(tmp_path: Path, example: LocalProvider) -> None:
    done = tuimail(tmp_path, "account", "add", *trusted(example), "--password-stdin", typed=f"{example.at.password}\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert kept(tmp_path)["ca_file"] == str(example.ca_file)
    assert "fingerprint" not in kept(tmp_path)["imap"]


def test_an_authority_that_is_not_there_is_told_before_anything_else(tmp_path: Path, example: LocalProvider) -> None:
    named = (*servers_of(example), f"--ca-file={tmp_path / 'none.pem'}", "--password-stdin")
    done = tuimail(tmp_path, "account", "add", *named)
    assert (done.returncode, done.stdout) == (66, "")
    assert "none.pem cannot be opened: No such file or directory" in done.stderr


def test_the_authority_under_discovery_holds_for_named_servers(tmp_path: Path, example: LocalProvider) -> None:
    (tmp_path / "config.toml").write_text(f'[discovery]\nca_file = "{example.ca_file}"\n', "utf-8")
    done = tuimail(tmp_path, "account", "add", *servers_of(example), "--password-stdin", typed=f"{example.at.password}\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert kept(tmp_path)["ca_file"] == str(example.ca_file)


def test_found_servers_are_still_agreed_to_when_more_is_said(tmp_path: Path, example: LocalProvider) -> None:
    example.withdraw()
    for kind, port in (("imaps", example.at.imaps_port), ("submissions", example.at.smtps_port)):
        example.dns.records[f"_{kind}._tcp.example.org", "SRV"] = [f"0 0 {port} localhost."]
    (tmp_path / "config.toml").write_text(example.configuration(), "utf-8")
    more = (f"--username={example.at.user}", f"--ca-file={example.ca_file}", "--yes", "--password-stdin")
    before = example.signed_in
    try:
        done = tuimail(tmp_path, "account", "add", example.at.email, *more, typed=f"{example.at.password}\n")
    finally:
        example.publish()
        example.dns.records.clear()
    assert done.returncode in (64, 69)  # not agreed to, or on a busy machine not even found in time
    assert "nothing was sent" in done.stderr or "No servers were found" in done.stderr
    assert example.signed_in == before


def test_a_script_is_told_a_failure_once(tmp_path: Path, example: LocalProvider) -> None:
    done = tuimail(tmp_path, "account", "add", *servers_of(example), "--password-stdin", typed="x\n")
    told = done.stdout + done.stderr
    assert done.returncode == 69
    assert told.count(f"The certificate of localhost:{example.at.imaps_port} is refused") == 1
    assert "fingerprint" in told or "--ca-file" in told


@pytest.mark.parametrize(("answer", "status"), [("y", 0), ("", 69), ("n", 69)])
def test_a_certificate_is_remembered_only_by_a_yes(tmp_path: Path, example: LocalProvider, answer: str, status: int) -> None:
    print_ = hashlib.sha256(ssl.PEM_cert_to_DER_cert(example.at.certificate)).digest().hex(":").upper()
    before = example.signed_in
    with on_terminal("account", "add", *servers_of(example), home=tmp_path) as terminal:
        terminal.sees("Password (not shown):")
        terminal.keys(f"{example.at.password}\r")
        terminal.sees("signed by itself", print_[:40], "Remember this one certificate, and sign in? [y/N]")
        assert example.signed_in == before
        terminal.keys(f"{answer}\r")
        if status:
            terminal.sees("Save the account anyway? [y/N]")
            terminal.keys("\r")
            terminal.sees("Nothing was saved.")
        else:
            terminal.sees("Account example saved.")
        assert terminal.ended() == status
    if status:
        assert names(tmp_path) == []
    else:
        assert [kept(tmp_path)[kind]["fingerprint"] for kind in ("imap", "smtp")] == [print_, print_]
        assert tuimail(tmp_path, "account", "list").returncode == 0


def test_a_mistyped_password_is_asked_for_again(tmp_path: Path, example: LocalProvider) -> None:
    with on_terminal("account", "add", *trusted(example), home=tmp_path) as terminal:
        terminal.sees("Password (not shown):")
        terminal.keys("mistyped\r")
        terminal.sees("Password, once more")
        terminal.keys(f"{example.at.password}\r")
        terminal.sees("Account example saved.")
        assert terminal.ended() == 0
        assert b"mistyped" not in terminal.written
    assert names(tmp_path) == ["example"]


def _times(terminal: Terminal, text: str, times: int) -> None:
    """Wait until a text stands there so often: what is typed before a question for a password is asked is dropped."""
    terminal.until(lambda: terminal.text.count(text) == times, f"{times} × {text}")


def test_after_three_passwords_it_ends_and_says_why_once(tmp_path: Path, example: LocalProvider) -> None:
    with on_terminal("account", "add", *trusted(example), home=tmp_path) as terminal:
        terminal.sees("Password (not shown):")
        for number in range(3):
            _times(terminal, "Password, once more", number)
            terminal.keys(f"wrong {number}\r")
            _times(terminal, "imap sign-in", number + 1)
        terminal.sees("Save the account anyway? [y/N]")
        told = terminal.text.count("imap sign-in")
        terminal.keys("\r")
        assert terminal.ended() == 77
        terminal.sees("tuimail: Nothing was saved.")
        assert terminal.text.count("imap sign-in") == told == 3
    assert names(tmp_path) == []
