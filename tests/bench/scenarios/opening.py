# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting: with everything cached, with nothing, with new mail."""

from tests.bench import mail
from tests.bench.figures import Samples
from tests.bench.session import Bench

_NEW = 10


def start(bench: Bench) -> dict[str, Samples]:
    """From exec to the newest screenful, and to the effect of keys typed at once: one moves the cursor, one turns the page."""
    visible, obeyed, turned = Samples(), Samples(), Samples()
    for _ in range(bench.options.runs):
        with bench.session(bench.lived_in_home(), rtt=bench.options.rtt) as session:
            terminal = session.terminal
            if session.client.cursor:
                terminal.write(session.keys("down"))
            at = session.listed()
            visible.seconds.append(at - terminal.started)
            visible.traffic.append(session.until(at))
            visible.screen.append(terminal.octets)
            if session.client.cursor:
                at = session.moved_from(bench.total)
                obeyed.seconds.append(at - terminal.started)
            session.quit()
        if session.client.cursor:
            with bench.session(bench.lived_in_home(), rtt=bench.options.rtt) as session:
                session.terminal.write(session.keys("page"))
                session.listed()
                at = session.gone(bench.total)
                turned.seconds.append(at - session.terminal.started)
                session.quit()
    measured = {"visible": visible, "interactive": obeyed, "page turned": turned}
    return {what: samples for what, samples in measured.items() if samples.seconds}


def cold(bench: Bench) -> dict[str, Samples]:
    """From exec to the newest screenful, with nothing kept from before."""
    listed = Samples()
    for _ in range(bench.options.runs):
        with bench.session(bench.home(), rtt=bench.options.rtt) as session:
            at = session.listed(patience=bench.options.patience)
            listed.seconds.append(at - session.terminal.started)
            listed.traffic.append(session.until(at))
            listed.screen.append(session.terminal.octets)
    return {"list": listed}


def warm(bench: Bench) -> dict[str, Samples]:
    """From exec to ten new messages in the list, everything else kept from before."""
    new = Samples()
    numbers = range(bench.total + 1, bench.total + _NEW + 1)
    for _ in range(bench.options.runs):
        home = bench.warm_home()
        with bench.mailbox().with_more(*((number, mail.message(number)) for number in numbers)) as deliver:
            deliver()
            with bench.session(home, rtt=bench.options.rtt) as session:
                at = session.listed(numbers[-1], bench.options.patience)
                new.seconds.append(at - session.terminal.started)
                new.traffic.append(session.until(at))
                new.screen.append(session.terminal.octets)
    return {"new mail": new}
