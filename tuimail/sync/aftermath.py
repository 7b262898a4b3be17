# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server may still do of what it was told on a connection that was cut, and how long it is waited for.

No answer comes any more, and what it does later than the pulls that look whether it was done would be done twice. So the
folders are looked at until nothing was added to them for a while: the first time for as long as the answer had been waited
for, and longer each time that something came.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection
from typing import Protocol, TypeVar

from tuimail.backends.port import MailBackend
from tuimail.model.errors import ServerRefused

T = TypeVar("T")
_Seen = tuple[int, int | None] | None
"""Of a folder: messages, UIDNEXT. None: it cannot be opened."""
_QUIET, _QUIETEST = 2.0, 30.0
"""Seconds without anything new, after which the server is taken to be done: at least, and at most."""
_GIVEN_UP = 120.0
"""Seconds after the cut from which on it is not waited for: somebody else adds to these folders."""


class Repeats(Protocol):
    """As `tuimail.sync.line.Line`."""

    async def repeat(self, work: Callable[[MailBackend], Awaitable[T]]) -> T:
        """Do what may be done twice, on a connection."""
        ...


class Aftermath:
    """Of the latest connection that was lost with an answer under way."""

    def __init__(self, waited: float = 0.0) -> None:
        """``waited``: seconds for which the answer was waited for."""
        self._lost = time.monotonic()
        self._quiet = min(max(waited, _QUIET), _QUIETEST)

    async def over(self, line: Repeats, folders: Collection[str]) -> None:
        """Wait until the server has come to rest, as far as can be seen in these folders. Raises the port's errors."""

        async def look(backend: MailBackend) -> list[_Seen]:
            return [await _seen(backend, folder) for folder in folders]

        there: list[_Seen] | None = None
        while time.monotonic() < self._lost + _GIVEN_UP:
            before, there = there, await line.repeat(look)
            if before == there:
                return
            if before is not None:
                self._quiet = min(2 * self._quiet, _QUIETEST)
            await asyncio.sleep(self._quiet)


async def _seen(backend: MailBackend, folder: str) -> _Seen:
    try:
        selected = await backend.select(folder, read_only=True)
    except ServerRefused:
        return None
    return selected.exists, selected.uidnext
