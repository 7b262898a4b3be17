# SPDX-License-Identifier: GPL-3.0-or-later
"""Full-text search (FTS5) over subjects, addresses and the texts that are cached, newest first; and the upkeep of its index.

Triggers note in ``search_todo`` what changed; an indexer takes it from there in small transactions (`Search.take`,
`Search.note`, `Search.tidy`).
What is found is joined with the rows, so an entry that lags behind shows no message that is gone.
"""

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass

from tuimail.model.address import Address
from tuimail.model.ids import FolderId, MessageId
from tuimail.model.query import Field, Query, Term, segmented
from tuimail.store.codec import ids_in_slices, ids_json, load_addresses, unpack
from tuimail.store.database import Database, Row, Value

_KEY = "(min(max(m.date, 0), 8589934591) << 30 | m.id)"
_ID = 0x3FFF_FFFF
"""The bits of a key that are the message's id."""
_COLUMNS = {Field.FROM: "sender : ", Field.TO: "recipients : ", Field.SUBJECT: "subject : ", Field.ANYWHERE: ""}
_LATEST = (1 << 33) - 1
"""The latest date that keys tell apart."""
_SHORTEST = 2
"""Letters from which on a word that is being typed stands for all that begin so."""
_MERGE = 64
"""Pages that one step of merging writes, about."""
_TEXTS, _OCTETS = 20, 256 * 1024
"""Messages with texts, and octets of these texts, that the indexer is given at a time."""


@dataclass(frozen=True, slots=True)
class CachedText:
    """A part that is cached, decoded."""

    kind: str
    """Its media type; empty where it was not noted."""
    charset: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Unindexed:
    """A message whose entry in the index is missing or out of date."""

    key: int
    turn: int
    is_gone: bool = False
    subject: str = ""
    sender: str = ""
    recipients: str = ""
    texts: tuple[CachedText, ...] = ()


@dataclass(frozen=True, slots=True)
class Here:
    """How much of some folders can be searched."""

    messages: int
    texts: int
    """Of those, how many have their text here, or have none."""
    unindexed: int
    """Of all messages, how many are not in the index as they are now."""


def search_key(message: MessageId, date: int) -> int:
    """The rowid of a message's entry."""
    return min(max(date, 0), _LATEST) << 30 | message


def sender_of(people: Iterable[Address]) -> str:
    """What is indexed of From."""
    return " ".join([f"{one.name} {one.email}" for one in people])


def recipients_of(fields: Iterable[Iterable[Address]]) -> str:
    """What is indexed of To, Cc and Bcc."""
    return sender_of(one for field in fields for one in field)


