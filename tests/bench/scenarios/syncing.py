# SPDX-License-Identifier: GPL-3.0-or-later
"""The first full sync, seen in the store's file, and the keys while it goes on. For tuimail only."""

import threading
import time
from pathlib import Path
from typing import Self

from tests.bench import raw
from tests.bench.figures import Samples
from tests.bench.session import Bench, Session
from tests.bench.stored import Stored

_NEWEST = 1000
_BETWEEN_KEYS, _BETWEEN_LOOKS = 0.05, 0.01
_ROWS = 20
"""The cursor stays within so many rows."""


def first_sync(bench: Bench) -> dict[str, Samples]:
    """From the newest screenful on: the newest 1,000 in the store, all of them, the search index; and a plain socket's time."""
    keys, baseline = Samples(), Samples()
    home = bench.home()
    with bench.session(home) as session:
        begun = session.listed()
        with _Progress(home, begun, bench.total) as progress:
            session.terminal.react(session.keys("hide tree"))
            end = progress.begun + bench.options.patience * 5
            while not progress.over.is_set() and time.monotonic() < end:
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
    """How far the first sync is: a thread looks into the store's file again and again."""

    def __init__(self, home: Path, begun: float, total: int) -> None:
        self.begun, self.listed_at = begun, 0.0
        self.newest, self.all, self.index = Samples(), Samples(), Samples()
        self.over = threading.Event()
        """There is nothing more to come, or nobody asks any more."""
        self._home, self._total = home, total
        self._thread = threading.Thread(target=self._watch, name="progress", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._thread.join()

    def _watch(self) -> None:
        try:
            store = Stored(self._home)
            while not self.over.is_set() and self._look(store):
                time.sleep(_BETWEEN_LOOKS)
        finally:
            self.over.set()

    def _look(self, store: Stored) -> bool:
        """Note what was reached since the last look. False: there is nothing more to come."""
        listed, now = store.latest(), time.monotonic()
        if listed >= min(_NEWEST, self._total) and not self.newest.seconds:
            self.newest.seconds.append(now - self.begun)
        if listed >= self._total and not self.listed_at:
            self.listed_at = now
            self.all.seconds.append(now - self.begun)
        if not self.listed_at:
            return True
        if not store.has_index():
            return False
        if store.indexed() < self._total:
            return True
        self.index.seconds.append(now - self.listed_at)
        return False
