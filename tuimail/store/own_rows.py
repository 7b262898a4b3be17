# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of the own file: whether they mean something, and what to keep of those that do not."""

import re
from collections.abc import Iterator, Mapping

from tuimail.model.action import ActionState
from tuimail.model.draft import Draft, DraftAttachment, OutboxItem
from tuimail.model.folder import FolderRole
from tuimail.model.ids import AccountId, DraftId
from tuimail.model.text import safe_text
from tuimail.store.bodies import Blobs
from tuimail.store.codec import dump, load, load_action, load_steps
from tuimail.store.database import Connection, StoreDamaged, Value

Raw = Mapping[str, Value]
"""A row by its columns' names; texts as the octets that are there."""
CHECKED = ("actions", "gestures", "drafts", "outbox")
"""What every start reads: few rows, and each of them is acted upon."""
_DRAFT_STATES = ("open", "sending", "kept", "discarded")
_LOCAL = ("local_folders", "local_messages")
"""Of these a row with an odd letter is better than none: messages are in it, or their flags."""
_LOST = "\N{REPLACEMENT CHARACTER}"
_BLOB = re.compile(rb"\b[0-9a-f]{32}\b")
_UNSENT = (
    "The disk damaged this entry of the outbox. It is not sent by itself; look into Sent whether it was. What is left of it:"
)


def columns(connection: Connection, table: str) -> dict[str, str]:
    """Name → type of each column of a table of ours."""
    return {row[0]: row[1] for row in connection.execute("SELECT name, type FROM pragma_table_info(?)", (table,))}


def tables(connection: Connection) -> list[str]:
    """The tables of a file."""
    sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*'"
    return [row[0] for row in connection.execute(sql)]


def all_mean_something(connection: Connection, *, thorough: bool) -> bool:
    """Whether the rows that are acted upon do; ``thorough``: every row. SQLite's own checks do not look at what values mean."""
    try:
        for table in tables(connection) if thorough else CHECKED:
            types = columns(connection, table)
            for row in connection.execute(f"SELECT {', '.join(types)} FROM {table}"):  # noqa: S608 names of our schema
                check(table, dict(zip(types, row, strict=True)))
    except (StoreDamaged, ValueError):
        return False
    return True


def check(table: str, row: Raw) -> None:
    """Raises StoreDamaged or ValueError where a row means nothing."""
    match table:
        case "actions":
            load_action(str(row["kind"]), str(row["body"]))
            ActionState(str(row["state"]))
        case "gestures":
            load_steps(str(row["inverse"]))
        case "drafts":
            load(str(row["body"]), Draft)
            if row["state"] not in _DRAFT_STATES:
                raise ValueError("no state of a draft")
        case "outbox":
            load(str(row["body"]), OutboxItem)
        case "local_folders" if row["role"] is not None:
            FolderRole(str(row["role"]))


def readable(connection: Connection, table: str, types: Mapping[str, str], direction: str) -> Iterator[Raw]:
    """The rows of a table that may be damaged, by its first column. Raises StoreProblem where it cannot be read on."""
    wanted = ", ".join(f"CAST({name} AS BLOB)" if kind == "TEXT" else name for name, kind in types.items())
    first = next(iter(types))
    for row in connection.execute(f"SELECT {wanted} FROM {table} ORDER BY {table}.{first} {direction}"):  # noqa: S608 as above
        yield dict(zip(types, row, strict=True))


def mended(table: str, raw: Raw, files: Blobs) -> tuple[str, dict[str, Value]] | None:
    """Table and row that keep what is left of a row; None: nothing of it is of use.

    What would be sent or carried is kept as it was or not at all; of drafts every letter that is left is kept.
    """
    try:
        row = _texts(raw, "strict")
        check(table, row)
    except (ValueError, StoreDamaged):
        row = _texts(raw, "replace")
    else:
        return table, row
    if table == "drafts":
        return table, _draft(row)
    if table == "outbox" and row["state"] != "sent":
        return "drafts", _unsent(row, files)
    if table in _LOCAL and _LOST not in str(row.get("file")):
        return table, {**row, "role": None} if table == "local_folders" else row
    return None


def _texts(raw: Raw, errors: str) -> dict[str, Value]:
    return {name: value.decode(errors=errors) if isinstance(value, bytes) else value for name, value in raw.items()}


def _draft(row: dict[str, Value]) -> dict[str, Value]:
    text = safe_text(str(row["body"]))
    try:
        body = dump(load(str(row["body"]), Draft))
    except StoreDamaged:
        body = dump(Draft(DraftId(0), _account(row), subject="(damaged draft)", body=text))
    return {**row, "body": body, "state": row["state"] if row["state"] in _DRAFT_STATES else "open"}


def _unsent(row: dict[str, Value], files: Blobs) -> dict[str, Value]:
    """A draft that holds the message as a file, where that is still known."""
    names = [found.decode() for found in _BLOB.findall(str(row["body"]).encode())]
    kept = tuple(DraftAttachment(name, "message.eml", "message/rfc822", size) for name in names if (size := files.size(name)))
    text = f"{_UNSENT}\n\n{safe_text(str(row['body']))}"
    draft = Draft(DraftId(0), _account(row), subject="(damaged message of the outbox)", body=text, attachments=kept)
    return {"id": None, "account": draft.account, "saved": row["due"], "body": dump(draft), "state": "open"}


def _account(row: Raw) -> AccountId:
    number = row["account"]
    return AccountId(number if isinstance(number, int) else 0)
