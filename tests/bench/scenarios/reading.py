# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening messages."""

from tests.bench import mail
from tests.bench.figures import Samples
from tests.bench.session import Bench, Session, shows

_MESSAGES = 20
_READING = 0.7
"""Seconds that the reader looks at a message before the next."""


def attachment(bench: Bench) -> dict[str, Samples]:
    """A message with a big attachment, opened when the client rests, and opened as soon as the list stands."""
    rested, at_once = Samples(), Samples()
    number = bench.total + 1
    with bench.mailbox().with_more((number, mail.with_attachment(number))) as deliver:
        deliver()
        for samples, runs in ((rested, bench.options.runs), (at_once, 1)):
            for _ in range(runs):
                with bench.session(bench.home(), rtt=bench.options.rtt, mbit=bench.options.mbit) as session:
                    session.listed(number)
                    if samples is rested:
                        session.rested()
                    session.to_newest()
                    _open(session, samples, number, session.keys("open"))
                    samples.note("session_down_bytes", session.proxy.until().down)
    return {"text": rested, "text, at once": at_once}


def next_message(bench: Bench) -> dict[str, Samples]:
    """A message is opened, in each start the one below; after the last of them one after the other."""
    opened, following = Samples(), Samples()
    home = bench.warm_home()
    for run in range(bench.options.runs):
        with bench.session(home, rtt=bench.options.rtt) as session:
            session.listed()
            session.rested()
            session.to_newest()
            number = bench.total - run
            for _ in range(run):
                session.terminal.react(session.keys("down"))
            _open(session, opened, number, session.keys("open"))
            if run == bench.options.runs - 1:
                _follow(session, following, number)
    return {"first": opened, "next": following}


def _follow(session: Session, following: Samples, number: int) -> None:
    for below in range(number - 1, number - 1 - _MESSAGES, -1):
        session.terminal.settle(_READING, _READING)
        _open(session, following, below, session.keys("next"))


def _open(session: Session, samples: Samples, number: int, keys: str) -> None:
    terminal = session.terminal
    terminal.settle()
    octets = terminal.octets
    pressed = terminal.write(keys)
    before = session.until(pressed)
    at = terminal.sees(shows(number), 60)
    samples.seconds.append(at - pressed)
    samples.traffic.append(session.until(at).minus(before))
    terminal.settle()
    samples.screen.append(terminal.octets - octets)
