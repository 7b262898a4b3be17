# SPDX-License-Identifier: GPL-3.0-or-later
"""What a mail server is to the rest of the program.

Implementations raise the errors of `tuimail.model.errors`: `Offline` when the connection is lost or cannot be made (every
waiting call fails at once), `SignInNeeded`, `CertificateRefused`, `ServerRefused` for NO and BAD, `TryLater`, `ServerBroken`.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, runtime_checkable

from tuimail.backends.capabilities import Capabilities
from tuimail.model.flags import Flags
from tuimail.model.folder import FolderRole
from tuimail.model.message import Envelope
from tuimail.model.query import Query
from tuimail.model.uidset import UidSet

SecretSource = Callable[[], Awaitable[str]]
"""Gives the password or access token when it is needed. Raises `SignInNeeded`."""


@runtime_checkable
class RenewableSecret(Protocol):
    """A `SecretSource` that may have another secret after a refusal."""

    async def __call__(self) -> str:
        """The secret."""
        ...

    def refused(self) -> bool:
        """The server did not take what was given last: whether another one is to be had without the user."""
        ...


ProgressSink = Callable[[int, int], None]
"""Called with octets done and octets in all."""
PieceSink = Callable[[bytes], None]
"""Called with each piece as it came, in order."""


@dataclass(frozen=True, slots=True)
class FolderStatus:
    """STATUS of a folder (RFC 9051 §6.3.11); None where the server did not say."""

    messages: int | None = None
    unseen: int | None = None
    uidnext: int | None = None
    uidvalidity: int | None = None
    highestmodseq: int | None = None
    mailbox_id: str = ""
    """RFC 8474; survives a rename."""


@dataclass(frozen=True, slots=True)
class FolderListing:
    """One folder as LIST and STATUS tell it."""

    name: str
    """In Unicode. INBOX is always ``"INBOX"``."""
    delimiter: str = ""
    role: FolderRole | None = None
    """From SPECIAL-USE only; guessing by name is the sync engine's."""
    subscribed: bool = True
    selectable: bool = True
    status: FolderStatus | None = None
    """None where it takes another round trip (no LIST-STATUS) or cannot be had."""


@dataclass(frozen=True, slots=True)
class FlagUpdate:
    """The flags of one message."""

    uid: int
    flags: Flags
    modseq: int | None = None


class FetchedMessage(NamedTuple):
    """What a list needs of one message."""

    uid: int
    flags: Flags
    arrived: int
    """INTERNALDATE in seconds since 1970."""
    size: int
    envelope: Envelope
    bodystructure: bytes
    """Raw, as received, without the word BODYSTRUCTURE; empty when the server gave none that can be used."""
    has_attachment: bool
    modseq: int | None = None


@dataclass(frozen=True, slots=True)
class KnownState:
    """What the store holds of a folder, offered to QRESYNC (RFC 7162 §3.2.5)."""

    uidvalidity: int
    highestmodseq: int


@dataclass(frozen=True, slots=True)
class Opening:
    """A folder to be opened along with the sign-in: what `MailBackend.select` would be given right afterwards."""

    folder: str
    known: KnownState | None = None
    read_only: bool = False
    arrived_from: int | None = field(default=None, compare=False)
    """The headers of what has this UID or a higher one will be asked for next."""


@dataclass(frozen=True, slots=True)
class Selected:
    """The answer to SELECT or EXAMINE."""

    uidvalidity: int
    exists: int
    uidnext: int | None = None
    highestmodseq: int | None = None
    """None: the mailbox keeps no mod-sequences (NOMODSEQ), or the server none at all."""
    permanent_flags: Flags = frozenset()
    any_keyword: bool = False
    r"""``\*`` in PERMANENTFLAGS: new keywords can be made."""
    read_only: bool = False
    resynced: bool = False
    """QRESYNC was used and accepted: ``vanished`` and ``changed`` are complete since `KnownState`."""
    vanished: UidSet = UidSet()
    changed: tuple[FlagUpdate, ...] = ()


@dataclass(frozen=True, slots=True)
class Copied:
    """Where copied or moved messages went (COPYUID, RFC 4315 §3)."""

    uids: Mapping[int, int] = field(default_factory=dict)
    """Old UID → new UID; empty when the server did not say."""
    uidvalidity: int | None = None
    left_behind: bool = False
    r"""A move on a server without UIDPLUS: the originals still stand there, with ``\Deleted``."""


@dataclass(frozen=True, slots=True)
class Appended:
    """Where an appended message went (APPENDUID); None where the server did not say."""

    uid: int | None = None
    uidvalidity: int | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    """A message that is to be put into a folder; its internal date in seconds since 1970, None for now."""

    message: bytes
    flags: Flags = frozenset()
    date: int | None = None


@dataclass(frozen=True, slots=True)
class ServerChange:
    """Something happened, as told by the server without being asked; if not said otherwise, to the selected folder."""

    vanished: UidSet = UidSet()
    changed: tuple[FlagUpdate, ...] = ()
    look_again: bool = False
    """New messages, or something that only a fresh pull can tell (EXISTS, EXPUNGE by sequence number)."""
    folders_changed: bool = False
    """The list of folders changed, or the state of one that is not selected. Only told where `Capabilities.notify`."""


