# SPDX-License-Identifier: GPL-3.0-or-later
"""UID SEARCH, with ESEARCH where offered (RFC 9051 §6.4.4, RFC 4731)."""

import time

from tuimail.backends.imap.mailbox import Mailbox
from tuimail.backends.imap.session import Session
from tuimail.backends.imap.wire import listing
from tuimail.backends.imap.wire.arguments import Argument, Literal, command, string
from tuimail.backends.imap.wire.fetch import uid_of
from tuimail.backends.imap.wire.responses import Untagged
from tuimail.backends.imap.wire.tokens import Malformed
from tuimail.model.errors import ServerBroken
from tuimail.model.flags import ANSWERED, DRAFT, FLAGGED, SEEN
from tuimail.model.query import Field, Query, Term
from tuimail.model.uidset import UidSet

_FIELD_KEYS = {Field.ANYWHERE: b"TEXT", Field.FROM: b"FROM", Field.SUBJECT: b"SUBJECT"}
_FLAG_KEYS = {
    (SEEN, True): b"SEEN",
    (SEEN, False): b"UNSEEN",
    (FLAGGED, True): b"FLAGGED",
    (FLAGGED, False): b"UNFLAGGED",
    (ANSWERED, True): b"ANSWERED",
    (ANSWERED, False): b"UNANSWERED",
    (DRAFT, True): b"DRAFT",
    (DRAFT, False): b"UNDRAFT",
}
_MONTHS = (b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec")
_LAST_DAY = 253_402_300_799
"""The end of the year 9999."""
_LONG = 50_000
"""Messages beyond which a plain SEARCH answer would be a line of hundreds of kilobytes."""


async def uids(session: Session) -> UidSet:
    """The UIDs of all messages."""
    mailbox = session.current()
    if mailbox.exists == 0:
        return UidSet()
    if "ESEARCH" in session.capabilities or "IMAP4REV2" in session.capabilities or mailbox.exists <= _LONG:
        return await _search(session, b"ALL")
    line = command(b"UID FETCH", b"1:*", b"(UID)")
    found: list[int] = []

    def accept(item: Untagged) -> bool:
        if item.kind != "FETCH":
            return False
        found.append(uid_of(item.unit))
        return True

    flight = await session.start(mailbox, line, accept)
    flight.room = 0  # a million responses take a hundred times the room of what they tell
    await session.dialogue.finish(flight, "List the messages")
    return UidSet.of(filter(None, found))


async def find_message_id(session: Session, message_id: str) -> UidSet:
    """Messages with that Message-ID; angle brackets are part of it."""
    return await _search(session, b"HEADER", b"Message-ID", *_strings(session, message_id))


async def search(session: Session, query: Query) -> UidSet:
    """Messages that match, as far as SEARCH can say it (RFC 9051 §6.4.4). Days are widened by one for servers elsewhere."""
    keys: list[Argument] = []
    for term in query.terms:
        keys += _key(session, term)
    for term in query.without:
        keys += [b"NOT", *_key(session, term)]
    keys += [_FLAG_KEYS[flag, wanted] for flag, wanted in query.flags]
    for key, moment, days in ((b"SENTSINCE", query.after, -1), (b"SENTBEFORE", query.before, 2)):
        if moment is not None:
            keys += [key, _day(moment + days * 86_400)]
    return await _search(session, *keys) if keys else UidSet()


def _key(session: Session, term: Term) -> list[Argument]:
    text = _strings(session, term.text)
    if term.field is Field.TO:
        return [b"OR", b"TO", *text, b"OR", b"CC", *text, b"BCC", *text]
    return [_FIELD_KEYS[term.field], *text]


def _day(moment: int) -> bytes:
    """RFC 9051 ``date``; of years that it has no place for the nearest."""
    day = time.gmtime(min(max(moment, 0), _LAST_DAY))
    return b"%d-%s-%04d" % (day.tm_mday, _MONTHS[day.tm_mon - 1], day.tm_year)


async def bounded(session: Session, wanted: UidSet) -> UidSet:
    """``wanted``, or what exists of it when it is far larger than the folder (``"500:4294967295"``: all from 500 on)."""
    mailbox = session.current()
    if len(wanted) <= _at_most(mailbox):
        return wanted
    return await uids(session) & wanted


def _at_most(mailbox: Mailbox) -> int:
    """Messages that may be there: some may have come that the server did not tell of yet."""
    return max(2 * mailbox.exists, 1000)


def _strings(session: Session, text: str) -> tuple[Argument, ...]:
    return (string(text.encode("utf-8", "replace"), utf8=session.utf8),)


async def _search(session: Session, *keys: Argument) -> UidSet:
    mailbox = session.current()
    extended = "ESEARCH" in session.capabilities or "IMAP4REV2" in session.capabilities
    returns = (b"RETURN (ALL)",) if extended else ()
    # Octets beyond ASCII make a literal; with UTF8=ACCEPT naming a charset is forbidden (RFC 6855 §3).
    charset = (b"CHARSET UTF-8",) if any(isinstance(key, Literal) for key in keys) and not session.utf8 else ()
    line = command(b"UID SEARCH", *returns, *charset, *keys)
    answer = await session.run(mailbox, line, "Search", lambda item: item.kind in ("SEARCH", "ESEARCH"))
    found = UidSet()
    for item in answer.untagged:
        try:
            found |= UidSet.of(listing.search(item.unit)) if item.kind == "SEARCH" else listing.esearch_all(item.unit)
        except Malformed as error:
            raise ServerBroken("The server's search result cannot be read.") from error
    if len(found) > _at_most(mailbox):
        raise ServerBroken(
            f"The server's search found {len(found)} messages in {mailbox.name}, and says that {mailbox.exists} are there."
        )
    return found
