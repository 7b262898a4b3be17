# SPDX-License-Identifier: GPL-3.0-or-later
"""Cached text parts and pieces of large ones, within limits; and blobs: whole files that drafts, outbox and appends need."""

import contextlib
import os
import secrets
import time
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tuimail.model.errors import FileProblem, reason_of
from tuimail.model.ids import FolderId, MessageId
from tuimail.model.store_key import StoreKey
from tuimail.store.codec import ids_json, unpack
from tuimail.store.database import Database
from tuimail.store.sealing import OVERHEAD, seal, unseal
from tuimail.store.sharing import sync

LIMIT = 256 * 1024 * 1024
"""Octets of cached parts; beyond it those not used for longest go."""
LARGEST = 4 * 1024 * 1024
"""Octets. A larger part is not cached."""
PIECE = 256 * 1024
"""Octets of one piece of a section that came in part."""
PIECES = 64 * 1024 * 1024
"""Octets of such pieces that are kept."""
NOT_HERE = -1
"""Texts that are not fetched unasked: too large, or the server does not tell them."""
_PACK_FROM = 1024
"""Octets from which on it is worth compressing."""
_EVER = -(1 << 62)


@dataclass(frozen=True, slots=True)
class Cacheable:
    """A part as it is kept."""

    section: str
    content: bytes
    """Decoded."""
    kind: str = ""
    """Its media type, for the index; empty is not known."""
    charset: str = ""
    packed: bytes | None = None
    """The content compressed, where that was done already; see `pack`."""


def pack(content: bytes) -> bytes | None:
    """Compress the content of a part; None: it is not worth it. A megabyte takes about 10 ms."""
    if len(content) < _PACK_FROM:
        return None
    smaller = zlib.compress(content, 1)
    return smaller if len(smaller) < len(content) * 7 // 8 else None


