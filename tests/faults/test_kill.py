# SPDX-License-Identifier: GPL-3.0-or-later
"""The program is killed at every step of sending: a message is unsent, sent once, or said to be uncertain."""

import asyncio
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.backends.smtp.scripted import DATA, DOT, MAIL, ScriptedServer
from tests.cli.home import Home
from tuimail.demo.servers import DemoServers
from tuimail.model.draft import OutboxState
from tuimail.store.store import Store

NOTHING, ONCE, UNCERTAIN = "nothing was promised", "sent once and filed once", "uncertain"


@dataclass
class Sink(ScriptedServer):
    """Takes mail; its client may be killed when a command arrives, before that is answered."""

    fatal: bytes | None = None
    client: int = 0

    def _answer(self, line: bytes) -> bytes:
        if self.client and self.fatal is not None and line.startswith(self.fatal):
            os.kill(self.client, signal.SIGKILL)
        return super()._answer(line)


@pytest.fixture(scope="module")
def servers() -> Iterator[DemoServers]:
    with DemoServers(0) as running:
        yield running


async def run(*command: str, sink: Sink | None = None) -> tuple[int, str]:
    """A program to its end: how it ended, and what it complained of."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    if sink is not None:
        sink.client = process.pid
    async with asyncio.timeout(120):
        _, complaint = await process.communicate()
    if sink is not None:
        sink.client = 0
    assert process.returncode is not None
    return process.returncode, complaint.decode()


def at(folder: Path, servers: DemoServers, sink: Sink) -> Home:
    home = Home(folder)
    user, password, email = servers.addresses.users[0]
    home.add(
        "work",
        email=email,
        user=user,
        password=password,
        imap=servers.addresses.imap_port,
        smtp=sink.port,
        more=', auth = "none"',
    )
    return home


async def what_became_of_it(home: Home, servers: DemoServers, sink: Sink, subject: str) -> str:
    """Start the program again, and compare the outbox, who took the message, and the Sent folder."""
    status, complaint = await run(*home.command("sync"))
    assert (status, complaint) == (0, "")
    store = Store.open(home.folder / "data")
    left = [item.state for item in store.outbox.all()]
    waiting = store.actions.count()
    store.close(clean=True)
    taken = len(sink.messages)
    filed = sum(subject.encode() in shot.raw for shot in servers.snapshot().get("Sent", []))
    found = (taken, left, filed, waiting)
    if found == (0, [], 0, 0):
        return NOTHING
    if found == (1, [], 1, 0):
        return ONCE
    if taken <= 1 and (left, filed, waiting) == ([OutboxState.UNKNOWN], 0, 0):
        return UNCERTAIN
    return f"taken {taken} times, outbox {left}, filed {filed} times, {waiting} waiting"


STEPS = [
    ("fsync 1 before", NOTHING),
    ("outbox 1 before", NOTHING),
    ("outbox 1 after", ONCE),
    ("outbox 2 after", ONCE),
    ("outbox 3 before", ONCE),
    ("outbox 3 after", UNCERTAIN),
    ("outbox 4 before", UNCERTAIN),
    ("outbox 4 after", ONCE),
    ("actions 2 after", ONCE),
    ("actions 3 before", ONCE),
    ("actions 3 after", ONCE),
]
"""The outbox: queued, being sent, handed over, sent. The copy for the Sent folder is an action: queued, begun, done."""


@pytest.mark.parametrize(("step", "expected"), STEPS)
async def test_18_killed_at_a_commit(servers: DemoServers, tmp_path: Path, step: str, expected: str) -> None:
    sink = Sink()
    async with sink.running():
        home = at(tmp_path, servers, sink)
        command = home.command("send", "--to", "bob@example.org", "--subject", f"Killed {step}", "--body", "Hello")
        command[2:3] = ["tests.faults.dying", step]
        assert await run(*command) == (-signal.SIGKILL, "")
        assert await what_became_of_it(home, servers, sink, f"Killed {step}") == expected


@pytest.mark.parametrize(("command", "expected"), [(MAIL, ONCE), (DATA, ONCE), (DOT, UNCERTAIN)])
async def test_18_killed_while_the_server_is_told(servers: DemoServers, tmp_path: Path, command: bytes, expected: str) -> None:
    subject = f"Killed at {command.decode()}"
    sink = Sink(fatal=command)
    async with sink.running():
        home = at(tmp_path, servers, sink)
        told = await run(*home.command("send", "--to", "b@example.org", "--subject", subject, "--body", "Hello"), sink=sink)
        assert told == (-signal.SIGKILL, "")
        assert await what_became_of_it(home, servers, sink, subject) == expected


async def test_20_two_programs_at_once_send_once(servers: DemoServers, tmp_path: Path) -> None:
    sink = Sink()
    async with sink.running():
        home = at(tmp_path, servers, sink)
        subject = "By one of two"
        letter = ("send", "--to", "bob@example.org", "--subject", subject, "--body", "Hello", "--queue")
        assert (await run(*home.command(*letter)))[0] == 75
        first, second = await asyncio.gather(run(*home.command("sync")), run(*home.command("sync")))
        assert (first, second) == ((0, ""), (0, ""))
        assert await what_became_of_it(home, servers, sink, subject) == ONCE
