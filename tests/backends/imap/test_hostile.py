# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that would keep the client busy, or fill it."""

import asyncio
import zlib

import pytest

from tests.backends.imap.scripted import CAPABILITIES, Line, playing, signed_in
from tuimail.backends.imap import limits
from tuimail.backends.imap.backend import ImapBackend
from tuimail.backends.imap.memory import ServerMemory
from tuimail.model.errors import Offline, ServerBroken, ServerRefused
from tuimail.model.uidset import UidSet


async def test_a_server_that_ends_idle_by_itself_is_not_asked_in_a_circle() -> None:
    async def script(line: Line) -> None:
        await line.select()
        line.say(b"+ idling\r\n" + await line.hear(b"IDLE") + b" OK that was enough\r\n")
        await line.answer(b"NOOP", b"* 4 EXISTS\r\n")

    async with signed_in(script) as (backend, _):
        await backend.select("INBOX")
        assert (await backend.idle(600)).look_again


async def test_many_short_responses_are_a_large_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_ANSWER", 50_000)

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


@pytest.mark.parametrize("said", [b"* 1 FETCH (UID 1 FLAGS ())\r\n", b"* OK still here\r\n", b"+ more\r\n", b"\r\n"])
async def test_what_nobody_asked_for_does_not_put_an_answer_off_for_ever(monkeypatch: pytest.MonkeyPatch, said: bytes) -> None:
    monkeypatch.setattr(limits, "MAX_ANSWER", 50_000)

    async def script(line: Line) -> None:
        await line.select()
        await line.hear(b"UID SEARCH")
        line.say(said * 2000)

    async with signed_in(script) as (backend, _):
        await backend.select("INBOX")
        with pytest.raises(ServerBroken, match="larger"):
            await backend.find_message_id("<a@b>")


async def test_more_search_results_than_messages_are_not_believed() -> None:
    async def script(line: Line) -> None:
        await line.select(exists=3)
        await line.answer(b"UID SEARCH", b'* ESEARCH (TAG "x") UID ALL 1:4294967295\r\n')

    async with signed_in(script) as (backend, _):
        await backend.select("INBOX")
        with pytest.raises(ServerBroken, match="4294967295 messages in INBOX, and says that 3 are there"):
            await backend.uids()


@pytest.mark.parametrize("exists", [b"* 4294967295 EXISTS\r\n", b"* 9223372036854775807 EXISTS\r\n", b""])
async def test_a_folder_that_holds_what_no_folder_does_is_left_alone(exists: bytes) -> None:
    async def script(line: Line) -> None:
        await line.answer(b"SELECT", exists + b"* OK [UIDVALIDITY 7] x\r\n", b"OK [READ-WRITE] open")
        await line.select(exists=2)
        await line.answer(b"NOOP", exists)

    async with signed_in(script) as (backend, _):
        with pytest.raises(ServerRefused, match=r"how many|says it holds"):
            await backend.select("INBOX")
        assert (await backend.select("INBOX")).exists == 2
        assert (await backend.select("INBOX")).exists == 2


@pytest.mark.parametrize("told", [2**32 + 1, 2**63 - 1])
async def test_a_next_uid_that_is_none_is_not_noted(told: int) -> None:
    async def script(line: Line) -> None:
        await line.answer(b"SELECT", b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT %d] x\r\n" % told)
        await line.answer(b"STATUS", b"* STATUS INBOX (MESSAGES %d UNSEEN %d UIDNEXT %d)\r\n" % (told, told, told))

    async with signed_in(script) as (backend, _):
        assert (await backend.select("INBOX")).uidnext is None
        status = await backend.status("INBOX")
        assert (status.messages, status.unseen, status.uidnext) == (None, None, None)


