# SPDX-License-Identifier: GPL-3.0-or-later
"""SELECT, EXAMINE, QRESYNC (RFC 7162 §3.2.5), UNSELECT (RFC 3691)."""

import asyncio
from dataclasses import dataclass, field, replace

from tuimail.backends.capabilities import Capabilities
from tuimail.backends.imap import folders
from tuimail.backends.imap.flights import Answer
from tuimail.backends.imap.mailbox import MAILBOX_KINDS, Mailbox
from tuimail.backends.imap.session import Session
from tuimail.backends.imap.wire import listing
from tuimail.backends.imap.wire.arguments import Command, command
from tuimail.backends.imap.wire.codes import StatusText, parse_status_text
from tuimail.backends.imap.wire.fetch import flag_update
from tuimail.backends.imap.wire.names import encode_name
from tuimail.backends.imap.wire.numbers import MOST_MESSAGES, next_uid
from tuimail.backends.imap.wire.responses import Untagged
from tuimail.backends.imap.wire.tokens import Malformed
from tuimail.backends.port import FlagUpdate, KnownState, Opening, Selected
from tuimail.model.errors import ServerRefused
from tuimail.model.flags import Flags, canonical
from tuimail.model.uidset import UidSet

_SLICE = 512
"""Flag rows that are read before the event loop gets its turn."""
_OWN = frozenset({"FLAGS", "EXISTS", "RECENT", "OK", "FETCH", "VANISHED", "EXPUNGE"})


async def select(session: Session, folder: str, known: KnownState | None, *, read_only: bool, fresh: bool = True) -> Selected:
    """SELECT or EXAMINE; NOOP, or with ``fresh`` False nothing, when the folder is selected already and nothing is known."""
    mailbox = session.mailbox
    ready, session.opened = session.opened, None
    if mailbox is not None and ready is not None and ready[0] == Opening(folder, known, read_only):
        return _now(ready[1], mailbox)
    if mailbox is not None and mailbox.name == folder and mailbox.state.read_only == read_only and known is None:
        if fresh:
            await session.dialogue.run(command(b"NOOP"), f"Look at {folder}")
        return _now(mailbox.state, mailbox)
    dialogue = session.dialogue
    await dialogue.quiet()
    missed = mailbox is not None and mailbox.changes.happened.is_set()
    session.mailbox = session.arriving = None
    session.early.clear()
    opening = Opening(folder, known, read_only)
    line = opening_line(session, session.capabilities, opening)
    try:
        answer = await dialogue.run(line, f"Open the folder {folder}", accept=belongs)
    except ServerRefused as error:
        if error.code != "NONEXISTENT" or not await _learn_name(session, folder):
            raise
        return await select(session, folder, known, read_only=read_only)
    before = answer.untagged[: _closed_at(answer.untagged)] if mailbox is not None else []
    if missed or any(item.kind in MAILBOX_KINDS for item in before):
        session.elsewhere.missed()
    return await opened(session, session.capabilities, opening, answer)


def belongs(item: Untagged) -> bool:
    """Whether a response is part of the answer to SELECT."""
    return item.kind in _OWN


def opening_line(session: Session, capabilities: Capabilities, opening: Opening) -> Command:
    """The command that opens a folder."""
    word = b"EXAMINE" if opening.read_only else b"SELECT"
    return command(word, session.folder_argument(opening.folder), *_parameters(capabilities, opening.known))


async def opened(session: Session, capabilities: Capabilities, opening: Opening, answer: Answer) -> Selected:
    """Take the OK to what `opening_line` made of the same: from here on the mailbox is selected.

    More changes than there is room for are passed over, so that they have to be asked for, portion by portion.
    """
    resync = capabilities.qresync and bool(_parameters(capabilities, opening.known)) and not answer.crowded
    selected = await _selected(answer.text, answer.untagged, opening.known if resync else None, read_only=opening.read_only)
    plain = replace(selected, resynced=False, vanished=UidSet(), changed=())
    session.mailbox = Mailbox(opening.folder, plain, selected.exists)
    early, session.early = session.early, []
    for item in early:
        session.mailbox.observe(item, False)
    return selected


def _now(selected: Selected, mailbox: Mailbox) -> Selected:
    """The answer as it was, with what was told of the number of messages since."""
    grown = mailbox.exists != selected.exists
    return replace(selected, exists=mailbox.exists, uidnext=None if grown else selected.uidnext)


async def _learn_name(session: Session, folder: str) -> bool:
    """Whether LIST, which was not asked for yet, spells this folder in a way that cannot be told from how it is shown."""
    if session.raw_names:
        return False
    await folders.folders(session)
    return session.raw_names.get(folder, encode_name(folder)) != encode_name(folder)


