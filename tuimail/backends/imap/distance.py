# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether compression pays (RFC 4978): on a line that stays on the machine octets travel faster than they can be compressed.

What looks like such a line can be the end of a tunnel, so its round trip is measured.
"""

import asyncio

from tuimail.backends.imap.along import COMPRESS, compress
from tuimail.backends.imap.session import Session
from tuimail.backends.imap.wire.arguments import command

_NEAR = 0.01
"""Seconds of a round trip within one machine, however much it has to do."""
_TRIES = 8


async def compress_if_far(session: Session) -> None:
    """On a connection without compression over which much is about to be read. Raises the port's errors."""
    if COMPRESS in session.capabilities.names and not await _is_near(session):
        await session.dialogue.hear(compress(session))


async def _is_near(session: Session) -> bool:
    """Whether one of some round trips is short: what else the machine does can only make them longer."""
    clock = asyncio.get_running_loop().time
    for _ in range(_TRIES):
        begun = clock()
        await session.dialogue.run(command(b"NOOP"), "Measure the line")
        if clock() - begun < _NEAR:
            return True
    return False
