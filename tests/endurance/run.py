# SPDX-License-Identifier: GPL-3.0-or-later
"""The day itself: events one after the other, looks at the program between them, and an audit at the end of each hour."""

import contextlib
import os
import random
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.endurance import samples, workload
from tests.endurance.census import Ledger, Server, Stored, differences, uidvalidity
from tests.endurance.others import Others
from tests.endurance.samples import Sample
from tests.endurance.site import Site, site
from tests.endurance.user import Astray, User
from tests.endurance.workload import HOUR, Event
from tests.pty.terminal import Terminal
from tests.servers.proxy import Deed, Proxy, Way

_AUDIT = 300.0
"""Seconds after which what does not agree is held for wrong: longer than any pause between two attempts."""
_FIRST = 1800.0
"""Seconds for the first sync."""
_REST = 10.0
"""Seconds after which what was said in passing is gone, and the program has given back what it was done with."""
_ILL = (2, 12)
"""So many events pass until a line that is held or refused is well again."""
_PROGRAM = ["-m", "tests.endurance.program"]
_MESSAGE_ID = re.compile(rb"(?im)^message-id:\s*(\S+)")


@dataclass(frozen=True, slots=True)
class Options:
    """What kind of day it is."""

    messages: int = 100_000
    hours: float = 8.0
    minutes: float = 12.0
    """The real time that it is spread over; 0: as fast as the program follows."""
    seed: int = 1
    share: float = 1.0
    """Of the usual number of events."""
    looks: int = 12
    """Samples in an hour."""
    audits: int = 8
    """In the day, the last at its end."""


@dataclass
class Result:
    """What came of it."""

    samples: list[Sample] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    astray: list[str] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    """Kind of event → how many."""
    spent: Counter[str] = field(default_factory=Counter)
    """Kind of event → real milliseconds of all of them."""
    kinds: list[Mapping[str, int]] = field(default_factory=list)
    """Of each sample: the most frequent kinds of object → how many."""
    declined: int = 0
    """Acts that the program could not do because a server was away."""
    keys: int = 0
    arrived: int = 0
    removed: int = 0
    submitted: int = 0
    uncertain: int = 0
    connections: int = 0
    octets: int = 0
    seconds: float = 0.0
    """Real time of the day, without the first sync."""
    first_seconds: float = 0.0
    audits: int = 0
    status: int | None = None


def run(options: Options, cache: Path, result: Result, tell: Callable[[str], None] = lambda _: None) -> None:
    """Spend the day; what comes of it is noted in ``result`` all along."""
    with site(cache, options.messages) as place:
        arguments = [*_PROGRAM, str(place.folder), "--home", str(place.home)]
        environment = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
        with Terminal(arguments, env=environment) as terminal:
            place.is_kept = True
            try:
                _Day(options, place, terminal, result, tell).spend()
                place.is_kept = bool(result.faults)
            finally:
                if place.is_kept:
                    tell(f"The program's files are kept in {place.folder}")


