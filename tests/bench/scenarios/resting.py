# SPDX-License-Identifier: GPL-3.0-or-later
"""What the program holds, and what it does while nothing is to be done."""

from tests.bench import processes
from tests.bench.figures import Samples
from tests.bench.session import Bench

_MB = 1_000_000


def memory(bench: Bench) -> dict[str, Samples]:
    """After the start, and after the cursor was at both ends of the list."""
    started, scrolled = Samples(), Samples()
    with bench.session(bench.warm_home()) as session:
        session.listed()
        session.rested()
        started.note("pss_mb", processes.memory(session.terminal.pid) / _MB)
        if "last" not in session.client.keys:
            return {"started": started}
        for keys in ("last", "page", "first", "last", "first"):
            session.terminal.react(session.keys(keys), 0.5)
        session.rested()
        scrolled.note("pss_mb", processes.memory(session.terminal.pid) / _MB)
    return {"started": started, "scrolled to both ends": scrolled}


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
