# SPDX-License-Identifier: GPL-3.0-or-later
"""On a new connection the folder on the screen comes before everything else."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sync.test_account_loop import PATIENCE, Home
from tuimail.demo.faults import Faults
from tuimail.demo.servers import DemoServers
from tuimail.model.flags import SEEN
from tuimail.model.folder import FolderRole
from tuimail.sync import fill
from tuimail.sync.worker import FillOrder


def words(servers: DemoServers, *wanted: str) -> list[str]:
    """The first word of wanted commands, in the order in which the server heard them."""
    heard = []
    for line in servers.log:
        found = line.upper().split()
        heard += [word for word in wanted if word in found[:4]][:1]
    return heard


async def test_at_the_first_start_the_inbox_is_read_before_folders_are_listed(tmp_path: Path) -> None:
    with DemoServers(120) as servers:
        home = Home(tmp_path / "store", servers)
        home.loop.start()
        await home.filled()
        assert words(servers, "EXAMINE", "FETCH", "LIST")[:3] == ["EXAMINE", "FETCH", "LIST"]
        assert home.folder(FolderRole.INBOX).total == len(home.on_server()["INBOX"])
        assert len([folder for folder in home.store.folders.all(home.id) if folder.name == "INBOX"]) == 1
        await home.loop.stop()
        home.store.close()


async def test_at_the_first_start_no_folder_waits_for_the_numbers_of_all(tmp_path: Path) -> None:
    faults = Faults(without=frozenset({"LIST-STATUS"}), cut_on="STATUS", cut_times=1000)
    with DemoServers(5, faults) as servers:
        home = Home(tmp_path / "store", servers)
        home.loop.start()
        await home.until(lambda: home.store.folders.by_name(home.id, "Projekte") is not None)
        await home.loop.stop()
        home.store.close()


async def test_later_the_folder_on_the_screen_is(tmp_path: Path) -> None:
    with DemoServers(120) as servers:
        home = Home(tmp_path / "store", servers)
        home.loop.start()
        await home.filled()
        await home.loop.stop()
        archive = home.folder(FolderRole.ARCHIVE)
        servers.clear_log()
        home.loop.watch(archive.id)
        home.loop.start()
        await home.loop.settled()
        opened = next(line for line in servers.log if "EXAMINE" in line)
        assert archive.name in opened
        assert "QRESYNC" in opened
        assert words(servers, "EXAMINE", "LIST")[:2] == ["EXAMINE", "LIST"]
        await home.loop.stop()
        home.store.close()


async def test_before_the_start_only_the_folder_on_the_screen_is_read(tmp_path: Path) -> None:
    with DemoServers(120) as servers:
        home = Home(tmp_path / "store", servers)
        home.loop.connect()
        await home.until(lambda: home.store.folders.all(home.id) and len(home.ids(FolderRole.INBOX)) == 50)
        assert words(servers, "FETCH", "LIST") == ["FETCH"]
        home.loop.start()
        await home.filled()
        assert words(servers, "EXAMINE", "FETCH", "LIST")[:3] == ["EXAMINE", "FETCH", "LIST"]
        await home.loop.stop()
        home.store.close()


async def test_the_first_message_is_opened_in_one_turn(tmp_path: Path) -> None:
    with DemoServers(60) as servers:
        home = Home(tmp_path / "store", servers)
        home.loop.start()
        await home.filled()
        message = home.ids(FolderRole.INBOX)[0]
        async with asyncio.timeout(PATIENCE):
            while not words(servers, "SELECT"):  # noqa: ASYNC110 no notice tells of it
                await asyncio.sleep(0)
        servers.clear_log()
        await home.loop.fetch_section(message, "1")
        assert words(servers, "AUTHENTICATE", "SELECT", "NOOP", "FETCH") == ["FETCH"]
        await home.loop.stop()
        home.store.close()


async def test_unread_mail_without_rows_is_counted_from_the_first_look_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fill, "HUGE", 10)
    monkeypatch.setattr(fill, "_CHUNKS", (5, 5, 5))

    async def slow(order: FillOrder, report: Callable[[int], None]) -> None:
        await asyncio.Event().wait()

    with DemoServers(300) as servers:
        servers.set_flags("INBOX", 1, remove=frozenset({SEEN}))
        unread = sum("\\Seen" not in shot.flags for shot in servers.snapshot()["INBOX"])
        home = Home(tmp_path / "store", servers, fill_runner=slow)
        home.loop.start()
        await home.until(lambda: len(home.store.folders.all(home.id)) > 1)
        await home.until(lambda: home.folder(FolderRole.INBOX).unread == unread)
        assert len(home.ids(FolderRole.INBOX)) < len(home.on_server()["INBOX"])
        await home.loop.stop()
        home.store.close()
