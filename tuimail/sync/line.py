# SPDX-License-Identifier: GPL-3.0-or-later
"""One connection of an account, made when it is first needed and again after it was lost. One user at a time."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from tuimail.backends.port import MailBackend
from tuimail.model.errors import Offline, ServerBroken


class Line:
    """A connection."""

    def __init__(self, factory: Callable[[], MailBackend]) -> None:
        self._factory = factory
        self._lock = asyncio.Lock()
        self._backend: MailBackend | None = None

    @contextlib.asynccontextmanager
    async def use(self) -> AsyncIterator[MailBackend]:
        """The connection, signed in, for as long as the block lasts. Raises the port's errors."""
        async with self._lock:
            if self._backend is None:
                backend = self._factory()
                try:
                    await backend.connect()
                except BaseException:
                    await backend.close()
                    raise
                self._backend = backend
            try:
                yield self._backend
            except (Offline, ServerBroken):
                await self._drop()
                raise

    async def close(self) -> None:
        """Close it once nobody uses it; the next use makes a new one."""
        async with self._lock:
            await self._drop()

    async def _drop(self) -> None:
        backend, self._backend = self._backend, None
        if backend is not None:
            await backend.close()
