# SPDX-License-Identifier: GPL-3.0-or-later
"""A damaged own file: what can be read of it goes into a new one, which takes its place once it is safely on the disk."""

import contextlib
import struct
from pathlib import Path

from tuimail.model.errors import StoreProblem
from tuimail.model.store_key import StoreKey
from tuimail.store.bodies import Blobs
from tuimail.store.database import Connection, Value
from tuimail.store.local_mail import adopt
from tuimail.store.migration import migrate, remove, set_aside
from tuimail.store.own_rows import Raw, columns, mended, readable, tables
from tuimail.store.sharing import BLOBS, MAIL, sync

SALVAGED = ".salvaged"
"""Behind the name of a file: the new one, complete. From then on it counts, and the damaged one is set aside."""
_NEW, _COPY = ".salvaging", ".damaged"
_PAGE = 4096
_HEADER = {
    0: b"SQLite format 3\0\x10\x00\x02\x02\x00\x40\x20\x20",
    32: bytes(8),
    44: b"\0\0\0\x04",
    52: bytes(4),
    56: b"\0\0\0\x01",
    64: bytes(8),
}
"""What stands at some offsets in the header of each file of ours, whose free pages are not to be looked for: §1.3 of
https://www.sqlite.org/fileformat2.html."""
_INTERIOR = 5
"""The first octet of a page of a table that names other pages (§1.6)."""
_KINDS = {"INTEGER": int, "TEXT": str}
_TIES = (
    ("value, a.id, 1", "$.messages", "'SetFlags', 'Move', 'Expunge'"),
    ("value, a.id, 1", "$.copies", "'Copy'"),
    ("value, a.id, 0", "$.messages", "'Copy'"),
    ("value, a.id, 0", "$.replaces", "'Append'"),
)
"""Rows of ``action_messages`` as actions imply them: columns, the list in the body, kinds."""


def salvage(path: Path, key: StoreKey | None) -> str:
    """Put a new own file in the place of a damaged one, with every row that can still be read; what the user should know.

    Killed, or without room on the disk, it leaves the damaged file as it was. Raises StoreProblem, OSError.
    """
    new, copy = path.with_name(path.name + _NEW), path.with_name(path.name + _COPY)
    try:
        for left in (new, copy):
            remove(left)
            left.touch(mode=0o600)
        migrate(new, key, "own")
        fresh = new.read_bytes()
        _copy(path, copy, encrypted=key is not None)
        with Connection(new, key) as target, target.transaction():
            _Salvage(target, copy, key, Blobs(path.parent / BLOBS, key)).read_all(fresh)
            _tie(target)
            adopted = adopt(target, Blobs(path.parent / MAIL, key))
        if new.with_name(f"{new.name}-wal").exists():
            raise StoreProblem("The disk has no room to repair the damaged store.", "Free some space and start tuimail again.")
        sync(new)
        new.rename(path.with_name(path.name + SALVAGED))
        sync(path.parent)
    finally:
        for left in (new, copy):
            remove(left)
    return finish(path, key, adopted)


def finish(path: Path, key: StoreKey | None, adopted: int = 0) -> str:
    """Let a complete new file take the place of the damaged one, also after a start that was killed over it; "": there is none.

    ``adopted``: how many messages of local mail have lost their folder. Raises StoreProblem, OSError.
    """
    new = path.with_name(path.name + SALVAGED)
    if not new.exists():
        return ""
    aside = set_aside(path) if path.exists() and path.stat().st_size else None
    new.rename(path)
    sync(path.parent)
    with Connection(path, key) as own:
        saved = sum(own.number(f"SELECT count(*) FROM {table}") for table in ("actions", "drafts", "outbox"))  # noqa: S608
    kept = f"; the damaged file is kept as {aside.name}" if aside else ""
    return f"The file of drafts, outbox and waiting actions was damaged. {saved} entries could be saved{kept}." + (
        f" {adopted} messages whose folder is not known any more are in the inbox." if adopted else ""
    )


def _copy(path: Path, copy: Path, *, encrypted: bool) -> None:
    """The damaged file with its log; one that is not encrypted with the header that each of ours has."""
    content = path.read_bytes()
    copy.write_bytes(content if encrypted or len(content) < _PAGE else _with_header(content))
    log = path.with_name(f"{path.name}-wal")
    if log.exists():
        copy.with_name(f"{copy.name}-wal").write_bytes(log.read_bytes())


