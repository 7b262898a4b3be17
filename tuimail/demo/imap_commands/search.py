# SPDX-License-Identifier: GPL-3.0-or-later
"""SEARCH and UID SEARCH, with ESEARCH (RFC 4731) and MODSEQ (RFC 7162)."""

import asyncio
from typing import TYPE_CHECKING

from tuimail.demo.grammar import Arguments, Bad, No
from tuimail.demo.imap_commands.command import Command, State
from tuimail.demo.search_keys import Query, read_query
from tuimail.model.uidset import UidSet

if TYPE_CHECKING:
    from tuimail.demo.session import Session

_SLICE = 256
_RETURNS = ("MIN", "MAX", "ALL", "COUNT")


async def search(session: "Session", arguments: Arguments) -> str:
    """SEARCH."""
    return await _search(session, arguments, by_uid=False)


async def uid_search(session: "Session", arguments: Arguments) -> str:
    """UID SEARCH."""
    return await _search(session, arguments, by_uid=True)


async def _search(session: "Session", arguments: Arguments, *, by_uid: bool) -> str:
    returns = _read_returns(session, arguments)
    arguments.space()
    charset = _read_charset(session, arguments)
    query = read_query(arguments, charset, session.view, session.site.has)
    arguments.end()
    if query.modseq:
        session.enabled.add("CONDSTORE")
    found: list[int] = []
    highest = 0
    for number, uid in enumerate(list(session.view.uids), 1):
        message = session.view.mailbox.messages.get(uid)
        if message is not None and query.matches(number, message):
            found.append(uid if by_uid else number)
            highest = max(highest, message.modseq)
        if number % _SLICE == 0:
            await asyncio.sleep(0)
    _send(session, found, returns, by_uid=by_uid, modseq=_shown_modseq(session, query, highest))
    return "SEARCH done"


def _read_returns(session: "Session", arguments: Arguments) -> list[str] | None:
    """The options of RETURN; None for a plain SEARCH."""
    if arguments.data[arguments.at : arguments.at + 8].upper() != b" RETURN " or not session.site.has("ESEARCH"):
        return None
    arguments.at += 8
    arguments.expect(b"(")
    options: list[str] = []
    while not arguments.take(b")"):
        if options:
            arguments.space()
        options.append(arguments.word())
        if options[-1] not in _RETURNS:
            raise Bad(f"Unknown option {options[-1]}")
    return options or ["ALL"]


def _read_charset(session: "Session", arguments: Arguments) -> str:
    if arguments.data[arguments.at : arguments.at + 8].upper() != b"CHARSET ":
        return "utf-8" if session.utf8 else "us-ascii"
    arguments.at += 8
    charset = arguments.astring().decode("ascii", "replace")
    arguments.space()
    if charset.lower() not in ("utf-8", "us-ascii"):
        raise No("[BADCHARSET (UTF-8 US-ASCII)] Unknown charset")
    if session.utf8:
        raise Bad("No CHARSET after UTF8=ACCEPT was enabled")
    return charset


def _shown_modseq(session: "Session", query: Query, highest: int) -> bytes:
    return b"%d" % highest if query.modseq and highest and session.modseqs else b""


def _send(session: "Session", found: list[int], returns: list[str] | None, *, by_uid: bool, modseq: bytes) -> None:
    if returns is None:
        more = b" (MODSEQ %b)" % modseq if modseq else b""
        session.untagged(b" ".join([b"SEARCH", *(b"%d" % number for number in found)]) + more)
        return
    answer = b"ESEARCH (TAG %b)%b" % (b'"%b"' % session.tag, b" UID" if by_uid else b"")
    if found:
        values = {"MIN": str(found[0]), "MAX": str(found[-1]), "ALL": str(UidSet.of(found))}
        answer += "".join(f" {option} {values[option]}" for option in values if option in returns).encode()
    if "COUNT" in returns:
        answer += b" COUNT %d" % len(found)
    session.untagged(answer + (b" MODSEQ " + modseq if modseq else b""))


COMMANDS = {
    "SEARCH": Command(search, lowest=State.SELECTED, expunges=False),
    "UID SEARCH": Command(uid_search, lowest=State.SELECTED),
}
