# SPDX-License-Identifier: GPL-3.0-or-later
"""One connection's picture of all mailboxes: what of NOTIFY (RFC 5465) it was not told yet."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from tuimail.demo.mail_store import MailStore
from tuimail.demo.mailbox import Mailbox


class Event(StrEnum):
    """The events that are told (RFC 5465 §5), in upper case."""

    MESSAGE_NEW = "MESSAGENEW"
    MESSAGE_EXPUNGE = "MESSAGEEXPUNGE"
    FLAG_CHANGE = "FLAGCHANGE"
    MAILBOX_NAME = "MAILBOXNAME"
    SUBSCRIPTION_CHANGE = "SUBSCRIPTIONCHANGE"


Events = frozenset[Event]
MESSAGE_EVENTS: Events = frozenset({Event.MESSAGE_NEW, Event.MESSAGE_EXPUNGE, Event.FLAG_CHANGE})


@dataclass(frozen=True, slots=True)
class Group:
    """Events that are wanted of some mailboxes."""

    concerns: Callable[[str], bool]
    """Whether a mailbox of this name is meant."""
    events: Events


class News(NamedTuple):
    """What happened to one mailbox."""

    name: str
    happened: Events
    """Those that are wanted."""
    old_name: str = ""
    """Before it was renamed."""


class _Seen(NamedTuple):
    name: str
    selectable: bool
    subscribed: bool
    modseq: int
    extent: tuple[int, int, int]
    """UIDVALIDITY, UIDNEXT and how many messages: unchanged when only flags changed."""


_NOTHING: Events = frozenset()


class Watch:
    """Compares what is with what the client knows. Changes that follow each other before they are told are told as one."""

    def __init__(
        self, store: MailStore, groups: list[Group], selected: Events, wake: Callable[[], None], *, delayed: bool
    ) -> None:
        """``selected``: events wanted of the selected mailbox; ``delayed``: its expunges wait for a command."""
        self.selected = selected
        self.delayed = delayed
        self._store, self._groups, self._wake = store, groups, wake
        self._seen = self._look()
        self._changes = store.changes
        store.listeners.add(wake)

    def close(self) -> None:
        """Stop listening."""
        self._store.listeners.discard(self._wake)

    def wanted(self, name: str) -> Events:
        """The events wanted of a mailbox: those of the first group that means it."""
        return next((group.events for group in self._groups if group.concerns(name)), _NOTHING)

    def news(self, selected: Mailbox | None) -> Iterator[News]:
        """What happened since it was last asked. Of the messages in the selected mailbox its view tells."""
        if self._changes == self._store.changes:
            return
        self._changes = self._store.changes
        before, self._seen = self._seen, self._look()
        for mailbox_id, seen in before.items():
            if mailbox_id not in self._seen and Event.MAILBOX_NAME in self.wanted(seen.name):
                yield News(seen.name, frozenset({Event.MAILBOX_NAME}))
        for mailbox_id, seen in self._seen.items():
            old = before.get(mailbox_id)
            happened = _happened(old, seen) & self.wanted(seen.name)
            if selected is not None and selected.mailbox_id == mailbox_id:
                happened -= MESSAGE_EVENTS
            if happened:
                yield News(seen.name, happened, old.name if old is not None and old.name != seen.name else "")

    def _look(self) -> dict[str, _Seen]:
        """By MAILBOXID, which survives a rename (RFC 8474)."""
        return {
            mailbox.mailbox_id: _Seen(
                mailbox.name,
                mailbox.selectable,
                mailbox.name in self._store.subscribed,
                mailbox.modseq,
                (mailbox.uidvalidity, mailbox.uidnext, len(mailbox.uids)),
            )
            for mailbox in self._store
        }


def _happened(old: _Seen | None, new: _Seen) -> Events:
    found: set[Event] = set()
    if old is None or (old.name, old.selectable) != (new.name, new.selectable):
        found.add(Event.MAILBOX_NAME)
    if new.subscribed != (old is not None and old.subscribed):
        found.add(Event.SUBSCRIPTION_CHANGE)
    if old is not None and old.extent != new.extent:
        found |= {Event.MESSAGE_NEW, Event.MESSAGE_EXPUNGE}
    elif old is not None and old.modseq != new.modseq:
        found.add(Event.FLAG_CHANGE)
    return frozenset(found)