def _with_header(content: bytes) -> bytes:
    mended = bytearray(content)
    for offset, octets in _HEADER.items():
        mended[offset : offset + len(octets)] = octets
    mended[28:32] = struct.pack(">I", len(content) // _PAGE)
    mended[92:96] = mended[24:28]  # the size is to be believed
    return bytes(mended)


class _Salvage:
    """Reads the copy of the damaged file into the new one."""

    def __init__(self, target: Connection, copy: Path, key: StoreKey | None, files: Blobs) -> None:
        self._target, self._copy, self._key, self._files = target, copy, key, files
        self._unread = tables(target)
        """Tables that were not read from one end to the other."""
        self._turned: dict[Value, dict[str, Value]] = {}
        """Entries of the outbox that become drafts, by their ids."""

    def read_all(self, fresh: bytes) -> None:
        """Read the copy as it is; where that was not all, with the schema mended, then with that of ``fresh``, a new file."""
        self._read()
        if self._unread:
            with contextlib.suppress(StoreProblem):
                self._mend_schema()
            self._read()
        if self._unread and self._key is None and not self._copy.with_name(f"{self._copy.name}-wal").exists():
            self._graft(fresh)
            self._read()
        for row in self._turned.values():
            self._insert("drafts", row)

    def _read(self) -> None:
        self._unread = [
            table for table in self._unread if not (self._read_table(table, "ASC") or self._read_table(table, "DESC"))
        ]

    def _read_table(self, table: str, direction: str) -> bool:
        """Copy a table up to the damage. Whether there is none."""
        types = columns(self._target, table)
        with Connection(self._copy, self._key) as source:
            try:
                source.run("PRAGMA writable_schema = ON")  # lets the other tables be read where the schema has a fault
                rows = readable(source, table, types, direction)
            except StoreProblem:
                return False
            while True:
                try:
                    raw = next(rows, None)
                except StoreProblem:
                    return False
                if raw is None:
                    return True
                self._keep(table, raw)  # what this raises lies in the new file: there is no room

    def _keep(self, table: str, raw: Raw) -> None:
        kept = mended(table, raw, self._files)
        if kept is not None and kept[0] != table:
            self._turned[raw["id"]] = kept[1]
        elif kept is not None:
            self._insert(*kept)

    def _insert(self, table: str, row: dict[str, Value]) -> None:
        types = columns(self._target, table)
        if all(value is None or type(value) is _KINDS[types[name]] for name, value in row.items()):
            places = ", ".join("?" * len(row))
            self._target.execute(
                f"INSERT OR IGNORE INTO {table} ({', '.join(row)}) VALUES ({places})",  # noqa: S608 names of our schema
                tuple(row.values()),
            )

    def _mend_schema(self) -> None:
        """Of an entry either the name or the text is left, and says which table it is for."""
        wanted = list(self._target.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql IS NOT NULL"))
        with Connection(self._copy, self._key) as source:
            source.run("PRAGMA writable_schema = ON")
            for name, sql in wanted:
                source.execute(
                    "UPDATE sqlite_schema SET type = 'table', name = ?1, tbl_name = ?1, sql = ?2"
                    " WHERE (name = ?1 OR sql = ?2) AND type <> 'index'",
                    (name, sql),
                )

    def _graft(self, fresh: bytes) -> None:
        """Replace the pages of the schema. Each table is where it is in a new file, if the store was made by this version;

        else what is read as a row of it does not fit, and is left out.
        """
        content = bytearray(self._copy.read_bytes())
        for page in _schema_pages(fresh):
            content[(page - 1) * _PAGE : page * _PAGE] = fresh[(page - 1) * _PAGE : page * _PAGE]
        self._copy.write_bytes(_with_header(bytes(content)))


def _schema_pages(content: bytes) -> list[int]:
    """Numbers of the pages that hold the schema: the first one, and those that it names (§1.6)."""
    if content[100] != _INTERIOR:
        return [1]
    (count,) = struct.unpack_from(">H", content, 103)
    cells = struct.unpack_from(f">{count}H", content, 112)
    return [1, *struct.unpack_from(">I", content, 108), *(struct.unpack_from(">I", content, cell)[0] for cell in cells)]


def _tie(target: Connection) -> None:
    for bindings, values, kinds in _TIES:
        target.run(
            f"INSERT OR IGNORE INTO action_messages (message, action, effect) SELECT {bindings}"  # noqa: S608 own names
            f" FROM actions a, json_each(a.body, '{values}') WHERE a.kind IN ({kinds})"
        )