class MailBackend(Protocol):
    """One connection to a server that keeps mail, signed in. UIDs always mean the folder of the last `select`."""

    @property
    def capabilities(self) -> Capabilities:
        """What the server offers; empty before `connect`."""
        ...

    @property
    def selected(self) -> str | None:
        """The name of the selected folder."""
        ...

    async def connect(self, opening: Opening | None = None) -> None:
        """Connect, secure, sign in, enable what is of use.

        With ``opening`` the folder is opened in the same turn where the server allows; a `select` with these arguments that
        comes first is answered from that. Where it cannot be opened, that `select` asks again, and tells why.
        """
        ...

    async def close(self) -> None:
        """LOGOUT if the connection still works, then close. Never raises."""
        ...

    async def folders(self) -> list[FolderListing]:
        """All folders of the personal namespace, and every other one that is subscribed."""
        ...

    async def folders_renamed(self) -> bool:
        """Whether there are other names of folders than `folders` told the last time. Much cheaper than that."""
        ...

    async def status(self, folder: str) -> FolderStatus:
        """STATUS of one folder, which should not be the selected one."""
        ...

    async def select(
        self, folder: str, known: KnownState | None = None, *, read_only: bool = False, fresh: bool = True
    ) -> Selected:
        """SELECT or EXAMINE; when the folder is selected already and ``known`` is None, only NOOP.

        ``fresh`` False: not even that, for a caller that only wants its UIDs to mean this folder.
        Raises ServerRefused with code NONEXISTENT when there is no such folder, whatever words the server used.
        """
        ...

    async def unselect(self) -> None:
        """UNSELECT; CLOSE only after EXAMINE; else nothing."""
        ...

    async def uids(self) -> UidSet:
        """The UIDs of all messages in the folder."""
        ...

    def newest(self, count: int) -> AsyncIterator[list[FetchedMessage]]:
        """The last ``count`` messages by sequence number, newest batch first."""
        ...

    def headers(self, uids: UidSet) -> AsyncIterator[list[FetchedMessage]]:
        """Header data of these messages, highest UIDs first, in batches of at most 64."""
        ...

    def flags(self, uids: UidSet, changed_since: int | None = None) -> AsyncIterator[list[FlagUpdate]]:
        """Flags of these messages; with ``changed_since`` only those changed after that mod-sequence."""
        ...

    async def section(
        self,
        uid: int,
        section: str,
        *,
        offset: int = 0,
        length: int | None = None,
        progress: ProgressSink | None = None,
        piece: PieceSink | None = None,
    ) -> bytes:
        """``BODY.PEEK[section]``, still encoded. ``section`` may be ``""`` (whole message), ``HEADER``, ``1.MIME``.

        Large parts are fetched in pieces of 256 KiB, in order. Raises ServerRefused with code NONEXISTENT when the UID is gone.
        """
        ...

    async def sections(self, wanted: list[tuple[int, str]]) -> dict[tuple[int, str], bytes]:
        """Several (uid, section) in one flight; those that are gone are missing from the answer."""
        ...

    async def store(self, uids: UidSet, add: Flags, remove: Flags) -> None:
        """``UID STORE ±FLAGS.SILENT``."""
        ...

    async def copy(self, uids: UidSet, folder: str) -> Copied:
        """UID COPY."""
        ...

    async def move(self, uids: UidSet, folder: str) -> Copied:
        r"""MOVE; else COPY, its OK awaited, ``\Deleted``, and UID EXPUNGE only with UIDPLUS."""
        ...

    async def expunge(self, uids: UidSet) -> bool:
        r"""``\Deleted``, then UID EXPUNGE with UIDPLUS. False: no UIDPLUS, so the messages only carry ``\Deleted`` now."""
        ...

    async def expunge_all_deleted(self) -> None:
        r"""Plain EXPUNGE: removes every message with ``\Deleted``, whoever set it. Only on the user's word."""
        ...

    async def append(
        self, folder: str, message: bytes, flags: Flags, date: int | None, progress: ProgressSink | None = None
    ) -> Appended:
        """APPEND, with a non-synchronising literal where the server takes one (RFC 7888)."""
        ...

    async def append_all(self, folder: str, uploads: Sequence[Upload]) -> None:
        """APPEND of several, of which the server takes all or none. Only where `Capabilities.multiappend`."""
        ...

    async def find_message_id(self, message_id: str) -> UidSet:
        """Messages of the selected folder with that Message-ID."""
        ...

    async def search(self, query: Query) -> UidSet:
        """Messages of the selected folder that match (SEARCH). Attachments and the folder are not asked for, days are widened
        by one: what comes back is to be looked at again.
        """
        ...

    async def create(self, folder: str, role: FolderRole | None = None) -> None:
        """Create a folder; that it exists already is no error."""
        ...

    async def rename(self, old: str, new: str) -> None:
        """RENAME; the folders below move along."""
        ...

    async def delete(self, folder: str) -> None:
        """Delete a folder; that it is gone already is no error."""
        ...

    async def subscribe(self, folder: str, subscribed: bool) -> None:
        """SUBSCRIBE or UNSUBSCRIBE."""
        ...

    async def idle(self, seconds: float) -> ServerChange:
        """Wait until the server tells of a change or the time is over. NOTIFY and IDLE, else NOOP every 20 seconds.

        Cancelling it is allowed at any moment and leaves the connection usable.
        """
        ...
