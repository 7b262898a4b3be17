# SPDX-License-Identifier: GPL-3.0-or-later
"""The mailbox of an account whose server keeps none: folders and messages in the own file, octets in files beside it.

To the rest it is a server like others: it numbers its messages (UID, UIDVALIDITY) and counts its changes (MODSEQ), and what the
cache holds of it can be read again from here.
"""

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tuimail.model.flags import DELETED, SEEN, Flags
from tuimail.model.folder import FolderRole
from tuimail.model.ids import AccountId
from tuimail.model.uidset import UidSet
from tuimail.store.bodies import Blobs
from tuimail.store.codec import dump_flags, ids_json, load_flags
from tuimail.store.database import Connection, Database, Row

FOLDERS: tuple[tuple[str, FolderRole], ...] = (
    ("INBOX", FolderRole.INBOX),
    ("Drafts", FolderRole.DRAFTS),
    ("Sent", FolderRole.SENT),
    ("Archive", FolderRole.ARCHIVE),
    ("Junk", FolderRole.JUNK),
    ("Trash", FolderRole.TRASH),
)
"""Of a new mailbox."""
_FILE = re.compile(r"(\d{1,9})-[0-9a-f]{32}")
"""The file of a whole message: its account, and a name."""
_FOLDER = "SELECT id, name, role, subscribed, uidvalidity, uidnext, modseq FROM local_folders"
_MESSAGE = "SELECT id, folder, uid, modseq, flags, arrived, size, file, whole FROM local_messages"


@dataclass(frozen=True, slots=True)
class LocalFolder:
    """One folder."""

    id: int
    name: str
    role: FolderRole | None
    subscribed: bool
    uidvalidity: int
    uidnext: int
    modseq: int
    """Of the last change in it."""


@dataclass(frozen=True, slots=True)
class LocalMessage:
    """One message."""

    id: int
    folder: int
    uid: int
    modseq: int
    flags: Flags
    arrived: int
    """Seconds since 1970."""
    size: int
    file: str
    whole: bool
    """Else the file holds the header only."""


