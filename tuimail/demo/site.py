# SPDX-License-Identifier: GPL-3.0-or-later
"""What the connections of the embedded servers share: users, faults, the command log."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field

from tuimail.demo.entity import parse
from tuimail.demo.faults import Faults
from tuimail.demo.mail_store import MailStore
from tuimail.demo.mailbox import Source
from tuimail.mime.words import decode_words

_BEFORE_SIGN_IN = ("IMAP4rev1", "SASL-IR", "LITERAL+", "ID", "ENABLE")
_MECHANISMS = ("AUTH=PLAIN", "AUTH=SCRAM-SHA-256", "AUTH=XOAUTH2", "AUTH=OAUTHBEARER")
_AFTER_SIGN_IN = (
    "IMAP4rev1", "SASL-IR", "LITERAL+", "MULTIAPPEND", "ID", "ENABLE", "IDLE", "NAMESPACE", "CHILDREN", "UIDPLUS", "MOVE",
    "UNSELECT", "ESEARCH", "CONDSTORE", "QRESYNC", "SPECIAL-USE", "CREATE-SPECIAL-USE", "LIST-EXTENDED", "LIST-STATUS",
    "STATUS=SIZE", "OBJECTID", "UTF8=ACCEPT", "COMPRESS=DEFLATE", "NOTIFY",
)  # fmt: skip
_IMPLIED = {"CONDSTORE": {"QRESYNC"}, "ENABLE": {"QRESYNC", "UTF8=ACCEPT"}, "LIST-EXTENDED": {"LIST-STATUS", "NOTIFY"}}


@dataclass(slots=True)
class Mail:
    """A message that came in by SMTP."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    """With CRLF, dots unstuffed."""

    @property
    def subject(self) -> str:
        """The decoded subject; empty where there is none."""
        return decode_words(parse(self.raw).get(b"Subject") or b"")


@dataclass(slots=True)
class Site:
    """The shared state; touched only in the servers' own thread."""

    faults: Faults
    passwords: dict[str, str] = field(default_factory=dict)
    """By user name, and by e-mail address."""
    stores: dict[str, MailStore] = field(default_factory=dict)
    """By user name."""
    addresses: dict[str, str] = field(default_factory=dict)
    """E-mail address in lower case → user name."""
    tls: ssl.SSLContext | None = None
    log: list[str] = field(default_factory=list)
    sent: list[Mail] = field(default_factory=list)
    on_sent: Callable[[Mail], None] | None = None
    """Called after a message was taken by SMTP."""
    connections: int = 0
    maildrops: set[str] = field(default_factory=set)
    """Users whose maildrop a POP3 connection has locked."""
    catch_all: bool = False
    """Mail to an address that is nobody's goes to the first user."""

    @property
    def missing(self) -> frozenset[str]:
        """The capabilities taken away, and what cannot be without them."""
        without = self.faults.without
        return without.union(*(_IMPLIED.get(name, set()) for name in without))

    def has(self, capability: str) -> bool:
        """Whether a capability was not taken away."""
        return capability not in self.missing

    def capabilities(self, *, signed_in: bool, encrypted: bool, compressed: bool) -> list[str]:
        """What is announced at this stage of a connection."""
        names = list(_AFTER_SIGN_IN if signed_in else (*_BEFORE_SIGN_IN, *_MECHANISMS))
        if not signed_in and self.tls is not None and not encrypted:
            names.append("STARTTLS")
        if compressed:
            names.remove("COMPRESS=DEFLATE")
        return [name for name in names if self.has(name.upper())]

    def user_of(self, name: str) -> str:
        """The user who signs in under a name: the own one, or the e-mail address."""
        return self.addresses.get(name, name)

    def deliver(self, store: MailStore, folder: str, source: Source, flags: frozenset[str], arrived: int) -> int:
        """Put a message into a folder; its UID."""
        return store.get(folder).append(source, flags, arrived, store.new_id()).uid
