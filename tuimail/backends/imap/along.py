# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes out along with the sign-in, without waiting for its answer (RFC 9051 §5.5): ENABLE, ID, the first SELECT, the
headers of what may have arrived, COMPRESS.

What the server offers after sign-in is known from last time, or guessed from what it offers before. A wrong guess costs no
more than asking: ENABLE passes over what the server does not know (RFC 5161 §3.1), and a refused SELECT is asked again.
"""

import asyncio
from contextlib import suppress

from tuimail.backends.capabilities import Capabilities
from tuimail.backends.imap import fetch, select
from tuimail.backends.imap.flights import Answer, Flight
from tuimail.backends.imap.memory import ServerMemory
from tuimail.backends.imap.session import Session
from tuimail.backends.imap.wire.arguments import Command, command
from tuimail.backends.imap.wire.names import encode_name
from tuimail.backends.imap.wire.responses import Untagged
from tuimail.backends.imap.wire.splitter import Endless
from tuimail.backends.port import Opening
from tuimail.model.errors import ServerRefused
from tuimail.model.uidset import UidSet

PATIENCE = 10.0
"""Seconds that the server may take, once it let us in, to answer the first of what was said along."""
ARRIVALS = 50
"""Messages whose headers are asked for along with the sign-in, at most."""
_ENABLED = ("QRESYNC", "UTF8=ACCEPT")
"""CONDSTORE needs no ENABLE: asking for MODSEQ does it (RFC 7162 §3.1)."""
_GUESSED = ("QRESYNC",)
"""Asked for even where it is only offered after sign-in, as Dovecot does."""
COMPRESS = "COMPRESS=DEFLATE"


class Swallowed(Exception):
    """What was said along with the sign-in was not read: it has to be said afterwards, on another connection."""


class Along:
    """The commands that accompany one sign-in."""

    def __init__(self, session: Session, memory: ServerMemory, opening: Opening | None, *, compress: bool = True) -> None:
        self._compress_too = compress
        self._session = session
        self._memory = memory
        self._opening = opening
        self._enabled: set[str] = set()
        self._asked: list[str] = []
        self._enabling: Flight | None = None
        self._identifying: Flight | None = None
        self._selecting: Flight | None = None
        self._expected = Capabilities()
        self._compressing: Flight | None = None

    def say(self) -> bool:
        """Say all that can be said before the sign-in is answered. False: nothing."""
        names = self._memory.offered or self._session.capabilities.names
        if not self._memory.pipelines or not (self._memory.offered or "ENABLE" in names):
            return False
        dialogue = self._session.dialogue
        guessed = _GUESSED if self._opening is not None and not self._memory.offered else ()
        self._asked = [name for name in _ENABLED if "ENABLE" in names and (name in names or name in guessed)]
        if self._asked:
            self._enabling = dialogue.throw(_enable(self._asked), accept=_is_enabled)
        if "ID" in names:
            self._identifying = dialogue.throw(_IDENTIFY, accept=_is_id, aside=True)
        line = self._opening_line(names)
        if line is not None:
            self._session.early.clear()
            self._selecting = dialogue.throw(line, accept=select.belongs)
            self._ask_for_arrivals()
        if self._compress_too and COMPRESS in names:
            self._compressing = self._compress()
        return self._first is not None

    async def finish(self) -> None:
        """After sign-in: hear the answers, and say what could not be said before. Raises `Swallowed`, and the port's errors."""
        session = self._session
        if self._first is not None:
            await asyncio.wait((self._first.done,), timeout=PATIENCE)
            if not self._first.done.done() or self._first.done.exception() is not None:
                raise Swallowed
        names = session.capabilities.names
        if self._compressing is not None:
            await self._compressing.done
        more = [name for name in _ENABLED if {name, "ENABLE"} <= names and name not in self._asked]
        enabling = None
        if more and self._selecting is None:
            enabling = session.dialogue.throw(_enable(more), accept=_is_enabled)
        if "ID" in names and self._identifying is None:
            session.dialogue.throw(_IDENTIFY, accept=_is_id, aside=True)
        if self._compress_too and COMPRESS in names and self._compressing is None:
            self._compress_late()
        await self._heard_enabled(self._enabling, self._asked)
        await self._heard_enabled(enabling, more)
        if self._selecting is not None and self._opening is not None:
            await self._heard_selected(self._selecting, self._opening)
        self._memory.offered = session.capabilities.names

    def note_trouble(self) -> None:
        """The connection ended, perhaps over a message that arrived: next time none is asked for along."""
        protocol = self._session.protocol
        ended = protocol.goodbye or isinstance(protocol.lost, Endless)
        if self._opening is not None and self._session.arriving is not None and ended:
            self._memory.damaged.troubled.add(self._opening.folder)

    @property
    def _first(self) -> Flight | None:
        """The first that was said."""
        return self._enabling or self._identifying or self._selecting or self._compressing

    def _opening_line(self, names: frozenset[str]) -> Command | None:
        """SELECT or EXAMINE. None where it would have to be put otherwise once the server has answered."""
        opening = self._opening
        if opening is None or encode_name(opening.folder) != encode_name(opening.folder, utf8=True):
            return None
        if opening.known is not None and not self._memory.offered:
            return None
        self._expected = Capabilities(names, frozenset(self._asked))
        line = select.opening_line(self._session, self._expected, opening)
        return line if all(isinstance(argument, bytes) for argument in line) else None

    def _ask_for_arrivals(self) -> None:
        """What has no row yet; nothing comes where nothing arrived (RFC 9051 §6.4.9). Only where SELECT tells all the rest."""
        opening = self._opening
        if opening is None or opening.folder in self._memory.damaged.troubled:
            return
        if opening.known is not None and opening.arrived_from is not None and self._expected.qresync:
            numbers = UidSet(((opening.arrived_from, opening.arrived_from + ARRIVALS - 1),))
            line, accept = fetch.headers_command(numbers, self._expected)
            flight = self._session.dialogue.throw(line, accept=accept)
            flight.room = fetch.ROOM
            self._session.arriving = numbers, flight

    def _compress(self) -> Flight:
        return compress(self._session)

    def _compress_late(self) -> None:
        """At once; but where a folder is open already, behind the question for its first rows: they are not to wait."""
        if self._selecting is None:
            self._compress()
        else:
            self._session.dialogue.rider = self._compress

    async def _heard_enabled(self, flight: Flight | None, asked: list[str]) -> None:
        """iCloud answers ENABLE without ENABLED: then what was asked for is in force."""
        if flight is None or (await flight.done).status != "OK":
            return
        told = " ".join(item.unit[0].decode("ascii", "replace").upper() for item in flight.taken).split()
        names = self._session.capabilities.names
        self._enabled |= {name for name in told or asked if name in names}
        self._session.capabilities = Capabilities(names, frozenset(self._enabled))

    async def _heard_selected(self, flight: Flight, opening: Opening) -> None:
        response = await flight.done
        if response.status == "OK":
            with suppress(ServerRefused):  # who asks for the folder is told
                answer = Answer(response.text, flight.taken, flight.crowded)
                selected = await select.opened(self._session, self._expected, opening, answer)
                self._session.opened = (opening, selected)


_IDENTIFY = command(b"ID", b'("name" "tuimail")')
_DEFLATE = command(b"COMPRESS", b"DEFLATE")


def compress(session: Session) -> Flight:
    """COMPRESS (RFC 4978): nothing more is said before its answer."""
    return session.dialogue.throw(_DEFLATE, switch=session.protocol.start_compression, aside=True, alone=True)


def _enable(names: list[str]) -> Command:
    return command(b"ENABLE", *(name.encode() for name in names))


def _is_enabled(item: Untagged) -> bool:
    return item.kind == "ENABLED"


def _is_id(item: Untagged) -> bool:
    return item.kind == "ID"