def _parameters(capabilities: Capabilities, known: KnownState | None) -> tuple[bytes, ...]:
    if capabilities.qresync and known is not None and known.highestmodseq > 0 and known.uidvalidity > 0:
        return (b"(QRESYNC (%d %d))" % (known.uidvalidity, known.highestmodseq),)
    if capabilities.condstore and not capabilities.qresync:
        return (b"(CONDSTORE)",)
    return ()


@dataclass(slots=True)
class _Told:
    """What the answer to SELECT says of a mailbox, piece by piece."""

    trusted: bool
    """VANISHED and FETCH can be taken as all that happened since."""
    codes: dict[str, StatusText] = field(default_factory=dict)
    exists: int | None = None
    flags: Flags = frozenset()
    gone: list[tuple[int, int]] = field(default_factory=list)
    changed: dict[int, FlagUpdate] = field(default_factory=dict)

    def take(self, item: Untagged) -> None:
        """One untagged response."""
        match item.kind:
            case "OK":
                text = parse_status_text(item.unit[0])
                self.codes[text.code] = text
            case "EXISTS":
                self.exists = item.number
            case "FLAGS":
                self.flags = _flags(item.unit[0])
            case "VANISHED":
                try:
                    self.gone += listing.vanished(item.unit)[1].ranges
                except Malformed:
                    self.trusted = False
            case "FETCH":
                update = flag_update(item.unit)
                if update is not None:
                    self.changed[update.uid] = update
            case "EXPUNGE":
                self.trusted = False


async def _selected(text: StatusText, items: list[Untagged], known: KnownState | None, *, read_only: bool) -> Selected:
    """``known`` only where QRESYNC was asked for."""
    told = _Told(trusted=known is not None)
    for number, item in enumerate(items[_closed_at(items) :]):
        if number % _SLICE == _SLICE - 1:
            await asyncio.sleep(0)
        told.take(item)
    if told.exists is None or told.exists > MOST_MESSAGES:
        said = "does not say how many messages it holds" if told.exists is None else f"says it holds {told.exists} messages"
        raise ServerRefused(f"The folder was opened, but the server {said}.", "It is left alone: nothing in it is changed.")
    codes = told.codes
    codes.setdefault(text.code, text)
    validity, modseq = _number(codes, "UIDVALIDITY"), _modseq(codes)
    since = known.highestmodseq if known is not None and known.uidvalidity == validity else None
    resynced = told.trusted and since is not None and modseq is not None and modseq >= since
    permanent = _flags(codes["PERMANENTFLAGS"].arguments) if "PERMANENTFLAGS" in codes else told.flags
    return Selected(
        uidvalidity=validity or 0,
        exists=told.exists,
        uidnext=next_uid(_number(codes, "UIDNEXT")),
        highestmodseq=modseq,
        permanent_flags=permanent - {"\\*"},
        any_keyword="\\*" in permanent,
        read_only=read_only or "READ-ONLY" in codes,
        resynced=resynced,
        vanished=UidSet.of_ranges(told.gone) if resynced else UidSet(),
        changed=tuple(told.changed.values()) if resynced else (),
    )


def _closed_at(items: list[Untagged]) -> int:
    """Where the new mailbox begins: behind ``[CLOSED]``, if the server says it (RFC 9051 §7.1)."""
    for at, item in enumerate(items):
        if item.kind == "OK" and parse_status_text(item.unit[0]).code == "CLOSED":
            return at + 1
    return 0


def _number(codes: dict[str, StatusText], name: str) -> int | None:
    return codes[name].number if name in codes else None


def _modseq(codes: dict[str, StatusText]) -> int | None:
    """None with NOMODSEQ, and for the 0 or -1 of servers that announce what they have not (Zoho)."""
    return None if "NOMODSEQ" in codes else _number(codes, "HIGHESTMODSEQ") or None


def _flags(raw: bytes) -> Flags:
    words = raw.strip(b"() ").decode("ascii", "replace").split()
    return frozenset(map(canonical, words)) - {"\\Recent"}


async def unselect(session: Session) -> None:
    """Leave the folder without removing anything: CLOSE would expunge, unless the folder was opened to read only."""
    mailbox = session.mailbox
    if mailbox is None:
        return
    if _can_unselect(session):
        line = command(b"UNSELECT")
    elif mailbox.state.read_only:
        line = command(b"CLOSE")
    else:
        return
    await session.dialogue.quiet()
    session.mailbox = None
    await session.dialogue.run(line, f"Close the folder {mailbox.name}")


async def leave(session: Session) -> None:
    """As `unselect`, and on servers without UNSELECT by the way of INBOX, which is only opened to read."""
    mailbox = session.mailbox
    if mailbox is not None and not mailbox.state.read_only and not _can_unselect(session):
        await select(session, "INBOX", None, read_only=True)
    await unselect(session)


def _can_unselect(session: Session) -> bool:
    return "UNSELECT" in session.capabilities or "IMAP4REV2" in session.capabilities
