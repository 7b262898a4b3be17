# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that say too much, and mailboxes that hold too much: memory and keys stay within bounds."""

import asyncio
import re
import resource
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.faults.conftest import Office, OfficeMaker
from tests.faults.home import letter_of
from tests.faults.test_refusals import waits as waits
from tests.faults.test_silence import arrives, errors
from tests.servers.proxy import Flood, Way
from tuimail.backends.imap import limits
from tuimail.backends.imap.wire import splitter
from tuimail.model.errors import ServerBroken
from tuimail.model.notice import ConnectionState

_WHOLE = re.compile(r"FETCH \d*:\*|FETCH 1:\d{4,}")
"""All messages of a large folder in one command, by more than their flags."""


_LONG = 1800.0
"""Seconds that the full size may take."""


class Ticks:
    """What the event loop's longest turn cost."""

    longest = 0.0
    """Seconds of the processor."""


@asynccontextmanager
async def ticking() -> AsyncIterator[Ticks]:
    """Measure every turn of the event loop meanwhile."""
    ticks = Ticks()

    async def tick() -> None:
        before = time.thread_time()
        while True:
            await asyncio.sleep(0)
            now = time.thread_time()
            ticks.longest, before = max(ticks.longest, now - before), now

    task = asyncio.create_task(tick())
    try:
        yield ticks
    finally:
        task.cancel()


