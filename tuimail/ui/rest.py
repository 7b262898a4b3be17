# SPDX-License-Identifier: GPL-3.0-or-later
"""When the screen is at rest, and what waits for that: its picture for the next start, and memory that is given back."""

import asyncio
import gc
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual.geometry import Region
from textual.timer import Timer

from tuimail.heap import give_back

if TYPE_CHECKING:
    from tuimail.ui.app import TuimailApp

_REST = 2.0
"""Seconds after a change until the screen counts as at rest."""
_WORTH = 20
"""Collections of the middle generation, after which there may be enough to look through everything."""
_KNOWN_REGIONS = tuple(each for each in vars(Region).values() if hasattr(each, "cache_clear"))
"""What Textual remembers of regions that it compared: some 60,000 objects at most, of which a screen needs a few hundred."""


class Rest:
    """Does what may wait until the screen is at rest. A key that is pressed then would wait for it."""

    def __init__(self, app: "TuimailApp", duties: Sequence[Callable[[], object]]) -> None:
        self._app = app
        self._duties = duties
        self._timer: Timer | None = None
        self._changed = 0.0
        """When something changed last. Seconds of a clock that only tells differences."""

    def changed(self) -> None:
        """Something on the screen changed."""
        self._changed = time.monotonic()
        self._wait(_REST)

    def _wait(self, seconds: float) -> None:
        if self._timer is None and self._app.is_running:
            self._timer = self._app.set_timer(seconds, self._look)

    def _look(self) -> None:
        self._timer = None
        left = max(self._changed, self._app.key_came) + _REST - time.monotonic()
        if self._app.mailbox.toasts.children:
            self._wait(_REST)
        elif left > 0:
            self._wait(left)
        else:
            for duty in self._duties:
                duty()


class Tidying:
    """Ends what is garbage and gives free memory back to the system.

    A screen that was closed is a ring of thousands of objects, and by itself Python looks for rings only once a quarter of
    all objects are new; what was freed in between lies scattered.
    """

    def __init__(self, app: "TuimailApp") -> None:
        self._app = app
        self._collections = 0

    def tidy(self) -> None:
        """Do it if enough was done since the last time."""
        if _collections() - self._collections < _WORTH:
            return
        for known in _KNOWN_REGIONS:
            known.cache_clear()
        gc.collect()
        self._collections = _collections()
        self._app.run_worker(asyncio.to_thread(give_back), name="give memory back", exit_on_error=False)


def _collections() -> int:
    """How often the middle generation was looked through."""
    return int(gc.get_stats()[1]["collections"])
