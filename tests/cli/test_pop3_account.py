# SPDX-License-Identifier: GPL-3.0-or-later
"""A POP3 account from the command line: mail is fetched once, filed and read here."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tuimail.demo.servers import DemoServers


@pytest.fixture
def servers() -> Iterator[DemoServers]:
    with DemoServers(0) as running:
        yield running


def _tuimail(home: Path, *arguments: str) -> object:
    """Run a command; what it says in JSON."""
    command = [sys.executable, "-m", "tuimail", "--home", str(home), *arguments, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


@pytest.mark.parametrize("leave", [True, False], ids=["keep", "delete"])
def test_mail_is_fetched_filed_and_read(tmp_path: Path, servers: DemoServers, leave: bool) -> None:
    at = servers.addresses
    servers.deliver(b"From: mira@example.org\r\nSubject: one\r\n\r\nThe first\r\n")
    servers.deliver(b"From: mira@example.org\r\nSubject: two\r\n\r\nThe second\r\n")
    (tmp_path / "config.toml").write_text(
        f'[accounts.old]\nemail = "{at.email}"\npassword_command = "echo {at.password}"\n'
        f'pop3 = {{ host = "{at.host}", port = {at.pop3_port}, security = "none", leave_on_server = {str(leave).lower()} }}\n'
    )
    synced = _tuimail(tmp_path, "sync")
    assert synced == {"accounts": [{"name": "old", "new": 2, "changed": 0, "carried": 0, "waiting": 0, "error": None}]}
    assert len(servers.snapshot()["INBOX"]) == (2 if leave else 0)
    listed = _tuimail(tmp_path, "list")
    assert isinstance(listed, list)
    numbers = {row["subject"]: str(row["id"]) for row in listed}
    assert numbers.keys() == {"one", "two"}
    servers.stop()
    _tuimail(tmp_path, "move", numbers["one"], "--to", "Archive")
    archived = _tuimail(tmp_path, "list", "--folder", "Archive")
    assert isinstance(archived, list)
    assert [row["subject"] for row in archived] == ["one"]
    read = _tuimail(tmp_path, "read", numbers["two"])
    assert isinstance(read, dict)
    assert read["text"] == ["The second"]
