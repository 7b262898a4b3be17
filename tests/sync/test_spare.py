# SPDX-License-Identifier: GPL-3.0-or-later
"""One connection and who may use it: what is of no hurry gives way."""

import asyncio

import pytest

from tests.sync.memory_backend import MemoryBackend
from tests.sync.memory_server import MemoryServer, Traits
from tuimail.backends.port import MailBackend
from tuimail.model.errors import Offline
from tuimail.sync.line import Line


@pytest.fixture
def line() -> Line:
    server = MemoryServer(Traits())
    return Line(lambda: MemoryBackend(server))


async def name(backend: MailBackend) -> str:
    return type(backend).__name__


async def test_spare_work_is_done_while_nobody_else_wants_the_connection(line: Line) -> None:
    assert await line.spare(name) == "MemoryBackend"


async def test_spare_work_gives_way_to_any_other(line: Line) -> None:
    begun, never = asyncio.Event(), asyncio.Event()

    async def long(backend: MailBackend) -> str:
        begun.set()
        await never.wait()
        return "done"

    spare = asyncio.create_task(line.spare(long))
    await begun.wait()
    async with line.use():
        assert await spare is None
        assert await line.spare(name) is None
    assert await line.spare(name) == "MemoryBackend"


async def test_spare_work_ends_with_who_wanted_it(line: Line) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def long(backend: MailBackend) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    spare = asyncio.create_task(line.spare(long))
    await begun.wait()
    spare.cancel()
    with pytest.raises(asyncio.CancelledError):
        await spare
    assert ended.is_set()
    assert await line.spare(name) == "MemoryBackend"


async def test_spare_work_tells_of_a_lost_connection(line: Line) -> None:
    async def lost(backend: MailBackend) -> None:
        raise Offline("Gone.")

    with pytest.raises(Offline):
        await line.spare(lost)
    assert await line.spare(name) == "MemoryBackend"
