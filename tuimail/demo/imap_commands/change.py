# SPDX-License-Identifier: GPL-3.0-or-later
"""STORE, COPY and MOVE, by sequence number and by UID (RFC 9051, 4315, 6851, 7162)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tuimail.demo.fetch_items import flag_list
from tuimail.demo.grammar import Arguments, Bad, No
from tuimail.demo.imap_commands.command import Command, State
from tuimail.demo.mailbox import Mailbox, Message
from tuimail.model.flags import Flags
from tuimail.model.uidset import UidSet

if TYPE_CHECKING:
    from tuimail.demo.session import Session

_OPERATIONS: dict[str, Callable[[Flags, Flags], Flags]] = {
    "FLAGS": lambda _, flags: flags,
    "+FLAGS": lambda old, flags: old | flags,
    "-FLAGS": lambda old, flags: old - flags,
}


async def store(session: "Session", arguments: Arguments) -> str:
    """STORE."""
    return _store(session, arguments, by_uid=False)


async def uid_store(session: "Session", arguments: Arguments) -> str:
    """UID STORE."""
    return _store(session, arguments, by_uid=True)


def _store(session: "Session", arguments: Arguments, *, by_uid: bool) -> str:
    arguments.space()
    ranges = arguments.sequence_set()
    arguments.space()
    unchanged_since = _modifier(session, arguments)
    name, _, silent = arguments.word().partition(".")
    if name not in _OPERATIONS or silent not in ("", "SILENT"):
        raise Bad("Unknown item of STORE")
    arguments.space()
    flags = session.kept_flags(arguments.bare_flags() if not arguments.peek(b"()") else arguments.flags())
    arguments.end()
    view = session.view
    if view.read_only:
        raise No("[READ-ONLY] The mailbox is read-only")
    modified: list[int] = []
    for number, message in view.resolve(ranges, by_uid=by_uid):
        if unchanged_since is not None and message.modseq > unchanged_since:
            modified.append(message.uid if by_uid else number)
            continue
        changed = view.mailbox.set_flags(message, _OPERATIONS[name](message.flags, flags))
        view.told(message)
        _tell(session, number, message, by_uid=by_uid, flags=not silent, changed=changed)
    return f"[MODIFIED {UidSet.of(modified)}] Some were changed meanwhile" if modified else "STORE done"


def _modifier(session: "Session", arguments: Arguments) -> int | None:
    """``(UNCHANGEDSINCE n)``."""
    if not arguments.take(b"("):
        return None
    if not session.site.has("CONDSTORE") or arguments.word() != "UNCHANGEDSINCE":
        raise Bad("Unknown modifier")
    session.enabled.add("CONDSTORE")
    arguments.space()
    unchanged_since = arguments.number()
    arguments.expect(b") ")
    return unchanged_since


def _tell(session: "Session", number: int, message: Message, *, by_uid: bool, flags: bool, changed: bool) -> None:
    """The FETCH answers to STORE: with ``.SILENT`` only the new mod-sequence, where those are in use."""
    modseq = session.modseqs and "CONDSTORE" in session.enabled
    if not flags and not (modseq and changed):
        return
    pairs = [b"UID %d" % message.uid] if by_uid or "QRESYNC" in session.enabled else []
    pairs += [b"FLAGS " + flag_list(message.flags)] if flags else []
    pairs += [b"MODSEQ (%d)" % message.modseq] if modseq else []
    session.untagged(b"%d FETCH (%b)" % (number, b" ".join(pairs)))


async def copy(session: "Session", arguments: Arguments) -> str:
    """COPY."""
    return _copy(session, arguments, by_uid=False)


async def uid_copy(session: "Session", arguments: Arguments) -> str:
    """UID COPY."""
    return _copy(session, arguments, by_uid=True)


def _copy(session: "Session", arguments: Arguments, *, by_uid: bool) -> str:
    messages, target = _read(session, arguments, by_uid=by_uid)
    code = _duplicate(session, messages, target)
    return f"{code}COPY done"


async def move(session: "Session", arguments: Arguments) -> str:
    """MOVE."""
    return _move(session, arguments, by_uid=False)


async def uid_move(session: "Session", arguments: Arguments) -> str:
    """UID MOVE."""
    return _move(session, arguments, by_uid=True)


def _move(session: "Session", arguments: Arguments, *, by_uid: bool) -> str:
    messages, target = _read(session, arguments, by_uid=by_uid)
    view = session.view
    if view.read_only:
        raise No("[READ-ONLY] The mailbox is read-only")
    code = _duplicate(session, messages, target)
    if code:
        session.untagged(f"OK {code}Moved".encode())
    view.mailbox.expunge([message.uid for message in messages])
    session.tell_updates()
    return session.modseq_code("MOVE done")


def _read(session: "Session", arguments: Arguments, *, by_uid: bool) -> tuple[list[Message], Mailbox]:
    arguments.space()
    ranges = arguments.sequence_set()
    arguments.space()
    name = arguments.mailbox(session.utf8)
    arguments.end()
    messages = [message for _, message in session.view.resolve(ranges, by_uid=by_uid)]
    return messages, session.store.target(name)


def _duplicate(session: "Session", messages: list[Message], target: Mailbox) -> str:
    """Put copies into the target; the COPYUID code with a space, or nothing without UIDPLUS."""
    new = [target.append(each.source, each.flags, each.arrived, each.email_id).uid for each in messages]
    if not new or not session.site.has("UIDPLUS"):
        return ""
    return f"[COPYUID {target.uidvalidity} {UidSet.of(each.uid for each in messages)} {UidSet.of(new)}] "


COMMANDS = {
    "STORE": Command(store, lowest=State.SELECTED, expunges=False),
    "UID STORE": Command(uid_store, lowest=State.SELECTED),
    "COPY": Command(copy, lowest=State.SELECTED),
    "UID COPY": Command(uid_copy, lowest=State.SELECTED),
    "MOVE": Command(move, lowest=State.SELECTED, needs=("MOVE",)),
    "UID MOVE": Command(uid_move, lowest=State.SELECTED, needs=("MOVE",)),
}
