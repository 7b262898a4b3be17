# SPDX-License-Identifier: GPL-3.0-or-later
"""What the composer edits, and what waits in the outbox."""

from dataclasses import dataclass
from enum import StrEnum

from tuimail.model.ids import AccountId, DraftId, MessageId, OutboxId

LONGEST_HOLD = 3600
"""Seconds: no message waits longer for its being taken back, or for another attempt."""


class DraftKind(StrEnum):
    """What the draft answers."""

    NEW = "new"
    REPLY = "reply"
    FORWARD = "forward"


@dataclass(frozen=True, slots=True)
class DraftAttachment:
    """A file of a draft. Its bytes were copied into the store when it was attached."""

    blob: str
    """Name of the file in the store's ``blobs`` folder."""
    filename: str
    """The name the recipient sees."""
    content_type: str
    size: int
    """Octets, not encoded."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A message being written. Address fields hold what was typed, right or wrong."""

    id: DraftId
    account: AccountId
    kind: DraftKind = DraftKind.NEW
    from_: str = ""
    to: str = ""
    cc: str = ""
    bcc: str = ""
    reply_to: str = ""
    subject: str = ""
    body: str = ""
    attachments: tuple[DraftAttachment, ...] = ()
    source: MessageId | None = None
    r"""The message that is answered or forwarded; gets ``\Answered`` or ``$Forwarded`` when this is sent."""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    stored: MessageId | None = None
    """The copy in a Drafts folder that this was taken from; replaced when it is kept there again, removed when it is sent."""
    markdown: bool = False
    """Send a text/html alternative made from the body as Markdown."""
    saved: int = 0
    """Seconds since 1970."""


class OutboxState(StrEnum):
    """Where a message that is to be sent stands."""

    HELD = "held"
    """Waits for its time; can be taken back and edited."""
    QUEUED = "queued"
    """Is sent as soon as the server can be reached."""
    SENDING = "sending"
    """Being handed over; nothing was promised yet, so it may be repeated."""
    HANDED_OVER = "handed over"
    """The final dot went out, the answer is awaited. After a crash or a lost connection: `UNKNOWN`."""
    UNKNOWN = "answer unknown"
    """Perhaps sent. Never repeated without the user."""
    REFUSED = "refused"
    """Refused for good; can be edited and sent again."""
    SENT = "sent"


@dataclass(frozen=True, slots=True)
class RefusedRecipient:
    """One recipient that the server did not take."""

    address: str
    code: int
    text: str


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """A message on its way out. Its bytes stay the same over all attempts."""

    id: OutboxId
    account: AccountId
    draft: DraftId | None
    """The draft it was made from, kept until the message is sent."""
    state: OutboxState
    blob: str
    """Name of the file in the store's ``blobs`` folder: the message without Bcc, lines ended by CRLF."""
    message_id: str
    sender: str
    """The envelope's reverse-path."""
    recipients: tuple[str, ...]
    """The envelope's forward-paths, Bcc included, those already accepted left out."""
    subject: str
    size: int
    due: int
    """Seconds since 1970: not before this."""
    attempts: int = 0
    refused: tuple[RefusedRecipient, ...] = ()
    error: str = ""
    """The last failure, in words."""
    error_kind: str = ""
    """`tuimail.model.errors.TuimailError.kind` of the last failure."""
    soon: bool = False
    """Nobody chose the time: it is at most `LONGEST_HOLD` away, unless the clock was set back meanwhile."""

    def is_due(self, now: int) -> bool:
        """Whether it is to be sent, at ``now`` seconds since 1970."""
        at_rest = self.state in (OutboxState.HELD, OutboxState.QUEUED)
        return at_rest and (self.due <= now or (self.soon and self.due > now + LONGEST_HOLD))
