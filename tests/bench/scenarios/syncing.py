# SPDX-License-Identifier: GPL-3.0-or-later
"""The first full sync, seen in the store's file, and the keys while it goes on. For tuimail only."""

import time

from tests.bench import raw
from tests.bench.figures import Samples
from tests.bench.session import Bench, Session
from tests.bench.stored import Stored

_NEWEST = 1000
_BETWEEN_KEYS = 0.05
_ROWS = 20
"""The cursor stays within so many rows."""


def first_sync(bench: Bench) -> dict[str, Samples]:
    """From the newest screenful on: the newest 1,000 in the store, all of them, the search index; and a plain socket's time."""
    keys, baseline = Samples(), Samples()
    home = bench.home()
    with bench.session(home) as session:
        begun = session.listed()
        progress = _Progress(Stored(home), begun, bench.total)
        session.terminal.react(session.keys("hide tree"))
        end = progress.begun + bench.options.patience * 5
        while progress.look() and time.monotonic() < end:
            _press(session, keys)
        progress.all.traffic.append(session.until(progress.listed_at or time.monotonic()))
    baseline.seconds.append(raw.everything(bench.mailbox()))
    return {
        "newest 1,000": progress.newest,
        "all listed": progress.all,
        "header index, later": progress.index,
        "a key meanwhile": keys,
        "raw socket": baseline,
    }


def _press(session: Session, keys: Samples) -> None:
    """One row down, or up where the cursor is some rows below the newest message."""
    row = session.cursor()
    up = row is not None and row < session.mailbox.total - _ROWS
    pressed = session.terminal.write("k" if up else "j")
    keys.seconds.append(session.moved_from(row) - pressed)
    session.terminal.settle(_BETWEEN_KEYS, _BETWEEN_KEYS)


class _Progress:
    """How far the first sync is."""

    def __init__(self, store: Stored, begun: float, total: int) -> None:
        self.begun, self.listed_at = begun, 0.0
        self.newest, self.all, self.index = Samples(), Samples(), Samples()
        self._store, self._total = store, total

    def look(self) -> bool:
        """Note what was reached since the last look. False: there is nothing more to come."""
        listed, now = self._store.latest(), time.monotonic()
        if listed >= min(_NEWEST, self._total) and not self.newest.seconds:
            self.newest.seconds.append(now - self.begun)
        if listed >= self._total and not self.listed_at:
            self.listed_at = now
            self.all.seconds.append(now - self.begun)
        if not self.listed_at:
            return True
        if not self._store.has_index():
            return False
        if self._store.indexed() < self._total:
            return True
        self.index.seconds.append(now - self.listed_at)
        return False
