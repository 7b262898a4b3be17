# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection that is given up while it is being made leaves no socket behind, at whichever await that is."""

import asyncio
import gc
import os
import socket
import ssl
import stat
import subprocess
import sys
import time
import types
from collections.abc import Callable, Coroutine, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest

from tests.pty.terminal import PATIENCE
from tuimail.accounts.prompts import always
from tuimail.accounts.secrets import SecretStore
from tuimail.backends.early import EarlyLines
from tuimail.backends.imap.transport import transport_to
from tuimail.model.account import Account, Security, ServerAddress
from tuimail.model.address import Address
from tuimail.servers import Servers

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux tells which files are open")


def connected(port: int) -> list[str]:
    """The sockets of this process that are connected to a port."""
    found = []
    for number in map(int, (path.name for path in Path("/proc/self/fd").iterdir())):
        with suppress(OSError):
            if not stat.S_ISSOCK(os.fstat(number).st_mode):
                continue
            with socket.socket(fileno=os.dup(number)) as one:
                if one.family is not socket.AF_UNIX and one.getpeername()[1] == port:
                    found.append(str(one))
    return found


@dataclass(frozen=True)
class Running:
    """Servers in a process of their own, so that all sockets here are ours."""

    ports: dict[str, int]
    user: str
    password: str
    certificate: str


@pytest.fixture(scope="module")
def servers() -> Iterator[Running]:
    command = [sys.executable, "-m", "tuimail", "demo", "--serve", "--print", "--users", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            told = [process.stdout.readline().split() for _ in range(8)]
            certificate = process.stderr.readline().strip().partition(": ")[2]
            ports = {name.removesuffix(":"): int(port) for name, _, port, _ in told[:-1]}
            yield Running(ports, told[-1][1], told[-1][3], certificate)
        finally:
            process.terminate()


@types.coroutine
def given_up(work: Coroutine[Any, Any, object], at: int, *, late: bool) -> Generator[Any, Any, bool]:
    """Run it, and cancel it at its await of that number: before that is done, or, ``late``, in the moment in which it is.

    False: it has no such await.
    """
    task, number = asyncio.current_task(), 0
    assert task is not None
    step: Callable[[Any], Any] = work.send
    handed_on: object = None
    while True:
        try:
            waited_for = step(handed_on)
        except StopIteration:
            return number >= at
        number += 1
        if number == at and late and waited_for is not None:
            waited_for.add_done_callback(lambda _: task.cancel())
        elif number == at:
            asyncio.get_running_loop().call_soon(task.cancel)
        try:
            step, handed_on = work.send, (yield waited_for)
        except BaseException as error:
            step, handed_on = work.throw, error


@pytest.fixture(autouse=True)
def without_authorities(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the system take long to read, and nobody needs them here."""
    monkeypatch.setattr(ssl.SSLContext, "load_default_certs", lambda *_: None)


async def assert_closed(port: int, connect: Callable[[], Coroutine[Any, Any, object]]) -> None:
    """Give it up at each of its awaits."""
    for late in (False, True):
        for at in range(1, 1000):
            work = asyncio.ensure_future(_awaited(given_up(connect(), at, late=late)))
            await asyncio.wait([work])
            await until(lambda: not connected(port))
            gc.collect(0)
            assert not connected(port), f"await {at}, late: {late}"
            if not work.cancelled() and work.exception() is None and not work.result():
                break


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what nothing tells of; not for ever."""
    end = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < end:  # noqa: ASYNC110
        await asyncio.sleep(0.001)


async def _awaited(waiting: Any) -> bool:
    found: bool = await waiting
    return found


@pytest.mark.parametrize(("kind", "name"), [("imap", "imaps"), ("smtp", "submission"), ("pop3", "pop3s")])
async def test_a_sign_in_that_is_given_up(servers: Running, kind: str, name: str) -> None:
    security = Security.STARTTLS if name == "submission" else Security.TLS
    server = ServerAddress("localhost", servers.ports[name], security, servers.user, ca_file=servers.certificate)
    account = Account("work", Address("Ada", "ada@example.org"), **{kind: server})  # type: ignore[arg-type]

    async def check() -> None:
        await Servers(SecretStore(always(servers.password))).check(account, kind, servers.password)

    await assert_closed(server.port, check)


async def test_a_transport_that_is_given_up(servers: Running) -> None:
    port = servers.ports["imaps"]
    context = ssl.create_default_context(cafile=servers.certificate)

    async def connect() -> None:
        made: list[asyncio.BaseTransport] = []

        class Noting(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                made.append(transport)

        try:
            await transport_to(Noting, "localhost", port, context, None)
        finally:
            for transport in made:
                cast(asyncio.Transport, transport).abort()

    await assert_closed(port, connect)


async def test_a_line_that_was_made_early(servers: Running) -> None:
    port = servers.ports["imap"]

    async def take() -> None:
        early = EarlyLines()
        early.begin("localhost", port)
        line = await early.take("localhost", port)
        assert line is not None
        line.close()

    await assert_closed(port, take)
