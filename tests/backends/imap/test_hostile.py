# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that would keep the client busy, or fill it."""

import pytest

from tests.backends.imap.scripted import Line, signed_in
from tuimail.backends.imap import flights
from tuimail.model.errors import ServerBroken


async def test_a_server_that_ends_idle_by_itself_is_not_asked_in_a_circle() -> None:
    async def script(line: Line) -> None:
        await line.select()
        line.say(b"+ idling\r\n" + await line.hear(b"IDLE") + b" OK that was enough\r\n")
        await line.answer(b"NOOP", b"* 4 EXISTS\r\n")

    async with signed_in(script) as (backend, _):
        await backend.select("INBOX")
        assert (await backend.idle(600)).look_again


async def test_many_short_responses_are_a_large_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flights, "MAX_ANSWER", 50_000)

    async def script(line: Line) -> None:
        await line.select()
        await line.hear(b"UID SEARCH")
        line.say(b"* SEARCH\r\n" * 2000)

    async with signed_in(script) as (backend, _):
        await backend.select("INBOX")
        with pytest.raises(ServerBroken, match="larger"):
            await backend.find_message_id("<a@b>")


@pytest.mark.parametrize("line_said", [b"* VANISHED 1:99999999999999999999", b"* 99999999999999999999 EXISTS"])
async def test_numbers_beyond_all_bounds_cost_nothing(line_said: bytes) -> None:
    async def script(line: Line) -> None:
        await line.select()
        await line.answer(b"NOOP", line_said + b"\r\n")
        await line.answer(b"NOOP")

    async with signed_in(script) as (backend, _):
        await backend.select("INBOX")
        await backend.select("INBOX")
        assert (await backend.select("INBOX")).exists < 10


@pytest.mark.parametrize("said", [b"* 1 FETCH (UID 1 FLAGS ())\r\n", b"* OK still here\r\n"])
async def test_what_nobody_asked_for_does_not_put_an_answer_off_for_ever(monkeypatch: pytest.MonkeyPatch, said: bytes) -> None:
    monkeypatch.setattr(flights, "MAX_ANSWER", 50_000)

    async def script(line: Line) -> None:
        await line.select()
        await line.hear(b"UID SEARCH")
        line.say(said * 2000)

    async with signed_in(script) as (backend, _):
        await backend.select("INBOX")
        with pytest.raises(ServerBroken, match="larger"):
            await backend.find_message_id("<a@b>")
