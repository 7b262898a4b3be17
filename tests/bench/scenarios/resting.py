# SPDX-License-Identifier: GPL-3.0-or-later
"""What the program holds, and what it does while nothing is to be done."""

from tests.bench import processes
from tests.bench.figures import Samples
from tests.bench.session import Bench, Session

_MB = 1_000_000
_PATIENCE = 60.0


def memory(bench: Bench) -> dict[str, Samples]:
    """After the start, and after the cursor was at both ends of the list, whose rows are all in the store."""
    started, scrolled = Samples(), Samples()
    home = bench.warm_home()
    with bench.session(home) as session:
        session.listed()
        rows = bench.complete(session, home, _PATIENCE)
        session.rested()
        _note(started, session, rows)
        if "last" not in session.client.keys:
            return {"started": started}
        for keys, number in (("last", 1), ("first", bench.total), ("last", 1), ("first", bench.total)):
            session.terminal.write(session.keys(keys))
            session.shown(number, _PATIENCE)
            session.terminal.react(session.keys("page"), 0.5)
        session.rested()
        _note(scrolled, session, rows)
    return {"started": started, "scrolled to both ends": scrolled}


def _note(samples: Samples, session: Session, rows: int) -> None:
    samples.note("pss_mb", processes.memory(session.terminal.pid) / _MB)
    if rows:
        samples.note("rows", rows)


def idle(bench: Bench) -> dict[str, Samples]:
    """A quiet mailbox, watched for some time."""
    watched, seconds = Samples(), bench.options.idle
    with bench.session(bench.warm_home()) as session:
        session.listed()
        session.rested()
        session.terminal.settle(1)
        octets, ran = session.terminal.octets, processes.processor_time(session.terminal.pid)
        session.terminal.settle(seconds, seconds)
        watched.screen.append(session.terminal.octets - octets)
        watched.note("processor_percent", (processes.processor_time(session.terminal.pid) - ran) / seconds * 100)
        watched.note("watched_seconds", seconds)
    return {"quiet": watched}
