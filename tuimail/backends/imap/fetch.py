# SPDX-License-Identifier: GPL-3.0-or-later
"""UID FETCH: headers, flags, section data (RFC 9051 §6.4.5), pipelined in chunks that are cheap to abandon.

Only what was asked for is in memory: at most two chunks of headers, or four pieces of a body, are under way at a time, and the
next is asked for when the caller has taken the one before. That is the back-pressure.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from functools import reduce
from itertools import chain

from tuimail.backends.capabilities import Capabilities
from tuimail.backends.imap import search
from tuimail.backends.imap.damaged import Place
from tuimail.backends.imap.flights import Accept, Flight
from tuimail.backends.imap.mailbox import Mailbox
from tuimail.backends.imap.portions import CHUNKS, FEW, Chunk, Part, cut, downwards, left, numbers_of, smaller
from tuimail.backends.imap.session import Session
from tuimail.backends.imap.wire import fetch as wire
from tuimail.backends.imap.wire.arguments import Command, command
from tuimail.backends.imap.wire.responses import Untagged
from tuimail.backends.imap.wire.splitter import Endless, Unit
from tuimail.backends.imap.wire.tokens import Malformed
from tuimail.backends.port import FetchedMessage, FlagUpdate
from tuimail.model.errors import Offline, ServerRefused, TryLater
from tuimail.model.uidset import UidSet

BATCH = 64
"""Messages that are parsed before the event loop gets its turn, and at most in one batch."""
ROOM = 32 << 20
"""Octets of header data that one command may bring; what had no room is asked for again, fewer messages at a time."""
_DEPTH = 2
_FLAG_CHUNK = 10_000
_PIECES = 8
"""Responses that one row may come in: as many as it has items."""
_WHAT_HEADERS, _WHAT_FLAGS = "Read the list of messages", "Read the flags"


async def newest(session: Session, count: int) -> AsyncIterator[list[FetchedMessage]]:
    """The last messages by number. EXPUNGE cannot move the numbers while FETCHes are under way (RFC 9051 §7.5.1)."""
    exists = session.current().exists
    if exists and count > 0:
        numbers = UidSet(((max(exists - count + 1, 1), exists),))
        async for batch in _rows(session, numbers, by_uid=False):
            yield batch


async def headers(session: Session, uids: UidSet) -> AsyncIterator[list[FetchedMessage]]:
    """Header data, highest UIDs first."""
    arriving, session.arriving = session.arriving, None
    if arriving is not None and uids & arriving[0]:
        with suppress(ServerRefused, TryLater):
            with _watched(session, _place(session.current(), by_uid=True), *arriving):
                await session.dialogue.finish(arriving[1], _WHAT_HEADERS)
            came = [item for item in arriving[1].taken if wire.uid_of(item.unit) in uids]
            incomplete = arriving[1].short or arriving[1].crowded
            uids -= UidSet.of(numbers_of(came, by_uid=True)) if incomplete else arriving[0]
            async for batch in _parsed(came):
                yield batch
    if session.current().name in session.damaged.troubled:
        uids &= await search.uids(session)
    if uids := await search.bounded(session, uids):
        async for batch in _rows(session, uids, by_uid=True):
            yield batch


async def _rows(session: Session, numbers: UidSet, *, by_uid: bool) -> AsyncIterator[list[FetchedMessage]]:
    mailbox = session.current()
    place = _place(mailbox, by_uid=by_uid)
    damaged = session.damaged.found.get(place, UidSet()) & numbers
    items = _header_items(session.capabilities, spelt_out=session.writes_late)  # by a server that leaves out what is not ASCII
    sizes = FEW if mailbox.name in session.damaged.vast else CHUNKS
    todo: Iterator[Part] = ((part, items) for part in downwards(numbers - damaged, sizes))
    todo = chain(todo, ((UidSet.of([number]), wire.FLAG_ITEMS) for number in damaged))
    again: deque[Part] = deque()
    flying: deque[Chunk] = deque()

    async def ask() -> None:
        while len(flying) < _DEPTH and (part := again.popleft() if again else next(todo, None)) is not None:
            flying.append(await _start_rows(session, mailbox, *part, by_uid=by_uid))

    try:
        await ask()
        while flying:
            chunk = flying[0]
            try:
                with _watched(session, place, chunk.numbers, chunk.flight):
                    await session.dialogue.finish(chunk.flight, _WHAT_HEADERS)
            except (ServerRefused, TryLater) as error:
                if isinstance(error, TryLater) and error.code != "SERVERBUG":
                    raise
                again.extendleft(reversed(smaller(chunk, by_uid=by_uid)))
            else:
                if chunk.flight.crowded:
                    todo = cut(todo, len(chunk.flight.taken))
                again.extendleft(reversed(left(chunk, by_uid=by_uid)))
            flying.popleft()
            await ask()  # the server works while this one is parsed
            async for batch in _parsed(chunk.flight.taken):
                yield batch
            session.check(mailbox)
        session.damaged.passed(mailbox.name)
    finally:
        for chunk in flying:
            chunk.flight.abandon()


def _place(mailbox: Mailbox, *, by_uid: bool) -> Place:
    return Place(mailbox.name, mailbox.state.uidvalidity, by_uid)


@contextmanager
def _watched(session: Session, place: Place, numbers: UidSet, flight: Flight) -> Iterator[None]:
    """Take note of where the server says goodbye, or says more than anybody may."""
    try:
        yield
    except (Offline, Endless) as error:
        if isinstance(error, Endless):
            session.damaged.vast.add(place.folder)
        elif not session.protocol.goodbye or "[UNAVAILABLE]" in session.protocol.goodbye.upper():
            raise
        session.damaged.met(place, numbers, numbers_of(flight.taken, by_uid=place.by_uid))
        raise


def _header_items(capabilities: Capabilities, *, spelt_out: bool = False) -> bytes:
    return (wire.FIELD_ITEMS if spelt_out else wire.HEADER_ITEMS) + (b" MODSEQ" if capabilities.condstore else b"")


def headers_command(uids: UidSet, capabilities: Capabilities) -> tuple[Command, Accept]:
    """The command for header data, and what belongs to its answer."""
    return _rows_command(uids, _header_items(capabilities), by_uid=True)


def _rows_command(numbers: UidSet, items: bytes, *, by_uid: bool) -> tuple[Command, Accept]:
    def accept(item: Untagged) -> bool:
        if item.kind != "FETCH" or not (wire.is_header_row(item.unit) or items == wire.FLAG_ITEMS):
            return False
        return (wire.uid_of(item.unit) if by_uid else item.number) in numbers

    return command(b"UID FETCH" if by_uid else b"FETCH", str(numbers).encode(), b"(%s)" % items), accept


async def _start_rows(session: Session, mailbox: Mailbox, numbers: UidSet, items: bytes, *, by_uid: bool) -> Chunk:
    line, accept = _rows_command(numbers, items, by_uid=by_uid)
    flight = await session.start(mailbox, line, accept)
    flight.room = ROOM
    return Chunk(numbers, flight, items)


async def _parsed(taken: list[Untagged]) -> AsyncIterator[list[FetchedMessage]]:
    """Batches in descending order of UIDs. What a server tells of one message in several responses is one row."""
    told: dict[int, list[Unit]] = {}
    for item in taken:
        if uid := wire.uid_of(item.unit):
            told.setdefault(uid, []).append(item.unit)
    rows = sorted(told.items(), reverse=True)
    for start in range(0, len(rows), BATCH):
        units = [
            pieces[0] if len(pieces) == 1 else reduce(wire.joined, pieces[:_PIECES])
            for _, pieces in rows[start : start + BATCH]
        ]
        batch = [row for unit in units if (row := wire.message(unit)) is not None]
        if batch:
            yield batch
        await asyncio.sleep(0)


async def flags(session: Session, uids: UidSet, changed_since: int | None) -> AsyncIterator[list[FlagUpdate]]:
    """Flags, in ascending order; with ``changed_since`` only those that changed (RFC 7162 §3.1.4.1)."""
    mailbox = session.current()
    condstore = session.capabilities.condstore
    items = b"(UID FLAGS MODSEQ)" if condstore else b"(UID FLAGS)"
    since = (b"(CHANGEDSINCE %d)" % changed_since,) if condstore and changed_since else ()
    parts = uids.chunks() if since else _upwards(await search.bounded(session, uids))
    flying: deque[tuple[UidSet, Flight]] = deque()
    try:
        while True:
            while len(flying) < _DEPTH and (part := next(parts, None)) is not None:
                line = command(b"UID FETCH", str(part).encode(), items, *since)
                flight = await session.start(mailbox, line, _flags_of(part))
                flight.room = ROOM
                flying.append((part, flight))
            if not flying:
                return
            answer = await session.dialogue.finish(flying[0][1], _WHAT_FLAGS)
            part, _ = flying.popleft()
            if answer.crowded:
                rest = part - UidSet.of(numbers_of(answer.untagged, by_uid=True))
                parts = chain(_upwards(await search.bounded(session, rest)), parts)
            for start in range(0, len(answer.untagged), 8 * BATCH):
                found = (wire.flag_update(item.unit) for item in answer.untagged[start : start + 8 * BATCH])
                if batch := [update for update in found if update is not None]:
                    yield batch
                await asyncio.sleep(0)
    finally:
        for _, flight in flying:
            flight.abandon()


def _flags_of(part: UidSet) -> Callable[[Untagged], bool]:
    def accept(item: Untagged) -> bool:
        return item.kind == "FETCH" and b"FLAGS" in item.unit[0] and wire.uid_of(item.unit) in part

    return accept


def _upwards(uids: UidSet) -> Iterator[UidSet]:
    """Chunks that are short both in messages and in octets of the command."""
    while uids:
        rest = UidSet() if len(uids) <= _FLAG_CHUNK else uids.take_highest(len(uids) - _FLAG_CHUNK)
        yield from (uids - rest).chunks()
        uids = rest


async def sections(session: Session, wanted: list[tuple[int, str]]) -> dict[tuple[int, str], bytes]:
    """Several sections in one flight. Messages that want the same sections share a command."""
    mailbox = session.current()
    by_uid: dict[int, list[str]] = {}
    for uid, section in wanted:
        by_uid.setdefault(uid, []).append(section)
    groups: dict[tuple[str, ...], list[int]] = {}
    for uid, listed in by_uid.items():
        groups.setdefault(tuple(sorted(set(listed))), []).append(uid)
    flights = [
        (names, part, await _start_sections(session, mailbox, part, names))
        for names, uids in groups.items()
        for part in UidSet.of(uids).chunks()
    ]
    found: dict[tuple[int, str], bytes] = {}
    for names, part, flight in flights:
        try:
            await session.dialogue.finish(flight, "Read messages")
        except (ServerRefused, TryLater) as error:
            if isinstance(error, TryLater) and error.code != "SERVERBUG":
                raise
            if len(part) > 1:  # one message that the server cannot read costs no other
                for uid in part:
                    found |= await sections(session, [(uid, name) for name in names])
                continue
        found |= _found(flight.taken, names)
    return found


async def _start_sections(session: Session, mailbox: Mailbox, uids: UidSet, names: tuple[str, ...]) -> Flight:
    keys = {name.upper() for name in names}

    def accept(item: Untagged) -> bool:
        if item.kind != "FETCH" or wire.uid_of(item.unit) not in uids:
            return False
        return any(b"[%s]" % key.encode() in piece.upper() for key in keys for piece in item.unit[::2])

    items = b" ".join(b"BODY.PEEK[%s]" % name.encode("ascii") for name in names)
    return await session.start(mailbox, command(b"UID FETCH", str(uids).encode(), b"(UID %s)" % items), accept)


def _found(taken: list[Untagged], names: tuple[str, ...]) -> dict[tuple[int, str], bytes]:
    spelt = {name.upper(): name for name in names}
    found = {}
    for item in taken:
        with suppress(Malformed):
            data = wire.sections(item.unit)
            for piece in data.found:
                if data.uid is not None and piece.data is not None and piece.section in spelt:
                    found[data.uid, spelt[piece.section]] = piece.data
    return found
