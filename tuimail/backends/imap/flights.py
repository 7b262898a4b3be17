# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands on the way: which tag waits for what, and who gets an untagged response.

Data is given to who asked for it by its content, never by the order of commands: servers answer pipelined FETCHes with all
their data first and all tagged lines afterwards. What nobody asked for goes to the observer.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from tuimail.backends.imap import limits
from tuimail.backends.imap.limits import USUAL, Limits
from tuimail.backends.imap.wire.codes import StatusText
from tuimail.backends.imap.wire.responses import TOO_LONG, Tagged, Untagged
from tuimail.backends.imap.wire.splitter import Endless, Unit
from tuimail.model.errors import ServerBroken, TuimailError

Accept = Callable[[Untagged], bool]
"""Whether a command asked for this response."""
Observer = Callable[[Untagged, bool], None]
"""Is told of every untagged response, in order, and whether a command took it."""

MAX_BEFORE = 1 << 20
"""Octets of untagged responses that one command may bring, and of those that nobody asked for, before sign-in."""
_SHED = ("FETCH", "VANISHED")
"""Kinds of which what has no room is left out, as the command's `Flight.crowded` tells: there is one for each message."""
_OVERHEAD = 200
"""Octets that a response counts for beside its own: short ones take more memory than they are long."""


@dataclass(slots=True, eq=False)
class Flight:
    """One command between its first octet and its tagged response."""

    tag: str
    done: asyncio.Future[Tagged]
    prompt: asyncio.Future[bytes]
    """The text of the next continuation request (``+``)."""
    accept: Accept | None = None
    taken: list[Untagged] = field(default_factory=list)
    octets: int = 0
    """Of responses for which there need be no room."""
    others: int = 0
    """Octets of all others that it accepted."""
    limits: Limits = USUAL
    room: int = USUAL.octets
    """Octets that are taken. Of what comes beyond one response is taken if it is the first, and no other."""
    crowded: bool = False
    """Not all had room."""
    short: bool = False
    """A response was too long to be taken, perhaps one that belongs to it."""
    abandoned: bool = False
    """Nobody waits any more: what belongs to it is dropped."""
    timed: bool = True
    """Whether the server owes an answer."""
    idles: bool = False
    """Once it is continued the server owes nothing until DONE; which sets this to False."""
    switch: Callable[[], None] | None = None
    """Called at its tagged OK, before another octet is read."""
    aside: bool = False
    """It means no mailbox, so that the meaning of UIDs may change while it is under way."""

    lets_in: bool = False
    """Its OK means that we are signed in."""

    def abandon(self) -> None:
        """Forget it; its tag is still awaited."""
        self.abandoned = True
        self.taken.clear()

    def offer(self, item: Untagged, most: int) -> bool:
        """Take the response if it was asked for. Raises ServerBroken beyond ``most`` octets, and what has no room."""
        if self.accept is None or not self.accept(item):
            return False
        sheds = item.kind in _SHED
        if sheds:
            self.octets = _more(self.octets, item.unit, most)
        else:
            self.others = _more(self.others, item.unit, min(most, self.limits.octets))
        if sheds and self.octets > self.room and self.taken:
            self.crowded = True
        elif not self.abandoned:
            self.taken.append(item)
        return True


class Flights:
    """All commands of one connection that wait for their tagged response."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._by_tag: dict[str, Flight] = {}
        self.observer: Observer | None = None
        self.prompted: Flight | None = None
        """The one that a continuation request is for."""
        self.signed_in = False
        """Before, nobody may say much."""
        self._unasked = 0
        """Octets that no command took since the last answer."""

    def open(self, tag: str, accept: Accept | None, limits: Limits = USUAL) -> Flight:
        """Register a command that is about to be sent."""
        flight = Flight(tag, self._loop.create_future(), self._loop.create_future(), accept, limits=limits, room=limits.octets)
        self._by_tag[tag] = flight
        return flight

    def drop(self, flight: Flight) -> None:
        """Unregister a command of which nothing was sent."""
        self._by_tag.pop(flight.tag, None)

    def timed(self) -> bool:
        """Whether the server owes an answer."""
        return any(flight.timed for flight in self._by_tag.values())

    def seconds(self) -> float:
        """How long the answer that the server owes may be put off; 0 when it owes none."""
        works = [flight.limits.works for flight in self._by_tag.values() if flight.timed]
        return (limits.WORK_SECONDS if any(works) else limits.ANSWER_SECONDS) if works else 0.0

    def literal(self) -> int:
        """Octets of literals that one response may hold: of the commands on the way the one decides that allows most."""
        return max((flight.limits.literal for flight in self._by_tag.values()), default=USUAL.literal)

    def waiting(self) -> list[asyncio.Future[Tagged]]:
        """What is not answered yet and means the selected mailbox."""
        return [flight.done for flight in self._by_tag.values() if not flight.aside]

    def untagged(self, item: Untagged) -> None:
        """Hand an untagged response on. Raises ServerBroken when more comes between two answers than any may bring."""
        most = self._most
        if item.kind == TOO_LONG:
            for flight in self._by_tag.values():
                flight.short = True
        taken = False
        for flight in self._by_tag.values():
            if flight.offer(item, most):
                taken = True
                break
        if not taken:
            self.idle_talk(item.unit)
        if self.observer is not None:
            self.observer(item, taken)

    def idle_talk(self, unit: Unit) -> None:
        """Count what nobody asked for. Raises ServerBroken when it is too much since the last answer."""
        self._unasked = _more(self._unasked, unit, self._most)

    @property
    def _most(self) -> int:
        return limits.MAX_ANSWER if self.signed_in else MAX_BEFORE

    def tagged(self, response: Tagged) -> Flight:
        """End the command with that tag."""
        flight = self._by_tag.pop(response.tag, None)
        if flight is None or not response.status:
            raise ServerBroken("The server answered a command that was never sent.")
        if self.prompted is flight:
            self.prompted = None
        self._unasked = 0
        if not flight.done.done():
            flight.done.set_result(response)
        return flight

    def continuation(self, text: bytes) -> bool:
        """Hand on a continuation request; one that nobody waits for is ignored, which False tells."""
        flight, self.prompted = self.prompted, None
        if flight is None or flight.prompt.done():
            return False
        flight.timed = not flight.idles
        flight.prompt.set_result(text)
        return True

    def renew_prompt(self, flight: Flight) -> None:
        """Make ready for a (further) continuation request."""
        if flight.prompt.done():
            flight.prompt = self._loop.create_future()
        self.prompted = flight

    def fail(self, error: TuimailError) -> None:
        """End every command at once."""
        flights = list(self._by_tag.values())
        self._by_tag.clear()
        self.prompted = None
        for flight in flights:
            if not flight.done.done():
                flight.done.set_exception(error)
                flight.done.exception()  # an abandoned command has no reader


def _more(octets: int, unit: Unit, most: int) -> int:
    """So many, and this response. Raises ServerBroken beyond ``most``."""
    octets += sum(map(len, unit)) + _OVERHEAD
    if octets > most:
        raise Endless("The server's answer is larger than anything that was asked for.")
    return octets


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command that succeeded brought."""

    text: StatusText
    untagged: list[Untagged]
    """What it accepted, in order."""
    crowded: bool = False
    """It brought more, for which there was no room."""
