# SPDX-License-Identifier: GPL-3.0-or-later
"""From a host name to a transport of asyncio."""

import asyncio
import socket
import ssl
from collections.abc import Callable

from tuimail.backends.sockets import socket_to


async def transport_to(
    protocol: Callable[[], asyncio.Protocol], host: str, port: int, context: ssl.SSLContext | None, line: socket.socket | None
) -> tuple[asyncio.BaseTransport, asyncio.Protocol]:
    """Connect over ``line``, which is closed where that fails, else over a new one. ``context`` for TLS from the beginning."""
    made = line or await socket_to(host, port)
    return await asyncio.get_running_loop().create_connection(
        protocol, sock=made, ssl=context, server_hostname=host if context else None
    )
