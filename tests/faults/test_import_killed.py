# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail import`` is killed at every step, and repeated: each message is in the folder once, with its flags and date."""

import asyncio
import imaplib
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.backends.suite.other_client import OtherClient, Stored
from tests.cli.home import Home
from tests.faults.home import letter_of
from tests.servers.dovecot import DovecotServer
from tests.servers.proxy import Deed, Proxy, Way
from tuimail.demo.servers import DemoServers
from tuimail.engine import transfer
from tuimail.model.account import Security, ServerAddress

COUNT = transfer.AT_ONCE + 40
"""Two turns."""
ODD = {
    COUNT - 3: b"Subject: twin\r\nMessage-ID: <twin@example.org>\r\n\r\none\r\n",
    COUNT - 2: b"Subject: twin\r\nMessage-ID: <twin@example.org>\r\n\r\nanother one\r\n",
    COUNT - 1: b"Subject: no name\r\n\r\nnameless\r\n",
}
LETTERS = [ODD.get(number) or letter_of(number) for number in range(COUNT)]
TO = "Imported"
ARRIVED = 1_762_000_000
DOVECOT = pytest.param("dovecot", marks=pytest.mark.dovecot)


@dataclass
class Import:
    """A mailbox behind a wire, and a file that is to be put into a folder of it."""

    home: Home
    wire: Proxy
    other: OtherClient
    file: Path

    def command(self) -> list[str]:
        return self.home.command("import", str(self.file), "--to", TO)

    async def dies(self, step: str) -> None:
        """Import, and be killed at a step of `tests.faults.dying`."""
        command = self.command()
        command[2:3] = ["tests.faults.dying", step]
        assert await _ended(command) == -signal.SIGKILL

    async def dies_at(self, way: Way, line: bytes, *, more: int | None = None) -> None:
        """Import, and be killed when such a line comes by: that line is never passed on, or only so many octets after it."""
        deed = Deed.NOTHING if more is not None else Deed.HOLD
        trap = self.wire.on(way, line, deed, more=more)
        process = await asyncio.create_subprocess_exec(
            *self.command(), stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL
        )
        async with asyncio.timeout(120):
            await trap.sprung.wait()
        os.kill(process.pid, signal.SIGKILL)
        assert await process.wait() == -signal.SIGKILL
        self.wire.cut()
        self.wire.plain()

    async def again(self) -> None:
        """Repeat it to its end."""
        assert await _ended(self.command()) == 0

    def holds_each_once(self) -> bool:
        """Whether the folder has just what the file has."""
        expected = sorted(Stored(_flags(number), ARRIVED + number, raw) for number, raw in enumerate(LETTERS))
        return sorted(self.other.messages(TO).values(), key=_by_text) == sorted(expected, key=_by_text)


async def _ended(command: list[str]) -> int | None:
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL
    )
    async with asyncio.timeout(180):
        return await process.wait()


def _by_text(stored: Stored) -> tuple[bytes, int]:
    return stored.raw, stored.arrived


def _flags(number: int) -> frozenset[str]:
    return frozenset({"\\Seen", "\\Flagged"} if number % 3 else {"\\Seen"})


def _maildir(folder: Path) -> Path:
    """The letters, whose files tell when they came."""
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True)
    for number, raw in enumerate(LETTERS):
        file = folder / "cur" / f"{number:04d}.x:2,{'FS' if number % 3 else 'S'}"
        file.write_bytes(raw)
        os.utime(file, (ARRIVED + number, ARRIVED + number))
    return folder


@pytest.fixture
async def imported(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Import]:
    """At Dovecot, which takes many messages at once, or at an embedded server, which takes them one by one."""
    async with AsyncExitStack() as stack:
        if request.param == "dovecot":
            dovecot: DovecotServer = request.getfixturevalue("dovecot")
            server, password = dovecot.address(dovecot.new_user()), dovecot.password
        else:
            at = stack.enter_context(DemoServers(0)).addresses
            server, password = ServerAddress(at.host, at.imap_port, Security.NONE, at.user), at.password
        wire = await stack.enter_async_context(Proxy(server.host, server.port))
        wire.hide("COMPRESS=DEFLATE", *(("MULTIAPPEND",) if request.param == "embedded" else ()))
        connection = imaplib.IMAP4(server.host, server.port)
        connection.login(server.username, password)
        other = OtherClient(connection)
        stack.callback(other.leave)
        other.create(TO)
        home = Home(tmp_path)
        home.add("work", email="ada@example.org", user=server.username, password=password, imap=wire.port, smtp=1)
        yield Import(home, wire, other, _maildir(tmp_path / "in"))


STEPS = [f"actions {number} {when}" for number in range(1, 11) for when in ("before", "after")]
"""Commits of the queue: queued, begun, done, of two turns; the last two messages are carried by themselves."""
FILES = ["fsync 1 before", f"fsync {transfer.AT_ONCE} after", f"fsync {transfer.AT_ONCE + 20} before"]
SAID = [
    (Way.UP, rb" APPEND ", None),
    (Way.UP, rb" APPEND ", 200),
    (Way.UP, rb"Subject: Mail 60\r", 2),
    (Way.UP, rb"hello %d\r" % (transfer.AT_ONCE - 1), None),
    (Way.UP, rb"hello %d\r" % (COUNT - 4), None),
    (Way.DOWN, rb"APPENDUID", None),
]
"""What the server was told when the client died: nothing, half a message, half of the messages, all but the last line; or
everything, and its answer was not heard."""


@pytest.mark.parametrize(
    ("imported", "step"), [(DOVECOT, "actions 3 before"), ("embedded", "actions 2 after")], indirect=["imported"]
)
async def test_12_an_import_killed_at_a_commit(imported: Import, step: str) -> None:
    await imported.dies(step)
    await imported.again()
    assert imported.holds_each_once()


@pytest.mark.heavy
@pytest.mark.parametrize("step", [*FILES, *STEPS])
@pytest.mark.parametrize("imported", [DOVECOT, "embedded"], indirect=True)
async def test_12_an_import_killed_at_any_commit(imported: Import, step: str) -> None:
    await imported.dies(step)
    await imported.again()
    assert imported.holds_each_once()


@pytest.mark.heavy
@pytest.mark.parametrize(("way", "line", "more"), SAID)
@pytest.mark.parametrize("imported", [DOVECOT, "embedded"], indirect=True)
async def test_12_an_import_killed_while_the_server_is_told(imported: Import, way: Way, line: bytes, more: int | None) -> None:
    await imported.dies_at(way, line, more=more)
    await imported.again()
    assert imported.holds_each_once()


@pytest.mark.heavy
@pytest.mark.parametrize("imported", [DOVECOT, "embedded"], indirect=True)
async def test_12_an_import_killed_again_and_again(imported: Import) -> None:
    for step in ("actions 2 after", "actions 3 before", "actions 1 after", "actions 4 before"):
        command = imported.command()
        command[2:3] = ["tests.faults.dying", step]
        assert await _ended(command) in (0, -signal.SIGKILL), "0: there is no such step any more"
    await imported.again()
    assert imported.holds_each_once()