class _Day:
    def __init__(self, options: Options, place: Site, terminal: Terminal, result: Result, tell: Callable[[str], None]) -> None:
        self._options, self._site, self._terminal, self._tell = options, place, terminal, tell
        self._result = result
        self._user = User(terminal)
        self._ledger = Ledger({f"<{number}.letter@bench.example>" for number in range(1, options.messages + 1)})
        self._others = Others(place, self._ledger)
        self._server = Server()
        self._stored = Stored(place.home)
        self._well_at: dict[str, int] = {}
        """Line → the number of the event that it is well again after."""

    def spend(self) -> None:
        """All of it, or until something is wrong."""
        self._begin()
        events = workload.day(self._options.hours, self._options.seed, self._options.share)
        begun = time.monotonic()
        pace = self._options.minutes * 60 / (self._options.hours * HOUR)
        looked = audited = 0
        for event in events:
            while event.at >= (looked + 1) * HOUR / self._options.looks:
                looked += 1
                self._look(looked / self._options.looks, event.number)
            if event.at >= (audited + 1) * self._options.hours * HOUR / self._options.audits:
                audited += 1
                hour = audited * self._options.hours / self._options.audits
                self._audit(f"hour {hour:g}")
                self._look(hour, event.number, at_rest=True)
                if self._result.faults:
                    break
            self._user.rest(begun + event.at * pace - time.monotonic())
            started = time.monotonic()
            self._happen(event)
            self._result.spent[event.kind] += round((time.monotonic() - started) * 1000)
            self._mend(event.number)
        else:
            self._look(self._options.hours, len(events))
            self._audit("the end")
            self._look(self._options.hours, len(events), at_rest=True)
        self._result.seconds = time.monotonic() - begun
        self._end()

    def _begin(self) -> None:
        """The first sync, and a user who looks at the result."""
        begun = time.monotonic()
        with self._site.client() as client:
            client.select("INBOX", readonly=True)
            known = ((number, f"<{number}.letter@bench.example>") for number in range(1, self._options.messages + 1))
            self._server.learn("INBOX", uidvalidity(client), known)
        self._user.until(lambda: "● bench" in self._terminal.text and "enter open" in self._terminal.text, "the inbox", _FIRST)
        end = begun + _FIRST
        while self._stored.count() < self._options.messages:
            assert time.monotonic() < end, "the first sync does not end"
            self._user.rest(0.5)
        self._result.first_seconds = time.monotonic() - begun
        self._tell(f"{self._options.messages:,} messages are here after {self._result.first_seconds:.0f} s")
        self._look(0.0, 0)

    def _happen(self, event: Event) -> None:
        dice = workload.dice_of(event, self._options.seed)
        self._result.done[event.kind] += 1
        if event.kind in workload.USER or event.kind == "resize":
            self._user.do(event.kind, dice)
        elif event.kind in workload.LINE:
            self._ail(event, dice)
        elif event.kind == "restart the server":
            self._site.restart()
        elif event.kind == "suspend":
            self._suspend(dice)
        else:
            self._others.do(event.kind, dice)
        self._user.rest(0.005)
        for astray in self._user.astray[len(self._result.astray) :]:
            self._result.astray.append(f"event {event.number}, {astray}")
            self._tell(f"{event.at / HOUR:5.2f} h  given up: {self._result.astray[-1]}")

    def _ail(self, event: Event, dice: random.Random) -> None:
        """Something happens to a line."""
        wire = self._site.smtp if "submission" in event.kind else self._site.imap
        deeds: dict[str, Callable[[Proxy], object]] = {
            "cut": lambda proxy: proxy.cut(),
            "reset": lambda proxy: proxy.cut(Deed.RESET),
            "cut at an octet": lambda proxy: setattr(proxy, "limit", proxy.passed + dice.randrange(20_000)),
            "hold": lambda proxy: proxy.hold(dice.choice(tuple(Way))),
            "swallow": lambda proxy: proxy.cut(Deed.SWALLOW),
            "refuse": lambda proxy: proxy.refuse(),
            "cut submission": lambda proxy: setattr(proxy, "limit", proxy.passed + dice.randrange(3_000)),
            "refuse submission": lambda proxy: proxy.refuse(),
        }
        wire.do(deeds[event.kind])
        self._well_at["smtp" if wire is self._site.smtp else "imap"] = event.number + dice.randint(*_ILL)

    def _mend(self, number: int) -> None:
        for name, wire in (("imap", self._site.imap), ("smtp", self._site.smtp)):
            if self._well_at.get(name, sys.maxsize) <= number:
                del self._well_at[name]
                wire.heal()

    def _suspend(self, dice: random.Random) -> None:
        """The computer sleeps; mail comes meanwhile, and the lines do not outlast it."""
        os.kill(self._terminal.pid, signal.SIGSTOP)
        try:
            self._site.put_on(dice.uniform(300, 7200))
            self._others.arrive(dice)
            self._site.imap.do(lambda proxy: proxy.cut(dice.choice((Deed.SWALLOW, Deed.SWALLOW, Deed.CUT))))
            time.sleep(0.2)
        finally:
            os.kill(self._terminal.pid, signal.SIGCONT)

    def _look(self, hour: float, events: int, *, at_rest: bool = False) -> None:
        if at_rest:
            self._user.rest(_REST)
        sample, kinds = samples.take(self._terminal.pid, self._site.folder, hour=hour, events=events, at_rest=at_rest)
        self._result.samples.append(sample)
        self._result.kinds.append(kinds)
        self._tell(
            f"{hour:5.2f} h  {events:5,} events  PSS {sample.pss:5.1f}  own {sample.written:5.1f} MB  "
            f"{sample.descriptors} descriptors  {sample.threads} threads  {sample.objects:7,} objects  "
            f"logs {sample.log:.1f} MB  {sample.processor:.0f} s{'  at rest' if at_rest else ''}"
        )

    def _audit(self, when: str) -> None:
        """Let everything come to rest, and compare."""
        self._site.imap.heal()
        self._site.smtp.heal()
        self._well_at.clear()
        with contextlib.suppress(Astray):
            self._user.home()
        begun, faults = time.monotonic(), ["nothing was compared"]
        while faults and time.monotonic() < begun + _AUDIT:
            self._user.press("$")
            self._settle(20)
            faults = list(self._compare())
        self._result.audits += 1
        self._result.faults += [f"{when}: {fault}" for fault in faults]
        self._tell(f"audit at {when} after {time.monotonic() - begun:.1f} s: {'; '.join(faults) or 'all is equal'}")

    def _settle(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        self._user.rest(2.0)
        while self._stored.unfinished() and time.monotonic() < end:
            self._user.rest(0.5)

    def _compare(self) -> Iterator[str]:
        if waits := self._stored.unfinished():
            yield f"{len(waits)} wait: {', '.join(waits[:5])}"
        with self._site.client() as client:
            places = self._server.look(client)
        yield from differences(places, self._stored)
        yield from self._ledger.faults(places, self._submitted(), self._stored.uncertain())

    def _submitted(self) -> Counter[str]:
        sent = self._site.sink.sent
        return Counter(found[1].decode() for each in sent if (found := _MESSAGE_ID.search(each.raw)))

    def _end(self) -> None:
        """The user leaves the program; what it leaves is compared once more."""
        self._user.press("Q")
        try:
            self._result.status = self._terminal.ended()
        except AssertionError as error:
            self._result.faults.append(f"after the end: {error}")
        if self._result.status:
            self._result.faults.append(f"after the end: the program ended with {self._result.status}")
        self._result.faults += [f"after the end: {fault}" for fault in self._compare()]
        result = self._result
        result.keys, result.declined = self._user.pressed, self._user.declined
        result.arrived, result.removed = self._others.arrived, len(self._ledger.removed)
        result.submitted, result.uncertain = self._submitted().total(), len(self._stored.uncertain())
        result.connections, result.octets = self._site.imap.connections, self._site.imap.passed
