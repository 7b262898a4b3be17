# SPDX-License-Identifier: GPL-3.0-or-later
"""A world that was synced once."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.sync.memory_server import Traits
from tests.sync.world import World

MakeWorld = Callable[..., Awaitable[World]]


@pytest.fixture
async def make_world(tmp_path: Path) -> AsyncIterator[MakeWorld]:
    """Makes a world with this many messages in INBOX, synced once."""
    worlds: list[World] = []

    async def make(traits: Traits | None = None, messages: int = 3) -> World:
        world = World(tmp_path / "store", traits or Traits())
        worlds.append(world)
        for _ in range(messages):
            world.deliver("INBOX")
        await world.quiet()
        world.server.log.clear()
        return world

    yield make
    for world in worlds:
        world.close()
