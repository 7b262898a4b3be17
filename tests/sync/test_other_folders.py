# SPDX-License-Identifier: GPL-3.0-or-later
"""What another client does to folders appears by itself: with NOTIFY, and without; on the embedded server and on Dovecot."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.backends.suite.mails import mail
from tests.backends.suite.server import Demo, Dovecot, Server
from tests.servers.dovecot import DovecotServer, DovecotVariant
from tuimail.demo.faults import Faults
from tuimail.demo.servers import DemoServers
from tuimail.model.account import Account
from tuimail.model.address import Address
from tuimail.model.folder import Folder
from tuimail.model.notice import ConnectionChanged, ConnectionState, Notice
from tuimail.store.store import Store
from tuimail.sync import rounds
from tuimail.sync.account_loop import AccountLoop
from tuimail.sync.rounds import GLIMPSE, POLL, between_glimpses

PATIENCE = 60.0


class Home:
    """A store, and the loop that keeps it equal to a server."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.server = server
        self.store = Store.open(folder)
        self.id = self.store.accounts.ensure("main")
        self.notices: list[Notice] = []
        self._heard = asyncio.Event()
        account = Account("main", Address("Ada", "ada@example.org"), imap=server.address())
        self.loop = AccountLoop(account, self.id, self.store, server.new_backend, None, self._hear)

    async def begin(self, folder: str) -> None:
        """Come online with a folder on the screen, and wait until the server is waited for."""
        self.loop.start()
        await self.until(lambda: self.loop.state is ConnectionState.ONLINE)
        waiting = self.server.expect("C", "IDLE")
        self.loop.watch(self.folder(folder).id)
        async with asyncio.timeout(PATIENCE):
            await waiting
        self.notices.clear()

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for notices until a condition holds."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._heard.clear()
                await self._heard.wait()

    def find(self, name: str) -> Folder | None:
        return self.store.folders.by_name(self.id, name)

    def folder(self, name: str) -> Folder:
        found = self.find(name)
        assert found is not None
        return found

    def subjects(self, folder: Folder) -> set[str]:
        messages = self.store.messages
        return {row.envelope.subject for row in messages.rows(messages.order(folder.id)) if row is not None}

    def troubles(self) -> list[Notice]:
        """What the user would be told of."""
        return [each for each in self.notices if isinstance(each, ConnectionChanged) and each.error is not None]

    def _hear(self, notice: Notice) -> None:
        self.notices.append(notice)
        self._heard.set()


@pytest.fixture(params=["embedded", pytest.param("dovecot", marks=pytest.mark.dovecot)])
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(params=[(), ("NOTIFY",)], ids=["notify", "without"])
async def server(request: pytest.FixtureRequest, kind: str) -> AsyncIterator[Server]:
    """A mailbox with a folder Work that holds mail, and an empty folder Play."""
    made: Server
    if kind == "embedded":
        servers = DemoServers(messages=0, faults=Faults(without=frozenset(request.param)))
        servers.start()
        made = Demo(servers)
    else:
        whole: DovecotServer = request.getfixturevalue("dovecot")
        variant: DovecotVariant = request.getfixturevalue("dovecot_variant")
        made = Dovecot(variant(request.param) if request.param else whole)
    other = made.other()
    other.create("Work")
    other.create("Play")
    other.deliver_all(map(mail, range(3)), "Work")
    yield made
    await made.close()


@pytest.fixture
async def home(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Home]:
    monkeypatch.setattr(rounds, "_BUSY", 0.01)
    home = Home(tmp_path / "store", server)
    yield home
    await home.loop.stop()
    home.store.close()


async def test_the_open_folder_is_renamed(home: Home, server: Server) -> None:
    await home.begin("Work")
    before = home.folder("Work")
    other = server.other()
    other.rename("Work", "Tasks")
    await home.until(lambda: home.find("Tasks"))
    assert home.folder("Tasks").id == before.id
    assert home.find("Work") is None
    other.deliver(mail(7), "Tasks")
    await home.until(lambda: "Mail 7" in home.subjects(before))
    assert len(home.subjects(before)) == 4
    assert not home.troubles()


async def test_another_folder_is_renamed(home: Home, server: Server) -> None:
    await home.begin("INBOX")
    before = home.folder("Work")
    server.other().rename("Work", "Tasks")
    await home.until(lambda: home.find("Tasks") and not home.find("Work"))
    assert (home.folder("Tasks").id, home.folder("Tasks").total) == (before.id, 3)


async def test_a_folder_is_created_and_deleted(home: Home, server: Server) -> None:
    await home.begin("INBOX")
    other = server.other()
    other.create("Music")
    await home.until(lambda: home.find("Music"))
    other.delete("Play")
    await home.until(lambda: not home.find("Play"))
    assert not home.troubles()


async def test_subscriptions(home: Home, server: Server) -> None:
    await home.begin("INBOX")
    assert home.folder("Play").subscribed
    server.other().unsubscribe("Play")
    await home.until(lambda: not home.folder("Play").subscribed)


async def test_counts_of_a_folder_that_is_not_open(home: Home, server: Server) -> None:
    await home.begin("INBOX")
    other = server.other()
    other.deliver(mail(7), "Play")
    await home.until(lambda: (home.folder("Play").total, home.folder("Play").unread) == (1, 1))
    other.add_flags(1, "\\Seen", folder="Play")
    await home.until(lambda: home.folder("Play").unread == 0)


def test_the_list_is_asked_for_less_often_the_more_it_costs() -> None:
    assert between_glimpses(0.001, 0.00005) == GLIMPSE
    assert between_glimpses(0.2, 0.00005) == pytest.approx(4)
    assert between_glimpses(0.001, 0.0006) == pytest.approx(10)
    assert between_glimpses(0.001, 0.0006, lively=True) == GLIMPSE
    assert between_glimpses(5, 0.0001) == POLL
