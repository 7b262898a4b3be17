# SPDX-License-Identifier: GPL-3.0-or-later
"""Cached text parts, within a limit, and blobs: whole files that drafts, the outbox and waiting appends need."""

import os
import secrets
import time
from pathlib import Path

from tuimail.model.errors import FileProblem
from tuimail.model.ids import MessageId
from tuimail.store.database import Database

LIMIT = 256 * 1024 * 1024
"""Octets of cached parts; beyond it those not used for longest go."""
LARGEST = 4 * 1024 * 1024
"""Octets. A larger part is not cached."""


class Bodies:
    """Decoded content of parts that were read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, message: MessageId, section: str) -> bytes | None:
        """A cached part; None when it is not here."""
        value = self._database.value("SELECT content FROM bodies WHERE message = ? AND section = ?", (message, section))
        return value if isinstance(value, bytes) else None

    def touch(self, message: MessageId) -> None:
        """Note that a message was read now, so that its parts stay."""
        self._database.execute("UPDATE bodies SET used = ? WHERE message = ?", (int(time.time()), message))

    def put(self, message: MessageId, section: str, content: bytes) -> None:
        """Cache a part, unless it is too large or its message is gone."""
        if len(content) > LARGEST:
            return
        self._database.execute(
            "INSERT OR REPLACE INTO bodies (message, section, used, size, content)"
            " SELECT id, ?, ?, ?, ? FROM messages WHERE id = ?",
            (section, int(time.time()), len(content), content, message),
        )

    def trim(self, limit: int = LIMIT) -> int:
        """Drop parts not used for longest until the rest is within the limit. Returns how many went."""
        doomed: list[tuple[int, str]] = []
        with self._database.transaction():
            total = self._database.number("SELECT sum(size) FROM bodies")
            if total > limit:
                for message, section, size in self._database.execute("SELECT message, section, size FROM bodies ORDER BY used"):
                    doomed.append((message, section))
                    total -= size
                    if total <= limit:
                        break
            self._database.executemany("DELETE FROM bodies WHERE message = ? AND section = ?", doomed)
        return len(doomed)


class Blobs:
    """Files in the store's ``blobs`` folder, named by us, readable by the user alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, content: bytes) -> str:
        """Keep these bytes safely on disk; returns the name. Raises FileProblem."""
        name = secrets.token_hex(16)
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            descriptor = os.open(self._folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            self._sync_folder()
        except OSError as error:
            (self._folder / name).unlink(missing_ok=True)
            raise FileProblem(f"The store cannot keep the file: {error.strerror}.", "Free some space and repeat it.") from error
        return name

    def _sync_folder(self) -> None:
        """Make the new name itself survive a power failure."""
        descriptor = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def read(self, name: str) -> bytes:
        """The bytes of a blob. Raises FileProblem."""
        try:
            return self.path(name).read_bytes()
        except OSError as error:
            raise FileProblem(f"A file of the store is missing: {error.strerror}.") from error

    def path(self, name: str) -> Path:
        """Where a blob lies."""
        return self._folder / Path(name).name

    def remove(self, name: str) -> None:
        """Forget a blob; that it is gone already is no error."""
        self.path(name).unlink(missing_ok=True)
