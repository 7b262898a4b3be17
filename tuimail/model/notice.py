# SPDX-License-Identifier: GPL-3.0-or-later
"""Notices: "look again". They carry no data, are published after commit, and losing one twice does no harm."""

from dataclasses import dataclass
from enum import StrEnum

from tuimail.model.errors import TuimailError
from tuimail.model.ids import AccountId, ActionId, FolderId, MessageId, OutboxId


class ConnectionState(StrEnum):
    """Where an account's connection stands."""

    OFFLINE = "offline"
    CONNECTING = "connecting"
    SYNCING = "syncing"
    ONLINE = "online"
    SIGN_IN_NEEDED = "sign-in needed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class FolderChanged:
    """Rows shown in this folder, or its counts, changed."""

    folder: FolderId


@dataclass(frozen=True, slots=True)
class FoldersChanged:
    """Folders came, went, or changed name, role or subscription."""

    account: AccountId


@dataclass(frozen=True, slots=True)
class MessageChanged:
    """One message's parts or text became known."""

    message: MessageId


@dataclass(frozen=True, slots=True)
class NewMail:
    """Unseen mail arrived in an INBOX."""

    account: AccountId
    count: int


@dataclass(frozen=True, slots=True)
class ConnectionChanged:
    """An account's connection changed its state."""

    account: AccountId
    state: ConnectionState
    error: TuimailError | None = None


@dataclass(frozen=True, slots=True)
class ActionFailed:
    """The server refused an action; what it had changed on the screen is back as it was."""

    account: AccountId
    action: ActionId
    text: str
    """What was to be done, in the user's words."""
    error: TuimailError


@dataclass(frozen=True, slots=True)
class ActionPostponed:
    """The server does not take a message, which is kept and offered again. Told once."""

    account: AccountId
    action: ActionId
    error: TuimailError


@dataclass(frozen=True, slots=True)
class OutboxChanged:
    """A message in the outbox changed its state."""

    item: OutboxId


@dataclass(frozen=True, slots=True)
class DraftsChanged:
    """A draft was saved, sent or discarded."""


@dataclass(frozen=True, slots=True)
class WaitingChanged:
    """The number of waiting actions changed."""

    account: AccountId


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long task is. ``done == total`` ends it; ``total`` 0 means not known yet."""

    task: str
    """A stable name, such as ``"sync:3"``."""
    text: str
    done: int
    total: int


Notice = (
    FolderChanged
    | FoldersChanged
    | MessageChanged
    | NewMail
    | ConnectionChanged
    | ActionFailed
    | ActionPostponed
    | OutboxChanged
    | DraftsChanged
    | WaitingChanged
    | Progress
)
