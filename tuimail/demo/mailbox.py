# SPDX-License-Identifier: GPL-3.0-or-later
"""A mailbox in memory: messages by UID, mod-sequences and the log of expunged UIDs (RFC 7162)."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from tuimail.demo.entity import Entity, parse
from tuimail.model.flags import SEEN, Flags
from tuimail.model.uidset import UidSet

Source = bytes | Callable[[], bytes]
"""The octets of a message, or what makes them again and again, the same each time: so a huge mailbox costs little memory."""


@dataclass(slots=True, eq=False)
class Message:
    """One message of one mailbox."""

    uid: int
    source: Source
    flags: Flags
    modseq: int
    arrived: int
    """INTERNALDATE in seconds since 1970."""
    email_id: str
    """EMAILID of RFC 8474; a copy has the same."""

    @property
    def raw(self) -> bytes:
        """The octets, with CRLF."""
        return self.source if isinstance(self.source, bytes) else _made(self.source)

    @property
    def entity(self) -> Entity:
        """The parsed structure."""
        return _parsed(self)


@lru_cache(maxsize=1024)
def _made(source: Callable[[], bytes]) -> bytes:
    return source()


@lru_cache(maxsize=1024)
def _parsed(message: Message) -> Entity:
    return parse(message.raw)


@dataclass(slots=True, eq=False)
class Mailbox:
    """One mailbox. Every change raises ``modseq`` and tells the listeners."""

    name: str
    uidvalidity: int
    mailbox_id: str
    special_use: str = ""
    r"""``\Sent`` and the like, or empty."""
    selectable: bool = True
    uidnext: int = 1
    modseq: int = 1
    messages: dict[int, Message] = field(default_factory=dict)
    """In the order of their UIDs."""
    uids: list[int] = field(default_factory=list)
    keywords: set[str] = field(default_factory=set)
    listeners: set[Callable[[], None]] = field(default_factory=set)
    _expunged: list[tuple[int, int]] = field(default_factory=list)
    _changed: list[tuple[int, int]] = field(default_factory=list)

    def append(self, source: Source, flags: Flags, arrived: int, email_id: str) -> Message:
        """Add a message."""
        message = Message(self.uidnext, source, flags, self._next_modseq(), arrived, email_id)
        self.messages[message.uid] = message
        self.uids.append(message.uid)
        self.uidnext += 1
        self._note_flags(flags)
        self._changed.append((message.modseq, message.uid))
        self._tell()
        return message

    def set_flags(self, message: Message, flags: Flags) -> bool:
        """Give a message these flags; whether that changed anything."""
        if flags == message.flags:
            return False
        message.flags = flags
        message.modseq = self._next_modseq()
        self._note_flags(flags)
        self._changed.append((message.modseq, message.uid))
        self._tell()
        return True

    def expunge(self, uids: Iterable[int]) -> None:
        """Remove messages for good; unknown UIDs are passed over."""
        gone = [uid for uid in uids if self.messages.pop(uid, None)]
        if not gone:
            return
        modseq = self._next_modseq()
        self._expunged.extend((modseq, uid) for uid in gone)
        dropped = set(gone)
        self.uids = [uid for uid in self.uids if uid not in dropped]
        self._tell()

    def renumber(self, uidvalidity: int) -> None:
        """Give the mailbox a new UIDVALIDITY and every message a new UID, as after a restore from a backup."""
        kept = list(self.messages.values())
        self.uidvalidity, self.uidnext, self.modseq = uidvalidity, 1, 1
        self.messages, self.uids = {}, []
        self._expunged.clear()
        self._changed.clear()
        for message in kept:
            self.append(message.source, message.flags, message.arrived, message.email_id)
        self._tell()

    def vanished_since(self, modseq: int) -> UidSet:
        """UIDs expunged after a mod-sequence."""
        return UidSet.of(uid for _, uid in self._expunged[bisect_right(self._expunged, (modseq, 1 << 62)) :])

    def changed_since(self, modseq: int) -> list[Message]:
        """Messages added or changed after a mod-sequence, by UID."""
        uids = {uid for _, uid in self._changed[bisect_right(self._changed, (modseq, 1 << 62)) :]}
        return [self.messages[uid] for uid in sorted(uids) if uid in self.messages]

    def added_since(self, uid: int) -> list[int]:
        """UIDs above a UID."""
        return self.uids[bisect_left(self.uids, uid + 1) :]

    @property
    def unseen(self) -> int:
        r"""The number of messages without ``\Seen``."""
        return sum(SEEN not in message.flags for message in self.messages.values())

    def _next_modseq(self) -> int:
        self.modseq += 1
        return self.modseq

    def _note_flags(self, flags: Flags) -> None:
        self.keywords.update(flag for flag in flags if not flag.startswith("\\"))

    def _tell(self) -> None:
        for listener in tuple(self.listeners):
            listener()
