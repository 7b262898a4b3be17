# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers and networks that fall silent without a word, names that lead nowhere, and computers that slept."""

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from types import SimpleNamespace

import pytest

from tests.faults.conftest import Office, OfficeMaker
from tests.faults.home import letter_of
from tests.faults.oracle import Seen
from tests.servers import odd
from tests.servers.proxy import Deed, Way
from tuimail.backends.imap import connection, idle
from tuimail.model.errors import Offline, ServerBroken
from tuimail.model.flags import SEEN
from tuimail.model.notice import ConnectionChanged, ConnectionState
from tuimail.sync import awake, rounds

pytestmark = pytest.mark.dovecot

SILENT = 1.0
"""Seconds that the client waits for silent servers here."""


async def arrives(office: Office, number: int) -> None:
    """New mail is shown, whatever happened to the connection."""
    office.other.deliver(letter_of(number))
    await office.home.until(lambda: office.home.store.messages.by_message_id(office.home.account.id, f"<{number}@example.org>"))
    await office.home.until(office.agrees)


def test_26_a_dead_line_is_noticed_within_five_minutes() -> None:
    quiet = max(rounds.POLL, idle.PROBE_SECONDS if rounds.POLL > idle.PROBE_SECONDS else 0)
    assert quiet + connection.READ_SECONDS <= 300


async def test_26_a_line_that_died_in_silence_while_idling(make_office: OfficeMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "POLL", SILENT)
    office = await make_office(1, read_seconds=SILENT)
    await office.home.until(lambda: office.home.commands("IDLE"))
    before = office.imap.connections
    office.imap.cut(Deed.SWALLOW)
    await arrives(office, 1)
    assert office.imap.connections > before


FAULTS: dict[str, Callable[[Office], object]] = {
    "BYE instead of +": lambda office: office.imap.replace(Way.DOWN, rb"^\+ idling", b"* BYE Later", times=1),
    "the end instead of +": lambda office: office.imap.on(Way.DOWN, rb"^\+ idling", Deed.HALF_CLOSE),
    "+ never comes": lambda office: office.imap.on(Way.DOWN, rb"^\+ idling", Deed.SWALLOW),
    "DONE is not answered": lambda office: office.imap.on(Way.UP, rb"^DONE", Deed.SWALLOW, after=True),
    "reset at DONE": lambda office: office.imap.on(Way.UP, rb"^DONE", Deed.RESET),
}


async def test_27_idle_goes_wrong(make_office: OfficeMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "POLL", SILENT)
    office = await make_office(0, read_seconds=SILENT)
    for number, fault in enumerate(FAULTS.values()):
        fault(office)
        office.home.account.loop.sync_now()  # so that it leaves IDLE and goes back
        await arrives(office, number)


@pytest.fixture
def sleep(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let the computer sleep for eight hours: the wall clock goes on, the other one stands still."""
    slept = [0.0]
    clock = SimpleNamespace(
        time=lambda: time.time() + slept[0],
        monotonic=time.monotonic,
    )
    for module in (idle, awake):
        monkeypatch.setattr(module, "time", clock)

    def begin() -> None:
        slept[0] += 8 * 3600

    return begin


async def test_37_the_computer_slept_and_is_in_another_network(
    make_office: OfficeMaker, sleep: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idle, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(idle, "AWAKE_SECONDS", SILENT)
    office = await make_office(1)
    await office.home.until(lambda: office.home.commands("IDLE"))
    office.home.notices.clear()
    office.imap.cut(Deed.SWALLOW)
    office.home.engine.actions.mark_read(office.home.message("<0@example.org>"))
    item = await office.home.submit("bob@example.net")
    sleep()
    await office.home.gone(item)
    await office.home.until(lambda: office.home.engine.pages.waiting() == 0)
    await office.home.at_peace()
    assert office.accepted(item.message_id) == 1
    seen = frozenset({SEEN})
    assert office.oracle.came() == [Seen("INBOX", "<0@example.org>", seen), Seen("Sent", item.message_id, seen)]
    await office.home.until(office.agrees)


def test_37_a_dead_line_is_noticed_within_thirty_seconds_of_waking() -> None:
    assert max(idle.LOOK_SECONDS + idle.AWAKE_SECONDS, awake.LOOK) <= 30


async def test_36_a_captive_portal_in_the_place_of_the_server(make_office: OfficeMaker) -> None:
    office = await make_office(1)
    mail, office.imap.target = office.imap.target, ("127.0.0.1", 0)
    async with odd.answering(b"HTTP/1.1 400 Bad Request\r\nServer: portal\r\n\r\n<html>") as port:
        office.imap.target = ("127.0.0.1", port)
        office.imap.cut()
        await office.home.until(lambda: office.home.state is ConnectionState.OFFLINE)
        office.home.hurry()
        await office.home.until(lambda: any(isinstance(error, ServerBroken) for error in errors(office)))
        assert any("no IMAP server" in str(error) for error in errors(office))
        office.home.engine.actions.mark_read(office.home.message("<0@example.org>"))
    office.imap.target = mail
    await office.home.at_peace()
    await office.home.until(office.agrees)
    assert office.home.state is ConnectionState.ONLINE


async def test_36_a_network_that_comes_and_goes(make_office: OfficeMaker) -> None:
    office = await make_office(1)
    for number in range(1, 4):
        await office.imap.refuse()
        await office.home.until(lambda: office.home.state is ConnectionState.OFFLINE)
        with pytest.raises(Offline):
            await office.home.settled()
        await office.imap.listen()
        await office.home.at_peace()
        await arrives(office, number)


def errors(office: Office) -> list[Exception]:
    return [notice.error for notice in office.home.notices if isinstance(notice, ConnectionChanged) and notice.error]


async def test_36_names_that_flap_and_an_address_that_leads_nowhere(
    make_office: OfficeMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = await make_office(1)
    await office.home.end()
    imap = office.home.site.imap
    office.home.site = replace(office.home.site, imap=replace(imap, host="localhost"))
    answers: list[list[str]] = [[], ["127.0.0.2", "127.0.0.1"]]
    found = socket.getaddrinfo

    def flapping(host: str, port: int, *more: int, **named: int) -> list[tuple[object, ...]]:
        if host != "localhost":
            return [*found(host, port, *more, **named)]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        if not addresses:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", flapping)
    with swallowing("127.0.0.2", imap.port):
        office.home.begin()
        with pytest.raises(Offline, match="localhost"):
            await office.home.start()
        await office.home.at_peace()
        await arrives(office, 1)
        # Over the other connection: asyncio's race leaves a socket behind when it is cancelled by the end of the program.
        office.home.engine.actions.mark_read(office.home.message("<1@example.org>"))
        await office.home.at_peace()


@contextmanager
def swallowing(host: str, port: int) -> Iterator[None]:
    """An address where connecting never ends: its queue is full."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((host, port))
        server.listen(0)
        for _ in range(3):
            client = stack.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex((host, port))
        yield


async def test_37_a_pause_ends_when_the_computer_wakes(sleep: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(awake, "LOOK", 0.05)
    over = asyncio.Event()
    pausing = asyncio.create_task(awake.pause(over, 3600))
    await asyncio.sleep(0)
    sleep()
    assert await pausing
    over.set()
    assert not await awake.pause(over, 3600)
    over.clear()
    assert not await awake.pause(over, 0.01)