class LocalMail:
    """The mailboxes of all such accounts. Each method is one transaction, and on the disk when it returns."""

    def __init__(self, database: Database, files: Blobs) -> None:
        self._database = database
        self.files = files

    # Folders

    def ensure(self, account: AccountId) -> None:
        """Make the folders of a new mailbox, or of one of which the inbox alone was saved."""
        if self._database.number("SELECT count(*) FROM local_folders WHERE account = ?", (account,)) < 2:
            with self._database.transaction():
                for name, role in FOLDERS:
                    self.create(account, name, role)

    def folders(self, account: AccountId) -> list[LocalFolder]:
        """All folders, in the order in which they were made."""
        return [_folder(row) for row in self._database.execute(f"{_FOLDER} WHERE account = ? ORDER BY id", (account,))]

    def folder(self, account: AccountId, name: str) -> LocalFolder | None:
        """One folder."""
        row = self._database.one(f"{_FOLDER} WHERE account = ? AND name = ?", (account, name))
        return _folder(row) if row else None

    def create(self, account: AccountId, name: str, role: FolderRole | None = None) -> None:
        """Make a folder; that it is there already is no error. A role is given once."""
        with self._database.transaction():
            if role is not None and self._database.one(
                "SELECT 1 FROM local_folders WHERE account = ? AND role = ?", (account, role.value)
            ):
                role = None
            latest = self._database.number("SELECT max(uidvalidity) FROM local_folders")
            self._database.execute(
                "INSERT OR IGNORE INTO local_folders (account, name, role, uidvalidity) VALUES (?, ?, ?, ?)",
                (account, name, role.value if role else None, max(latest + 1, int(time.time()))),
            )

    def rename(self, account: AccountId, old: str, new: str, delimiter: str) -> None:
        """Give a folder and those below it another name."""
        with self._database.transaction():
            for folder in self.folders(account):
                if folder.name == old or folder.name.startswith(old + delimiter):
                    self._database.execute(
                        "UPDATE local_folders SET name = ? WHERE id = ?", (new + folder.name[len(old) :], folder.id)
                    )

    def remove_folder(self, folder: int) -> list[str]:
        """Remove a folder with its messages. Returns the files that are left for nobody, which is for the caller to remove."""
        with self._database.transaction():
            files = [row[0] for row in self._database.execute("SELECT file FROM local_messages WHERE folder = ?", (folder,))]
            self._database.execute("DELETE FROM local_messages WHERE folder = ?", (folder,))
            self._database.execute("DELETE FROM local_folders WHERE id = ?", (folder,))
        return self._left(files)

    def subscribe(self, folder: int, subscribed: bool) -> None:
        """Set the subscription."""
        self._database.execute("UPDATE local_folders SET subscribed = ? WHERE id = ?", (int(subscribed), folder))

    def counts(self, folder: int) -> tuple[int, int]:
        """Messages, and those of them without ``\\Seen``."""
        row = self._database.one(
            "SELECT count(*), coalesce(sum(instr(flags, ?) = 0), 0) FROM local_messages WHERE folder = ?", (SEEN, folder)
        )
        return (row[0], row[1]) if row else (0, 0)

    # Messages

    def keep(self, account: AccountId, contents: Iterable[bytes], *, whole: bool = True) -> list[str]:
        """Write messages, or headers, to the disk; their files. For any thread. Raises FileProblem."""
        return self.files.write_all(contents, f"{account}-" if whole else f"{account}-header-")

    def uids(self, folder: int) -> UidSet:
        """The UIDs of a folder."""
        rows = self._database.execute("SELECT uid FROM local_messages WHERE folder = ? ORDER BY uid", (folder,))
        return UidSet.of(row[0] for row in rows)

    def messages(self, folder: int, uids: Iterable[int]) -> list[LocalMessage]:
        """These messages of a folder, as far as they are there, by UID."""
        found = self._database.execute(
            f"{_MESSAGE} WHERE folder = ? AND uid IN (SELECT value FROM json_each(?)) ORDER BY uid",  # noqa: S608 own names
            (folder, ids_json(uids)),
        )
        return [_message(row) for row in found]

    def changed_since(self, folder: int, modseq: int) -> list[LocalMessage]:
        """Messages that came or changed after a mod-sequence."""
        sql = f"{_MESSAGE} WHERE folder = ? AND modseq > ? ORDER BY uid"
        return [_message(row) for row in self._database.execute(sql, (folder, modseq))]

    def newest(self, folder: int, count: int) -> list[int]:
        """The highest UIDs, in rising order."""
        sql = "SELECT uid FROM local_messages WHERE folder = ? ORDER BY uid DESC LIMIT ?"
        return sorted(row[0] for row in self._database.execute(sql, (folder, count)))

    def with_file(self, file: str) -> list[LocalMessage]:
        """The message with that file, and its copies."""
        return [_message(row) for row in self._database.execute(f"{_MESSAGE} WHERE file = ?", (file,))]

    def add(self, folder: int, file: str, size: int, flags: Flags, arrived: int, *, whole: bool = True) -> int:
        """Add a message whose file is written; its UID."""
        with self._database.transaction():
            uid, modseq = self._next(folder)
            self._database.execute(
                "INSERT INTO local_messages (folder, uid, modseq, flags, arrived, size, file, whole)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (folder, uid, modseq, dump_flags(flags), arrived, size, file, int(whole)),
            )
        return uid

    def complete(self, header: str, file: str) -> None:
        """The file of a header, wherever it is by now, gives way to that of the whole message."""
        self._database.execute("UPDATE local_messages SET file = ?, whole = 1 WHERE file = ?", (file, header))

    def set_flags(self, folder: int, uids: UidSet, add: Flags, remove: Flags) -> None:
        """Change flags."""
        with self._database.transaction():
            modseq = self._next_modseq(folder)
            self._database.executemany(
                "UPDATE local_messages SET flags = ?, modseq = ? WHERE id = ?",
                [
                    (dump_flags(flags), modseq, message.id)
                    for message in self.messages(folder, uids)
                    if (flags := (message.flags | add) - remove) != message.flags
                ],
            )

    def copy(self, folder: int, uids: UidSet, to: int) -> dict[int, int]:
        """Copy messages; old UID → new UID. The octets are not copied."""
        with self._database.transaction():
            return {
                message.uid: self.add(to, message.file, message.size, message.flags, message.arrived, whole=message.whole)
                for message in self.messages(folder, uids)
            }

    def move(self, folder: int, uids: UidSet, to: int) -> dict[int, int]:
        """Move messages; old UID → new UID."""
        placed: dict[int, int] = {}
        with self._database.transaction():
            self._next_modseq(folder)
            for message in self.messages(folder, uids):
                placed[message.uid], modseq = self._next(to)
                self._database.execute(
                    "UPDATE local_messages SET folder = ?, uid = ?, modseq = ? WHERE id = ?",
                    (to, placed[message.uid], modseq, message.id),
                )
        return placed

    def expunge(self, folder: int, uids: UidSet | None = None) -> list[str]:
        r"""Remove these messages for good; None: all with ``\Deleted``. Returns files as `remove_folder`."""
        with self._database.transaction():
            self._next_modseq(folder)
            gone = self.messages(folder, self.uids(folder) if uids is None else uids)
            gone = [message for message in gone if uids is not None or DELETED in message.flags]
            self._database.executemany("DELETE FROM local_messages WHERE id = ?", [(message.id,) for message in gone])
        return self._left(message.file for message in gone)

    def _next(self, folder: int) -> tuple[int, int]:
        """A new UID and mod-sequence."""
        row = self._database.one("SELECT uidnext, modseq + 1 FROM local_folders WHERE id = ?", (folder,))
        assert row is not None
        self._database.execute("UPDATE local_folders SET uidnext = ?, modseq = ? WHERE id = ?", (row[0] + 1, row[1], folder))
        return row[0], row[1]

    def _next_modseq(self, folder: int) -> int:
        self._database.execute("UPDATE local_folders SET modseq = modseq + 1 WHERE id = ?", (folder,))
        return self._database.number("SELECT modseq FROM local_folders WHERE id = ?", (folder,))

    def _left(self, files: Iterable[str]) -> list[str]:
        """Those that no message has any more."""
        wanted = set(files)
        sql = "SELECT file FROM local_messages WHERE file IN (SELECT value FROM json_each(?))"
        return sorted(wanted - {row[0] for row in self._database.execute(sql, (ids_json(wanted),))})


