# SPDX-License-Identifier: GPL-3.0-or-later
"""UID SEARCH, with ESEARCH where offered (RFC 9051 §6.4.4, RFC 4731)."""

from tuimail.backends.imap.session import Session
from tuimail.backends.imap.wire import listing
from tuimail.backends.imap.wire.arguments import Argument, Literal, command, string
from tuimail.backends.imap.wire.fetch import uid_of
from tuimail.backends.imap.wire.tokens import Malformed
from tuimail.model.errors import ServerBroken
from tuimail.model.uidset import UidSet

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
    answer = await session.run(mailbox, line, "List the messages", lambda item: item.kind == "FETCH")
    return UidSet.of(uid for item in answer.untagged if (uid := uid_of(item.unit)))


async def find_message_id(session: Session, message_id: str) -> UidSet:
    """Messages with that Message-ID; angle brackets are part of it."""
    return await _search(session, b"HEADER", b"Message-ID", *_strings(session, message_id))


async def search(session: Session, words: str) -> UidSet:
    """Messages that hold all the words, each anywhere in header or text."""
    keys: list[Argument] = []
    for word in words.split():
        keys += [b"TEXT", *_strings(session, word)]
    return await _search(session, *keys) if keys else UidSet()


async def bounded(session: Session, wanted: UidSet) -> UidSet:
    """``wanted``, or what exists of it when it is far larger than the folder (``"500:4294967295"``: all from 500 on)."""
    mailbox = session.current()
    if len(wanted) <= max(2 * mailbox.exists, 1000):
        return wanted
    return await uids(session) & wanted


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
    return found
