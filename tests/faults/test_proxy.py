# SPDX-License-Identifier: GPL-3.0-or-later
"""The proxy does to the octets what it was asked to, and nothing else; the oracle sees what was done to the mail."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.faults.conftest import OfficeMaker
from tests.faults.oracle import Seen
from tests.servers.proxy import Deed, Proxy, Way

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def talking() -> AsyncIterator[tuple[Proxy, Ends, Ends]]:
    """A proxy with one connection through it: the client's end and the server's."""
    arrived: asyncio.Queue[Ends] = asyncio.Queue()
    writers: list[asyncio.StreamWriter] = []

    def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        arrived.put_nowait((reader, writer))

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    async with Proxy("127.0.0.1", server.sockets[0].getsockname()[1]) as proxy:
        ours = await asyncio.open_connection("127.0.0.1", proxy.port)
        theirs = await arrived.get()
        ours[1].write(b"!")
        assert await theirs[0].readexactly(1) == b"!"
        yield proxy, ours, theirs
    server.close()
    for writer in (ours[1], *writers):
        writer.transport.abort()
    await asyncio.sleep(0)


async def test_octets_pass_unchanged_in_pieces() -> None:
    async with talking() as (proxy, (_, ours), (theirs, _)):
        proxy.piece = 7
        data = bytes(range(256)) * 40
        ours.write(data)
        assert await theirs.readexactly(len(data)) == data
        assert proxy.passed == 1 + len(data)


async def test_the_octet_beyond_the_limit_cuts() -> None:
    async with talking() as (proxy, (_, ours), (theirs, _)):
        proxy.limit = 1 + 10
        ours.write(b"0123456789abc")
        assert await theirs.read() == b"0123456789"


@pytest.mark.parametrize(("after", "heard"), [(False, b"one\r\n"), (True, b"one\r\ntwo\r\n")])
async def test_cut_at_a_line(after: bool, heard: bytes) -> None:
    async with talking() as (proxy, (_, ours), (theirs, _)):
        trap = proxy.on(Way.UP, rb"tw.", Deed.CUT, after=after)
        ours.write(b"one\r\ntwo\r\nthree\r\n")
        assert await theirs.read() == heard
        assert (trap.times, trap.lines) == (1, [b"two\r\n"])


async def test_reset_is_heard_as_such() -> None:
    async with talking() as (proxy, (ours, to_them), (_, theirs)):
        proxy.on(Way.DOWN, b"now", Deed.RESET)
        to_them.write(b"x")
        theirs.write(b"now\r\n")
        with pytest.raises(ConnectionResetError):
            await ours.read()


async def test_half_closed() -> None:
    async with talking() as (proxy, (ours, _), (_, theirs)):
        proxy.on(Way.DOWN, b"last", Deed.HALF_CLOSE, after=True)
        theirs.write(b"last\r\nmore\r\n")
        assert await ours.read() == b"last\r\n"


async def test_held_and_released() -> None:
    async with talking() as (proxy, (ours, _), (_, theirs)):
        trap = proxy.on(Way.DOWN, b"answer", Deed.HOLD)
        theirs.write(b"answer\r\n")
        await trap.sprung.wait()
        proxy.release()
        assert await ours.readline() == b"answer\r\n"


async def test_swallowed_for_good() -> None:
    async with talking() as (proxy, (ours, to_them), (theirs, to_us)):
        proxy.cut(Deed.SWALLOW)
        to_them.write(b"a" * 10)
        to_us.write(b"b" * 10)
        while proxy.passed < 1 + 20:  # noqa: ASYNC110
            await asyncio.sleep(0)
        proxy.cut()
        assert (await ours.read(), await theirs.read()) == (b"", b"")


async def test_other_words_and_hidden_capabilities() -> None:
    async with talking() as (proxy, (ours, _), (_, theirs)):
        proxy.hide("MOVE", "PIPELINING")
        proxy.replace(Way.DOWN, rb"UIDVALIDITY \d+", b"UIDVALIDITY 8")
        theirs.write(b"* OK [CAPABILITY IMAP4rev1 MOVE UIDPLUS MOVE] x\r\n250-PIPELINING\r\n* OK [UIDVALIDITY 7] x\r\n")
        assert await ours.readline() == b"* OK [CAPABILITY IMAP4rev1 X-HIDDEN UIDPLUS X-HIDDEN] x\r\n"
        assert await ours.readline() == b"250-X-HIDDEN\r\n"
        assert await ours.readline() == b"* OK [UIDVALIDITY 8] x\r\n"


async def test_refused_and_taken_again_at_the_same_port() -> None:
    async with talking() as (proxy, (ours, _), _):
        port = proxy.port
        await proxy.refuse()
        assert await ours.read() == b""
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        await proxy.listen()
        assert proxy.port == port
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        proxy.on(Way.UP, b"bye", Deed.CUT)
        writer.write(b"bye\r\n")
        assert await reader.read() == b""
        writer.transport.abort()


@pytest.mark.dovecot
async def test_the_oracle_sees_what_was_done(make_office: OfficeMaker) -> None:
    office = await make_office()
    assert office.agrees()
    assert (office.oracle.went(), office.oracle.came()) == ([], [])
    office.home.engine.actions.archive([office.home.message("<1@example.org>")])
    assert not office.agrees(), "shown at once, carried later"
    await office.home.settled()
    assert office.agrees()
    moved = "<1@example.org>", frozenset[str]()
    assert (office.oracle.went(), office.oracle.came()) == ([Seen("INBOX", *moved)], [Seen("Archive", *moved)])
    sent = await office.home.send("bob@example.net")
    assert (sent.outcome.status, office.accepted(sent.message_id)) == ("done", 1)
