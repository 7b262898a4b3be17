# SPDX-License-Identifier: GPL-3.0-or-later
"""The servers that are measured against, and their mailboxes, filled quickly and kept between runs."""

import contextlib
import imaplib
import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pytest

from tests.bench import mail
from tests.servers import dovecot

WARMING = (
    "UID FETCH 1:* (FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS (REFERENCES)])",
    "UID FETCH 1:* BODY.PEEK[HEADER.FIELDS (DATE FROM SENDER SUBJECT TO CC MESSAGE-ID REFERENCES CONTENT-TYPE IN-REPLY-TO "
    "REPLY-TO LINES LIST-POST LIST-SUBSCRIBE LIST-UNSUBSCRIBE X-LABEL X-ORIGINAL-TO)]",
)
"""Asked once of each filled mailbox, so that the server answers from its cache as one does that has been in use."""
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A user whose INBOX is filled."""

    server: str
    host: str
    port: int
    user: str
    password: str
    total: int
    """Messages 1 to ``total`` are in INBOX."""

    def client(self) -> imaplib.IMAP4:
        """A connection beside the measured one, signed in."""
        connection = imaplib.IMAP4(self.host, self.port)
        connection.login(self.user, self.password)
        return connection

    def through(self, port: int) -> "Mailbox":
        """The same, behind a proxy."""
        return Mailbox(self.server, "127.0.0.1", port, self.user, self.password, self.total)

    @contextlib.contextmanager
    def with_more(self, *raws: tuple[int, bytes]) -> Iterator[Callable[[], None]]:
        """Gives what delivers further messages (number, octets) to INBOX. At the end they are removed again."""
        with self.client() as client:
            client.select()
            uidnext = int(client.response("UIDNEXT")[1][0])

            def deliver() -> None:
                for number, raw in raws:
                    client.append("INBOX", "", imaplib.Time2Internaldate(mail.when(number)), raw)

            try:
                yield deliver
            finally:
                client.select()
                client.uid("STORE", f"{uidnext}:*", "+FLAGS.SILENT", "(\\Deleted)")
                client.expunge()

    def newest_is_unread(self) -> None:
        """As it was before a client opened it: some clients begin at the first unread message."""
        with self.client() as client:
            client.select()
            client.store(str(self.total), "-FLAGS.SILENT", "(\\Seen)")

    def count(self, folder: str, what: str = "MESSAGES") -> int:
        """What STATUS says of a folder."""
        with self.client() as client:
            _, answer = client.status(folder, f"({what})")
            return int(answer[0].split()[-1].rstrip(b")"))


Open = Callable[..., Mailbox]
"""Gives a mailbox of so many messages; with ``fresh=True`` one that nobody used before, for changing it."""


@contextlib.contextmanager
def embedded(cache: Path) -> Iterator[Open]:
    """The embedded servers of the demo, in a process for each mailbox."""
    with contextlib.ExitStack() as stack:
        started: dict[int, Mailbox] = {}

        def open_mailbox(total: int, *, fresh: bool = False) -> Mailbox:
            if fresh or total not in started:
                mailbox = stack.enter_context(_embedded(total))
                if fresh:
                    return mailbox
                started[total] = mailbox
            return started[total]

        yield open_mailbox


@contextlib.contextmanager
def _embedded(total: int) -> Iterator[Mailbox]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.embedded", str(total)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield Mailbox("embedded", total=total, **json.loads(process.stdout.readline()))
    finally:
        process.stdin.close()
        process.terminate()
        process.wait()
        process.stdout.close()


@contextlib.contextmanager
def real_dovecot(cache: Path) -> Iterator[Open]:
    """A private Dovecot. Raises `Missing` where there is none."""
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(dovecot.running())
        except (pytest.skip.Exception, pytest.fail.Exception) as unavailable:
            raise Missing(str(unavailable)) from unavailable
        lift_limits(server.folder / "dovecot.conf")
        opened: dict[int, Mailbox] = {}

        def open_mailbox(total: int, *, fresh: bool = False) -> Mailbox:
            if not fresh and total in opened:
                return opened[total]
            mailbox = filled(server, cache, total)
            if not fresh:
                opened[total] = mailbox
            return mailbox

        yield open_mailbox


def filled(server: dovecot.DovecotServer, cache: Path, total: int) -> Mailbox:
    """A new user's mailbox of so many messages, copied from the one that is kept, which is made where there is none."""
    mailbox = Mailbox("dovecot", server.host, server.port, server.new_user(), server.password, total)
    home, kept = server.folder / "home" / mailbox.user, cache / f"dovecot-{mail.FORMAT}-{total}"
    if not kept.exists():
        _fill(mailbox, home, kept)
    else:
        _copy(kept, home, owner=server.folder / "home")
    return mailbox