async def test_of_too_many_that_vanished_only_that_is_kept() -> None:
    gone = ",".join(str(uid) for uid in range(1, 20_000, 2)).encode()

    async def script(line: Line) -> None:
        await line.select()
        await line.answer(b"NOOP", b"* VANISHED " + gone + b"\r\n")

    async with signed_in(script) as (backend, _):
        await backend.select("INBOX")
        await backend.select("INBOX")
        change = await backend.idle(0)
        assert (change.look_again, change.vanished) == (True, UidSet())


async def test_what_a_copy_does_not_name_is_not_deleted() -> None:
    async def script(line: Line) -> None:
        await line.select()
        await line.answer(b"UID COPY 1:3 ", status=b"OK [COPYUID 9 1,3,77 40:42] copied")
        await line.answer(rb"UID STORE 1,3 \+FLAGS.SILENT \(\\Deleted\)$")
        await line.answer(b"UID EXPUNGE 1,3$")

    async with signed_in(script, b"IMAP4rev1 UIDPLUS") as (backend, _):
        await backend.select("INBOX")
        await backend.move(UidSet.of([1, 2, 3]), "Archive")


@pytest.mark.parametrize(
    "said", [b"A1 OK done\r\n", b"* 1 FETCH (UID 1 BODY[] {9223372036854775808}\r\n", b"* X " + bytes(2 << 20)]
)
async def test_an_answer_without_sense_is_told_with_what_to_do(said: bytes) -> None:
    async def script(line: Line) -> None:
        await line.select()
        await line.hear(b"UID SEARCH")
        line.say(said)

    async with signed_in(script) as (backend, _):
        await backend.select("INBOX")
        with pytest.raises(ServerBroken) as told:
            await backend.uids()
        assert "tell whoever runs the server" in told.value.advice


_GREETING = b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hi\r\n"


@pytest.mark.parametrize("said", [b"x", b"* OK wait\r\n", b"+ wait\r\n"])
@pytest.mark.parametrize("asked", [b"CAPABILITY", b"AUTHENTICATE"])
async def test_before_sign_in_only_an_answer_is_an_answer(asked: bytes, said: bytes) -> None:
    async def script(line: Line) -> None:
        line.say(_GREETING if asked == b"AUTHENTICATE" else b"* OK hi\r\n")
        await line.hear(asked)
        line.say(b"* OK " if said == b"x" else b"")
        await line.drip(said)

    async with playing(script) as played:
        with pytest.raises((Offline, ServerBroken), match=r"did not end its answer|more than a sign-in needs"):
            await played.backend(read_seconds=1.5).connect()


async def test_single_octets_are_no_answer_later_either() -> None:
    async def script(line: Line) -> None:
        await line.hear(b"STATUS")
        line.say(b"* OK ")
        await line.drip(b"x")

    async with signed_in(script, read_seconds=1.5) as (backend, _):
        with pytest.raises(Offline, match="did not end its answer"):
            await backend.status("INBOX")


@pytest.mark.parametrize("said", [b"* OK Still here\r\n", b"* 3 EXISTS\r\n", b"* 1 FETCH (FLAGS ())\r\n"])
async def test_whole_lines_put_no_answer_off_for_ever(monkeypatch: pytest.MonkeyPatch, said: bytes) -> None:
    async def script(line: Line) -> None:
        await line.hear(b"SELECT")
        await line.drip(said)

    monkeypatch.setattr(limits, "ANSWER_SECONDS", 1.5)
    async with signed_in(script) as (backend, _):
        with pytest.raises(Offline, match="did not end its answer"):
            await backend.select("INBOX")


async def test_whoever_searches_every_message_may_say_so_for_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(line: Line) -> None:
        await line.select()
        tag = await line.hear(b"UID SEARCH")
        await line.drip(b"* OK Searched some of it\r\n", 7)
        line.say(b'* ESEARCH (TAG "' + tag + b'") UID ALL 2\r\n' + tag + b" OK found\r\n")

    monkeypatch.setattr(limits, "ANSWER_SECONDS", 1.0)
    async with signed_in(script) as (backend, _):
        await backend.select("INBOX")
        assert await backend.find_message_id("<a@b>") == UidSet.of([2])


