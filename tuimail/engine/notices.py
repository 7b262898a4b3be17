# SPDX-License-Identifier: GPL-3.0-or-later
"""Publish and subscribe for `tuimail.model.notice`. All in the thread of the event loop."""

import logging
from collections.abc import Callable

from tuimail.model.notice import Notice

log = logging.getLogger(__name__)
Listener = Callable[[Notice], None]


class Notices:
    """Hands each notice to every listener."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Listen; the answer ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def publish(self, notice: Notice) -> None:
        """Tell everybody. A listener that fails is logged and does not keep the others from hearing it."""
        for listener in tuple(self._listeners):
            try:
                listener(notice)
            except Exception:
                log.exception("notices: a listener failed on %s", type(notice).__name__)