class Bodies:
    """Decoded content of parts that were read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, message: MessageId, section: str) -> bytes | None:
        """A cached part; None when it is not here."""
        sql = "SELECT content, packed FROM bodies WHERE message = ? AND section = ?"
        return next(self._database.each(lambda row: unpack(*row), sql, (message, section)), None)

    def has(self, message: MessageId, section: str) -> bool:
        """Whether a part is cached."""
        return self._database.one("SELECT 1 FROM bodies WHERE message = ? AND section = ?", (message, section)) is not None

    def touch(self, message: MessageId) -> None:
        """Note that a message was read now, so that its parts stay."""
        now = int(time.time())
        self._database.execute("UPDATE bodies SET used = ? WHERE message = ? AND used < ?", (now, message, now))

    def put(self, message: MessageId, section: str, content: bytes, kind: str = "", charset: str = "") -> None:
        """Cache a part, unless it is too large or its message is gone."""
        self._put(message, Cacheable(section, content, kind, charset))

    def put_texts(self, found: Mapping[MessageId, Sequence[Cacheable]], count: int = 0) -> None:
        """Cache texts of messages that the reader shows; with those that were here they are ``count``. One transaction."""
        with self._database.transaction():
            for message, parts in found.items():
                for part in parts:
                    self._put(message, part)
                self.complete(message, max(count, len(parts)))

    def complete(self, message: MessageId, parts: int) -> None:
        """Note that all texts of a message that the reader shows are here: so many; 0: it has none; or `NOT_HERE`."""
        self._database.execute(
            "INSERT INTO texts (message, parts) SELECT id, ? FROM messages WHERE id = ?"
            " ON CONFLICT (message) DO UPDATE SET parts = max(parts, excluded.parts)",
            (parts, message),
        )

    def forget_structure(self, message: MessageId) -> None:
        """There is no sense in what the server told: the message itself is to be read."""
        self._database.execute("UPDATE messages SET bodystructure = x'' WHERE id = ?", (message,))

    def set_structure(self, folder: FolderId, uid: int, bodystructure: bytes, *, has_attachment: bool) -> None:
        """The structure of a message that was known by its header only."""
        row = self._database.one("SELECT id FROM messages WHERE server_folder = ? AND uid = ?", (folder, uid))
        if row is None:
            return
        with self._database.transaction():
            self._database.execute(
                "UPDATE messages SET bodystructure = ?, has_attachment = ? WHERE id = ?",
                (bodystructure, has_attachment, row[0]),
            )
            self._database.execute("DELETE FROM texts WHERE message = ?", (row[0],))

    def latest_row(self) -> int:
        """Grows with each message that gets a row."""
        return self._database.number("SELECT seq FROM cache.sqlite_sequence WHERE name = 'messages'")

    def lacking(self, messages: Iterable[MessageId]) -> list[MessageId]:
        """Those of these messages whose texts are not all here, in the order given."""
        messages = list(messages)
        here = {
            row[0]
            for row in self._database.execute(
                "SELECT message FROM texts WHERE parts >= 0 AND message IN (SELECT value FROM json_each(?))",
                (ids_json(messages),),
            )
        }
        return [message for message in messages if message not in here]

    def wanted(self, folder: FolderId, newest: int, since: int, limit: int) -> list[MessageId]:
        """Messages of a folder whose texts are not here, newest first: of the ``newest``, and those since then."""
        row = self._database.one(
            "SELECT date FROM messages WHERE folder = ? AND hidden = 0 ORDER BY date DESC, id DESC LIMIT 1 OFFSET ?",
            (folder, newest - 1),
        )
        oldest = min(since, row[0]) if row is not None else _EVER
        return [
            MessageId(row[0])
            for row in self._database.execute(
                "SELECT id FROM messages WHERE folder = ? AND hidden = 0 AND date >= ?"
                " AND NOT EXISTS (SELECT 1 FROM texts WHERE message = messages.id) AND uid IS NOT NULL"
                " ORDER BY date DESC, id DESC LIMIT ?",
                (folder, oldest, limit),
            )
        ]

    def octets(self) -> int:
        """What the cached parts take."""
        return self._database.number("SELECT sum(size) FROM bodies")

    def trim(self, limit: int = LIMIT) -> int:
        """Drop parts not used for longest until the rest is within the limit. Returns how many went."""
        doomed: list[tuple[int, str]] = []
        with self._database.transaction():
            total = self.octets()
            if total > limit:
                for message, section, size in self._database.execute("SELECT message, section, size FROM bodies ORDER BY used"):
                    doomed.append((message, section))
                    total -= size
                    if total <= limit:
                        break
            self._database.executemany("DELETE FROM bodies WHERE message = ? AND section = ?", doomed)
        return len(doomed)

    def _put(self, message: MessageId, part: Cacheable) -> None:
        if len(part.content) > LARGEST:
            return
        smaller = part.packed or pack(part.content)
        content = part.content if smaller is None else smaller
        self._database.execute(
            "INSERT OR REPLACE INTO bodies (message, section, used, size, content, kind, charset, packed)"
            " SELECT id, ?, ?, ?, ?, ?, ?, ? FROM messages WHERE id = ?",
            (part.section, int(time.time()), len(content), content, part.kind, part.charset, int(smaller is not None), message),
        )


class Pieces:
    """The beginnings of large sections whose transfer was interrupted, still encoded."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, message: MessageId, section: str) -> bytes:
        """What is here, from the first octet on without a gap."""
        found = bytearray()
        for start, content in self._database.execute(
            "SELECT start, content FROM pieces WHERE message = ? AND section = ? ORDER BY start", (message, section)
        ):
            if start != len(found):
                break
            found += content
        return bytes(found)

    def keep(self, message: MessageId, section: str, start: int, content: bytes) -> None:
        """Add what came from octet ``start`` on, in pieces; of all sections the latest `PIECES` octets are kept."""
        with self._database.transaction():
            self._database.executemany(
                "INSERT OR REPLACE INTO pieces (message, section, start, content)"
                " SELECT id, ?, ?, ? FROM messages WHERE id = ?",
                [(section, start + at, content[at : at + PIECE], message) for at in range(0, len(content), PIECE)],
            )
            room = PIECES
            for number, name, size in list(
                self._database.execute(
                    "SELECT message, section, sum(length(content)) FROM pieces GROUP BY message, section"
                    " ORDER BY max(rowid) DESC"
                )
            ):
                room -= size
                if room < 0:
                    self.forget(MessageId(number), name)

    def forget(self, message: MessageId, section: str) -> None:
        """The section is complete, or not wanted any more."""
        self._database.execute("DELETE FROM pieces WHERE message = ? AND section = ?", (message, section))


