# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares the mail that an independent client finds, what the store says of the server, and what the user is shown.

A ledger knows which messages there have to be: all that there ever were but those that the other client removed, each once.
"""

import imaplib
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from tests.backends.suite.other_client import OtherClient, quoted

_UID = re.compile(rb"UID (\d+)")
_FLAGS = re.compile(rb"FLAGS \(([^)]*)\)")
_ID = re.compile(rb"(?i)message-id:\s*(\S+)")
_DRAFTS, _SENT = "Drafts", "Sent"
_SOME = 5


class Place(NamedTuple):
    """One message on the server."""

    folder: str
    uid: int
    message_id: str
    flags: str
    """In one order, separated by spaces."""


@dataclass
class Ledger:
    """What has to be somewhere."""

    kept: set[str] = field(default_factory=set)
    """Message-IDs of all that were delivered and not removed."""
    removed: set[str] = field(default_factory=set)
    """Those that the other client expunged."""

    def faults(self, places: Sequence[Place], submitted: Counter[str], uncertain: set[str]) -> Iterator[str]:
        """What is lost, doubled, or there for no reason. ``submitted``: how often each message came to who takes mail."""
        found = Counter(place.message_id for place in places if place.folder != _DRAFTS)
        strayed = {place.message_id: place.folder for place in places if place.folder not in (_DRAFTS, _SENT)}
        yield from _told("lost", self.kept - found.keys())
        yield from _told("back again", self.removed & found.keys())
        yield from _told("doubled", (name for name, count in found.items() if count > 1))
        yield from _told("from nowhere", found.keys() - self.kept - self.removed - submitted.keys())
        yield from _told("submitted more than once", (name for name, count in submitted.items() if count > 1))
        yield from _told("submitted and nowhere", submitted.keys() - uncertain - found.keys())
        yield from _told("submitted and not in Sent", (f"{name} in {strayed[name]}" for name in submitted if name in strayed))


def _told(what: str, names: Iterable[str]) -> Iterator[str]:
    all_of_them = sorted(names)
    if all_of_them:
        yield f"{len(all_of_them)} {what}: {', '.join(all_of_them[:_SOME])}"


class Server:
    """What the server holds. Message-IDs never change, so each is asked for once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, bytes, int], str] = {}

    def learn(self, folder: str, uidvalidity: bytes, ids: Iterable[tuple[int, str]]) -> None:
        """Message-IDs that need not be asked for."""
        self._known.update({(folder, uidvalidity, uid): message_id for uid, message_id in ids})

    def look(self, client: imaplib.IMAP4) -> list[Place]:
        """All messages of all folders."""
        return [place for folder in sorted(OtherClient(client).selectable()) for place in self._folder(client, folder)]

    def _folder(self, client: imaplib.IMAP4, folder: str) -> Iterator[Place]:
        client.select(quoted(folder), readonly=True)
        validity = uidvalidity(client)
        flags = dict(_fetched_flags(client))
        unknown = [uid for uid in flags if (folder, validity, uid) not in self._known]
        for at in range(0, len(unknown), 1000):
            uids = ",".join(map(str, unknown[at : at + 1000]))
            _, data = client.uid("FETCH", uids, "(BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")
            for item in data:
                if isinstance(item, tuple) and (uid := _UID.search(item[0])):
                    found = _ID.search(item[1])
                    self._known[folder, validity, int(uid[1])] = found[1].decode() if found else ""
        for number, set_flags in flags.items():
            if "\\Deleted" not in set_flags:
                yield Place(folder, number, self._known[folder, validity, number], set_flags)


def uidvalidity(client: imaplib.IMAP4) -> bytes:
    """Of the selected folder."""
    said = client.response("UIDVALIDITY")[1][0]
    assert isinstance(said, bytes)
    return said


def _fetched_flags(client: imaplib.IMAP4) -> Iterator[tuple[int, str]]:
    _, data = client.uid("FETCH", "1:*", "(FLAGS)")
    for line in data:
        if isinstance(line, bytes) and (uid := _UID.search(line)) and (flags := _FLAGS.search(line)):
            yield int(uid[1]), " ".join(sorted(set(flags[1].decode().split()) - {"\\Recent"}))


class Stored:
    """What stands in the program's store, read beside it."""

    def __init__(self, home: Path) -> None:
        self._data = home / "data"

    def places(self) -> list[Place]:
        """What it says of the server."""
        return [
            Place(*row)
            for row in self._ask(
                "cache",
                "SELECT f.server_name, uid, message_id, server_flags FROM messages JOIN folders f ON f.id = server_folder"
                " WHERE instr(server_flags, '\\Deleted') = 0",
            )
        ]

    def shown(self) -> Counter[tuple[str, str, str]]:
        """Folder, Message-ID and flags of what the lists show."""
        return Counter(
            self._ask(
                "cache",
                "SELECT f.name, message_id, flags FROM messages m JOIN folders f ON f.id = m.folder WHERE hidden = 0",
            )
        )

    def unfinished(self) -> list[str]:
        """What still waits to be carried or sent; not what the user has to decide."""
        actions = self._ask("own", "SELECT kind, state, attempt FROM actions")
        outgoing = self._ask("own", "SELECT state, due FROM outbox WHERE state <> 'answer unknown'")
        limbo = self._ask("cache", "SELECT 'limbo', id FROM messages WHERE server_folder IS NULL OR uid IS NULL")
        return [" ".join(map(str, row)) for row in (*actions, *outgoing, *limbo)]

    def uncertain(self) -> set[str]:
        """Message-IDs of what was perhaps sent, and waits for the user to decide."""
        rows = self._ask("own", "SELECT body FROM outbox WHERE state = 'answer unknown'")
        return {found for (body,) in rows for found in re.findall(r'"message_id":"(<[^"]*>)"', body)}

    def has(self, message_id: str) -> bool:
        """Whether a message is known."""
        return bool(self._ask("cache", "SELECT 1 FROM messages WHERE message_id = ?", message_id))

    def count(self) -> int:
        """How many messages are known."""
        return int(self._ask("cache", "SELECT count(*) FROM messages")[0][0])

    def _ask(self, file: str, sql: str, *values: str) -> list[tuple[Any, ...]]:
        """Rows; their types are the schema's, whose tables are STRICT."""
        with closing(sqlite3.connect(f"file:{self._data / f'{file}.sqlite'}?mode=ro", uri=True, timeout=30)) as connection:
            return connection.execute(sql, values).fetchall()


def differences(server: list[Place], stored: Stored) -> Iterator[str]:
    """Where the server, the store and the screen do not agree."""
    there, here = Counter(server), Counter(stored.places())
    yield from _differ("on the server and not in the store", there - here)
    yield from _differ("in the store and not on the server", here - there)
    wanted = Counter((place.folder, place.message_id, place.flags) for place in server)
    shown = stored.shown()
    yield from _differ("on the server and not shown", wanted - shown)
    yield from _differ("shown and not on the server", shown - wanted)


def _differ(what: str, found: Counter[tuple[str, str, str]] | Counter[Place]) -> Iterator[str]:
    if found:
        some = ", ".join(map(str, sorted(map(tuple, found))[:_SOME]))
        yield f"{found.total()} {what}: {some}"
