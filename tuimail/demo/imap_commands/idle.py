# SPDX-License-Identifier: GPL-3.0-or-later
"""IDLE (RFC 2177)."""

import asyncio
from typing import TYPE_CHECKING

from tuimail.demo.grammar import Arguments, Bad
from tuimail.demo.imap_commands.command import Command

if TYPE_CHECKING:
    from tuimail.demo.session import Session


async def idle(session: "Session", arguments: Arguments) -> str:
    """Tell of every change at once, until the client says DONE."""
    arguments.end()
    session.wire.send(b"+ idling\r\n")
    await session.wire.flush()
    line = asyncio.ensure_future(session.wire.line())
    try:
        while not line.done():
            await session.leave_if_stale()
            session.tell_updates()
            await session.wire.flush()
            await _line_or_change(session, line)
    finally:
        if not line.done():
            line.cancel()
    if line.result().upper() != b"DONE":
        raise Bad("Expected DONE")
    return "IDLE done"


async def _line_or_change(session: "Session", line: "asyncio.Future[bytes]") -> None:
    if session.site.faults.silent_idle:
        await asyncio.wait([line])
        return
    change = asyncio.ensure_future(_change(session))
    try:
        await asyncio.wait([line, change], return_when=asyncio.FIRST_COMPLETED)
    finally:
        change.cancel()


async def _change(session: "Session") -> bytes:
    await session.wake.wait()
    return b""


COMMANDS = {"IDLE": Command(idle, needs=("IDLE",))}
