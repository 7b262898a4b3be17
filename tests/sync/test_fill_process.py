# SPDX-License-Identifier: GPL-3.0-or-later
"""A huge folder is read by a process of its own, and in the end the store is as if it had been read here."""

import asyncio
import contextlib
import gc
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from tests.sync.test_account_loop import Home
from tuimail.demo.servers import DemoServers
from tuimail.model.account import Security, ServerAddress
from tuimail.model.errors import ServerBroken
from tuimail.model.folder import FolderRole
from tuimail.model.store_key import StoreKey
from tuimail.sync import fill
from tuimail.sync.fill_process import FillRunner, run_worker
from tuimail.sync.worker import FillOrder
from tuimail.worker import FillTask, command

FORMER = frozenset[str]()
POOR = frozenset({"QRESYNC", "CONDSTORE", "ESEARCH", "COMPRESS=DEFLATE"})
Report = Callable[[int], None]


@pytest.fixture(autouse=True)
def small_is_huge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fill, "HUGE", 10)
    monkeypatch.setattr(fill, "_CHUNKS", (5, 5, 5))
    monkeypatch.setattr(fill, "_IN_LOOP", 5)


@pytest.fixture
def servers() -> Iterator[DemoServers]:
    with DemoServers(300) as servers:
        yield servers


def process(servers: DemoServers, folder: Path, key: StoreKey | None = None) -> FillRunner:
    """What `tuimail.start` makes."""
    at = servers.addresses
    server = ServerAddress(at.host, at.imap_port, Security.NONE, at.user)

    async def run(order: FillOrder, report: Report) -> None:
        task = FillTask(str(folder), server, at.password, order, key.text if key is not None else "")
        await run_worker(command(), task, report)

    return run


@contextlib.asynccontextmanager
async def at_home(
    folder: Path, servers: DemoServers, runner: FillRunner | None, key: StoreKey | None = None
) -> AsyncIterator[Home]:
    home = Home(folder, servers, fill_runner=runner, key=key)
    try:
        home.loop.start()
        yield home
    finally:
        await home.loop.stop()
        home.store.close()


async def all_is_here(home: Home) -> None:
    await home.filled()
    await home.until(lambda: home.shown() == home.on_server())


@pytest.mark.parametrize("without", [FORMER, POOR], ids=["modern", "poor"])
async def test_the_worker_reads_what_is_left(tmp_path: Path, servers: DemoServers, without: frozenset[str]) -> None:
    servers.faults.without = without
    runner, orders = process(servers, tmp_path / "store"), []

    async def noted(order: FillOrder, report: Report) -> None:
        orders.append(order)
        await runner(order, report)

    async with at_home(tmp_path / "store", servers, noted) as home:
        await all_is_here(home)
        inbox = home.store.folders.on_server(home.id)["INBOX"]
        assert inbox.cursor.filled_from == 1
        assert {order.name for order in orders} >= {"INBOX"}
        assert home.folder(FolderRole.INBOX).total == len(home.on_server()["INBOX"])


async def test_the_worker_writes_into_an_encrypted_store(tmp_path: Path, servers: DemoServers) -> None:
    key = StoreKey.new()
    folder = tmp_path / "store"
    runner = process(servers, folder, key)
    async with at_home(folder, servers, runner, key) as home:
        await all_is_here(home)
        assert home.store.folders.on_server(home.id)["INBOX"].cursor.filled_from == 1
        for found in folder.iterdir():
            assert b"@example" not in (found.read_bytes() if found.is_file() else b"")


