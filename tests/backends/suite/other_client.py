# SPDX-License-Identifier: GPL-3.0-or-later
"""Another client, by `imaplib`: it changes the mailbox behind the backend's back, and says what the server really holds.

Folder names are written as on the wire, unquoted.
"""

import imaplib
import re
import time
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

_FETCHED = re.compile(rb"UID (\d+)")
_DATE = re.compile(rb'INTERNALDATE "[^"]*"')
_FLAGS = re.compile(rb"FLAGS \(([^)]*)\)")
_LISTED = re.compile(rb'\(([^)]*)\) (?:"(?:[^"\\]|\\.)"|NIL) (.+)', re.DOTALL)
_Item = bytes | tuple[bytes, bytes]
"""What imaplib gives: a line, or what stands before a literal and the literal."""
_STATUS = re.compile(rb"\(([^()]*)\)$")


class Stored(NamedTuple):
    """One message as the server holds it."""

    flags: frozenset[str]
    arrived: int
    raw: bytes


class OtherClient:
    """One connection of another program."""

    def __init__(
        self,
        connection: imaplib.IMAP4,
        there: Callable[[str], str] = str,
        here: Callable[[str], str] = str,
        *,
        brief: bool = False,
    ) -> None:
        """``there`` makes the server's names from the tests', ``here`` the other way round.

        ``brief``: no folder stays open, for imap4d, which writes what it read when somebody leaves.
        """
        self._brief = brief
        self._imap = connection
        self._there = there
        self._here = here

    def leave(self) -> None:
        """LOGOUT; a connection that is gone already does no harm."""
        try:
            self._imap.logout()
        except (imaplib.IMAP4.error, OSError):
            self._imap.shutdown()

    # Messages.

    def deliver(self, raw: bytes, folder: str = "INBOX", flags: Iterable[str] = (), arrived: int | None = None) -> int:
        """Append a message; its UID."""
        date = imaplib.Time2Internaldate(time.time() if arrived is None else arrived)
        self._append(folder, f"({' '.join(flags)})", date, raw)
        return max(self.uids(folder))

    def deliver_all(self, raws: Iterable[bytes], folder: str = "INBOX") -> None:
        """Append messages; they follow each other in the folder."""
        for raw in raws:
            self._append(folder, "()", imaplib.Time2Internaldate(time.time()), raw)

    def uids(self, folder: str = "INBOX") -> list[int]:
        """All UIDs."""
        self._open(folder, read_only=True)
        found = _ok(self._imap.uid("SEARCH", "ALL"))
        return [int(word) for line in found if isinstance(line, bytes) for word in line.split()]

    def messages(self, folder: str = "INBOX") -> dict[int, Stored]:
        """All messages by UID."""
        found: dict[int, Stored] = {}
        if self.uids(folder):
            for head, raw, tail in _rows(_ok(self._imap.uid("FETCH", "1:*", "(FLAGS INTERNALDATE BODY.PEEK[])"))):
                uid, date, flags = _FETCHED.search(head + tail), _DATE.search(head + tail), _FLAGS.search(head + tail)
                assert uid is not None
                assert date is not None
                assert flags is not None
                names = frozenset(flags[1].decode().split()) - {"\\Recent"}
                arrived = imaplib.Internaldate2tuple(date[0])
                assert arrived is not None
                found[int(uid[1])] = Stored(names, int(time.mktime(arrived)), raw)
        return found

    def raws(self, folder: str = "INBOX") -> list[bytes]:
        """The octets of all messages, by UID."""
        return [stored.raw for _, stored in sorted(self.messages(folder).items())]

    def flags(self, uid: int, folder: str = "INBOX") -> frozenset[str]:
        """The flags of one message."""
        return self.messages(folder)[uid].flags

    def add_flags(self, uid: int, *flags: str, folder: str = "INBOX") -> None:
        """Add flags."""
        self._open(folder)
        _ok(self._imap.uid("STORE", str(uid), "+FLAGS", f"({' '.join(flags)})"))
        self._close()

    def expunge(self, *uids: int, folder: str = "INBOX") -> None:
        r"""Remove messages, and whatever else has ``\Deleted``."""
        for uid in uids:
            self.add_flags(uid, "\\Deleted", folder=folder)
        if self._brief:
            self._open(folder)
        _ok(self._imap.expunge())
        self._close()

    # Folders.

    def create(self, folder: str) -> None:
        """CREATE and SUBSCRIBE."""
        _ok(self._imap.create(self._quoted(folder)))
        _ok(self._imap.subscribe(self._quoted(folder)))

    def delete(self, folder: str) -> None:
        """DELETE."""
        _ok(self._imap.select("INBOX"))
        _ok(self._imap.delete(self._quoted(folder)))

    def rename(self, old: str, new: str) -> None:
        """RENAME."""
        _ok(self._imap.rename(self._quoted(old), self._quoted(new)))

    def unsubscribe(self, folder: str) -> None:
        """UNSUBSCRIBE."""
        _ok(self._imap.unsubscribe(self._quoted(folder)))

    def folders(self) -> set[str]:
        """Names of the folders."""
        return set(map(self._here, _names(_ok(self._imap.list()))))

    def selectable(self) -> set[str]:
        r"""Names of the folders that can hold messages: those without ``\Noselect``."""
        listed = _ok(self._imap.list())
        kept = [item for item in listed if b"\\noselect" not in (item[0] if isinstance(item, tuple) else item).lower()]
        return set(map(self._here, _names(kept)))

    def subscribed(self) -> set[str]:
        """Names of the subscriptions."""
        return set(map(self._here, _names(_ok(self._imap.lsub()))))

    def status(self, folder: str, item: str) -> int:
        """One number of STATUS."""
        answer = _ok(self._imap.status(self._quoted(folder), f"({item})"))
        found = [_STATUS.search(line) for line in answer if isinstance(line, bytes)]
        assert found[-1] is not None
        return int(found[-1][1].split()[1])

    def _append(self, folder: str, flags: str, date: str, raw: bytes) -> None:
        """Courier takes nothing into a folder that is open to read only on the same connection, and says so."""
        status, told = self._imap.append(self._quoted(folder), flags, date, raw)
        if status == "NO" and b"READ-ONLY" in told[0]:
            self._open(folder)
            status, told = self._imap.append(self._quoted(folder), flags, date, raw)
        _ok((status, told))

    def _open(self, folder: str, *, read_only: bool = False) -> None:
        _ok(self._imap.select(self._quoted(folder), readonly=read_only))

    def _close(self) -> None:
        if self._brief:
            _ok(self._imap.unselect())

    def _quoted(self, folder: str) -> str:
        return quoted(self._there(folder))


def quoted(name: str) -> str:
    """A quoted string."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _ok(answer: tuple[str, Sequence[_Item | None]]) -> list[_Item]:
    status, data = answer
    assert status == "OK", data
    return [item for item in data if item is not None]


def _rows(data: list[_Item]) -> list[tuple[bytes, bytes, bytes]]:
    """imaplib gives ``(before the literal, literal)`` and what follows it as separate members."""
    rows: list[tuple[bytes, bytes, bytes]] = []
    for item in data:
        if isinstance(item, tuple):
            rows.append((item[0], item[1], b""))
        elif rows:
            head, raw, _ = rows[-1]
            rows[-1] = (head, raw, item)
    return rows


def _names(data: list[_Item]) -> set[str]:
    names = set()
    for item in data:
        if isinstance(item, tuple):  # a name as a literal
            names.add(item[1].decode())
        elif item:  # what follows a literal is empty
            found = _LISTED.match(item)
            assert found is not None, item
            name = found[2].decode()
            names.add(re.sub(r"\\(.)", r"\1", name[1:-1]) if name.startswith('"') else name)
    return names
