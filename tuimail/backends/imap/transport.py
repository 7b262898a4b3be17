# SPDX-License-Identifier: GPL-3.0-or-later
"""From a host name to a transport of asyncio."""

import asyncio
import socket
import ssl
from collections.abc import Callable

from tuimail.backends.sockets import socket_to

_KEEPALIVE = (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4))


def keep_alive(transport: asyncio.BaseTransport) -> None:
    """Have the system notice a peer that is gone while nothing is said."""
    line: socket.socket | None = transport.get_extra_info("socket")
    if line is not None and line.family in (socket.AF_INET, socket.AF_INET6):
        line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in _KEEPALIVE:
            if hasattr(socket, name):
                line.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


async def transport_to(
    protocol: Callable[[], asyncio.Protocol], host: str, port: int, context: ssl.SSLContext | None, line: socket.socket | None
) -> tuple[asyncio.BaseTransport, asyncio.Protocol]:
    """Connect over ``line``, which is closed where that fails, else over a new one. ``context`` for TLS from the beginning."""
    made = line or await socket_to(host, port)
    return await asyncio.get_running_loop().create_connection(
        protocol, sock=made, ssl=context, server_hostname=host if context else None
    )