def peak() -> int:
    """The most memory that this process had, in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


async def flood(office: Office, lines: int) -> None:
    """While it idles, the server pushes so many EXISTS and as many FETCH lines."""
    told = b"".join(b"* %d EXISTS\r\n* %d FETCH (FLAGS (Flood))\r\n" % (number, number) for number in range(1, lines + 1))
    office.imap.replace(Way.DOWN, rb"^\+ idling\r\n", b"+ idling\r\n" + told, times=1)
    office.home.account.loop.sync_now()
    await office.home.until(lambda: f"S * {lines} EXISTS" in office.home.said[-2 * lines :])


@pytest.mark.dovecot
async def test_28_the_server_pushes_thousands_of_lines(make_office: OfficeMaker) -> None:
    office = await make_office(2)
    await flood(office, 5_000)
    await arrives(office, 99)


@pytest.mark.dovecot
@pytest.mark.heavy
async def test_28_the_server_pushes_a_hundred_thousand_lines(make_office: OfficeMaker) -> None:
    office = await make_office(2)
    before = peak()
    async with ticking() as ticks:
        await flood(office, 100_000)
    await arrives(office, 99)
    print(f"28: longest turn {1000 * ticks.longest:.0f} ms, {(peak() - before) / 1024:.0f} MiB more")
    assert peak() - before < 200 * 1024, "the log that this test keeps included"


_FLOODS = {
    "LIST": (rb"^\* LIST ", b'* LIST () "/" ', b"x"),
    "SELECT": (rb"^\* \d+ EXISTS", b"* OK ", b"more"),
    "FETCH": (rb"^\* \d+ FETCH .*ENVELOPE", b"* 1 FETCH (UID 1 ", b"FLAGS ())"),
    "BODY": (rb"^\* \d+ FETCH .*BODY\[\]", b"* 1 FETCH (UID 1 ", b"FLAGS ())"),
}
"""Command → the line of its answer, what comes in its place, and an end that makes a whole line of it."""
_LITERAL = b'* LIST () "/" {4294967295}\r\n'
_SAID = {"literal": "announced more data", "line": "line without end", "answers": "larger than anything"}


def overflow(office: Office, command: str, kind: str) -> Flood:
    """The answer to this command is, from now on, more than anybody wants."""
    pattern, begin, end = _FLOODS[command]
    line = begin + end + b"\r\n"
    first, again = {"literal": (_LITERAL, b""), "line": (begin, b"x" * 65_536), "answers": (line, line * 2000)}[kind]
    return office.imap.flood(Way.DOWN, pattern, first, again)


@pytest.mark.parametrize("kind", _SAID)
@pytest.mark.parametrize("command", ["LIST", "SELECT"])
async def test_29_an_answer_without_bounds(
    make_office: OfficeMaker, waits: list[int], monkeypatch: pytest.MonkeyPatch, command: str, kind: str
) -> None:
    monkeypatch.setattr(limits, "MAX_ANSWER", 1 << 20)
    office = await make_office(1, embedded=True)
    flood = overflow(office, command, kind)
    if command == "SELECT":
        office.imap.cut()
    else:
        office.sink.deliver(letter_of(7))
        office.home.account.loop.sync_now()
    for number in (1, 2):
        await office.home.until(lambda: waits and office.home.state is ConnectionState.OFFLINE)
        assert waits.pop() == number, "each pause is longer"
        with pytest.raises(ServerBroken, match=_SAID[kind]):
            await office.home.settled()
    assert all(isinstance(error, ServerBroken) for error in errors(office))
    flood.left = 0
    await office.home.at_peace()
    await arrives_at_the_sink(office, 9)


@pytest.mark.parametrize("kind", _SAID)
async def test_29_a_row_without_bounds_is_left_out(
    make_office: OfficeMaker, waits: list[int], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(limits, "MAX_ANSWER", 1 << 20)
    monkeypatch.setattr(splitter, "MAX_PASSED", splitter.MAX_LONG_LINE)
    office = await make_office(1, embedded=True)
    flood = overflow(office, "FETCH", kind)
    office.sink.deliver(letter_of(7))
    office.home.account.loop.sync_now()
    await office.home.until(lambda: waits and office.home.state is ConnectionState.OFFLINE)
    with pytest.raises(ServerBroken, match=_SAID[kind]):
        await office.home.settled()
    await office.home.until(lambda: len(waits) == 2 and office.home.state is ConnectionState.OFFLINE)
    assert waits == [1, 2], "each pause is longer"
    await office.home.settled()
    flood.left = 0
    await arrives_at_the_sink(office, 9)


@pytest.mark.parametrize("kind", _SAID)
async def test_29_a_message_without_bounds(make_office: OfficeMaker, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(limits, "MAX_ANSWER", 1 << 20)
    office = await make_office(1, embedded=True)
    message = office.home.message("<0@example.org>")
    flood = overflow(office, "BODY", kind)
    with pytest.raises(ServerBroken, match=_SAID[kind]):
        await office.home.engine.reader.raw(message)
    assert office.home.state is ConnectionState.ONLINE, "the other connection goes on"
    flood.left = 0
    assert await office.home.engine.reader.raw(message) == letter_of(0)


async def test_39_a_large_mailbox_is_read_in_windows(make_office: OfficeMaker) -> None:
    office = await make_office(0, embedded=True)
    big = letter_of(0, "0123456789" * 7 + "\r\n") + b"".join(b"%070d\r\n" % number for number in range(15_000))
    office.sink.deliver(big)
    for number in range(1, 1200):
        office.sink.deliver(letter_of(number))
    for number in range(100):
        office.sink.create_folder(f"Folder {number:03}")
    office.home.said.clear()
    await office.home.at_peace()
    await office.home.until(lambda: len(office.home.store.messages.order(office.home.named("INBOX").id)) == 1200)
    assert [line for line in office.home.commands("FETCH") if _WHOLE.search(line) and "ENVELOPE" in line] == []
    assert len(office.home.engine.pages.folders()) > 100
    assert await office.home.engine.reader.raw(office.home.message("<0@example.org>")) == big
    assert not [line for line in office.home.commands("FETCH") if "BODY.PEEK[]" in line and "<" not in line]


@pytest.mark.heavy
async def test_39_ten_thousand_folders_and_fifty_megabytes(make_office: OfficeMaker) -> None:
    office = await make_office(0, embedded=True)
    big = letter_of(0) + b"".join(b"%070d\r\n" % number for number in range(700_000))
    office.sink.deliver(big)
    for number in range(10_000):
        office.sink.create_folder(f"Folder {number // 100:02}/{number % 100:02}")
    before = peak()
    async with ticking() as ticks:
        begun = time.process_time()
        await office.home.at_peace(_LONG)
        print(f"39: 10,000 folders: {time.process_time() - begun:.1f} s of the processor, servers included")
        print(f"39: longest turn {1000 * ticks.longest:.0f} ms")
        assert len(office.home.engine.pages.folders()) > 10_000
        await arrives_at_the_sink(office, 1)
        assert await office.home.engine.reader.raw(office.home.message("<0@example.org>")) == big
    print(
        f"39: {len(big) / 1e6:.0f} MB read; longest turn {1000 * ticks.longest:.0f} ms, {(peak() - before) / 1024:.0f} MiB more"
    )


async def arrives_at_the_sink(office: Office, number: int) -> None:
    office.sink.deliver(letter_of(number))
    await office.home.until(lambda: office.home.store.messages.by_message_id(office.home.account.id, f"<{number}@example.org>"))
