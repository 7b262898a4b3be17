# SPDX-License-Identifier: GPL-3.0-or-later
"""Other mail clients, as Debian packages them."""

from pathlib import Path

from tests.bench.clients.client import Client
from tests.bench.servers import Mailbox

_PAGE_DOWN = "\x1b[6~"


def _alpine(home: Path, mailbox: Mailbox) -> None:
    (home / "mail").mkdir(exist_ok=True)
    (home / ".pinerc").write_text(
        f"""\
personal-name=Robin Vale
user-domain=bench.example
inbox-path={{{mailbox.host}:{mailbox.port}/user={mailbox.user}/notls}}INBOX
sort-key=arrival/reverse
feature-list=quit-without-confirm,disable-password-file-saving
disable-these-authenticators=PLAIN,LOGIN
last-version-used=7.00
"""
    )


def _neomutt(home: Path, mailbox: Mailbox) -> None:
    for folder in ("headers", "bodies", "tmp"):
        (home / folder).mkdir(exist_ok=True)
    (home / "muttrc").write_text(
        f"""\
set from = "robin@bench.example"
set folder = "imap://{mailbox.user}@{mailbox.host}:{mailbox.port}/"
set spoolfile = "+INBOX"
set imap_pass = "{mailbox.password}"
set ssl_starttls = no
set ssl_force_tls = no
set imap_authenticators = "login"
set header_cache = "{home}/headers"
set message_cachedir = "{home}/bodies"
set tmpdir = "{home}/tmp"
set imap_condstore = yes
set imap_qresync = yes
set imap_idle = yes
set sort = reverse-mailbox-order
set quit = yes
set mark_old = no
set pager_stop = yes
set wait_key = no
"""
    )


def _aerc(home: Path, mailbox: Mailbox) -> None:
    folder = home / ".config" / "aerc"
    folder.mkdir(parents=True, exist_ok=True)
    accounts = folder / "accounts.conf"
    accounts.write_text(
        f"""\
[bench]
source = imap+insecure://{mailbox.user}:{mailbox.password}@{mailbox.host}:{mailbox.port}
default = INBOX
from = Robin Vale <robin@bench.example>
cache-headers = true
"""
    )
    accounts.chmod(0o600)


def _none(home: Path) -> dict[str, str]:
    return {}


PEERS: dict[str, Client] = {
    client.name: client
    for client in (
        Client(
            "alpine",
            _alpine,
            lambda home, mailbox: ["alpine", "-p", str(home / ".pinerc"), "-i"],
            _none,
            {"down": "\x1b[B", "first": "j1\r", "page": " ", "open": "\r", "next": "n", "quit": "q"},
            program="alpine",
            password_prompt="ENTER PASSWORD",
        ),
        Client(
            "neomutt",
            _neomutt,
            lambda home, mailbox: ["neomutt", "-n", "-F", str(home / "muttrc")],
            _none,
            {
                "down": "j",
                "page": _PAGE_DOWN,
                "first": "=",
                "last": "*",
                "open": "\r",
                "next": "J",
                "quit": "q",
                "search subject": 'l~s "',
                "search text": 'l=b "',
                "search end": '"\r',
            },
            program="neomutt",
        ),
        Client(
            "aerc",
            _aerc,
            lambda home, mailbox: ["aerc"],
            _none,
            {
                "down": "j",
                "page": _PAGE_DOWN,
                "first": "gg",
                "last": "G",
                "open": "\r",
                "next": "J",
                "quit": ":quit\r",
                "search subject": ':filter "',
                "search text": ':filter -b "',
                "search end": '"\r',
            },
            program="aerc",
        ),
    )
}
"""By name."""
