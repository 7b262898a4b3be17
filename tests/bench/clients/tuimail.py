# SPDX-License-Identifier: GPL-3.0-or-later
"""tuimail itself, of this checkout or another."""

import sys
from dataclasses import replace
from pathlib import Path

from tests.bench.clients.client import Client
from tests.bench.servers import Mailbox
from tests.bench.stored import Stored


def _configure(home: Path, mailbox: Mailbox) -> None:
    secret = home / "secret"
    secret.write_text(mailbox.password)
    config = home / "config.toml"
    wanted = f"""
[accounts.bench]
name = "Robin Vale"
email = "robin@bench.example"
username = "{mailbox.user}"
password_command = ["cat", "{secret}"]
imap = {{ host = "{mailbox.host}", port = {mailbox.port}, security = "none" }}
"""
    if not config.exists() or config.read_text() != wanted:  # one that was written anew is a new one, for the cached frame
        config.write_text(wanted)
        config.chmod(0o600)


def _environment(home: Path) -> dict[str, str]:
    return {"TUIMAIL_HOME": str(home), "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}


def _rows(home: Path) -> int:
    return Stored(home).listed()


_KEYS = {
    "down": "j",
    "page": "\x1b[6~",
    "first": "gg",
    "last": "G",
    "open": "\r",
    "next": "J",
    "back": "q",
    "quit": "Q",
    "hide tree": "t",
    "compose": "c",
    "search subject": "/",
    "search text": "/",
    "mark all": "*a",
    "toggle read": "u",
    "move to archive": "e",
}

TUIMAIL = Client(
    "tuimail",
    _configure,
    lambda home, mailbox: [sys.executable, "-m", "tuimail"],
    _environment,
    _KEYS,
    cursor="▌[ ✓][ ●↩→][ ★] ",
    unread="[▌ ][ ✓]●[ ★] ",
    rows=_rows,
)


def of(checkout: Path) -> Client:
    """The program as it is in another checkout, with the libraries of this one; the processes that it starts as well."""
    return replace(
        TUIMAIL, folder=checkout, environment=lambda home: _environment(home) | {"PYTHONPATH": str(checkout.resolve())}
    )
