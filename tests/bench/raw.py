# SPDX-License-Identifier: GPL-3.0-or-later
"""What the line and the server allow: a plain socket that only reads."""

import socket
import time

from tests.bench.servers import Mailbox

_ITEMS = b"(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS (REFERENCES)])"
_SCREENFUL = 50


def everything(mailbox: Mailbox) -> float:
    """Seconds to read the header data of all messages with one command, uncompressed."""
    with _Socket(mailbox) as plain:
        plain.ask(b"a SELECT INBOX\r\n", b"a")
        begun = time.monotonic()
        plain.ask(b"a UID FETCH 1:* " + _ITEMS + b"\r\n", b"a")
        return time.monotonic() - begun


def newest(mailbox: Mailbox) -> float:
    """Seconds from connecting to the newest screenful: sign-in and SELECT in one flight, then FETCH."""
    begun = time.monotonic()
    with _Socket(mailbox) as plain:
        first = max(mailbox.total - _SCREENFUL + 1, 1)
        plain.ask(b"a SELECT INBOX\r\n", b"a")
        plain.ask(b"a FETCH %d:* " % first + _ITEMS + b"\r\n", b"a")
        return time.monotonic() - begun


class _Socket:
    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    def __enter__(self) -> "_Socket":
        self._socket = socket.create_connection((self._mailbox.host, self._mailbox.port))
        self._tail = b""
        self._until(b"\r\n")
        self._login = b"l LOGIN %b %b\r\n" % (self._mailbox.user.encode(), self._mailbox.password.encode())
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def ask(self, command: bytes, tag: bytes) -> None:
        """Send a command, with the sign-in before the first one, and read until it is answered."""
        self._socket.sendall(self._login + command)
        self._login = b""
        self._until(b"\r\n" + tag + b" OK")

    def _until(self, wanted: bytes) -> None:
        tail = b""
        while wanted not in tail:
            data = self._socket.recv(262_144)
            if not data:
                raise ConnectionError("The server closed the connection.")
            tail = tail[-64:] + data
