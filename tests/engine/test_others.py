# SPDX-License-Identifier: GPL-3.0-or-later
"""Two engines on one store, as two programs have it: what one does the other tells of, and waits for."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.ui.harness import account_of
from tuimail.accounts.secrets import SecretStore
from tuimail.demo.servers import DemoServers
from tuimail.engine.engine import Engine
from tuimail.model.account import Account, ServerAddress
from tuimail.model.flags import FLAGGED
from tuimail.model.notice import DraftsChanged, FolderChanged, FoldersChanged, Notice
from tuimail.servers import Servers
from tuimail.start import open_engine
from tuimail.sync import doorbell, supervisor


@asynccontextmanager
async def program(folder: Path, servers: DemoServers) -> AsyncIterator[Engine]:
    at = servers.addresses

    async def password(account: Account, server: ServerAddress) -> str:
        return at.password

    engine = open_engine(folder, (account_of(at, "work"),), Servers(SecretStore(password)))
    try:
        yield engine
    finally:
        await engine.stop()
        engine.close()


class Heard:
    """Notices, to wait for."""

    def __init__(self, engine: Engine) -> None:
        self._all: list[Notice] = []
        self._event = asyncio.Event()
        engine.notices.subscribe(self._hear)

    def _hear(self, notice: Notice) -> None:
        self._all.append(notice)
        self._event.set()

    async def until(self, kind: type[Notice]) -> None:
        async with asyncio.timeout(60):
            while not any(isinstance(notice, kind) for notice in self._all):
                self._event.clear()
                await self._event.wait()


async def test_what_another_program_did_is_told_and_carried(tmp_path: Path) -> None:
    # A path too long for a socket's name: the doorbell is found all the same.
    folder = tmp_path / ("long" * 25)
    with DemoServers(10) as servers:
        async with program(folder, servers) as first, program(folder, servers) as second:
            first.start()
            account = next(iter(second.accounts))
            await second.carrying.settle(account)
            assert (folder / "doorbell").stat().st_mode & 0o777 == 0o600
            inbox = await second.carrying.folder(account, "INBOX", 10)
            message = second.pages.messages(inbox.id).key_at(0)
            heard = Heard(first)
            done = second.actions.set_flags([message], add=frozenset({FLAGGED}))
            await heard.until(FolderChanged)
            assert (await second.carrying.carried(done)).status == "done"
            row = second.pages.row(message)
            assert row is not None
            at = {shot.uid: shot.flags for shot in servers.snapshot()["INBOX"]}
            assert row.uid is not None
            assert FLAGGED in at[row.uid]

            drafted = Heard(first)
            second.composer.new(account.id, subject="By another program")
            await drafted.until(DraftsChanged)

            refused = Heard(first)
            servers.faults.refuse["CREATE"] = "NO [CANNOT] Not that name"
            outcome = await second.carrying.carried(second.actions.create_folder(account.id, "Never"))
            assert (outcome.status, "Not that name" in outcome.detail) == ("refused", True)
            await refused.until(FoldersChanged)


async def test_an_error_of_the_one_that_syncs_reaches_the_one_that_waits(tmp_path: Path) -> None:
    with DemoServers(5) as servers:
        async with program(tmp_path, servers) as first, program(tmp_path, servers) as second:
            first.start()
            account = next(iter(second.accounts))
            inbox = await second.carrying.folder(account, "INBOX", 5)
            message = second.pages.messages(inbox.id).key_at(0)
            servers.go_offline()
            done = second.actions.set_flags([message], add=frozenset({FLAGGED}))
            outcome = await second.carrying.carried(done)
            assert (outcome.status, outcome.exit_status) == ("queued", 75)
            servers.go_online()


async def test_a_message_waits_for_no_program_that_was_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorbell, "_SILENCE", 0.1)
    monkeypatch.setattr(supervisor, "_PATIENCE", 0.1)
    ended = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await ended.wait()
        writer.close()

    with DemoServers(5) as servers:
        async with program(tmp_path, servers) as other:
            await other.carrying.settle(next(iter(other.accounts)))
        lock = os.open(tmp_path / supervisor.LOCK, os.O_RDWR)
        fcntl.flock(lock, fcntl.LOCK_EX)
        async with program(tmp_path, servers) as second, await asyncio.start_unix_server(say_nothing, tmp_path / "doorbell"):
            account = next(iter(second.accounts))
            draft = second.composer.new(account.id, to="bob@example.org", subject="Not today")
            async with asyncio.timeout(60):
                came = await second.carrying.sent(await second.composer.send(draft, delay=0))
            assert (came.outcome.status, came.outcome.exit_status) == ("queued", 75)
            assert "does not answer" in came.outcome.detail
            ended.set()
        os.close(lock)
        assert not servers.sent


async def test_the_next_program_takes_over(tmp_path: Path) -> None:
    with DemoServers(5) as servers:
        async with program(tmp_path, servers) as second:
            account = next(iter(second.accounts))
            async with program(tmp_path, servers) as first:
                first.start()
                await second.carrying.settle(account)
            servers.clear_log()
            await second.carrying.settle(account)
            assert servers.log


async def test_files_attached_elsewhere_survive_what_is_typed(tmp_path: Path) -> None:
    with DemoServers(5) as servers:
        async with program(tmp_path / "store", servers) as first, program(tmp_path / "store", servers) as second:
            draft = first.composer.new(next(iter(first.accounts)).id)
            file = tmp_path / "notes.txt"
            file.write_text("notes")
            await second.composer.attach(draft, file)
            saved = first.composer.save_text(draft)
            assert [attachment.filename for attachment in saved.attachments] == ["notes.txt"]
            stored = second.composer.get(draft.id)
            assert stored is not None
            assert stored.attachments == saved.attachments
