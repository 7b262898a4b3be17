# SPDX-License-Identifier: GPL-3.0-or-later
"""LIST with its extensions (RFC 5258, 5819, 6154), and LSUB."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tuimail.demo.grammar import Arguments, Bad
from tuimail.demo.imap_commands.command import Command
from tuimail.demo.imap_commands.folders import read_status_items, send_status
from tuimail.demo.mail_store import MailStore
from tuimail.demo.names import string

if TYPE_CHECKING:
    from tuimail.demo.session import Session

_SELECTIONS = ("SUBSCRIBED", "REMOTE", "RECURSIVEMATCH", "SPECIAL-USE")
_RETURNS = ("SUBSCRIBED", "CHILDREN", "SPECIAL-USE")


@dataclass(slots=True)
class _Request:
    """A LIST command as it was read."""

    selections: set[str] = field(default_factory=set)
    reference: str = ""
    patterns: list[str] = field(default_factory=list)
    returns: set[str] = field(default_factory=set)
    status: list[str] = field(default_factory=list)
    extended: bool = False


async def list_(session: "Session", arguments: Arguments) -> str:
    """LIST."""
    request = _read(session, arguments)
    if request.patterns == [""] and not request.extended:
        session.untagged(b'LIST (\\Noselect) %b ""' % string(session.store.delimiter.encode()))
        return "LIST done"
    store = session.store
    names = {mailbox.name for mailbox in store}
    if "SUBSCRIBED" in request.selections:
        names = store.subscribed
    matches = _matcher(store, request.reference, request.patterns)
    for name in sorted(names, key=lambda name: (name != "INBOX", name)):
        if matches(name) and ("SPECIAL-USE" not in request.selections or _special_use(store, name)):
            _send(session, name, request)
    return "LIST done"


def _read(session: "Session", arguments: Arguments) -> _Request:
    request = _Request()
    extended = session.site.has("LIST-EXTENDED")
    arguments.space()
    if extended and arguments.peek(b"("):
        request.extended = True
        request.selections = set(_words(arguments, _SELECTIONS))
        if "SPECIAL-USE" in request.selections and not session.site.has("SPECIAL-USE"):
            raise Bad("Unknown selection option SPECIAL-USE")
        if request.selections and request.selections <= {"RECURSIVEMATCH", "REMOTE"} and "RECURSIVEMATCH" in request.selections:
            raise Bad("RECURSIVEMATCH needs another option")
        arguments.space()
    request.reference = arguments.mailbox(session.utf8)
    arguments.space()
    if extended and arguments.take(b"("):
        request.extended = True
        request.patterns.append(arguments.list_mailbox(session.utf8))
        while arguments.take(b" "):
            request.patterns.append(arguments.list_mailbox(session.utf8))
        arguments.expect(b")")
    else:
        request.patterns.append(arguments.list_mailbox(session.utf8))
    if extended and arguments.take(b" RETURN "):
        request.extended = True
        _read_returns(session, arguments, request)
    arguments.end()
    return request


def _read_returns(session: "Session", arguments: Arguments, request: _Request) -> None:
    arguments.expect(b"(")
    while not arguments.take(b")"):
        option = arguments.word()
        if option == "STATUS" and session.site.has("LIST-STATUS"):
            arguments.space()
            request.status = read_status_items(session, arguments)
        elif option not in _RETURNS or (option == "SPECIAL-USE" and not session.site.has("SPECIAL-USE")):
            raise Bad(f"Unknown return option {option}")
        request.returns.add(option)
        if not arguments.peek(b")"):
            arguments.space()


def _words(arguments: Arguments, allowed: Iterable[str]) -> list[str]:
    arguments.expect(b"(")
    found: list[str] = []
    while not arguments.take(b")"):
        if found:
            arguments.space()
        word = arguments.word()
        if word not in allowed:
            raise Bad(f"Unknown option {word}")
        found.append(word)
    return found


def _matcher(store: MailStore, reference: str, patterns: list[str]) -> Callable[[str], bool]:
    level = f"[^{re.escape(store.delimiter)}]*"
    alternatives = []
    for pattern in patterns:
        pieces = re.split(r"([*%])", reference + pattern)
        alternatives.append("".join({"*": ".*", "%": level}.get(piece) or re.escape(piece) for piece in pieces))
    expression = "|".join(f"(?:{each})" for each in alternatives)

    def matches(name: str) -> bool:
        # INBOX is the one name without case (RFC 9051 §5.1).
        return re.fullmatch(expression, name, re.DOTALL | (re.IGNORECASE if name == "INBOX" else 0)) is not None

    return matches


def _special_use(store: MailStore, name: str) -> str:
    return next((mailbox.special_use for mailbox in store if mailbox.name == name), "")


def _send(session: "Session", name: str, request: _Request) -> None:
    store = session.store
    mailbox = next((mailbox for mailbox in store if mailbox.name == name), None)
    attributes = []
    if mailbox is None:
        attributes.append("\\NonExistent" if session.site.has("LIST-EXTENDED") else "\\Noselect")
    elif not mailbox.selectable:
        attributes.append("\\Noselect")
    if session.site.has("CHILDREN"):
        attributes.append("\\HasChildren" if store.has_children(name) else "\\HasNoChildren")
    if name in store.subscribed and "SUBSCRIBED" in request.returns | request.selections:
        attributes.append("\\Subscribed")
    if mailbox is not None and mailbox.special_use and session.site.has("SPECIAL-USE"):
        attributes.append(mailbox.special_use)
    delimiter = string(store.delimiter.encode())
    session.untagged(b"LIST (%b) %b %b" % (" ".join(attributes).encode(), delimiter, session.name(name)))
    if request.status and mailbox is not None and mailbox.selectable:
        send_status(session, mailbox, request.status)


async def lsub(session: "Session", arguments: Arguments) -> str:
    """LSUB."""
    arguments.space()
    reference = arguments.mailbox(session.utf8)
    arguments.space()
    pattern = arguments.list_mailbox(session.utf8)
    arguments.end()
    store = session.store
    matches = _matcher(store, reference, [pattern])
    for name in sorted(store.subscribed):
        if matches(name):
            attribute = b"" if any(mailbox.name == name and mailbox.selectable for mailbox in store) else b"\\Noselect"
            session.untagged(b"LSUB (%b) %b %b" % (attribute, string(store.delimiter.encode()), session.name(name)))
    return "LSUB done"


COMMANDS = {"LIST": Command(list_), "LSUB": Command(lsub)}
