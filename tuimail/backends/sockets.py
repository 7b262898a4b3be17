# SPDX-License-Identifier: GPL-3.0-or-later
"""From a host name to a connected socket, by happy eyeballs (RFC 8305): a family of addresses that leads nowhere costs `GRACE`.

asyncio has such a race as well, and loses the socket that won it when it is cancelled in that moment.
"""

import asyncio
import socket
from collections.abc import Callable, Coroutine, Iterable, Sequence
from itertools import chain, zip_longest
from typing import Any

from tuimail.backends.early import GRACE

_Found = tuple[int, int, int, str, Any]
"""One answer of getaddrinfo: family, type, protocol, name, address."""
Connect = Callable[[_Found], Coroutine[Any, Any, socket.socket]]


async def socket_to(host: str, port: int) -> socket.socket:
    """A connection, which the caller closes. Raises OSError: of the first address, where none of them answers."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return await race(alternating(found), _connected)


def alternating(found: Iterable[_Found]) -> list[_Found]:
    """The families in turn, each in its order (RFC 8305 §4)."""
    families: dict[int, list[_Found]] = {}
    for one in found:
        families.setdefault(one[0], []).append(one)
    return [one for one in chain.from_iterable(zip_longest(*families.values())) if one is not None]


async def race(addresses: Sequence[_Found], connect: Connect, grace: float = GRACE) -> socket.socket:
    """The first that connects; the next one begins when the one before failed, or did not get there in ``grace`` seconds."""
    attempts: list[asyncio.Task[socket.socket]] = []
    won: socket.socket | None = None
    try:
        for number, address in enumerate(addresses, 1):
            attempts.append(asyncio.create_task(connect(address), name="connect"))
            won = await _winner(attempts, grace if number < len(addresses) else None)
            if won is not None:
                return won
    finally:
        for attempt in attempts:
            if attempt.cancel() or attempt.cancelled() or attempt.exception() is not None:
                continue
            if attempt.result() is not won:
                attempt.result().close()
    raise next((error for attempt in attempts if (error := attempt.exception())), OSError("The name has no address."))


async def _winner(attempts: Iterable[asyncio.Task[socket.socket]], seconds: float | None) -> socket.socket | None:
    """None: the next address may be tried; without ``seconds``, all of them failed."""
    under_way = {attempt for attempt in attempts if not attempt.done()}
    while under_way:
        done, under_way = await asyncio.wait(under_way, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for attempt in done:
            if attempt.exception() is None:
                return attempt.result()
        if seconds is not None:
            return None
    return None


async def _connected(address: _Found) -> socket.socket:
    family, kind, protocol, _, where = address
    line = socket.socket(family, kind, protocol)
    try:
        line.setblocking(False)
        await asyncio.get_running_loop().sock_connect(line, where)
    except BaseException:
        line.close()
        raise
    return line
