# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the index of full-text search up to date: a thread with its own store connection, while there is anything to do."""

import asyncio
import logging
import threading
import time

from tuimail.mime.search_text import search_text
from tuimail.model.errors import StoreProblem
from tuimail.store.search import Unindexed
from tuimail.store.store import Store

log = logging.getLogger(__name__)
SLICE = 100
"""Messages of one transaction, fewer where texts are among them."""
_REST = 0.5
"""How long the thread rests after each transaction, as a share of what that took: writers and the event loop come between."""


_MUCH = 10
"""Transactions from which on the log tells how large the index became."""
_TIDY_EACH = 4
"""Transactions after which a step of merging follows."""


class Indexer:
    """The upkeep of the index."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._work: asyncio.Task[None] | None = None
        self._ending = threading.Event()
        self._again = False
        self._started = False

    def start(self) -> None:
        """Begin. Needs a running event loop."""
        self._started = True
        self.wake()

    def wake(self) -> None:
        """There may be something to index. Cheap; nothing before `start`."""
        self._again = True
        if self._work is None and self._started and not self._ending.is_set():
            self._work = asyncio.create_task(self._run(), name="sync: index")

    async def stop(self) -> None:
        """End; what is not indexed yet is next time."""
        self._ending.set()
        if self._work is not None:
            await asyncio.gather(self._work, return_exceptions=True)

    async def done(self) -> None:
        """Wait until everything that is here is indexed."""
        while self._work is not None:
            await asyncio.shield(self._work)

    async def _run(self) -> None:
        try:
            while self._again and not self._ending.is_set():
                self._again = False
                if self._store.search.pending():
                    await asyncio.to_thread(self._index_all)
        except StoreProblem as problem:
            log.warning("index: %s", problem.message)
        finally:
            self._work = None

    def _index_all(self) -> None:
        store = self._store.another()
        turn = merged = 0
        try:
            # What arrives goes before merging; and another process that writes much to the index merges by itself.
            while not self._ending.is_set():
                if self._step(store):
                    turn += 1
                    if turn % _TIDY_EACH == 0:
                        store.search.tidy()
                elif merged < _TIDY_EACH + turn and store.search.tidy():
                    merged += 1
                else:
                    break
            if turn >= _MUCH and not self._ending.is_set():
                log.info("index: it takes %d octets now", store.search.size())
        finally:
            store.close()

    def _step(self, store: Store) -> bool:
        begun = time.monotonic()
        did = not self._ending.is_set() and index_slice(store)
        if did:
            self._ending.wait(_REST * (time.monotonic() - begun))
        return did


def index_slice(store: Store) -> bool:
    """Index the next few messages, in one transaction. False: there are none."""
    entries = store.search.take(SLICE)
    store.search.note([(entry, _text(entry)) for entry in entries])
    return bool(entries)


def _text(entry: Unindexed) -> str:
    return " ".join(search_text(text.kind, text.charset, text.content) for text in entry.texts)