@pytest.mark.parametrize("said", [b"* OK hi\r\n" * 50_000, b"* CAPABILITY {2000000}\r\n", b"* OK " + bytes(2 << 20)])
async def test_before_sign_in_nobody_may_say_much(said: bytes) -> None:
    async def script(line: Line) -> None:
        line.say(b"* OK hi\r\n")
        await line.hear(b"CAPABILITY")
        line.say(said)

    async with playing(script) as played:
        with pytest.raises(ServerBroken):
            await played.backend().connect()
        assert played.asked_for_secret == 0


async def test_a_sign_in_has_an_end() -> None:
    async def script(line: Line) -> None:
        line.say(_GREETING)
        await line.hear(b"AUTHENTICATE")
        for _ in range(3):
            line.say(b"+ \r\n")
            await line.hear()

    async with playing(script) as played:
        with pytest.raises(ServerBroken, match="more than a sign-in needs"):
            await played.backend().connect()


async def test_who_is_idled_with_may_not_talk_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(line: Line) -> None:
        await line.select()
        await line.hear(b"IDLE")
        line.say(b"+ idling\r\n" + b"* OK Still here\r\n" * 2000)

    async with signed_in(script) as (backend, _):
        await backend.select("INBOX")
        monkeypatch.setattr(limits, "MAX_ANSWER", 50_000)
        with pytest.raises(ServerBroken, match="larger"):
            await backend.idle(30)


@pytest.mark.parametrize("sure", [True, False])
async def test_a_server_that_compresses_only_in_words_is_used_without(sure: bool) -> None:
    async def script(line: Line) -> None:
        await line.sign_in(CAPABILITIES + b" COMPRESS=DEFLATE")
        if len(played.lines) == 1:
            line.say(await line.hear(b"COMPRESS DEFLATE") + b" OK active\r\n")
            await line.octets(1)
            line.say(b"* BAD what\r\n" if sure else b"")
            line.hang_up_softly()
        else:
            await line.answer(b"STATUS", b"* STATUS INBOX (MESSAGES 2)\r\n")

    memory = ServerMemory()
    async with playing(script) as played:
        backend = ImapBackend(played.address, played.secret, memory=memory)
        await backend.connect()
        with pytest.raises(Offline, match="would compress" if sure else "lost"):
            await backend.status("INBOX")
        await backend.connect()
        assert (await backend.status("INBOX")).messages == 2
    later = ServerMemory()
    later.recall(memory.note())
    assert (later.compresses, later.pipelines) == (not sure, True)


async def test_octets_that_inflate_to_nothing_are_no_answer() -> None:
    async def script(line: Line) -> None:
        line.say(await line.hear(b"COMPRESS DEFLATE") + b" OK active\r\n")
        await line.drip(b"\x00\x00\x00\xff\xff" * 1000)

    async with signed_in(script, CAPABILITIES + b" COMPRESS=DEFLATE", read_seconds=1.5) as (backend, _):
        with pytest.raises(Offline, match="silent"):
            await backend.status("INBOX")


async def test_what_inflates_without_end_is_read_in_turns_even_when_the_connection_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "MAX_ANSWER", 2 << 20)
    lines = b"* OK Still here\r\n" * 1_000_000
    turns = 0

    async def script(line: Line) -> None:
        line.say(await line.hear(b"COMPRESS DEFLATE") + b" OK active\r\n")
        bomb = zlib.compressobj(wbits=-15)
        line.say(bomb.compress(lines) + bomb.flush())
        line.hang_up_softly()

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with signed_in(script, CAPABILITIES + b" COMPRESS=DEFLATE") as (backend, _):
        counting = asyncio.create_task(count())
        with pytest.raises(ServerBroken, match="larger"):
            await backend.status("INBOX")
        counting.cancel()
    assert turns > 20
