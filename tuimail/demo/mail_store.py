# SPDX-License-Identifier: GPL-3.0-or-later
"""All mailboxes of one user, with their hierarchy and subscriptions."""

import itertools
import time
from collections.abc import Callable, Iterator

from tuimail.demo.grammar import No
from tuimail.demo.mailbox import Mailbox

SPECIAL_USES = ("\\All", "\\Archive", "\\Drafts", "\\Flagged", "\\Junk", "\\Sent", "\\Trash")


class MailStore:
    """Mailboxes by name. INBOX is always there. Refusals are raised as `No`."""

    def __init__(self, delimiter: str = "/", prefix: str = "") -> None:
        self.delimiter = delimiter
        self.prefix = prefix
        """The personal namespace, such as ``INBOX.`` (RFC 2342)."""
        self.subscribed: set[str] = set()
        self.listeners: set[Callable[[], None]] = set()
        """Told of every change, of mailboxes as well as of what is in them."""
        self.changes = 0
        """How many changes there were so far."""
        self._mailboxes: dict[str, Mailbox] = {}
        self._with_children: set[str] | None = None
        """None: to be found out."""
        self._uidvalidity = itertools.count(int(time.time()))
        self._ids = itertools.count(1)
        self.create("INBOX")
        self.subscribed.add("INBOX")

    def subscribe(self, name: str) -> None:
        """Subscribe to a name, which need not exist."""
        self.subscribed.add(name)
        self._tell()

    def unsubscribe(self, name: str) -> None:
        """Take a subscription back; one that is none does no harm."""
        self.subscribed.discard(name)
        self._tell()

    def __iter__(self) -> Iterator[Mailbox]:
        return iter(self._mailboxes.values())

    def __contains__(self, name: str) -> bool:
        return name in self._mailboxes

    def get(self, name: str) -> Mailbox:
        """An existing, selectable mailbox."""
        mailbox = self._mailboxes.get(name)
        if mailbox is None:
            raise No("[NONEXISTENT] There is no such mailbox")
        if not mailbox.selectable:
            raise No("[CANNOT] The mailbox holds no messages")
        return mailbox

    def target(self, name: str) -> Mailbox:
        """A mailbox that messages are to be put into."""
        if name not in self._mailboxes:
            raise No("[TRYCREATE] There is no such mailbox")
        return self.get(name)

    def create(self, name: str, special_use: str = "") -> Mailbox:
        r"""Make a mailbox, and those above it as ``\Noselect``."""
        name = name.rstrip(self.delimiter)
        levels = name.split(self.delimiter)
        if not all(levels):
            raise No("[CANNOT] A level of the name is empty")
        old = self._mailboxes.get(name)
        if old is not None and old.selectable:
            raise No("[ALREADYEXISTS] The mailbox exists already")
        if special_use and any(mailbox.special_use == special_use for mailbox in self):
            raise No("[USEATTR] Another mailbox has that use")
        for depth in range(1, len(levels)):
            above = self.delimiter.join(levels[:depth])
            if above not in self._mailboxes:
                self._mailboxes[above] = self._new(above, selectable=False)
        if old is not None:
            old.selectable, old.special_use = True, special_use
        else:
            self._mailboxes[name] = self._new(name, special_use)
        self._tell()
        return self._mailboxes[name]

    def delete(self, name: str) -> None:
        r"""Remove a mailbox; one with others below it becomes ``\Noselect``."""
        mailbox = self._mailboxes.get(name)
        if mailbox is None:
            raise No("[NONEXISTENT] There is no such mailbox")
        if name == "INBOX" or (not mailbox.selectable and self.has_children(name)):
            raise No("[CANNOT] The mailbox cannot be deleted")
        mailbox.expunge(list(mailbox.uids))
        if self.has_children(name):
            mailbox.selectable, mailbox.special_use = False, ""
        else:
            del self._mailboxes[name]
        self._tell()

    def rename(self, old: str, new: str) -> None:
        """Rename a mailbox and those below it; INBOX gives its messages away and stays."""
        new = new.rstrip(self.delimiter)
        if old not in self._mailboxes:
            raise No("[NONEXISTENT] There is no such mailbox")
        if new in self._mailboxes:
            raise No("[ALREADYEXISTS] The new name is taken")
        if new.startswith(old + self.delimiter):
            raise No("[CANNOT] A mailbox cannot go below itself")
        if old == "INBOX":
            self._give_away(self.get("INBOX"), self.create(new))
            return
        above, found, _ = new.rpartition(self.delimiter)
        if found and above not in self._mailboxes:
            self.create(above).selectable = False
        below = old + self.delimiter
        for name in [name for name in self._mailboxes if name == old or name.startswith(below)]:
            mailbox = self._mailboxes.pop(name)
            mailbox.name = new + name[len(old) :]
            self._mailboxes[mailbox.name] = mailbox
        self._tell()

    def has_children(self, name: str) -> bool:
        """Whether there are mailboxes below."""
        if self._with_children is None:
            self._with_children = set()
            for other in self._mailboxes:
                while (other := other.rpartition(self.delimiter)[0]) and other not in self._with_children:
                    self._with_children.add(other)
        return name in self._with_children

    def bump_uidvalidity(self, name: str) -> None:
        """A new UIDVALIDITY, and new UIDs."""
        self.get(name).renumber(next(self._uidvalidity))

    def new_id(self) -> str:
        """An identifier of RFC 8474 that was never given before."""
        return f"M{next(self._ids):08d}"

    def _new(self, name: str, special_use: str = "", *, selectable: bool = True) -> Mailbox:
        mailbox = Mailbox(name, next(self._uidvalidity), self.new_id(), special_use, selectable)
        mailbox.listeners.add(self._tell)
        return mailbox

    def _tell(self) -> None:
        self.changes += 1
        self._with_children = None
        for listener in tuple(self.listeners):
            listener()

    def _give_away(self, source: Mailbox, target: Mailbox) -> None:
        for message in source.messages.values():
            target.append(message.source, message.flags, message.arrived, message.email_id)
        source.expunge(list(source.uids))
