# SPDX-License-Identifier: GPL-3.0-or-later
"""Searching, and doing something to very many messages."""

import re
import time
from collections.abc import Callable

from tests.bench import mail
from tests.bench.figures import Samples
from tests.bench.session import Bench, Session
from tests.bench.terminal import NeverShown

_TYPING = 1.0
"""Seconds that a result may take while typing, before Enter is pressed."""
_PATIENCE = 300.0
"""Seconds that listing everything, and carrying out a change of everything, may take."""


def search(bench: Bench) -> dict[str, Samples]:
    """A subject's number, and a word of few texts, each until the newest message that has it is listed and others are not."""
    number = max(bench.total // 3, 1)
    found = {"subject": _search(bench, "search subject", f"{number}:", number)}
    if hit := mail.newest_hit(bench.total):
        found["text"] = _search(bench, "search text", mail.HIT_WORD, hit)
    return found


def _search(bench: Bench, keys: str, words: str, number: int) -> Samples:
    samples = Samples()
    for _ in range(bench.options.runs):
        with bench.session(bench.warm_home()) as session:
            session.listed()
            session.rested()
            session.terminal.react(session.keys(keys), 0.2)
            pressed, at, asked = _typed(session, words, number, bench.total)
            samples.seconds.append(at - pressed)
            samples.traffic.append(session.until(at).minus(session.until(pressed)))
            samples.note("after_enter", asked)
    return samples


def _typed(session: Session, words: str, number: int, newest: int) -> tuple[float, float, int]:
    """When the last key was pressed, when the message was listed, and whether Enter was needed."""

    def is_found(_: object) -> bool:
        return number in session.numbers() and newest not in session.numbers()

    terminal = session.terminal
    if end := session.client.keys.get("search end"):
        terminal.react(words, 0.3)
        pressed = terminal.write(end)
        return pressed, terminal.until(is_found, words), 1
    pressed = terminal.write(words)
    try:
        return pressed, terminal.until(is_found, words, _TYPING), 0
    except NeverShown:
        pressed = terminal.write("\r")
        return pressed, terminal.until(is_found, words), 1


def bulk(bench: Bench) -> dict[str, Samples]:
    """All of a folder is marked and set to read, then marked and moved: until the screen shows it, until the server has it."""
    read, moved = Samples(), Samples()
    mailbox = bench.mailbox(fresh=True)
    with mailbox.client() as client:
        client.select()
        client.store("1:*", "-FLAGS.SILENT", "(\\Seen)")
    home = bench.home()
    with bench.session(home, rtt=bench.options.rtt, mailbox=mailbox) as session:
        session.listed()
        bench.complete(session, home, _PATIENCE)  # a wait for the line looks like rest
        session.rested()
        session.terminal.react(session.keys("hide tree"), 0.5)
        unread = re.compile(session.client.unread)
        _do(
            session,
            read,
            "toggle read",
            lambda: not unread.search(session.terminal.text),
            lambda: mailbox.count("INBOX", "UNSEEN") == 0,
        )
        session.rested()
        _do(session, moved, "move to archive", lambda: not session.numbers(), lambda: mailbox.count("INBOX") == 0)
    return {"read": read, "moved": moved}


def _do(session: Session, samples: Samples, keys: str, shown: Callable[[], bool], done: Callable[[], bool]) -> None:
    terminal = session.terminal
    terminal.react(session.keys("mark all"), 0.5)
    octets, pressed = terminal.octets, terminal.write(session.keys(keys))
    before = session.until(pressed)
    at = terminal.until(lambda _: shown(), keys, 120)
    samples.seconds.append(at - pressed)
    samples.screen.append(terminal.octets - octets)
    end = pressed + _PATIENCE
    while not done():
        if time.monotonic() > end:
            raise NeverShown(f"the server never had it: {keys}")
        terminal.settle(0.1, 0.2)
    samples.note("server_seconds", time.monotonic() - pressed)
    traffic = session.until(time.monotonic()).minus(before)
    samples.traffic.append(traffic)
    samples.note("changing_commands", sum(name in _CHANGING for name in traffic.commands))


_CHANGING = frozenset({"STORE", "UID STORE", "COPY", "UID COPY", "MOVE", "UID MOVE", "UID EXPUNGE", "EXPUNGE"})
