# SPDX-License-Identifier: GPL-3.0-or-later
"""SELECT and EXAMINE with CONDSTORE and QRESYNC (RFC 7162), CLOSE, UNSELECT, EXPUNGE."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tuimail.demo.fetch_items import flag_list
from tuimail.demo.grammar import Arguments, Bad, No, Ranges
from tuimail.demo.imap_commands.command import Command, State
from tuimail.demo.mailbox import Mailbox
from tuimail.demo.view import View
from tuimail.model.flags import DELETED, SYSTEM_FLAGS
from tuimail.model.uidset import UidSet

if TYPE_CHECKING:
    from tuimail.demo.session import Session


@dataclass(frozen=True, slots=True)
class _Resync:
    """The QRESYNC parameter: what the client holds."""

    uidvalidity: int
    modseq: int
    known: UidSet | None


async def select(session: "Session", arguments: Arguments) -> str:
    """SELECT."""
    return _open(session, arguments, read_only=False)


async def examine(session: "Session", arguments: Arguments) -> str:
    """EXAMINE."""
    return _open(session, arguments, read_only=True)


def _open(session: "Session", arguments: Arguments, *, read_only: bool) -> str:
    arguments.space()
    name = arguments.mailbox(session.utf8)
    resync = None if arguments.done else _parameters(session, arguments)
    arguments.end()
    if session.state is State.SELECTED and "QRESYNC" in session.enabled:
        session.untagged(b"OK [CLOSED] The mailbox before is closed")
    session.select(None)
    faults = session.site.faults
    mailbox = session.store.get(name)
    if faults.uidvalidity_bump:
        faults.uidvalidity_bump = False
        session.store.bump_uidvalidity(name)
    read_only = read_only or name in faults.read_only
    view = View(mailbox, read_only=read_only, wake=session.wake.set)
    session.select(view)
    _describe(session, mailbox, read_only=read_only)
    if resync is not None and session.modseqs:
        _send_resync(session, mailbox, resync)
    return f"[{'READ-ONLY' if read_only else 'READ-WRITE'}] Selected"


def _describe(session: "Session", mailbox: Mailbox, *, read_only: bool) -> None:
    all_flags = [*SYSTEM_FLAGS, *sorted(mailbox.keywords)]
    kept = [] if read_only else [*all_flags, *([] if session.site.faults.no_keywords else ["\\*"])]
    session.untagged(f"FLAGS ({' '.join(all_flags)})".encode())
    session.untagged(f"OK [PERMANENTFLAGS ({' '.join(kept)})] Flags that are kept".encode())
    session.untagged(b"%d EXISTS" % len(mailbox.uids))
    session.untagged(b"0 RECENT")
    first_unseen = next((n for n, uid in enumerate(mailbox.uids, 1) if "\\Seen" not in mailbox.messages[uid].flags), 0)
    if first_unseen:
        session.untagged(b"OK [UNSEEN %d] First unseen message" % first_unseen)
    session.untagged(b"OK [UIDVALIDITY %d] UIDs are valid" % mailbox.uidvalidity)
    session.untagged(b"OK [UIDNEXT %d] Predicted next UID" % mailbox.uidnext)
    if session.modseqs:
        session.untagged(b"OK [HIGHESTMODSEQ %d] Highest mod-sequence" % mailbox.modseq)
    elif session.site.has("CONDSTORE"):
        session.untagged(b"OK [NOMODSEQ] No mod-sequences here")
    if session.site.has("OBJECTID"):
        session.untagged(b"OK [MAILBOXID (%b)] The mailbox" % mailbox.mailbox_id.encode())


def _parameters(session: "Session", arguments: Arguments) -> _Resync | None:
    """``(CONDSTORE)`` or ``(QRESYNC (…))``, or both."""
    resync = None
    arguments.space()
    arguments.expect(b"(")
    while not arguments.take(b")"):
        word = arguments.word()
        if word == "CONDSTORE" and session.site.has("CONDSTORE"):
            session.enabled.add("CONDSTORE")
        elif word == "QRESYNC" and session.site.has("QRESYNC"):
            if "QRESYNC" not in session.enabled:
                raise Bad("QRESYNC was not enabled")
            resync = _read_resync(arguments)
        else:
            raise Bad(f"Unknown parameter {word}")
        arguments.take(b" ")
    return resync


def _read_resync(arguments: Arguments) -> _Resync:
    arguments.space()
    arguments.expect(b"(")
    uidvalidity = arguments.number()
    arguments.space()
    modseq = arguments.number()
    if not uidvalidity or not modseq:
        raise Bad("Zero is neither a UIDVALIDITY nor a mod-sequence")
    known = None
    if arguments.take(b" "):
        if not arguments.peek(b"("):
            known = _plain_set(arguments.sequence_set())
        if known is None or arguments.take(b" "):
            _skip_match_data(arguments)
    arguments.expect(b")")
    return _Resync(uidvalidity, modseq, known)


def _skip_match_data(arguments: Arguments) -> None:
    """Sequence match data only helps servers that forget what was expunged; ours does not."""
    arguments.expect(b"(")
    _plain_set(arguments.sequence_set())
    arguments.space()
    _plain_set(arguments.sequence_set())
    arguments.expect(b")")


def _plain_set(ranges: Ranges) -> UidSet:
    plain = [(low, high) for low, high in ranges if low is not None and high is not None]
    if len(plain) != len(ranges):
        raise Bad("'*' is not allowed here")
    return UidSet.of_ranges((min(pair), max(pair)) for pair in plain)


def _send_resync(session: "Session", mailbox: Mailbox, resync: _Resync) -> None:
    if resync.uidvalidity != mailbox.uidvalidity:
        return
    vanished = mailbox.vanished_since(resync.modseq)
    known = vanished if resync.known is None else resync.known
    if vanished & known:
        session.untagged(b"VANISHED (EARLIER) " + str(vanished & known).encode())
    for message in mailbox.changed_since(resync.modseq):
        if resync.known is None or message.uid in resync.known:
            values = (session.view.number(message.uid), message.uid, flag_list(message.flags), message.modseq)
            session.untagged(b"%d FETCH (UID %d FLAGS %b MODSEQ (%d))" % values)


async def close(session: "Session", arguments: Arguments) -> str:
    r"""CLOSE: expunges silently what has ``\Deleted``, unless the mailbox is read-only."""
    arguments.end()
    view = session.view
    if not view.read_only:
        _expunge(view.mailbox, None)
    session.select(None)
    return "CLOSE done"


async def unselect(session: "Session", arguments: Arguments) -> str:
    """UNSELECT (RFC 3691)."""
    arguments.end()
    session.select(None)
    return "UNSELECT done"


async def expunge(session: "Session", arguments: Arguments) -> str:
    """EXPUNGE."""
    arguments.end()
    return _expunge_and_tell(session, None)


async def uid_expunge(session: "Session", arguments: Arguments) -> str:
    """UID EXPUNGE (RFC 4315)."""
    arguments.space()
    ranges = arguments.sequence_set()
    arguments.end()
    return _expunge_and_tell(session, {message.uid for _, message in session.view.resolve(ranges, by_uid=True)})


def _expunge_and_tell(session: "Session", only: set[int] | None) -> str:
    if session.view.read_only:
        raise No("[READ-ONLY] The mailbox is read-only")
    _expunge(session.view.mailbox, only)
    session.tell_updates()
    return session.modseq_code("Expunged")


def _expunge(mailbox: Mailbox, only: set[int] | None) -> None:
    mailbox.expunge([
        message.uid
        for message in mailbox.messages.values()
        if DELETED in message.flags and (only is None or message.uid in only)
    ])  # fmt: skip


COMMANDS = {
    "SELECT": Command(select, updates=False),
    "EXAMINE": Command(examine, updates=False),
    "CLOSE": Command(close, lowest=State.SELECTED),
    "UNSELECT": Command(unselect, lowest=State.SELECTED, needs=("UNSELECT",)),
    "EXPUNGE": Command(expunge, lowest=State.SELECTED),
    "UID EXPUNGE": Command(uid_expunge, lowest=State.SELECTED, needs=("UIDPLUS",)),
}
