# SPDX-License-Identifier: GPL-3.0-or-later
"""FETCH and UID FETCH, with CHANGEDSINCE and VANISHED (RFC 7162)."""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from tuimail.demo.faults import Faults
from tuimail.demo.fetch_items import Item, read_items, simple
from tuimail.demo.grammar import Arguments, Bad, No, Ranges
from tuimail.demo.imap_commands.command import Command, State
from tuimail.demo.mailbox import Message
from tuimail.demo.wire import Cut
from tuimail.model.flags import SEEN
from tuimail.model.uidset import UidSet

if TYPE_CHECKING:
    from tuimail.demo.session import Session

_SLICE = 64
_OF_THE_INDEX = frozenset({b"UID", b"FLAGS", b"MODSEQ"})
"""Items that can be told of a message that cannot be read."""


async def fetch(session: "Session", arguments: Arguments) -> str:
    """FETCH."""
    return await _fetch(session, arguments, by_uid=False)


async def uid_fetch(session: "Session", arguments: Arguments) -> str:
    """UID FETCH."""
    return await _fetch(session, arguments, by_uid=True)


async def _fetch(session: "Session", arguments: Arguments, *, by_uid: bool) -> str:
    arguments.space()
    ranges = arguments.sequence_set()
    arguments.space()
    items = read_items(arguments, session.site.has)
    since, vanished = _modifiers(session, arguments, by_uid=by_uid) if not arguments.done else (None, False)
    arguments.end()
    if since is not None or any(item.label == b"MODSEQ" for item in items):
        session.enabled.add("CONDSTORE")
    if since is not None and vanished:
        _send_vanished(session, ranges, since)
    items = _with_implied(items, session, by_uid=by_uid, since=since)
    view = session.view
    sets_seen = any(item.sets_seen for item in items) and not view.read_only
    found = list(view.resolve(ranges, by_uid=by_uid))
    damaged = {} if all(item.label in _OF_THE_INDEX for item in items) else session.site.faults.damaged
    refusal = ""
    for count, (number, message) in enumerate(found, 1):
        if since is not None and message.modseq <= since:
            continue
        if message.uid in damaged:
            refusal = await _damaged(session, damaged[message.uid]) or refusal
            continue
        shown = items
        if sets_seen and SEEN not in message.flags:
            view.mailbox.set_flags(message, message.flags | {SEEN})
            view.told(message)
            shown = [*items, simple("FLAGS")] if all(item.label != b"FLAGS" for item in items) else items
        session.wire.send(_answer(number, message, shown, session.site.faults))
        if session.wire.full:
            await session.wire.flush()
        elif count % _SLICE == 0:
            await asyncio.sleep(0)
    if refusal:
        raise No(refusal.removeprefix("NO "))
    return "FETCH done"


async def _damaged(session: "Session", answer: str) -> str:
    """What is to be said at the end of a message that cannot be read. Raises Cut where that is the end of the connection."""
    if answer.startswith("BYE"):
        session.untagged(answer.encode())
        await session.wire.flush()
        raise Cut("a message cannot be read")
    return answer


def _modifiers(session: "Session", arguments: Arguments, *, by_uid: bool) -> tuple[int, bool]:
    """``(CHANGEDSINCE n [VANISHED])``."""
    if not session.site.has("CONDSTORE"):
        raise Bad("Unknown modifier")
    arguments.space()
    arguments.expect(b"(")
    if arguments.word() != "CHANGEDSINCE":
        raise Bad("Unknown modifier")
    arguments.space()
    since = arguments.number()
    vanished = arguments.take(b" VANISHED")
    arguments.expect(b")")
    if vanished and not (by_uid and "QRESYNC" in session.enabled):
        raise Bad("VANISHED needs UID FETCH and QRESYNC")
    return since, vanished


def _send_vanished(session: "Session", ranges: Ranges, since: int) -> None:
    last = session.view.mailbox.uidnext
    asked = UidSet.of_ranges((min(low or last, high or last), max(low or last, high or last)) for low, high in ranges)
    vanished = session.view.mailbox.vanished_since(since) & asked
    if vanished:
        session.untagged(b"VANISHED (EARLIER) " + str(vanished).encode())


def _with_implied(items: list[Item], session: "Session", *, by_uid: bool, since: int | None) -> list[Item]:
    """UID in front of a UID FETCH; MODSEQ with CHANGEDSINCE."""
    labels = {item.label for item in items}
    if by_uid and b"UID" not in labels:
        items = [simple("UID"), *items]
    if since is not None and b"MODSEQ" not in labels:
        items = [*items, simple("MODSEQ")]
    return items if session.modseqs else [item for item in items if item.label != b"MODSEQ"]


def _answer(number: int, message: Message, items: list[Item], faults: Faults) -> bytes:
    malformed = faults.malformed
    if message.uid in faults.endless:
        items = [_lengthened(item) if item.label == faults.endless[message.uid].encode() else item for item in items]
    if not malformed:
        pairs = b" ".join(item.label + b" " + item.make(message) for item in items)
        return b"* %d FETCH (%b)\r\n" % (number, pairs)
    kept = [item for item in items if item.label != b"UID" or "nouid" not in malformed]
    pairs = b" ".join(item.label + b" " + _spoiled(item, message, malformed) for item in kept)
    front = b"* ~~ ?? 17 NONSENSE ((\r\n" if "garbage" in malformed else b""
    return front + b"* %d FETCH (%b%b\r\n" % (number, pairs, b"" if "parenthesis" in malformed else b")")


def _lengthened(item: Item) -> Item:
    return replace(item, make=lambda _: b"(" + b"(NIL)" * (17 * 1024 * 1024 // 5) + b")")


def _spoiled(item: Item, message: Message, malformed: frozenset[str]) -> bytes:
    """The value of an item, spoiled where a fault names its kind."""
    if item.label == b"ENVELOPE" and "envelope" in malformed:
        return b'("no date" NIL ((NIL) "x") 7)'
    if item.label == b"BODYSTRUCTURE" and "bodystructure" in malformed:
        return b'("TEXT" NIL "x" (("MIXED")))'
    if item.label.startswith(b"BODY[") and "literal" in malformed:
        return b"{4294967295}\r\nnever so much"
    return item.make(message)


COMMANDS = {
    "FETCH": Command(fetch, lowest=State.SELECTED, expunges=False),
    "UID FETCH": Command(uid_fetch, lowest=State.SELECTED),
}
