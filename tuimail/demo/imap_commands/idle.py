# SPDX-License-Identifier: GPL-3.0-or-later
"""IDLE (RFC 2177)."""

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
    line = await session.line_telling(expunges=True)
    if line.upper() != b"DONE":
        raise Bad("Expected DONE")
    return "IDLE done"


COMMANDS = {"IDLE": Command(idle, needs=("IDLE",))}
