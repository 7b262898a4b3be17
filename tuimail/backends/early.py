# SPDX-License-Identifier: GPL-3.0-or-later
"""TCP connections that are made while the program is imported: the name is resolved and the handshake done when the event loop
begins. Nothing is said on them. Who connects takes one over where there is one, and makes its own where there is none.
"""

import socket
from concurrent.futures import Future, InvalidStateError
from threading import Thread

GRACE = 0.25
"""Seconds that a connection which is still being made is waited for: as long as a family of addresses gets (RFC 8305 §5)."""
_SECONDS = 20.0
"""For one address."""


class EarlyLines:
    """At most one connection to each server."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, int], Future[socket.socket]] = {}

    def begin(self, host: str, port: int) -> None:
        """Connect, in a thread; may be called from any."""
        if (host, port) not in self._lines:
            made = self._lines[host, port] = Future[socket.socket]()
            Thread(target=_connect, args=(host, port, made), name=f"connect to {host}", daemon=True).start()

    async def take(self, host: str, port: int) -> socket.socket | None:
        """The connection to a server, once; the caller closes it. None: there is none, or it is not there soon enough."""
        made = self._lines.pop((host, port), None)
        if made is None:
            return None
        import asyncio

        line: socket.socket | None = None
        try:
            async with asyncio.timeout(GRACE):
                line = await asyncio.wrap_future(made)
        except (OSError, UnicodeError):
            pass
        finally:
            if line is None:
                _forget(made)
        return line

    def close(self) -> None:
        """Close what nobody took."""
        while self._lines:
            _, made = self._lines.popitem()
            _forget(made)


def _forget(made: Future[socket.socket]) -> None:
    """Close the connection; one that is still being made is closed by who makes it."""
    if not made.cancel() and made.exception() is None:
        made.result().close()


def _connect(host: str, port: int, made: Future[socket.socket]) -> None:
    try:
        # As octets, an address or a plain name takes no table of IDNA to be looked up.
        name = host.encode("ascii") if host.isascii() else host
        line = socket.create_connection((name, port), _SECONDS)  # type: ignore[arg-type]  # getaddrinfo takes octets, too
    except (OSError, UnicodeError) as error:
        if not made.cancelled():
            made.set_exception(error)
        return
    line.setblocking(False)
    try:
        made.set_result(line)
    except InvalidStateError:  # nobody waits any more
        line.close()