@pytest.mark.parametrize("without", [FORMER, POOR], ids=["modern", "poor"])
async def test_what_others_change_meanwhile_is_not_missed(
    tmp_path: Path, servers: DemoServers, without: frozenset[str]
) -> None:
    servers.faults.without = without
    runner = process(servers, tmp_path / "store")

    async def disturbed(order: FillOrder, report: Report) -> None:
        uids = [shot.uid for shot in await asyncio.to_thread(lambda: servers.snapshot()[order.name])]

        def meanwhile() -> None:
            servers.set_flags(order.name, uids[0], frozenset({"$Meanwhile"}))
            servers.expunge(order.name, uids[1])
            servers.move(order.name, uids[2], "Archive")

        await runner(order, report)
        if order.name == "INBOX":
            await asyncio.to_thread(meanwhile)

    async with at_home(tmp_path / "store", servers, disturbed) as home:
        await home.until(lambda: any("$Meanwhile" in flags for _, flags in home.on_server()["INBOX"]))
        await all_is_here(home)


async def test_a_worker_that_fails_costs_nothing(tmp_path: Path, servers: DemoServers) -> None:
    async def killed(order: FillOrder, report: Report) -> None:
        script = "import os, signal; print(1, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
        await run_worker([sys.executable, "-c", script], {"name": order.name}, report)

    async with at_home(tmp_path / "store", servers, killed) as home:
        await all_is_here(home)


@pytest.mark.parametrize("part", ["reads", "writes"])
async def test_a_worker_that_is_killed_in_the_middle_costs_nothing(tmp_path: Path, servers: DemoServers, part: str) -> None:
    at, folder = servers.addresses, tmp_path / "store"
    server = ServerAddress(at.host, at.imap_port, Security.NONE, at.user)
    script = (
        "import os, signal, sys; from tuimail import worker; from tuimail.sync.worker import _Writer; write = _Writer.write\n"
        "worker.main.__globals__['write_older'].__globals__['ROWS'] = 20\n"
        "def dies(self, rows):\n"
        "    write(self, rows)\n"
        f"    os.kill(os.getpid() if {part!r} == 'writes' else os.getppid(), signal.SIGKILL)\n"
        "_Writer.write = dies\n"
        "sys.exit(worker.main())"
    )
    failed: list[str] = []

    async def killed(order: FillOrder, report: Report) -> None:
        try:
            await run_worker([sys.executable, "-c", script], FillTask(str(folder), server, at.password, order), report)
        except ServerBroken:
            failed.append(order.name)
            raise

    async with at_home(folder, servers, killed) as home:
        await all_is_here(home)
        assert "INBOX" in failed


async def test_the_worker_ends_with_the_program(tmp_path: Path, servers: DemoServers) -> None:
    begun: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def endless(order: FillOrder, report: Report) -> None:
        script = "import os, sys; print(os.getpid(), flush=True); sys.stdin.read()"
        await run_worker([sys.executable, "-c", script], {}, begun.set_result)

    async with at_home(tmp_path / "store", servers, endless):
        worker = await begun
        os.kill(worker, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)


def test_what_a_worker_leaves_behind_keeps_no_pipe_open() -> None:
    """A pipe that is not closed is told of when it is collected, which fails the test."""
    script = "import os, signal\npid = os.fork()\nif pid: print(pid, flush=True)\nsignal.pause()"

    async def given_up() -> int:
        begun: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        work = asyncio.create_task(run_worker([sys.executable, "-c", script], {}, begun.set_result))
        left_behind = await begun
        work.cancel()
        await asyncio.wait([work])
        return left_behind

    left_behind = asyncio.run(given_up())
    try:
        gc.collect()
    finally:
        os.kill(left_behind, signal.SIGKILL)


@pytest.mark.parametrize(
    ("script", "reason"),
    [("print('Offline: gone', flush=True); raise SystemExit(75)", "Offline: gone"), ("raise SystemExit(1)", "no reason")],
)
async def test_why_a_worker_failed_is_told(script: str, reason: str) -> None:
    for task in ({}, {"more than a pipe takes": "x" * (1 << 20)}):
        with pytest.raises(ServerBroken, match=reason):
            await run_worker([sys.executable, "-c", script], task, lambda count: None)


def test_a_worker_whose_program_is_gone_ends() -> None:
    read, write = os.pipe()
    pid = os.posix_spawn(sys.executable, [*command()], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, read, 0)])
    os.close(read)
    os.close(write)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) not in (0, -signal.SIGKILL)
