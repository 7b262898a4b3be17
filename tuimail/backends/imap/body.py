# SPDX-License-Identifier: GPL-3.0-or-later
"""One section of one message, in pieces (RFC 9051 §6.4.5 ``BODY[]<origin.octets>``): progress, resumption, bounded memory."""

from collections import deque

from tuimail.backends.imap.flights import Accept, Flight
from tuimail.backends.imap.session import Session
from tuimail.backends.imap.wire import fetch as wire
from tuimail.backends.imap.wire.arguments import command
from tuimail.backends.imap.wire.bodystructure import part_of
from tuimail.backends.imap.wire.responses import Untagged
from tuimail.backends.imap.wire.tokens import Malformed
from tuimail.backends.port import PieceSink, ProgressSink
from tuimail.model.errors import ServerRefused

PIECE = 262_144
"""Octets per command."""
_DEPTH = 4
_OTHERS = "Other messages can be read."


class _UnreadableError(Exception):
    """An answer came, and it cannot be read."""


async def section(
    session: Session,
    uid: int,
    name: str,
    *,
    offset: int,
    length: int | None,
    progress: ProgressSink | None,
    piece: PieceSink | None = None,
) -> bytes:
    """The octets from ``offset`` on, ``length`` of them or all."""
    reading = _Reading(session, uid, name, offset, None if length is None else offset + length)
    return await reading.run(progress, piece)


class _Reading:
    """The pieces of one section, several under way at a time once the first has shown that there are more."""

    def __init__(self, session: Session, uid: int, name: str, offset: int, end: int | None) -> None:
        self._session = session
        self._mailbox = session.current()
        self._uid = uid
        self._name = name
        self._start = self._next = offset
        self._end = end
        self._pieces: list[bytes] = []
        self._octets = 0
        self._flying: deque[tuple[int, int, Flight]] = deque()

    async def run(self, progress: ProgressSink | None, piece: PieceSink | None) -> bytes:
        """All of it."""
        total = 0 if self._end is None else self._end - self._start
        sized = progress is not None and self._end is None
        try:
            await self._ask(want_size=sized)
            while self._flying:
                origin, wanted, flight = self._flying[0]
                answer = await self._session.dialogue.finish(flight, "Read the message")
                self._flying.popleft()
                try:
                    data, size = self._received(answer.untagged, origin, short=flight.short)
                except _UnreadableError as error:
                    if not sized:
                        raise ServerRefused("What the server tells of the message cannot be read.", _OTHERS) from error
                    # It may be the size of a part, which stands in a structure that is too deep or too long.
                    sized, self._next = False, origin
                    await self._ask(want_size=False)
                    continue
                sized = False
                # A server that ignores partial fetches sends everything.
                came = data if self._end is None else data[:wanted]
                self._pieces.append(came)
                self._octets += len(came)
                if piece is not None:
                    piece(came)
                total = max(total, size - self._start)
                if progress is not None:
                    progress(self._octets, max(total, self._octets))
                if len(data) != wanted:
                    break
                while len(self._flying) < _DEPTH and (self._end is None or self._next < self._end):
                    await self._ask(want_size=False)
        finally:
            for _, _, flight in self._flying:
                flight.abandon()
        return b"".join(self._pieces)

    async def _ask(self, *, want_size: bool) -> None:
        origin = self._next
        wanted = PIECE if self._end is None else min(PIECE, self._end - origin)
        if wanted <= 0:
            return
        extra = (b" BODYSTRUCTURE" if self._name else b" RFC822.SIZE") if want_size else b""
        items = b"(UID%s BODY.PEEK[%s]<%d.%d>)" % (extra, self._name.encode("ascii"), origin, wanted)
        line = command(b"UID FETCH", b"%d" % self._uid, items)
        flight = await self._session.start(self._mailbox, line, self._accepts(origin))
        self._flying.append((origin, wanted, flight))
        self._next = origin + wanted

    def _accepts(self, origin: int) -> Accept:
        """By content: UID, section and origin; an answer without origin counts, too."""
        with_origin = b"[%s]<%d>" % (self._name.upper().encode("ascii"), origin)
        without = b"[%s] " % self._name.upper().encode("ascii")

        def accept(item: Untagged) -> bool:
            if item.kind != "FETCH" or wire.uid_of(item.unit) != self._uid:
                return False
            return any(with_origin in piece or without in piece for piece in (text.upper() for text in item.unit[::2]))

        return accept

    def _received(self, items: list[Untagged], origin: int, *, short: bool) -> tuple[bytes, int]:
        """The octets from ``origin`` on, and the size of the whole section (0: not told). Raises _UnreadableError."""
        data: bytes | None = None
        size = 0
        for item in items:
            try:
                found = wire.sections(item.unit)
                size = size or self._size(found)
            except Malformed:
                short = True
                continue
            for piece in found.found:
                if piece.section == self._name.upper():
                    whole = piece.origin is None
                    data = (piece.data or b"")[origin if whole else 0 :]
        if data is None and short:
            raise _UnreadableError
        if data is None:
            raise ServerRefused(
                "The message is gone from the server.", "It was deleted or moved elsewhere.", code="NONEXISTENT"
            )
        return data, size

    def _size(self, found: wire.Sections) -> int:
        if found.size is not None or not isinstance(found.bodystructure, list):
            return found.size or 0
        part = part_of(found.bodystructure).find(self._name)
        return part.size if part else 0
