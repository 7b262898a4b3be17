# SPDX-License-Identifier: GPL-3.0-or-later
"""From a host name to a transport of asyncio."""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Callable

from tuimail.backends.early import GRACE


async def transport_to(
    protocol: Callable[[], asyncio.Protocol], host: str, port: int, context: ssl.SSLContext | None, line: socket.socket | None
) -> tuple[asyncio.BaseTransport, asyncio.Protocol]:
    """Connect over ``line``, else over a new one with happy eyeballs (RFC 8305): a family that leads nowhere costs `GRACE`.
    ``context`` for TLS from the beginning.

    An address has one family, and asyncio's race leaves a socket behind when it is cancelled in the moment it is won.
    """
    loop = asyncio.get_running_loop()
    if line is not None:
        return await loop.create_connection(protocol, sock=line, ssl=context, server_hostname=host if context else None)
    delay = None if _is_address(host) else GRACE
    return await loop.create_connection(protocol, host, port, ssl=context, happy_eyeballs_delay=delay)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
