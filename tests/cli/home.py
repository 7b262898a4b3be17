# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line run as a program, with its files in a folder of its own and an account at some servers."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tuimail.demo.servers import DemoServers

_ACCOUNT = """
[accounts.{key}]
name = "{name}"
email = "{email}"
username = "{user}"
password_command = ["printf", "{password}"]
imap = {{ host = "127.0.0.1", port = {imap}, security = "none" }}
smtp = {{ host = "127.0.0.1", port = {smtp}, security = "none"{more} }}
"""


@dataclass(frozen=True, slots=True)
class Home:
    """A home, and how to run commands there."""

    folder: Path

    def add(self, key: str, *, email: str, user: str, password: str, imap: int, smtp: int, more: str = "") -> None:
        """Put an account into the configuration."""
        table = _ACCOUNT.format(
            key=key, name="Ada Lovelace", email=email, user=user, password=password, imap=imap, smtp=smtp, more=more
        )
        with (self.folder / "config.toml").open("a", encoding="utf-8") as file:
            file.write(table)

    def add_demo(self, servers: DemoServers, key: str = "work", number: int = 0) -> None:
        """Put a user of the embedded servers into the configuration."""
        at = servers.addresses
        user, password, email = at.users[number]
        self.add(key, email=email, user=user, password=password, imap=at.imap_port, smtp=at.smtp_port)

    def run(self, *arguments: str, typed: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Run a command to its end."""
        return subprocess.run(self.command(*arguments), input=typed, capture_output=True, check=False, timeout=120)

    def command(self, *arguments: str) -> list[str]:
        """The argument vector."""
        return [sys.executable, "-m", "tuimail", "--home", str(self.folder), *arguments]

    def text(self, *arguments: str, typed: bytes = b"", status: int = 0) -> str:
        """What a command prints; it has to end with that status."""
        done = self.run(*arguments, typed=typed)
        assert done.returncode == status, done.stderr.decode()
        return done.stdout.decode()

    def json(self, *arguments: str, typed: bytes = b"", status: int = 0) -> Any:
        """The document that a command prints with ``--json``; it has to end with that status."""
        return json.loads(self.text(*arguments, "--json", typed=typed, status=status))

    def error(self, *arguments: str, status: int, typed: bytes = b"") -> Any:
        """The error that a command prints with ``--json``; it has to end with that status and print nothing else."""
        done = self.run(*arguments, "--json", typed=typed)
        assert done.returncode == status, done.stderr.decode()
        assert done.stdout == b""
        return json.loads(done.stderr)["error"]
