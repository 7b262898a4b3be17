# SPDX-License-Identifier: GPL-3.0-or-later
"""On a new connection the folder on the screen comes before everything else."""

from pathlib import Path

from tests.sync.test_account_loop import Home
from tuimail.demo.servers import DemoServers
from tuimail.model.folder import FolderRole


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
