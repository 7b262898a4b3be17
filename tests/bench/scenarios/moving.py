# SPDX-License-Identifier: GPL-3.0-or-later
"""Moving about in the list, and typing."""

from tests.bench.figures import Samples
from tests.bench.session import Bench, Session
from tests.bench.terminal import Reaction

_PAGES = 20
_AFTER_TYPING = 0.1


def scroll(bench: Bench) -> dict[str, Samples]:
    """Key by key through the list; one that changes the rows has scrolled. A folder tree is hidden, then shown."""
    with bench.session(bench.warm_home()) as session:
        session.listed()
        session.rested()
        measured = {}
        if "hide tree" in session.client.keys:
            with_tree = _downs(session, bench.options.keys)
            measured = {"a line, tree shown": with_tree["a line"]}
            session.terminal.react(session.keys("first"))
            session.terminal.react(session.keys("hide tree"))
            session.terminal.settle(0.5)
        return _downs(session, bench.options.keys) | measured


def _downs(session: Session, count: int) -> dict[str, Samples]:
    moved, scrolled = Samples(), Samples()
    for _ in range(count + len(session.numbers())):
        before = session.numbers()
        reaction = session.terminal.react(session.keys("down"))
        if reaction.octets and before:
            _note(scrolled if session.numbers() != before else moved, reaction)
    return {"cursor": moved, "a line": scrolled}


def page(bench: Bench) -> dict[str, Samples]:
    """Page by page, until all rows are new ones."""
    pages = Samples()
    with bench.session(bench.warm_home(), rtt=bench.options.rtt) as session:
        session.listed()
        session.rested()
        if "hide tree" in session.client.keys:
            session.terminal.react(session.keys("hide tree"))
        session.to_newest()
        # The first page may only move the cursor down to the last row.
        session.terminal.react(session.keys("page"), 0.5)
        for _ in range(min(_PAGES, bench.total // 60)):
            session.terminal.settle()
            before, octets = session.numbers(), session.terminal.octets
            pressed = session.terminal.write(session.keys("page"))
            traffic = session.until(pressed)
            at = session.replaced(before)
            pages.seconds.append(at - pressed)
            pages.traffic.append(session.until(at).minus(traffic))
            session.terminal.settle()
            pages.screen.append(session.terminal.octets - octets)
    return {"page": pages}


def typing(bench: Bench) -> dict[str, Samples]:
    """Characters into the text of a new message."""
    typed = Samples()
    with bench.session(bench.warm_home()) as session:
        session.listed()
        session.rested()
        session.terminal.react(session.keys("compose"), _AFTER_TYPING)
        session.terminal.sees("Subject")
        session.terminal.settle(0.5)
        for _ in range(4):
            session.terminal.react("\t", _AFTER_TYPING)
        for at in range(bench.options.keys):
            _note(typed, session.terminal.react("typing on "[at % 10], _AFTER_TYPING))
    return {"a character": typed}


def _note(samples: Samples, reaction: Reaction) -> None:
    samples.seconds.append(reaction.shown)
    samples.screen.append(reaction.octets)
    samples.note("settled_seconds", reaction.settled)