class Search:
    """The index."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(
        self, query: Query, folders: Iterable[FolderId], *, first: int = 200, more: int = 5000
    ) -> Generator[list[int], None, None]:
        """The messages shown in these folders that match, newest first, in batches; nothing is read before it is asked for."""
        folders = list(folders)
        conditions, values = _conditions(query)
        # Of a single folder, an index gives the rows by date.
        inside = "= ?" if len(folders) == 1 else "IN (SELECT value FROM json_each(?))"
        values = [folders[0] if len(folders) == 1 else ids_json(folders), *values]
        wanted, left_out = _match(query.terms, " AND "), _match(query.without, " OR ")
        if wanted:
            source, order = "search CROSS JOIN messages m ON m.id = search.rowid & 0x3FFFFFFF", "search.rowid DESC"
            conditions.append("search MATCH ?")
            values.append(f"({wanted}) NOT ({left_out})" if left_out else wanted)
            for sign, moment in ((">=", query.after), ("<", query.before)):
                if moment is not None:
                    conditions.append(f"search.rowid {sign} ?")
                    values.append(min(max(moment, 0), _LATEST) << 30)
        else:
            source, order = "messages m", "m.date DESC, m.id DESC"
            if left_out:
                conditions.append(f"{_KEY} NOT IN (SELECT rowid FROM search WHERE search MATCH ?)")  # noqa: S608
                values.append(left_out)
        rows = self._database.execute(
            f"SELECT m.id FROM {source} WHERE m.folder {inside} AND m.hidden = 0"  # noqa: S608
            f" {''.join(f' AND {condition}' for condition in conditions)} ORDER BY {order}",
            values,
        )
        size, batch = first, []
        for (number,) in rows:
            batch.append(number)
            if len(batch) == size:
                yield batch
                size, batch = more, []
        if batch:
            yield batch

    def matching(self, query: Query, messages: Iterable[int], folders: Iterable[FolderId]) -> list[int]:
        """Those of these messages that are shown in these folders and match by flags, date and attachment, newest first."""
        conditions, values = _conditions(query)
        rows = self._database.execute(
            "SELECT m.id FROM messages m WHERE m.id IN (SELECT value FROM json_each(?)) AND m.hidden = 0"  # noqa: S608
            " AND m.folder IN (SELECT value FROM json_each(?))"
            f" {''.join(f' AND {condition}' for condition in conditions)} ORDER BY m.date DESC, m.id DESC",
            [ids_json(messages), ids_json(folders), *values],
        )
        return [row[0] for row in rows]

    def sent_by(self, messages: Sequence[int], email: str) -> Iterator[int]:
        """Those of any number of messages whose first sender has this address, in their order."""
        for some in ids_in_slices(messages):
            for (number,) in self._database.execute(
                "SELECT m.id FROM json_each(?) CROSS JOIN messages m ON m.id = value"
                " WHERE lower(json_extract(m.addresses, '$[0][0][1]')) = lower(?)",
                (some, email),
            ):
                yield number

    def here(self, folders: Iterable[FolderId]) -> Here:
        """How much of these folders is here to be searched."""
        wanted = ids_json(folders)
        messages = self._database.number(
            "SELECT sum(rows_total + unlisted_total) FROM folders WHERE id IN (SELECT value FROM json_each(?))", (wanted,)
        )
        texts = self._database.number(
            "SELECT count(*) FROM json_each(?) f CROSS JOIN messages m ON m.folder = f.value AND m.hidden = 0"
            " CROSS JOIN texts ON texts.message = m.id AND texts.parts >= 0",
            (wanted,),
        )
        return Here(messages, texts, self.pending())

    # ── upkeep ──────────────────────────────────────────────────────────────────────────────────

    def pending(self) -> int:
        """How many messages are not in the index as they are now."""
        return self._database.number("SELECT count(*) FROM search_todo")

    def size(self) -> int:
        """Octets that the index takes."""
        return self._database.number("SELECT sum(length(block)) FROM cache.search_data")

    def take(self, limit: int, texts: int = _TEXTS, octets: int = _OCTETS) -> list[Unindexed]:
        """What is to be indexed next, newest first: as many messages, fewer when they have texts."""
        rows = list(
            self._database.each(
                _with_addresses,
                "SELECT t.key, t.turn, m.id, m.subject, m.addresses, (SELECT sum(size) FROM bodies WHERE message = m.id)"  # noqa: S608
                " FROM (SELECT key, turn FROM search_todo ORDER BY key DESC LIMIT ?) t"
                f" LEFT JOIN messages m ON m.id = t.key & 0x3FFFFFFF AND {_KEY} = t.key ORDER BY t.key DESC",
                (limit,),
            )
        )
        taken: list[Unindexed] = []
        for key, turn, number, subject, addresses, size in rows:
            octets -= size or 0
            texts -= bool(size)
            if taken and (octets < 0 or texts < 0):
                break
            if number is None:
                taken.append(Unindexed(key, turn, is_gone=True))
                continue
            from_, _, *others = addresses[:5]
            texts_here = self._texts(number) if size else ()
            taken.append(Unindexed(key, turn, False, subject, sender_of(from_), recipients_of(others), texts_here))
        return taken

    def note(self, entries: Sequence[tuple[Unindexed, str]]) -> None:
        """Write the entries of messages, each with the text that its parts hold. One transaction.

        In ascending order: FTS5 begins a new segment whenever a rowid is not above the one before.
        """
        database = self._database
        entries = sorted(entries, key=lambda each: each[0].key)
        keys = ids_json(entry.key for entry, _ in entries)
        with database.transaction():
            stale = list(
                database.execute(
                    "SELECT id FROM search_docsize WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id", (keys,)
                )
            )
            database.executemany("DELETE FROM search WHERE rowid = ?", stale)
            database.executemany(
                "INSERT INTO search (rowid, subject, sender, recipients, text) VALUES (?, ?, ?, ?, ?)",
                [
                    (entry.key, *map(segmented, (entry.subject, entry.sender, entry.recipients, text)))
                    for entry, text in entries
                    if not entry.is_gone
                ],
            )
            database.executemany(
                "DELETE FROM search_todo WHERE key = ? AND turn = ?", [(entry.key, entry.turn) for entry, _ in entries]
            )

    def tidy(self) -> bool:
        """Merge a little of what was written in many small steps. One transaction. False: there was nothing to merge."""
        before = self._database.changes
        with self._database.transaction():
            self._database.execute("INSERT INTO search (search, rank) VALUES ('merge', ?)", (_MERGE,))
        return self._database.changes - before >= 2  # SQLite documentation, "The 'merge' Command"

    def _texts(self, message: MessageId) -> tuple[CachedText, ...]:
        return tuple(
            self._database.each(
                lambda row: CachedText(row[0], row[1], unpack(*row[2:])),
                "SELECT kind, charset, content, packed FROM bodies WHERE message = ? AND section <> 'HEADER' ORDER BY section",
                (message,),
            )
        )


def _with_addresses(row: Row) -> Row:
    """The fifth column as what it stands for; NULL for a message that is gone."""
    return (*row[:4], load_addresses(row[4]) if row[4] is not None else None, *row[5:])


def _conditions(query: Query) -> tuple[list[str], list[Value]]:
    """What rows have to fulfil, and the values for it."""
    conditions: list[str] = []
    values: list[Value] = []
    for flag, wanted in query.flags:
        conditions.append(f"instr(m.flags, ?) {'>' if wanted else '='} 0")
        values.append(flag)
    if query.attachment is not None:
        conditions.append(f"m.has_attachment = {int(query.attachment)}")
    for sign, moment in ((">=", query.after), ("<", query.before)):
        if moment is not None:
            conditions.append(f"m.date {sign} ?")
            values.append(moment)
    return conditions, values


def _match(terms: Sequence[Term], joined: str) -> str:
    """Terms in FTS5's language (SQLite documentation, "Full-text Query Syntax")."""
    return joined.join(f"({_COLUMNS[term.field]}{_phrase(term)})" for term in terms)


def _phrase(term: Term) -> str:
    text = segmented(term.text).replace('"', " ").replace("\0", " ").rstrip()
    typed = term.text.rsplit(maxsplit=1)[-1]
    begun = term.begun and (len(typed) >= _SHORTEST) and text[-1:].isalnum()
    return f'"{text}"{" *" if begun else ""}'
