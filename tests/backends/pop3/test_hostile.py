# SPDX-License-Identifier: GPL-3.0-or-later
"""POP3 servers that would keep the client waiting, or fill it."""

import asyncio
import base64

import pytest

from tests.backends.pop3.test_odd_servers import Line, playing
from tuimail.backends.pop3.connection import CAPA_LIMIT, LINE_LIMIT
from tuimail.model.errors import Offline, ServerBroken


async def _signed_in(line: Line) -> None:
    line.say(b"+OK ready\r\n")
    await line.answer(b"CAPA", b"-ERR what?\r\n")
    await line.answer(b"USER ada", b"+OK\r\n")
    await line.answer(b"PASS .*", b"+OK\r\n")
    await line.answer(b"CAPA", b"-ERR what?\r\n")


@pytest.mark.parametrize(("said", "words"), [(b"", "was silent"), (b"+OK rea", "did not end its answer")])
async def test_silence_has_an_end(said: bytes, words: str) -> None:
    async def script(line: Line) -> None:
        line.say(said)

    async with playing(script, read_seconds=0.5) as drop:
        with pytest.raises(Offline, match=words):
            await drop.connect()


@pytest.mark.parametrize("capa", [False, True])
async def test_before_sign_in_an_answer_has_its_time_as_a_whole(*, capa: bool) -> None:
    async def script(line: Line) -> None:
        if capa:
            line.say(b"+OK ready\r\n")
            await line.answer(b"CAPA", b"+OK\r\n")
        await line.drip(b"X-WAIT\r\n" * 100 if capa else b"x")

    async with playing(script, read_seconds=1.5) as drop:
        with pytest.raises(Offline, match="did not end its answer"):
            await drop.connect()


async def test_single_octets_are_no_text() -> None:
    async def script(line: Line) -> None:
        await _signed_in(line)
        await line.answer(b"LIST", b"+OK\r\n")
        await line.drip(b"1")

    async with playing(script, read_seconds=1.5) as drop:
        await drop.connect()
        with pytest.raises(Offline, match="did not end its answer"):
            await drop.waiting()


@pytest.mark.parametrize("said", [b"+OK" + b"x" * (LINE_LIMIT + 1), b"+OK ready\r\n+OK\r\n" + b"X\r\n" * CAPA_LIMIT])
async def test_before_sign_in_nobody_may_say_much(said: bytes) -> None:
    async def script(line: Line) -> None:
        line.say(said)

    async with playing(script) as drop:
        with pytest.raises(ServerBroken):
            await drop.connect()


async def test_a_sign_in_has_an_end() -> None:
    async def script(line: Line) -> None:
        line.say(b"+OK ready\r\n")
        await line.answer(b"CAPA", b"+OK\r\nSASL PLAIN\r\n.\r\n")
        await line.answer(b"AUTH PLAIN .*", b"+ \r\n")
        for _ in range(2):
            await line.answer(b"", b"+ " + base64.b64encode(b"more") + b"\r\n")

    async with playing(script) as drop:
        with pytest.raises(ServerBroken, match="more than a sign-in needs"):
            await drop.connect()


async def test_what_nobody_waits_for_is_not_read() -> None:
    async def script(line: Line) -> None:
        await _signed_in(line)
        line.say(b"+OK\r\n" * 10_000_000)
        await line.sent()

    async with playing(script) as drop:
        await drop.connect()
        transport = drop._open._transport
        assert transport is not None
        async with asyncio.timeout(30):
            while transport.is_reading():  # noqa: ASYNC110 no event tells
                await asyncio.sleep(0)
