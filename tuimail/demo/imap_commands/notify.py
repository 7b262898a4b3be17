# SPDX-License-Identifier: GPL-3.0-or-later
"""NOTIFY (RFC 5465), without the attributes of MessageNew."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tuimail.demo.grammar import Arguments, Bad, No
from tuimail.demo.imap_commands.command import Command
from tuimail.demo.imap_commands.folders import send_status
from tuimail.demo.mailbox import Mailbox
from tuimail.demo.names import string
from tuimail.demo.watch import MESSAGE_EVENTS, Event, Events, Group, News, Watch

if TYPE_CHECKING:
    from tuimail.demo.session import Session

_SELECTED = ("SELECTED", "SELECTED-DELAYED")
_SUPPORTED = "MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange"
_NOT_SUPPORTED = ("ANNOTATIONCHANGE", "MAILBOXMETADATACHANGE", "SERVERMETADATACHANGE")
_NEW_AND_EXPUNGE = {Event.MESSAGE_NEW, Event.MESSAGE_EXPUNGE}
_STATUS = ["MESSAGES", "UIDNEXT", "UIDVALIDITY", "UNSEEN"]


async def notify(session: "Session", arguments: Arguments) -> str:
    """NOTIFY SET and NOTIFY NONE."""
    arguments.space()
    match arguments.word():
        case "NONE":
            arguments.end()
            session.watch_by([], frozenset())
        case "SET":
            _set(session, arguments)
        case _:
            raise Bad("Expected SET or NONE")
    return "NOTIFY done"


def _set(session: "Session", arguments: Arguments) -> None:
    arguments.space()
    status = not arguments.peek(b"(")
    if status:
        if arguments.word() != "STATUS":
            raise Bad("Expected STATUS or a group of events")
        arguments.space()
    groups: list[Group] = []
    selected: Events = frozenset()
    delayed = False
    while True:
        arguments.expect(b"(")
        name = arguments.word()
        concerns = None if name in _SELECTED else _filter(session, name, arguments)
        arguments.space()
        events = _events(arguments)
        arguments.expect(b")")
        if concerns is not None:
            groups.append(Group(concerns, events))
        elif events <= MESSAGE_EVENTS:
            selected, delayed = events, name == "SELECTED-DELAYED"
        else:
            raise Bad("These are no events of a selected mailbox")
        if arguments.done:
            break
        arguments.space()
    watch = session.watch_by(groups, selected, delayed=delayed)
    if status:
        _tell_status(session, watch)


def _filter(session: "Session", name: str, arguments: Arguments) -> Callable[[str], bool]:
    """Which mailboxes are meant (RFC 5465 §6)."""
    store = session.store
    match name:
        case "PERSONAL":
            return lambda _: True
        case "INBOXES":
            return lambda mailbox: mailbox == "INBOX"
        case "SUBSCRIBED":
            return lambda mailbox: mailbox in store.subscribed
        case "MAILBOXES":
            names = _mailboxes(session, arguments)
            return lambda mailbox: mailbox in names
        case "SUBTREE":
            roots = _mailboxes(session, arguments)
            return lambda mailbox: any(mailbox == root or mailbox.startswith(root + store.delimiter) for root in roots)
    raise Bad(f"Unknown filter {name}")


def _mailboxes(session: "Session", arguments: Arguments) -> set[str]:
    arguments.space()
    if not arguments.take(b"("):
        return {arguments.mailbox(session.utf8)}
    names = {arguments.mailbox(session.utf8)}
    while arguments.take(b" "):
        names.add(arguments.mailbox(session.utf8))
    arguments.expect(b")")
    return names


def _events(arguments: Arguments) -> Events:
    if not arguments.take(b"("):
        if arguments.word() != "NONE":
            raise Bad("Expected NONE or events")
        return frozenset()
    found: set[Event] = set()
    while not arguments.take(b")"):
        if found:
            arguments.space()
        word = arguments.word()
        if word in _NOT_SUPPORTED or arguments.peek(b" ("):
            raise No(f"[BADEVENT ({_SUPPORTED})] Only these, and MessageNew without attributes")
        if word not in set(Event):
            raise Bad(f"Unknown event {word}")
        found.add(Event(word))
    if len(found & _NEW_AND_EXPUNGE) == 1 or (Event.FLAG_CHANGE in found and not found >= _NEW_AND_EXPUNGE):
        raise Bad("MessageNew and MessageExpunge go together, and FlagChange with both")
    return frozenset(found)


def tell(session: "Session", watch: Watch) -> None:
    """Queue what happened to mailboxes that are not selected."""
    for news in watch.news(None if session.view_or_none is None else session.view.mailbox):
        mailbox = next((mailbox for mailbox in session.store if mailbox.name == news.name), None)
        if news.happened & {Event.MAILBOX_NAME, Event.SUBSCRIPTION_CHANGE}:
            _tell_list(session, news, mailbox)
        if news.happened & MESSAGE_EVENTS and mailbox is not None and mailbox.selectable:
            send_status(session, mailbox, _items(session))


def _tell_list(session: "Session", news: News, mailbox: Mailbox | None) -> None:
    store = session.store
    attributes = []
    if mailbox is None:
        attributes.append("\\NonExistent")
    elif not mailbox.selectable:
        attributes.append("\\Noselect")
    if news.name in store.subscribed and Event.SUBSCRIPTION_CHANGE in news.happened:
        attributes.append("\\Subscribed")
    old = b' ("OLDNAME" (%b))' % session.name(news.old_name) if news.old_name else b""
    delimiter = string(store.delimiter.encode())
    session.untagged(b"LIST (%b) %b %b%b" % (" ".join(attributes).encode(), delimiter, session.name(news.name), old))


def _tell_status(session: "Session", watch: Watch) -> None:
    """What ``NOTIFY SET STATUS`` asks for first: STATUS of all that messages are told of."""
    selected = None if session.view_or_none is None else session.view.mailbox
    for mailbox in session.store:
        if mailbox.selectable and mailbox is not selected and watch.wanted(mailbox.name) & MESSAGE_EVENTS:
            send_status(session, mailbox, _items(session))


def _items(session: "Session") -> list[str]:
    return [*_STATUS, *(["HIGHESTMODSEQ"] if session.modseqs else [])]


COMMANDS = {"NOTIFY": Command(notify, needs=("NOTIFY",))}