def are_doubles(files: Blobs, strays: Mapping[str, Sequence[str]]) -> list[str]:
    """Strays that can go: a header, and what another message holds octet by octet. For any thread.

    Others stay: they may be all that is left of a message, where the own file is older than its mail.
    """

    def is_double(name: str) -> bool:
        content = files.read(name)
        return any(files.read(other) == content for other in strays[name])

    return [name for name in strays if "-header-" in name or is_double(name)]


def adopt(own: Connection, files: Blobs) -> int:
    """After rows of the own file were lost: messages whose files no row names go into their account's inbox. How many."""
    named = {row[0] for row in own.execute("SELECT file FROM local_messages")}
    adopted = 0
    for name, written in files.all():
        match = _FILE.fullmatch(name)
        if match is None or name in named:
            continue
        own.execute(
            "INSERT OR IGNORE INTO local_folders (account, name, role, uidvalidity) VALUES (?, 'INBOX', ?, ?)",
            (int(match[1]), FolderRole.INBOX.value, int(time.time())),
        )
        # Above every UID that was given before, as far as that can be known.
        own.execute(
            "UPDATE local_folders SET modseq = modseq + 1, uidnext = 1 + max(uidnext,"
            " coalesce((SELECT max(uid) FROM local_messages m WHERE m.folder = local_folders.id), 0) + 1)"
            " WHERE account = ? AND name = 'INBOX'",
            (int(match[1]),),
        )
        own.execute(
            "INSERT INTO local_messages (folder, uid, modseq, flags, arrived, size, file, whole)"
            " SELECT id, uidnext - 1, modseq, '', ?, ?, ?, 1 FROM local_folders WHERE account = ? AND name = 'INBOX'",
            (int(written), files.size(name), name, int(match[1])),
        )
        adopted += 1
    return adopted


def _folder(row: Row) -> LocalFolder:
    number, name, role, subscribed, uidvalidity, uidnext, modseq = row
    return LocalFolder(number, name, FolderRole(role) if role else None, bool(subscribed), uidvalidity, uidnext, modseq)


def _message(row: Row) -> LocalMessage:
    number, folder, uid, modseq, flags, arrived, size, file, whole = row
    return LocalMessage(number, folder, uid, modseq, load_flags(flags), arrived, size, file, bool(whole))
