# SPDX-License-Identifier: GPL-3.0-or-later
"""``download``: texts of the newest messages come while the line is idle, within limits, and never twice."""

import contextlib
import functools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.sync.test_account_loop import MAIL, Home
from tuimail.demo.servers import DemoServers
from tuimail.model.folder import FolderRole
from tuimail.model.ids import FolderId
from tuimail.model.notice import Progress
from tuimail.start import parse_structure
from tuimail.store import bodies
from tuimail.sync import download
from tuimail.sync.download import Extent
from tuimail.sync.unasked import Reach


@contextlib.asynccontextmanager
async def at_home(tmp_path: Path, setting: str = "text") -> AsyncIterator[Home]:
    with DemoServers(80) as servers:
        home = Home(tmp_path / "store", servers, reach=Reach(parse_structure, setting))
        home.loop.start()
        await home.filled()
        yield home
        await home.loop.stop()
        home.store.close()


def lacking(home: Home, folder: FolderId) -> int:
    return len(home.store.bodies.wanted(folder, 10_000, 0, -1))


async def complete(home: Home) -> None:
    """Every text is here."""
    left_out = (FolderRole.JUNK, FolderRole.TRASH)
    searched = [folder for folder in home.store.folders.all(home.id) if folder.selectable and folder.role not in left_out]
    await home.until(lambda: not sum(lacking(home, folder.id) for folder in searched))


def fetches(home: Home) -> list[str]:
    return [line for line in home.servers.log if "BODY.PEEK[" in line and "HEADER.FIELDS" not in line]


async def test_every_text_comes_by_itself_but_junk_and_trash(tmp_path: Path) -> None:
    async with at_home(tmp_path) as home:
        await complete(home)
        junk = home.folder(FolderRole.JUNK)
        assert lacking(home, junk.id) == junk.total > 0
        assert not [line for line in fetches(home) if "BODY.PEEK[]" in line]
        here = home.store.search.here([home.folder(FolderRole.INBOX).id])
        assert here.texts == here.messages
        progress = [notice for notice in home.notices if isinstance(notice, Progress) and notice.task.startswith("text:")]
        assert progress[-1].done == progress[-1].total


async def test_new_mail_is_fetched_and_nothing_else_again(tmp_path: Path) -> None:
    async with at_home(tmp_path) as home:
        inbox = home.folder(FolderRole.INBOX).id
        await home.until(lambda: not lacking(home, inbox))
        await home.loop.settled()
        await complete(home)
        home.servers.clear_log()
        home.servers.deliver(MAIL)
        await home.until(lambda: home.store.messages.by_message_id(home.id, "<news@example.org>"))
        message = home.store.messages.by_message_id(home.id, "<news@example.org>")[0]
        await home.until(lambda: home.store.bodies.get(message, "1") == b"hello\r\n")
        assert len(fetches(home)) == 1


@pytest.mark.parametrize("setting", ["near", "none"])
async def test_where_it_is_not_wanted_nothing_is_fetched(tmp_path: Path, setting: str) -> None:
    async with at_home(tmp_path, setting) as home:
        await home.loop.settled()
        assert not fetches(home)


async def test_the_newest_by_number_and_by_age(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(download.EXTENTS, "text", Extent(5, 0))
    async with at_home(tmp_path) as home:
        inbox = home.folder(FolderRole.INBOX)
        await home.until(lambda: home.store.bodies.lacking(home.ids(FolderRole.INBOX)[:5]) == [])
        await home.loop.settled()
        assert lacking(home, inbox.id) == inbox.total - 5


async def test_a_full_cache_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "LIMIT", 4000)
    async with at_home(tmp_path) as home:
        await home.until(lambda: home.store.bodies.octets() > 3600)
        await home.loop.settled()
        home.servers.clear_log()
        for turn in range(3):
            home.servers.deliver(MAIL.replace(b"news", b"news%d" % turn))
            await home.until(functools.partial(home.store.messages.by_message_id, home.id, f"<news{turn}@example.org>"))
            await home.loop.settled()
        assert len(fetches(home)) <= 3


async def test_a_long_list_is_worked_off_piece_by_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "_AT_ONCE", 7)
    async with at_home(tmp_path) as home:
        await complete(home)


async def test_wishes_come_between(tmp_path: Path) -> None:
    async with at_home(tmp_path) as home:
        home.servers.faults.delay = 0.02
        for message in home.ids(FolderRole.INBOX)[:5]:
            assert await home.loop.fetch_section(message, "HEADER")
        home.servers.faults.delay = 0.0
        await complete(home)