def lift_limits(config: Path) -> None:
    """Let Dovecot's processes be as large as a cache of a million messages wants them; by default 256 MB is the end."""
    with config.open("a") as file:
        file.write("default_vsz_limit = 4 G\n")
    if doveadm := shutil.which("doveadm"):
        subprocess.run([doveadm, "-c", str(config), "reload"], check=False, capture_output=True)
        time.sleep(1)  # until then it still ends the processes of before


class Missing(Exception):
    """A server that is not installed."""


def _fill(mailbox: Mailbox, home: Path, kept: Path) -> None:
    """Fill a new user's INBOX with MULTIAPPEND (RFC 3502), warm the server's cache, and keep a copy of the files."""
    begun = time.monotonic()
    print(f"filling a mailbox with {mailbox.total:,} messages …", file=sys.stderr, flush=True)
    with socket.create_connection((mailbox.host, mailbox.port)) as plain:
        lines = plain.makefile("rb")
        lines.readline()
        _command(plain, lines, f"LOGIN {mailbox.user} {mailbox.password}".encode())
        for first in range(1, mailbox.total + 1, _AT_ONCE):
            numbers = range(first, min(first + _AT_ONCE, mailbox.total + 1))
            _command(plain, lines, b"APPEND INBOX" + b"".join(map(_literal, numbers)))
        _command(plain, lines, b"SELECT INBOX")
        for command in WARMING:
            _command(plain, lines, command.encode())
        _command(plain, lines, b"LOGOUT")
    time.sleep(1)  # the server's process writes its cache when it ends
    temporary = kept.with_suffix(f".{os.getpid()}")
    _copy(home, temporary, owner=kept.parent)
    if kept.exists():
        shutil.rmtree(temporary)  # another run made it meanwhile
    else:
        temporary.rename(kept)
    print(f"… done in {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)


def _literal(number: int) -> bytes:
    raw = mail.message(number)
    flags = "(\\Seen)" if mail.seen(number) else "()"
    return f' {flags} "{mail.when(number):%d-%b-%Y %H:%M:%S +0000}" {{{len(raw)}+}}\r\n'.encode() + raw


def _command(plain: socket.socket, lines: BinaryIO, command: bytes) -> None:
    plain.sendall(b"a " + command + b"\r\n")
    while not (line := lines.readline()).startswith(b"a "):
        if not line:
            raise ConnectionError("The server closed the connection.")
    if not line.startswith(b"a OK"):
        raise ConnectionError(line.decode(errors="replace"))


def _copy(source: Path, target: Path, *, owner: Path) -> None:
    """Copy a folder; all of it belongs to whom ``owner`` belongs to."""
    shutil.copytree(source, target)
    to = owner.stat()
    if os.geteuid() == 0 and to.st_uid != pwd.getpwuid(0).pw_uid:
        for folder, _, files in os.walk(target):
            os.chown(folder, to.st_uid, to.st_gid)
            for file in files:
                os.chown(Path(folder) / file, to.st_uid, to.st_gid)


SERVERS = {"dovecot": real_dovecot, "embedded": embedded}
