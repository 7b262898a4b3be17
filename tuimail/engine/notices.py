# SPDX-License-Identifier: GPL-3.0-or-later
"""Publish and subscribe for `tuimail.model.notice`. All in the thread of the event loop.

Accounts connect before there is a screen: what is published meanwhile is kept for it.
"""

import logging
from collections.abc import Callable

from tuimail.model.notice import Notice

log = logging.getLogger(__name__)
Listener = Callable[[Notice], None]


class Notices:
    """Hands each notice to every listener."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._kept: list[Notice] | None = None

    def keep(self) -> None:
        """Keep what is published from now on, until a listener hears of it."""
        self._kept = []

    def subscribe(self, listener: Listener, *, from_the_start: bool = False) -> Callable[[], None]:
        """Listen; the answer ends it. ``from_the_start``: to what was kept, too, which is then forgotten."""
        if from_the_start:
            kept, self._kept = self._kept or (), None
            for notice in kept:
                _tell(listener, notice)
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def publish(self, notice: Notice) -> None:
        """Tell everybody. A listener that fails is logged and does not keep the others from hearing it."""
        if self._kept is not None:
            self._kept.append(notice)
        for listener in tuple(self._listeners):
            _tell(listener, notice)


def _tell(listener: Listener, notice: Notice) -> None:
    try:
        listener(notice)
    except Exception:
        log.exception("notices: a listener failed on %s", type(notice).__name__)