class Blobs:
    """Files in a folder of the store, named by us, readable by the user alone; with a key each of them is sealed."""

    def __init__(self, folder: Path, key: StoreKey | None = None) -> None:
        self._folder = folder
        self._key = key.of_files if key is not None else None

    def write(self, content: bytes) -> str:
        """Keep these bytes safely on disk; returns the name. Raises FileProblem."""
        return self.write_all([content])[0]

    def write_all(self, contents: Iterable[bytes], prefix: str = "") -> list[str]:
        """Keep several safely on disk, all or none; their names, which begin with ``prefix``. Raises FileProblem."""
        names: list[str] = []
        try:
            if not self._folder.exists():
                self._folder.mkdir(mode=0o700, exist_ok=True)
                sync(self._folder.parent)
            for content in contents:
                names.append(prefix + secrets.token_hex(16))
                descriptor = os.open(self._folder / names[-1], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(descriptor, "wb") as file:
                    file.write(content if self._key is None else seal(content, self._key, names[-1]))
            for name in names:  # after all are written: the first waits for the disk, most others find it done
                sync(self._folder / name)
            sync(self._folder)
        except OSError as error:
            for name in names:
                with contextlib.suppress(OSError):
                    (self._folder / name).unlink()
            raise FileProblem(
                f"The store cannot keep the file: {reason_of(error)}.", "Free some space and repeat it."
            ) from error
        return names

    def read(self, name: str) -> bytes:
        """The bytes of a blob. Raises FileProblem."""
        try:
            content = self.path(name).read_bytes()
        except OSError as error:
            raise FileProblem(f"A file of the store is missing: {error.strerror}.") from error
        return content if self._key is None else unseal(content, self._key, Path(name).name)

    def size(self, name: str) -> int:
        """Octets of a blob; 0 for one that is gone."""
        try:
            return max(0, self.path(name).stat().st_size - (0 if self._key is None else OVERHEAD))
        except OSError:
            return 0

    def older_than(self, seconds: float) -> list[str]:
        """The blobs that were written so long ago. For any thread."""
        latest = time.time() - seconds
        try:
            return [name for name, written in self.all() if written < latest]
        except OSError:
            return []

    def all(self) -> list[tuple[str, float]]:
        """Every blob, by name, and when it was written, in seconds since 1970. Raises OSError."""
        if not self._folder.is_dir():
            return []
        with os.scandir(self._folder) as found:
            return sorted((entry.name, entry.stat(follow_symlinks=False).st_mtime) for entry in found)

    def put(self, name: str, content: bytes, written: float) -> None:
        """Keep a blob of that name, as it was written then. It is not yet safe on the disk. Raises OSError."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(self.path(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content if self._key is None else seal(content, self._key, name))
        os.utime(self.path(name), (written, written))

    def path(self, name: str) -> Path:
        """Where a blob lies."""
        return self._folder / Path(name).name

    def remove(self, name: str) -> None:
        """Forget a blob; that it is gone already is no error."""
        self.path(name).unlink(missing_ok=True)

    def remove_all(self, names: Iterable[str]) -> None:
        """Forget several. On a busy disk each takes milliseconds: many belong into a thread."""
        for name in names:
            self.remove(name)
