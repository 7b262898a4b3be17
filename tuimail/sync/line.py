# SPDX-License-Identifier: GPL-3.0-or-later
"""One connection of an account, made when it is first needed and again after it was lost. One user at a time."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

from tuimail.backends.port import MailBackend, Opening
from tuimail.model.errors import Offline, ServerBroken, TuimailError

T = TypeVar("T")


def _nothing() -> None:
    pass


class Line:
    """A connection."""

    def __init__(self, factory: Callable[[], MailBackend], opening: Callable[[], Opening | None] = _nothing) -> None:
        """``opening`` tells what is to be opened along with the sign-in."""
        self._factory = factory
        self._opening = opening
        self._lock = asyncio.Lock()
        self._backend: MailBackend | None = None
        self._spare: asyncio.Task[Any] | None = None

    @contextlib.asynccontextmanager
    async def use(self) -> AsyncIterator[MailBackend]:
        """The connection, signed in, for as long as the block lasts. Raises the port's errors."""
        if self._spare is not None:
            self._spare.cancel()
        async with self._hold() as backend:
            yield backend

    async def ready(self) -> None:
        """Make the connection before anybody needs it. A failure is left to who does."""
        with contextlib.suppress(TuimailError):
            async with self._hold() as backend:
                if (opening := self._opening()) is not None:
                    await backend.select(opening.folder, opening.known, read_only=opening.read_only, fresh=False)

    async def spare(self, work: Callable[[MailBackend], Awaitable[T]]) -> T | None:
        """Do what is of no hurry, while nobody else wants the connection. None: it was given up, or not begun."""
        if self._lock.locked():
            return None

        async def hold() -> T:
            async with self._hold() as backend:
                return await work(backend)

        self._spare = spare = asyncio.create_task(hold(), name="sync: spare")
        try:
            return await spare
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            return None
        finally:
            self._spare = None

    @contextlib.asynccontextmanager
    async def _hold(self) -> AsyncIterator[MailBackend]:
        async with self._lock:
            if self._backend is None:
                backend = self._factory()
                try:
                    await backend.connect(self._opening())
                except BaseException:
                    await backend.close()
                    raise
                self._backend = backend
            try:
                yield self._backend
            except (Offline, ServerBroken):
                await self._drop()
                raise

    async def repeat(self, work: Callable[[MailBackend], Awaitable[T]]) -> T:
        """Do what may be done twice: once more on a new connection, when the one at hand turns out to be lost."""
        at_hand = self._backend is not None
        try:
            async with self.use() as backend:
                return await work(backend)
        except Offline:
            if not at_hand:
                raise
        async with self.use() as backend:
            return await work(backend)

    async def close(self) -> None:
        """Close it once nobody uses it; the next use makes a new one."""
        async with self._lock:
            await self._drop()

    async def end(self) -> None:
        """Close it at once, whoever uses it: for them the connection is lost. The next use makes a new one."""
        await self._drop()

    async def _drop(self) -> None:
        backend, self._backend = self._backend, None
        if backend is not None:
            await backend.close()
