# SPDX-License-Identifier: GPL-3.0-or-later
"""Mailboxes, called folders here as in every mail program."""

from dataclasses import dataclass
from enum import StrEnum

from tuimail.model.ids import AccountId, FolderId


class FolderRole(StrEnum):
    """What a folder is for: INBOX and the special-use attributes of RFC 6154."""

    INBOX = "inbox"
    DRAFTS = "drafts"
    SENT = "sent"
    ARCHIVE = "archive"
    TRASH = "trash"
    JUNK = "junk"
    ALL = "all"
    FLAGGED = "flagged"


@dataclass(frozen=True, slots=True)
class Folder:
    """One folder as the user sees it: the server's state with the waiting actions applied."""

    id: FolderId
    account: AccountId
    name: str
    """The whole name in Unicode, levels joined by ``delimiter``; safe to show."""
    delimiter: str = ""
    """One character, or empty where the server has no hierarchy (RFC 9051 §6.3.9)."""
    role: FolderRole | None = None
    subscribed: bool = True
    selectable: bool = True
    total: int = 0
    unread: int = 0
    waiting: bool = False
    """A create or rename of this folder has not reached the server yet."""

    @property
    def levels(self) -> tuple[str, ...]:
        """The name, level by level."""
        return tuple(self.name.split(self.delimiter)) if self.delimiter else (self.name,)

    @property
    def leaf(self) -> str:
        """The last level of the name."""
        return self.levels[-1]

    def is_below(self, ancestor: "Folder") -> bool:
        """Whether this folder is a descendant of another."""
        return bool(ancestor.delimiter) and self.name.startswith(ancestor.name + ancestor.delimiter)
