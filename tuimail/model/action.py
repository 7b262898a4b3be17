# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user wants done. An action waits in the store until it was carried to the server.

Actions name messages and folders by *our* ids; UIDs and names are looked up when the action is carried. Flags and
moves may be carried twice without harm, `Copy` and `Append` may not.
"""

from dataclasses import dataclass
from enum import StrEnum

from tuimail.model.flags import Flags
from tuimail.model.ids import AccountId, DraftId, FolderId, MessageId


@dataclass(frozen=True, slots=True)
class SetFlags:
    """Add and remove flags, as a difference: flags not named stay as they are."""

    messages: tuple[MessageId, ...]
    add: Flags = frozenset()
    remove: Flags = frozenset()


@dataclass(frozen=True, slots=True)
class Move:
    """Move messages to a folder of the same account."""

    messages: tuple[MessageId, ...]
    folder: FolderId


@dataclass(frozen=True, slots=True)
class Copy:
    """Copy messages to a folder of the same account. ``copies[i]`` is our row for the copy of ``messages[i]``."""

    messages: tuple[MessageId, ...]
    folder: FolderId
    copies: tuple[MessageId, ...] = ()


@dataclass(frozen=True, slots=True)
class Expunge:
    """Delete messages for good. There is no way back."""

    messages: tuple[MessageId, ...]


@dataclass(frozen=True, slots=True)
class Append:
    """Put a message (a Sent copy, a draft, an import) into a folder. Looked for by Message-ID before it is repeated."""

    folder: FolderId
    blob: str
    """Name of the file in the store's ``blobs`` folder that holds the message, lines ended by CRLF."""
    message_id: str
    flags: Flags = frozenset()
    date: int | None = None
    """Internal date in seconds since 1970; None for now."""
    look_first: bool = False
    """Look for the Message-ID in the folder before the first attempt as well: some servers file sent mail themselves."""
    replaces: tuple[MessageId, ...] = ()
    """Expunged once the append succeeded (an older copy of a draft)."""
    draft: DraftId | None = None
    """The draft that this keeps on the server: gone from here once it is there, open again when the server refuses it."""
    only_copy: bool = False
    """It is nowhere else: while the server refuses it, it is kept here and offered again."""


@dataclass(frozen=True, slots=True)
class CreateFolder:
    """Create a folder. ``folder`` is our row for it."""

    folder: FolderId
    name: str
    subscribe: bool = True
    account: AccountId | None = None
    """Where it is given, our row is made anew: a deleted folder comes back."""
    delimiter: str = ""


@dataclass(frozen=True, slots=True)
class RenameFolder:
    """Rename a folder, and with it all below it."""

    folder: FolderId
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class DeleteFolder:
    """Delete a folder with its messages. Only an empty one can come back."""

    folder: FolderId
    only_empty: bool = False
    """Not if there are messages in it by then: it was empty when the user, or an undo, asked for it."""


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Subscribe to a folder, or unsubscribe from it."""

    folder: FolderId
    subscribed: bool


MessageAction = SetFlags | Move | Copy | Expunge
FolderAction = CreateFolder | RenameFolder | DeleteFolder | Subscribe
Action = MessageAction | FolderAction | Append


class ActionState(StrEnum):
    """Where an action stands between the wish and the server's answer."""

    WAITING = "waiting"
    """Not sent yet: taking it back only removes it."""
    CARRYING = "carrying"
    """Sent, not answered. After a lost connection it is either done or not done, and that is to be found out."""
