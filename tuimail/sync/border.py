# SPDX-License-Identifier: GPL-3.0-or-later
"""The border of a task that goes on as long as the program: no error, a mistake of ours included, ends more than one turn."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from tuimail.model.errors import TuimailError

log = logging.getLogger(__name__)
_PAUSE, _SHORT_PAUSE = 60.0, 10.0
"""Seconds until what failed is begun anew; the short one where it is known why, as of a disk that is full."""
Work = Callable[[], Awaitable[None]]


async def guarded(work: Work, account: str, told: Callable[[Work, TuimailError], Awaitable[None]]) -> None:
    """Do it over and over. ``told`` is given the error that whoever waits for it gets: nobody shall wait in vain."""
    while True:
        try:
            await work()
        except TuimailError as known:
            log.error("sync: %s failed for account %s: %s", getattr(work, "__name__", "work"), account, known)
            await told(work, known)
            await asyncio.sleep(_SHORT_PAUSE)
        except Exception:  # whatever mail or a server brought us to, the next mail shall come
            log.exception("sync: %s failed for account %s", getattr(work, "__name__", "work"), account)
            error = TuimailError(
                f"A mistake of tuimail's own stopped its work for the account {account}.",
                "It begins anew in a minute; the log has the details.",
            )
            await told(work, error)
            await asyncio.sleep(_PAUSE)
