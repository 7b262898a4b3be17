# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what comes in portions, one in each turn of the event loop: whoever presses a key waits for one portion at most."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator

from tuimail.model.errors import ServerBroken

PORTION = 256
"""Steps of one turn."""
_END = object()


class Turns:
    """Pieces of work, each an iterator that does one step at a time. They are done in order."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, hold: Callable[[bool], None], fail: Callable[[ServerBroken], None]
    ) -> None:
        """``hold`` is told whether more work is unwelcome; ``fail`` why a step could not be done, and the rest is dropped."""
        self._loop = loop
        self._hold = hold
        self._fail = fail
        self._work: deque[Iterator[None]] = deque()

    def add(self, steps: Iterator[None]) -> None:
        """More work: a portion of it at once, if nothing else waits."""
        self._work.append(steps)
        if len(self._work) == 1:
            self._turn()
        else:
            self._hold(True)

    def add_next(self, steps: Iterator[None]) -> None:
        """From within a step: work that comes right behind the piece which is being done."""
        self._work.insert(1, steps)

    def end_with(self, last: Callable[[], None]) -> None:
        """Nothing more will come: call this behind all of it, at once where nothing waits."""

        def steps() -> Iterator[None]:
            last()
            yield None

        self._work.append(steps())
        if len(self._work) == 1:
            self._portion()

    def _turn(self) -> None:
        self._portion()
        if self._work:
            self._loop.call_soon(self._turn)
        else:
            self._hold(False)

    def _portion(self) -> None:
        try:
            for _ in range(PORTION):
                if not self._work:
                    break
                if next(self._work[0], _END) is _END:
                    self._work.popleft()
        except ServerBroken as error:
            self._work.clear()
            self._fail(error)
