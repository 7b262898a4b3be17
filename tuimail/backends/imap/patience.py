# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the server is waited for. An octet now and then is no answer: who says no more than that is given up as well."""

import asyncio
from collections.abc import Callable

from tuimail.model.errors import Offline

_MEANT = 512
"""Octets that are a sign of life without a whole response: of a long one on a slow line."""


class Patience:
    """Measures, while the server owes an answer, the time since it said something that counts."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        seconds: float,
        owes: Callable[[], bool],
        give_up: Callable[[Offline], None],
    ) -> None:
        """``owes`` tells whether an answer is awaited; ``give_up`` is called when it did not come in ``seconds``."""
        self._loop, self._seconds, self._owes, self._give_up = loop, seconds, owes, give_up
        self.signed_in = False
        """Until then nothing counts but the end of an answer: all that is asked before has a short one."""
        self.heard = loop.time()
        """When the server last said anything at all, in the loop's time."""
        self._counted = self.heard
        self._octets = 0
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """An answer is awaited from now on."""
        self.counts()
        if self._timer is None:
            self._timer = self._loop.call_later(self._seconds, self._look)

    def end(self) -> None:
        """Nothing is awaited any more."""
        if self._timer is not None:
            self._timer.cancel()

    def came(self, octets: int) -> None:
        """So many octets were read, and inflated."""
        self.heard = self._loop.time()
        self._octets += octets
        if self.signed_in and self._octets >= _MEANT:
            self.counts()

    def counts(self) -> None:
        """Something came that is more than an octet, or was taken by the server."""
        self.heard = self._counted = self._loop.time()
        self._octets = 0

    def _look(self) -> None:
        self._timer = None
        if not self._owes():
            return
        left = self._counted + self._seconds - self._loop.time()
        if left > 0:
            self._timer = self._loop.call_later(left, self._look)
        elif self.heard > self._counted:
            self._give_up(Offline(f"The mail server did not end its answer within {self._seconds:.0f} seconds."))
        else:
            self._give_up(Offline(f"The mail server was silent for {self._seconds:.0f} seconds."))
