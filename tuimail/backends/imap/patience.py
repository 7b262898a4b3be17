# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the server is waited for. An octet now and then is no answer, and a line now and then (``* OK Still here``) is none
for ever: who says no more than that is given up as well.
"""

import asyncio
from collections.abc import Callable

from tuimail.backends.imap import limits
from tuimail.model.errors import Offline

_MEANT = 512
"""Octets that are a sign of life without a whole response: of a long one on a slow line."""
_MUCH = 1 << 16
"""Octets that are a part of an answer, however it goes on. So large an answer comes from a server that gets on."""


class Patience:
    """Measures, while the server owes an answer, the time since it said something that counts, and since it got on."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        seconds: float,
        owed: Callable[[], float],
        give_up: Callable[[Offline], None],
    ) -> None:
        """``give_up`` is called when nothing came in ``seconds``, or no part of an answer in as many as ``owed`` tells.

        That is 0 when no answer is awaited.
        """
        self._loop, self._seconds, self._owed, self._give_up = loop, seconds, owed, give_up
        self.signed_in = False
        """Until then nothing counts but the end of an answer: all that is asked before has a short one."""
        self.heard = loop.time()
        """When the server last said anything at all, in the loop's time."""
        self._counted = self._got_on = self.heard
        self._octets = self._part = 0
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """An answer is awaited from now on."""
        self.gets_on()
        if self._timer is None:
            self._timer = self._loop.call_later(min(self._seconds, limits.ANSWER_SECONDS), self._look)

    def end(self) -> None:
        """Nothing is awaited any more."""
        if self._timer is not None:
            self._timer.cancel()

    def came(self, octets: int) -> None:
        """So many octets were read, and inflated."""
        self.heard = self._loop.time()
        self._octets += octets
        self._part += octets
        if self.signed_in and self._part >= _MUCH:
            self.gets_on()
        if self.signed_in and self._octets >= _MEANT:
            self.counts()

    def counts(self) -> None:
        """Something came that is more than an octet."""
        self.heard = self._counted = self._loop.time()
        self._octets = 0

    def gets_on(self) -> None:
        """An answer came, or a large part of one, or the server took what we say."""
        self.counts()
        self._got_on = self._counted
        self._part = 0

    def _look(self) -> None:
        self._timer = None
        if not (owed := self._owed()):
            return
        now = self._loop.time()
        silent, late = self._counted + self._seconds - now, self._got_on + owed - now
        if min(silent, late) > 0:
            self._timer = self._loop.call_later(min(silent, late), self._look)
        elif late <= 0 or self.heard > self._counted:
            seconds = owed if late <= 0 else self._seconds
            self._give_up(Offline(f"The mail server did not end its answer within {seconds:.0f} seconds."))
        else:
            self._give_up(Offline(f"The mail server was silent for {self._seconds:.0f} seconds."))
