# SPDX-License-Identifier: GPL-3.0-or-later
"""What the list and the reader's head need to know of a message."""

from dataclasses import dataclass

from tuimail.model.address import Address
from tuimail.model.flags import FLAGGED, SEEN, Flags
from tuimail.model.ids import AccountId, FolderId, MessageId


@dataclass(frozen=True, slots=True)
class Envelope:
    """The header fields that a list shows (RFC 9051 §2.3.5), decoded and safe to show."""

    subject: str = ""
    date: int | None = None
    """The ``Date`` field, in seconds since 1970; None where it is missing or unusable."""
    from_: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    message_id: str = ""
    """With its angle brackets; empty where there is none."""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    sender: tuple[Address, ...] = ()
    """Who sent it for those in ``from_`` (RFC 5322 §3.6.2); empty where they did themselves, see `sent_for`."""


def sent_for(from_: tuple[Address, ...], sender: tuple[Address, ...]) -> tuple[Address, ...]:
    """What a Sender field tells beyond From: the field, or nothing where both name the same addresses."""
    if not sender or sender == from_ or {one.email.lower() for one in sender} == {one.email.lower() for one in from_}:
        return ()
    return sender


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One line of the message list, and one object of ``tuimail list --json``."""

    id: MessageId
    account: AccountId
    folder: FolderId
    """The folder it is shown in, which a waiting move may have changed."""
    uid: int | None
    """None while the server has not told it."""
    thread: int
    envelope: Envelope
    date: int
    """Seconds since 1970: the ``Date`` field, else the time of arrival. What the list sorts by."""
    size: int
    """Octets (RFC822.SIZE)."""
    flags: Flags
    has_attachment: bool
    snippet: str
    waiting: bool
    """An action on it has not reached the server yet."""

    @property
    def unread(self) -> bool:
        """Not seen yet."""
        return SEEN not in self.flags

    @property
    def starred(self) -> bool:
        r"""Has ``\Flagged``."""
        return FLAGGED in self.flags


@dataclass(frozen=True, slots=True)
class ThreadMark:
    """What a row is to its conversation."""

    depth: int
    """0: the row stands for the conversation."""
    count: int
    """Messages of the conversation in this list."""
    unread: int
    """Of those, unread ones that are folded away below this row."""
    folded: bool
    """Only the row that stands for the conversation is listed."""
