# SPDX-License-Identifier: GPL-3.0-or-later
"""Older messages are read downwards, the newest of them without waiting for the numbers of all."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sync.test_fill_process import POOR, Report, all_is_here, at_home, process
from tuimail.demo.servers import DemoServers
from tuimail.sync import fill
from tuimail.sync.worker import FillOrder

FOLDER = "Archive"
MODERN = frozenset[str]()


@pytest.fixture
def servers() -> Iterator[DemoServers]:
    with DemoServers(1000) as servers:
        yield servers


def thin_out(servers: DemoServers) -> None:
    """The messages of a folder get numbers that lie far apart."""
    for at, shot in enumerate(servers.snapshot()[FOLDER]):
        if at % 3:
            servers.expunge(FOLDER, shot.uid)


@pytest.mark.parametrize("without", [MODERN, POOR], ids=["modern", "poor"])
async def test_numbers_far_apart_are_all_read(
    tmp_path: Path, servers: DemoServers, without: frozenset[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fill, "_CHUNKS", (5, 5))
    servers.faults.without = without
    thin_out(servers)
    async with at_home(tmp_path / "store", servers, None) as home:
        await all_is_here(home)
        assert len(home.shown()[FOLDER]) > 70


async def test_the_newest_are_read_here_however_far_apart_their_numbers_are(
    tmp_path: Path, servers: DemoServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("HUGE", 5), ("_CHUNKS", (5, 5)), ("_IN_LOOP", 5)):
        monkeypatch.setattr(fill, name, value)
    thin_out(servers)
    worker, read_before = process(servers, tmp_path / "store"), []

    async with contextlib.AsyncExitStack() as stack:

        async def noted(order: FillOrder, report: Report) -> None:
            read_before.append((order.name, len(home.shown()[order.name])))
            await worker(order, report)

        home = await stack.enter_async_context(at_home(tmp_path / "store", servers, noted))
        await all_is_here(home)
    assert dict(read_before)[FOLDER] >= 55


async def test_a_small_folder_is_not_searched(tmp_path: Path, servers: DemoServers) -> None:
    async with at_home(tmp_path / "store", servers, None) as home:
        await all_is_here(home)
    assert [line for line in servers.log if "UID FETCH" in line]
    assert not [line for line in servers.log if "SEARCH" in line]
