# SPDX-License-Identifier: GPL-3.0-or-later
"""One connection, made when it is needed."""

import pytest

from tests.sync.memory_backend import MemoryBackend
from tests.sync.memory_server import MemoryServer, Traits
from tuimail.backends.port import MailBackend
from tuimail.model.errors import Offline
from tuimail.sync.line import Line


class Exchange:
    """Makes connections to one server, and counts them."""

    def __init__(self) -> None:
        self.server = MemoryServer(Traits())
        self.made = 0

    def __call__(self) -> MailBackend:
        self.made += 1
        return MemoryBackend(self.server)


async def names(backend: MailBackend) -> list[str]:
    return [listing.name for listing in await backend.folders()]


async def test_what_may_be_done_twice_is_done_again_on_a_new_connection() -> None:
    exchange = Exchange()
    line = Line(exchange)
    assert "INBOX" in await line.repeat(names)
    exchange.server.lose_turns = 1
    assert "INBOX" in await line.repeat(names)
    assert exchange.made == 2


async def test_a_new_connection_that_is_lost_is_not_tried_again_at_once() -> None:
    exchange = Exchange()
    exchange.server.lose_turns = 1
    with pytest.raises(Offline):
        await Line(exchange).repeat(names)
    assert exchange.made == 1


async def test_who_may_not_repeat_is_told_and_the_next_one_gets_a_new_connection() -> None:
    exchange = Exchange()
    line = Line(exchange)
    await line.repeat(names)
    exchange.server.lose_turns = 1
    with pytest.raises(Offline):
        async with line.use() as backend:
            await names(backend)
    async with line.use() as backend:
        assert "INBOX" in await names(backend)
    assert exchange.made == 2
