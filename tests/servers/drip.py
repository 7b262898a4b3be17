# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that says a little now and then: so slowly that it would put an answer off for ever."""

import asyncio
from itertools import count

_SECONDS = 0.2
"""Between two words: less than the patience that the tests allow, so that it is not silence."""


async def drip(writer: asyncio.StreamWriter, said: bytes, times: int | None = None) -> None:
    """Say it so many times; None: until the client is gone."""
    for _ in count() if times is None else range(times):
        if writer.is_closing():
            return
        writer.write(said)
        await asyncio.sleep(_SECONDS)
