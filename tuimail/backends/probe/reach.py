# SPDX-License-Identifier: GPL-3.0-or-later
"""From a host name to open ports: every address is tried, of both families."""

import asyncio
import errno
import socket
import time
from collections.abc import AsyncGenerator

from tuimail.backends.log import ProtocolLog
from tuimail.backends.probe.line import Line
from tuimail.model.account import ServerAddress
from tuimail.model.check import StepStatus
from tuimail.model.finding import Cause, Finding

_MOST = 8
"""Addresses of one name that are tried."""
_NO_ROUTE = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.ENETDOWN})
_WORDS = {
    Cause.REFUSED: "the connection was refused",
    Cause.FILTERED: "no answer in time",
    Cause.NO_ROUTE: "there is no way there",
    Cause.CLOSED: "the connection broke",
}


async def resolved(host: str, seconds: float) -> tuple[Finding, tuple[str, ...]]:
    """The addresses of a name, IPv6 and IPv4."""
    began = time.monotonic()
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(seconds):
            found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError, UnicodeError) as error:
        unsure = isinstance(error, TimeoutError) or (isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN)
        cause, words = (Cause.NO_DNS, "cannot be looked up now") if unsure else (Cause.NAME_UNKNOWN, "has no address")
        return Finding("name", StepStatus.FAIL, f"{host} {words}", cause, host, time.monotonic() - began), ()
    addresses = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))[:_MOST]
    return Finding("name", StepStatus.OK, f"{host} is {', '.join(addresses)}", seconds=time.monotonic() - began), addresses


async def connected(
    server: ServerAddress, addresses: tuple[str, ...], log: ProtocolLog | None, seconds: float
) -> AsyncGenerator[tuple[Finding, str]]:
    """Try each address; with what was found, the address where somebody listens, else an empty text.

    What fails is a warning as long as another address may do.
    """
    async with asyncio.TaskGroup() as group:
        tried = [group.create_task(_try(address, server.port, log, seconds)) for address in addresses]
    results = [task.result() for task in tried]
    works = any(cause is None for cause, _ in results)
    for address, (cause, took) in zip(addresses, results, strict=True):
        where = f"[{address}]:{server.port}" if ":" in address else f"{address}:{server.port}"
        if cause is None:
            yield Finding("connect", StepStatus.OK, f"{where} answers", seconds=took), address
        else:
            status = StepStatus.WARN if works else StepStatus.FAIL
            family = "IPv6" if ":" in address else "IPv4"
            yield Finding("connect", status, f"{where}: {_WORDS[cause]}", cause, family, took), ""


async def _try(address: str, port: int, log: ProtocolLog | None, seconds: float) -> tuple[Cause | None, float]:
    began = time.monotonic()
    cause: Cause | None = None
    try:
        line = await Line.connect(address, port, log, seconds)
        await line.close()
    except TimeoutError:
        cause = Cause.FILTERED
    except ConnectionRefusedError:
        cause = Cause.REFUSED
    except OSError as error:
        cause = Cause.NO_ROUTE if error.errno in _NO_ROUTE else Cause.CLOSED
    return cause, time.monotonic() - began
