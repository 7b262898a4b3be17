# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail demo --serve``: the embedded servers by themselves, for experiments and for the tests of other programs."""

import argparse
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tuimail.cli.own_folder import own_folder
from tuimail.cli.program import EmbeddedAddresses, SentMail, program_of
from tuimail.model.errors import ExitStatus, InputWrong
from tuimail.model.text import safe_line, safe_text

BEGIN, END = "---------- MESSAGE FOLLOWS ----------", "------------ END MESSAGE ------------"
"""Around each message of ``--print``; the words of Python's old debugging server."""
_MOST_USERS = 1000
_PREFIX = "tuimail-serve-"


def serve(options: argparse.Namespace) -> int:
    """Run until Ctrl-C. Returns the exit status."""
    if not 1 <= options.users <= _MOST_USERS:
        raise InputWrong(f"--users takes a number from 1 to {_MOST_USERS}.", "Say, for example, --users 3.")
    with (
        program_of(options).embedded_servers(options.messages or 0, options.users) as servers,
        _ending() as end,
        own_folder(_PREFIX) as folder,
    ):
        certificate = folder / "certificate.pem"
        certificate.write_text(servers.addresses.certificate)
        servers.on_sent(_print_message if options.print else _tell)
        _announce(servers.addresses, certificate)
        end.wait()
    return ExitStatus.OK


def _announce(addresses: EmbeddedAddresses, certificate: Path) -> None:
    for name, port, security in addresses.services:
        print(f"{name}: {addresses.host} {port} {security}")
    for user, password, _ in addresses.users:
        print(f"user: {user} password: {password}")
    sys.stdout.flush()
    mailboxes = ", ".join(email for _, _, email in addresses.users[:3])
    more = ", …" if len(addresses.users) > 3 else ""
    _note(f"TLS certificate to trust: {certificate}")
    _note(f"Mail goes to {mailboxes}{more}; what is for any other address, to {addresses.users[0][2]}. Ctrl-C ends.")


def _tell(mail: SentMail) -> None:
    recipients = ", ".join(mail.recipients)
    _note(safe_line(f"sent: {mail.sender or '<>'} to {recipients}, {len(mail.raw):,} bytes: {mail.subject or '(no subject)'}"))


def _print_message(mail: SentMail) -> None:
    _tell(mail)
    raw = mail.raw.replace(b"\r\n", b"\n")
    if sys.stdout.isatty():
        raw = safe_text(raw.decode("utf-8", "replace"), limit=len(raw)).encode()
    lines = (BEGIN.encode(), raw.removesuffix(b"\n"), END.encode(), b"")
    try:
        sys.stdout.buffer.write(b"\n".join(lines))
        sys.stdout.flush()
    except (BrokenPipeError, ValueError):  # whoever read it is gone; the servers go on
        return


def _note(line: str) -> None:
    """On standard error, so that standard output holds only what a script wants."""
    print(line, file=sys.stderr, flush=True)


@contextmanager
def _ending() -> Iterator[threading.Event]:
    """Set by Ctrl-C, SIGTERM, and the end of the terminal."""
    end = threading.Event()
    old = {number: signal.signal(number, lambda *_: end.set()) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield end
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)
