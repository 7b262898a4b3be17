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
    """The newest message is opened, then one after the other."""
    opened, following = Samples(), Samples()
    with bench.session(bench.warm_home(), rtt=bench.options.rtt) as session:
        session.listed()
        session.rested()
        session.to_newest()
        _open(session, opened, bench.total, session.keys("open"))
        for number in range(bench.total - 1, bench.total - 1 - _MESSAGES, -1):
            session.terminal.settle(_READING, _READING)
            _open(session, following, number, session.keys("next"))
    return {"first": opened, "next": following}


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
