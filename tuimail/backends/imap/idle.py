# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for the server to tell of a change: IDLE (RFC 2177), and NOTIFY for other folders; else NOOP now and then.

IDLE goes on when nobody waits any more, and ends when the next command is said: so waiting can be cancelled at any moment.
"""

import asyncio
import time
from contextlib import suppress
from dataclasses import replace
from typing import Any

from tuimail.backends.imap import notify
from tuimail.backends.imap.flights import Flight
from tuimail.backends.imap.mailbox import Mailbox
from tuimail.backends.imap.session import Session
from tuimail.backends.imap.wire.arguments import command
from tuimail.backends.port import ServerChange
from tuimail.model.errors import Offline

NOOP_SECONDS = 20.0
PROBE_SECONDS = 270.0
"""A server that idles longer than this in silence is asked for a sign of life."""
LOOK_SECONDS = 10.0
"""How often the clocks are compared: after suspension they differ, and the connection is probed at once."""
AWAKE_SECONDS = 15.0
"""How long the server may take to answer then: mostly the connection is dead, and nobody says so."""
_SLEPT = 30.0
"""Seconds by which the clocks must differ to mean that the computer slept."""
_WHAT = "Wait for new mail"


async def idle(session: Session, seconds: float) -> ServerChange:
    """Wait until something changes or the time is over."""
    mailbox = session.current()
    end = asyncio.get_running_loop().time() + seconds
    if not (mailbox.changes.happened.is_set() or session.elsewhere.changed):
        await notify.begin(session)
        if session.capabilities.idle:
            await _idle(session, mailbox, end)
        else:
            await _poll(session, mailbox, end)
    return replace(mailbox.changes.take(), folders_changed=session.elsewhere.take())


async def _idle(session: Session, mailbox: Mailbox, end: float) -> None:
    loop = asyncio.get_running_loop()
    while not mailbox.changes.happened.is_set() and (left := end - loop.time()) > 0:
        flight = await session.dialogue.begin_idle()
        wall, steady = time.time(), time.monotonic()
        await _wait(mailbox, flight, min(left, LOOK_SECONDS))
        if flight.done.done():
            response = await flight.done
            if response.status != "OK" or flight.idles:  # the server refuses to idle after all, or ended it by itself
                return await _poll(session, mailbox, end)
            return None  # another command ended it
        if abs((time.time() - wall) - (time.monotonic() - steady)) > _SLEPT:
            await _wake(session)
        elif loop.time() - session.protocol.heard > PROBE_SECONDS:
            await session.dialogue.run(command(b"NOOP"), _WHAT)
    if not mailbox.changes.happened.is_set():
        await session.dialogue.end_idle()
    return None


async def _wake(session: Session) -> None:
    """Ask for a sign of life. Raises Offline when there is none soon."""
    try:
        async with asyncio.timeout(AWAKE_SECONDS):
            await session.dialogue.run(command(b"NOOP"), _WHAT)
    except TimeoutError as error:
        lost = Offline("The connection did not survive that the computer slept.")
        session.protocol.fail(lost)
        raise lost from error


async def _poll(session: Session, mailbox: Mailbox, end: float) -> None:
    loop = asyncio.get_running_loop()
    while True:
        await session.dialogue.run(command(b"NOOP"), _WHAT)
        left = end - loop.time()
        if left <= 0 or mailbox.changes.happened.is_set():
            return
        await _wait(mailbox, None, min(left, NOOP_SECONDS))
        if mailbox.changes.happened.is_set():
            return


async def _wait(mailbox: Mailbox, flight: Flight | None, seconds: float) -> None:
    """Until a change, the end of the command, or the time is over."""
    happened = asyncio.ensure_future(mailbox.changes.happened.wait())
    until: list[asyncio.Future[Any]] = [happened, flight.done] if flight else [happened]
    try:
        await asyncio.wait(until, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        happened.cancel()
        with suppress(asyncio.CancelledError):
            await happened
