# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows for what waiting actions will make: copies of messages, new folders. The cache holds them, so it can lose them."""

from tuimail.model.action import Copy, CreateFolder
from tuimail.model.ids import AccountId, MessageId
from tuimail.store.codec import load
from tuimail.store.database import Database

_SAME = (
    "account, thread, date, arrived, size, has_date, message_id, in_reply_to, refs, subject, addresses, bodystructure,"
    " has_attachment, snippet"
)


def add_copy(database: Database, source: MessageId, copy: MessageId | None = None) -> MessageId:
    """A row that shows a copy before the server has made it; with a certain id when it had one."""
    database.execute(
        f"INSERT INTO messages (id, server_flags, hidden, {_SAME}) SELECT ?, flags, 1, {_SAME} FROM messages WHERE id = ?",  # noqa: S608
        (copy, source),
    )
    return copy or MessageId(database.last_id)


def restore_copies(database: Database) -> list[MessageId]:
    """Make the rows of waiting copies that are missing although their source is there. Returns them."""
    restored = []
    for (body,) in list(database.execute("SELECT body FROM actions WHERE kind = 'Copy'")):
        action = load(body, Copy)
        pairs = dict(zip(action.copies, action.messages, strict=True))
        there = {
            row[0]
            for row in database.execute(
                "SELECT id FROM messages WHERE id IN (SELECT value FROM json_each(:body, '$.copies'))"
                " OR id IN (SELECT value FROM json_each(:body, '$.messages'))",
                {"body": body},
            )
        }
        for copy, source in pairs.items():
            if copy not in there and source in there:
                restored.append(add_copy(database, source, copy))
    return restored


def restore_folders(database: Database) -> None:
    """Make the rows of waiting folders that are missing. LIST tells their delimiter."""
    for account, body in list(database.execute("SELECT account, body FROM actions WHERE kind = 'CreateFolder'")):
        restore_folder(database, AccountId(account), load(body, CreateFolder))


def restore_folder(database: Database, account: AccountId, action: CreateFolder) -> None:
    """Make the row of a folder that is to be created, unless it is there."""
    database.execute(
        "INSERT OR IGNORE INTO folders (id, account, delimiter) VALUES (?, ?, ?)", (action.folder, account, action.delimiter)
    )
