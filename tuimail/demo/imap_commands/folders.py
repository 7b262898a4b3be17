# SPDX-License-Identifier: GPL-3.0-or-later
"""CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE, STATUS and APPEND."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from tuimail.demo.grammar import Arguments, Bad, No
from tuimail.demo.imap_commands.command import Command
from tuimail.demo.mail_store import SPECIAL_USES
from tuimail.demo.mailbox import Mailbox
from tuimail.model.flags import Flags

if TYPE_CHECKING:
    from tuimail.demo.session import Session

_STATUS: dict[str, Callable[[Mailbox], str]] = {
    "MESSAGES": lambda mailbox: str(len(mailbox.uids)),
    "RECENT": lambda _: "0",
    "UIDNEXT": lambda mailbox: str(mailbox.uidnext),
    "UIDVALIDITY": lambda mailbox: str(mailbox.uidvalidity),
    "UNSEEN": lambda mailbox: str(mailbox.unseen),
    "HIGHESTMODSEQ": lambda mailbox: str(mailbox.modseq),
    "SIZE": lambda mailbox: str(sum(len(message.raw) for message in mailbox.messages.values())),
    "MAILBOXID": lambda mailbox: f"({mailbox.mailbox_id})",
}
_STATUS_NEEDS = {"HIGHESTMODSEQ": "CONDSTORE", "SIZE": "STATUS=SIZE", "MAILBOXID": "OBJECTID"}


async def create(session: "Session", arguments: Arguments) -> str:
    """CREATE, with USE (RFC 6154 §3)."""
    arguments.space()
    name = arguments.mailbox(session.utf8)
    special_use = ""
    if not arguments.done and session.site.has("CREATE-SPECIAL-USE"):
        arguments.space()
        arguments.expect(b"(")
        if arguments.word() != "USE":
            raise Bad("Unknown parameter of CREATE")
        arguments.space()
        arguments.expect(b"(")
        special_use = _special_use(arguments)
        arguments.expect(b"))")
    arguments.end()
    mailbox = session.store.create(name, special_use)
    return f"[MAILBOXID ({mailbox.mailbox_id})] CREATE done" if session.site.has("OBJECTID") else "CREATE done"


def _special_use(arguments: Arguments) -> str:
    arguments.expect(b"\\")
    asked = "\\" + arguments.word().capitalize()
    if asked not in SPECIAL_USES:
        raise No("[USEATTR] Unknown use")
    return asked


async def delete(session: "Session", arguments: Arguments) -> str:
    """DELETE."""
    arguments.space()
    name = arguments.mailbox(session.utf8)
    arguments.end()
    session.store.delete(name)
    return "DELETE done"


async def rename(session: "Session", arguments: Arguments) -> str:
    """RENAME; subscriptions keep the old name, as the RFC says."""
    arguments.space()
    old = arguments.mailbox(session.utf8)
    arguments.space()
    new = arguments.mailbox(session.utf8)
    arguments.end()
    session.store.rename(old, new)
    return "RENAME done"


async def subscribe(session: "Session", arguments: Arguments) -> str:
    """SUBSCRIBE."""
    arguments.space()
    name = arguments.mailbox(session.utf8)
    arguments.end()
    if name not in session.store:
        raise No("[NONEXISTENT] There is no such mailbox")
    session.store.subscribe(name)
    return "SUBSCRIBE done"


async def unsubscribe(session: "Session", arguments: Arguments) -> str:
    """UNSUBSCRIBE."""
    arguments.space()
    name = arguments.mailbox(session.utf8)
    arguments.end()
    session.store.unsubscribe(name)
    return "UNSUBSCRIBE done"


async def status(session: "Session", arguments: Arguments) -> str:
    """STATUS."""
    arguments.space()
    name = arguments.mailbox(session.utf8)
    arguments.space()
    items = read_status_items(session, arguments)
    arguments.end()
    send_status(session, session.store.get(name), items)
    return "STATUS done"


def read_status_items(session: "Session", arguments: Arguments) -> list[str]:
    """The list of items of STATUS, in parentheses."""
    arguments.expect(b"(")
    items = [arguments.word()]
    while arguments.take(b" "):
        items.append(arguments.word())
    arguments.expect(b")")
    for item in items:
        if item not in _STATUS or not session.site.has(_STATUS_NEEDS.get(item, "")):
            raise Bad(f"Unknown item of STATUS {item}")
    if "HIGHESTMODSEQ" in items:
        session.enabled.add("CONDSTORE")
    return items


def send_status(session: "Session", mailbox: Mailbox, items: list[str]) -> None:
    """Queue one STATUS answer."""
    values = {item: _STATUS[item](mailbox) for item in items}
    if "HIGHESTMODSEQ" in values and not session.modseqs:
        values["HIGHESTMODSEQ"] = "0"
    pairs = " ".join(f"{item} {value}" for item, value in values.items())
    session.untagged(b"STATUS %b (%b)" % (session.name(mailbox.name), pairs.encode()))


async def append(session: "Session", arguments: Arguments) -> str:
    """APPEND of one message, or of several, all or none (RFC 3502), with APPENDUID (RFC 4315)."""
    arguments.space()
    name = arguments.mailbox(session.utf8)
    uploads = [_upload(session, arguments)]
    while session.site.has("MULTIAPPEND") and not arguments.done:
        uploads.append(_upload(session, arguments))
    arguments.end()
    mailbox, store = session.store.target(name), session.store
    uids = [mailbox.append(raw, session.kept_flags(flags), arrived, store.new_id()).uid for raw, flags, arrived in uploads]
    told = f"{uids[0]}:{uids[-1]}" if len(uids) > 1 else f"{uids[0]}"
    return f"[APPENDUID {mailbox.uidvalidity} {told}] APPEND done" if session.site.has("UIDPLUS") else "APPEND done"


def _upload(session: "Session", arguments: Arguments) -> tuple[bytes, Flags, int]:
    """A message, its flags and date."""
    arguments.space()
    flags: Flags = frozenset()
    arrived = int(time.time())
    if arguments.peek(b"("):
        flags = arguments.flags()
        arguments.space()
    if arguments.peek(b'"'):
        arrived = arguments.date_time()
        arguments.space()
    raw = _message(session, arguments)
    if b"\0" in raw:
        raise Bad("NUL in the message")
    return raw, flags, arrived


def _message(session: "Session", arguments: Arguments) -> bytes:
    """The literal of APPEND, or ``UTF8 (~{n}…)`` (RFC 6855 §4)."""
    if session.utf8 and arguments.take(b"UTF8 ("):
        raw = arguments.string()
        arguments.expect(b")")
        return raw
    if not arguments.peek(b"{"):
        raise Bad("Expected a literal")
    return arguments.string()


COMMANDS = {
    "CREATE": Command(create),
    "DELETE": Command(delete),
    "RENAME": Command(rename),
    "SUBSCRIBE": Command(subscribe),
    "UNSUBSCRIBE": Command(unsubscribe),
    "STATUS": Command(status),
    "APPEND": Command(append),
}
