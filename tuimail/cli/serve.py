# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail demo --serve``: the embedded servers by themselves, for experiments and for the tests of other programs."""

import argparse
import fcntl
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tuimail.cli.program import EmbeddedAddresses, SentMail, program_of
from tuimail.model.errors import ExitStatus, InputWrong
from tuimail.model.text import safe_line, safe_text

BEGIN, END = "---------- MESSAGE FOLLOWS ----------", "------------ END MESSAGE ------------"
"""Around each message of ``--print``; the words of Python's old debugging server."""
_MOST_USERS = 1000
_PREFIX = "tuimail-serve-"
_LEFT_BEHIND = 60
"""Seconds after which a folder that no program holds was left by a killed program: none takes longer to begin."""


def serve(options: argparse.Namespace) -> int:
    """Run until Ctrl-C. Returns the exit status."""
    if not 1 <= options.users <= _MOST_USERS:
        raise InputWrong(f"--users takes a number from 1 to {_MOST_USERS}.", "Say, for example, --users 3.")
    with (
        program_of(options).embedded_servers(options.messages or 0, options.users) as servers,
        _ending() as end,
        _own_folder() as folder,
    ):
        certificate = folder / "certificate.pem"
        certificate.write_text(servers.addresses.certificate)
        servers.on_sent(_print_message if options.print else _tell)
        _announce(servers.addresses, certificate)
        end.wait()
    return ExitStatus.OK


@contextmanager
def _own_folder() -> Iterator[Path]:
    """A folder as long as the context is open; those that killed programs left go as well."""
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        _remove_left(left)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def _remove_left(folder: Path) -> None:
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return
    try:
        found = os.fstat(descriptor)
        if found.st_uid == os.geteuid() and time.time() - found.st_mtime > _LEFT_BEHIND:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
    except BlockingIOError:
        return
    finally:
        os.close(descriptor)


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
