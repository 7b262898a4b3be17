# SPDX-License-Identifier: GPL-3.0-or-later
"""The cutting proxy for who does not run an event loop."""

import asyncio
import inspect
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from tests.servers.proxy import Proxy

_PATIENCE = 60.0


class Wire:
    """A context manager: a proxy to a server, on a thread of its own."""

    def __init__(self, host: str, port: int) -> None:
        self._loop = asyncio.new_event_loop()
        self._proxy = Proxy(host, port)
        self._thread = threading.Thread(target=self._loop.run_forever, name="wire", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.do(Proxy.listen)
        self.port = self._proxy.port
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.do(lambda proxy: proxy.__aexit__(None, None, None))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def do(self, deed: Callable[[Proxy], object]) -> None:
        """Do something to the wire; it is done when this returns."""

        async def doing() -> None:
            done = deed(self._proxy)
            if inspect.isawaitable(done):
                await done

        asyncio.run_coroutine_threadsafe(doing(), self._loop).result(_PATIENCE)

    def heal(self) -> None:
        """As if nothing had ever been done to it; lines that are lost stay so."""

        async def healing(proxy: Proxy) -> None:
            proxy.limit = None
            proxy.release()
            if not proxy.is_listening:
                await proxy.listen()

        self.do(healing)

    @property
    def passed(self) -> int:
        """Octets so far."""
        return self._proxy.passed

    @property
    def connections(self) -> int:
        """Connections so far."""
        return self._proxy.connections
