# SPDX-License-Identifier: GPL-3.0-or-later
"""A model of an IMAP server in memory, with switches for what it lacks and for answers that get lost."""

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from tuimail.backends.capabilities import Capabilities
from tuimail.model.flags import DELETED, Flags
from tuimail.model.folder import FolderRole


@dataclass(frozen=True)
class Mail:
    """One message in one folder."""

    message_id: str
    size: int
    flags: Flags
    modseq: int
    arrived: int = 1_700_000_000
    raw: bytes = b""


@dataclass
class Box:
    """A mailbox."""

    uidvalidity: int
    mailbox_id: str
    role: FolderRole | None = None
    uidnext: int = 1
    messages: dict[int, Mail] = field(default_factory=dict)
    vanished: list[tuple[int, int]] = field(default_factory=list)
    """Mod-sequence and UID."""
    modseq: int = 1
    subscribed: bool = True

    def put(self, mail: Mail) -> int:
        """A new message; its UID."""
        uid, self.uidnext = self.uidnext, self.uidnext + 1
        self.modseq += 1
        self.messages[uid] = replace(mail, modseq=self.modseq)
        return uid

    def take(self, uids: Iterable[int]) -> None:
        """Remove messages; one that is gone is no error."""
        for uid in tuple(uids):
            self._take(uid)

    def _take(self, uid: int) -> None:
        if self.messages.pop(uid, None) is not None:
            self.modseq += 1
            self.vanished.append((self.modseq, uid))

    def flag(self, uids: Iterable[int], add: Flags, remove: Flags) -> None:
        """Change flags."""
        for uid in tuple(uids):
            self._flag(uid, add, remove)

    def _flag(self, uid: int, add: Flags, remove: Flags) -> None:
        if uid in self.messages:
            mail = self.messages[uid]
            flags = (mail.flags | add) - remove
            if flags != mail.flags:
                self.modseq += 1
                self.messages[uid] = replace(mail, flags=flags, modseq=self.modseq)


@dataclass(frozen=True)
class Traits:
    """What a server can do."""

    move: bool = True
    uidplus: bool = True
    condstore: bool = True
    qresync: bool = True
    object_id: bool = True
    list_status: bool = True
    keywords: bool = True
    system_flags: bool = True
    multiappend: bool = True

    @property
    def capabilities(self) -> Capabilities:
        """As the port tells them."""
        offered = {
            "MOVE": self.move,
            "UIDPLUS": self.uidplus,
            "CONDSTORE": self.condstore,
            "QRESYNC": self.qresync,
            "MULTIAPPEND": self.multiappend,
        }
        names = frozenset(name for name, there in offered.items() if there)
        return Capabilities(names, names & {"QRESYNC"})


class MemoryServer:
    """Mailboxes by name."""

    def __init__(self, traits: Traits, names: Iterable[str] = ("INBOX", "Archive", "Work")) -> None:
        self.traits = traits
        self._numbers = itertools.count(1)
        self.boxes: dict[str, Box] = {}
        for name in names:
            self.create(name)
        self.lose = ""
        """``before`` or ``after``: the next command that changes something is cut there, once."""
        self.lose_after = 0
        """How many such commands pass before that one."""
        self.names: int | None = None
        """How many of the messages the answer to COPY names; None: all."""
        self.lose_turns = 0
        """The connection is cut at this round trip from now on, whatever it is; 0: not at all."""
        self.meanwhile: Callable[[], None] | None = None
        """Done by another program, once, at the round trip that `meanwhile_turns` counts down to."""
        self.meanwhile_turns = 0
        self.refuse = ""
        """The next command of this name is refused, once."""
        self.keeps_refusing = False
        self.refusal_code = ""
        self.unwanted = b""
        """A message that is never taken."""
        self.renumbered: set[int] = set()
        """Mailboxes (by identity) whose sessions are to be cut."""
        self.log: list[str] = []

    def turn(self) -> None:
        """A round trip of some connection."""
        if self.meanwhile is not None:
            self.meanwhile_turns -= 1
            if self.meanwhile_turns <= 0:
                act, self.meanwhile = self.meanwhile, None
                act()

    def create(self, name: str) -> Box:
        """A new mailbox, or the one of that name."""
        if name not in self.boxes:
            number = next(self._numbers)
            self.boxes[name] = Box(1000 + number, f"F{number}")
        return self.boxes[name]

    def rename(self, old: str, new: str) -> None:
        """With all below it."""
        for name in [name for name in self.boxes if name == old or name.startswith(f"{old}/")]:
            self.boxes[new + name[len(old) :]] = self.boxes.pop(name)

    def renumber(self, name: str) -> None:
        """A new UIDVALIDITY, and new UIDs."""
        box = self.boxes[name]
        box.uidvalidity = 1000 + next(self._numbers)
        kept = list(box.messages.values())
        box.messages.clear()
        box.vanished.clear()
        box.uidnext = 1
        for mail in kept:
            box.put(mail)
        self.renumbered.add(id(box))

    def everywhere(self, message_id: str) -> list[tuple[str, Mail]]:
        r"""Folder and message of every copy without ``\Deleted``."""
        return [
            (name, mail)
            for name, box in self.boxes.items()
            for mail in box.messages.values()
            if mail.message_id == message_id and DELETED not in mail.flags
        ]
