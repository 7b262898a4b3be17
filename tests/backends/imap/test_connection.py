# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to commands when servers are slow, odd, or gone."""

import asyncio
import zlib

import pytest

from tests.backends.imap.scripted import CAPABILITIES, Line, playing, signed_in
from tests.backends.words import words
from tuimail.backends.port import FlagUpdate, ServerChange
from tuimail.model.errors import Offline, ServerBroken, ServerRefused, TryLater
from tuimail.model.uidset import UidSet


async def test_a_lost_connection_fails_everything_that_waits_at_once() -> None:
    async def script(line: Line) -> None:
        await line.select()
        await line.hear(b"UID SEARCH")
        await line.hear(b"UID SEARCH")
        await line.hear(b"UID FETCH")
        line.say(b"* 1 FETCH (UID 5 BODY[1]<0> {100}\r\nabc")
        line.hang_up()

    async with signed_in(script) as (backend, _):
        await backend.select("INBOX")
        calls = (backend.uids(), backend.search(words("word")), backend.section(5, "1"))
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(result) for result in results] == [Offline] * 3
        with pytest.raises(Offline):
            await backend.uids()


async def test_the_server_says_goodbye() -> None:
    async def script(line: Line) -> None:
        await line.hear(b"STATUS")
        line.say(b"* BYE closed for maintenance\r\n")
        line.hang_up()

    async with signed_in(script) as (backend, _):
        with pytest.raises(Offline, match="maintenance"):
            await backend.status("INBOX")


async def test_a_silent_server_is_given_up() -> None:
    async def script(line: Line) -> None:
        await line.hear(b"STATUS")

    async with signed_in(script, read_seconds=1.0) as (backend, _):
        with pytest.raises(Offline, match="silent"):
            await backend.status("INBOX")


async def test_silence_while_idling_is_no_fault() -> None:
    async def script(line: Line) -> None:
        await line.select()
        tag = await line.hear(b"IDLE")
        line.say(b"+ idling\r\n")
        await line.hear()
        line.say(tag + b" OK idled\r\n")
        await line.answer(b"STATUS", b"* STATUS INBOX (MESSAGES 4)\r\n")

    async with signed_in(script, read_seconds=1.0) as (backend, _):
        await backend.select("INBOX")
        assert await backend.idle(1.5) == ServerChange()
        assert (await backend.status("INBOX")).messages == 4


@pytest.mark.parametrize(
    "nonsense",
    [b"A999 OK who asked\r\n", b"nonsense\r\n", b"* 1 FETCH (X {4294967295}\r\n", b"x" * 1_100_000],
    ids=["tag", "words", "literal", "line"],
)
async def test_nonsense_ends_the_connection(nonsense: bytes) -> None:
    async def script(line: Line) -> None:
        await line.hear(b"STATUS")
        line.say(nonsense)

    async with signed_in(script) as (backend, _):
        with pytest.raises(ServerBroken):
            await backend.status("INBOX")


async def test_a_cancelled_command_is_abandoned_and_its_answer_dropped() -> None:
    heard = asyncio.Event()

    async def script(line: Line) -> None:
        await line.select()
        tag = await line.hear(b"UID FETCH")
        heard.set()
        await line.hear(b"UID SEARCH")
        line.say(b"* 1 FETCH (UID 5 FLAGS (\\Seen) BODY[1]<0> {3}\r\nabc)\r\n" + tag + b" OK late\r\n")
        line.say(b"* ESEARCH UID ALL 5,9\r\n" + line.heard[-1].partition(b" ")[0] + b" OK done\r\n")

    async with signed_in(script) as (backend, _):
        await backend.select("INBOX")
        reading = asyncio.create_task(backend.section(5, "1"))
        await heard.wait()
        reading.cancel()
        assert await backend.uids() == UidSet.of([5, 9])
        assert reading.cancelled()


async def test_data_of_pipelined_commands_may_come_before_all_their_ends() -> None:
    async def script(line: Line) -> None:
        await line.select()
        first = await line.hear(rb"UID FETCH 5 .*BODY\.PEEK\[1\]")
        second = await line.hear(rb"UID FETCH 6 .*BODY\.PEEK\[2\]")
        line.say(b"* 2 FETCH (BODY[2] {2}\r\nzz UID 6)\r\n* 1 FETCH (UID 5 BODY[1] {2}\r\naa)\r\n")
        line.say(second + b" OK\r\n" + first + b" OK\r\n")

    async with signed_in(script) as (backend, _):
        await backend.select("INBOX")
        assert await backend.sections([(5, "1"), (6, "2")]) == {(5, "1"): b"aa", (6, "2"): b"zz"}


async def test_a_literal_waits_for_permission_where_it_must() -> None:
    async def script(line: Line) -> None:
        tag = await line.hear(rb'APPEND "Sent" \(\\Seen\) \{5\}$')
        line.say(b"+ go on\r\n")
        assert await line.octets(7) == b"a\r\nb\n\r\n"
        line.say(tag + b" OK [APPENDUID 7 42] stored\r\n")

    async with signed_in(script, b"IMAP4rev1") as (backend, _):
        appended = await backend.append("Sent", b"a\r\nb\n", frozenset({"\\Seen"}), None)
        assert (appended.uid, appended.uidvalidity) == (42, 7)


async def test_a_literal_that_is_refused_is_not_sent() -> None:
    async def script(line: Line) -> None:
        await line.answer(rb"APPEND .*\{5\}$", status=b"NO [OVERQUOTA] full")
        await line.answer(b"STATUS", b"* STATUS INBOX (MESSAGES 4)\r\n")

    async with signed_in(script, b"IMAP4rev1") as (backend, _):
        with pytest.raises(ServerRefused) as refused:
            await backend.append("Sent", b"a\r\nb\n", frozenset(), None)
        assert refused.value.code == "OVERQUOTA"
        assert (await backend.status("INBOX")).messages == 4


async def test_a_long_literal_waits_with_literal_minus() -> None:
    async def script(line: Line) -> None:
        await line.hear(rb"APPEND .*\{10\+\}$")
        await line.octets(12)
        line.say(line.heard[-1].partition(b" ")[0] + b" OK\r\n")
        await line.answer(rb"APPEND .*\{5000\}$", status=b"NO [TOOBIG] no")

    async with signed_in(script, b"IMAP4rev1 LITERAL-") as (backend, _):
        await backend.append("Sent", b"x" * 10, frozenset(), None)
        with pytest.raises(ServerRefused):
            await backend.append("Sent", b"x" * 5000, frozenset(), None)


async def test_an_upload_that_is_cancelled_leaves_no_half_message() -> None:
    asked = asyncio.Event()

    async def script(line: Line) -> None:
        await line.hear(b"APPEND")
        asked.set()

    async with signed_in(script, b"IMAP4rev1") as (backend, _):
        upload = asyncio.create_task(backend.append("Sent", b"x" * 10, frozenset(), None))
        await asked.wait()
        upload.cancel()
        await asyncio.wait([upload])
        with pytest.raises(Offline):
            await backend.status("INBOX")


async def test_waiting_can_be_cancelled_at_any_moment() -> None:
    started = asyncio.Event()

    async def script(line: Line) -> None:
        await line.select()
        idle = await line.hear(b"IDLE")
        started.set()
        line.say(b"+ idling\r\n")
        assert await line.hear() == b"DONE"
        line.say(idle + b" OK idled\r\n")
        await line.answer(b"STATUS", b"* STATUS INBOX (MESSAGES 4)\r\n")

    async with signed_in(script) as (backend, _):
        await backend.select("INBOX")
        waiting = asyncio.create_task(backend.idle(600))
        await started.wait()
        waiting.cancel()
        assert (await backend.status("INBOX")).messages == 4


async def test_a_command_ends_the_waiting_of_another_task() -> None:
    started = asyncio.Event()

    async def script(line: Line) -> None:
        await line.select()
        idle = await line.hear(b"IDLE")
        line.say(b"+ idling\r\n")
        started.set()
        await line.hear()
        line.say(idle + b" OK idled\r\n")
        await line.answer(b"STATUS", b"* STATUS INBOX (MESSAGES 4)\r\n")

    async with signed_in(script) as (backend, played):
        await backend.select("INBOX")
        waiting = asyncio.create_task(backend.idle(600))
        await started.wait()
        await backend.status("INBOX")
        assert await waiting == ServerChange()
        assert played.lines[0].heard[-2] == b"DONE"


async def test_changes_are_told() -> None:
    async def script(line: Line) -> None:
        await line.select()
        idle = await line.hear(b"IDLE")
        line.say(b"+ idling\r\n* VANISHED 3:4\r\n* 1 FETCH (UID 2 FLAGS (\\Seen) MODSEQ (9))\r\n* 5 EXISTS\r\n")
        await line.hear()
        line.say(idle + b" OK\r\n")

    async with signed_in(script) as (backend, _):
        await backend.select("INBOX")
        change = await backend.idle(600)
        assert change.vanished == UidSet.of([3, 4])
        assert change.changed == (FlagUpdate(2, frozenset({"\\Seen"}), 9),)
        assert change.look_again


async def test_a_server_without_idle_is_asked() -> None:
    async def script(line: Line) -> None:
        await line.select()
        await line.answer(b"NOOP", b"* 2 EXPUNGE\r\n")

    async with signed_in(script, b"IMAP4rev1") as (backend, _):
        await backend.select("INBOX")
        assert (await backend.idle(600)).look_again


async def test_a_flood_of_changes_becomes_one_hint() -> None:
    async def script(line: Line) -> None:
        await line.select()
        flood = b"".join(b"* %d FETCH (UID %d FLAGS ())\r\n" % (number, number) for number in range(1, 20_001))
        await line.answer(b"NOOP", flood)

    async with signed_in(script, b"IMAP4rev1") as (backend, _):
        await backend.select("INBOX")
        change = await backend.idle(600)
        assert change.look_again
        assert len(change.changed) < 20_000


async def test_uids_never_reach_another_folder() -> None:
    opening = asyncio.Event()
    stored = asyncio.Event()

    async def script(line: Line) -> None:
        await line.select()
        tag = await line.hear(b'SELECT "Other"')
        opening.set()
        await stored.wait()
        line.say(b"* OK [CLOSED] x\r\n* 1 EXISTS\r\n* OK [UIDVALIDITY 8] x\r\n" + tag + b" OK [READ-WRITE] open\r\n")

    async with signed_in(script) as (backend, played):
        await backend.select("INBOX")
        selecting = asyncio.create_task(backend.select("Other"))
        await opening.wait()
        with pytest.raises(ServerRefused) as refused:
            await backend.store(UidSet.of([1]), frozenset({"\\Deleted"}), frozenset())
        assert refused.value.code == "CLOSED"
        stored.set()
        assert (await selecting).uidvalidity == 8
        assert backend.selected == "Other"
        assert not any(b"STORE" in line for line in played.heard)


async def test_reading_a_list_ends_when_another_folder_is_opened() -> None:
    async def script(line: Line) -> None:
        await line.select()
        await line.answer(b"UID FETCH", b'* 1 FETCH (UID 1 ENVELOPE (NIL "Hi" NIL NIL NIL NIL NIL NIL NIL NIL))\r\n')
        await line.select()

    async with signed_in(script) as (backend, _):
        await backend.select("INBOX")
        rows = backend.headers(UidSet.of([1]))
        assert [row.envelope.subject for row in await anext(rows)] == ["Hi"]
        await backend.select("Other")
        with pytest.raises(ServerRefused):
            await anext(rows)


async def test_a_busy_server() -> None:
    async def script(line: Line) -> None:
        await line.answer(b"STATUS", status=b"NO [UNAVAILABLE] backend down")

    async with signed_in(script) as (backend, _):
        with pytest.raises(TryLater):
            await backend.status("INBOX")


async def test_compression_starts_right_behind_its_ok() -> None:
    async def script(line: Line) -> None:
        tag = await line.hear(b"COMPRESS DEFLATE")
        deflate, inflate = zlib.compressobj(wbits=-15), zlib.decompressobj(-15)
        early = deflate.compress(b"* OK Still here\r\n") + deflate.flush(zlib.Z_SYNC_FLUSH)
        line.say(tag + b" OK active\r\n" + early)
        said = b""
        while not said.endswith(b"\r\n"):
            said += inflate.decompress(await line.octets(1))
        tag = said.partition(b" ")[0]
        line.say(deflate.compress(b"* STATUS INBOX (MESSAGES 4)\r\n" + tag + b" OK\r\n") + deflate.flush(zlib.Z_SYNC_FLUSH))

    async with signed_in(script, CAPABILITIES + b" COMPRESS=DEFLATE") as (backend, _):
        assert (await backend.status("INBOX")).messages == 4


@pytest.mark.parametrize(
    ("greeting", "error"),
    [
        (b"* BYE overloaded\r\n", Offline),
        (b"* BYE [UNAVAILABLE] overloaded\r\n", TryLater),
        (b"HTTP/1.1 400 Bad Request\r\n", ServerBroken),
        (b"* NO never\r\n", ServerBroken),
        (b"+ what\r\n", ServerBroken),
        (b"", Offline),
    ],
)
async def test_odd_greetings(greeting: bytes, error: type[Exception]) -> None:
    async def script(line: Line) -> None:
        line.say(greeting)
        if not greeting:
            line.hang_up()

    async with playing(script) as played:
        with pytest.raises(error):
            await played.backend().connect()
        assert played.heard == []


async def test_nobody_listens() -> None:
    async with playing(lambda line: asyncio.sleep(0)) as played:
        pass
    with pytest.raises(Offline):
        await played.backend().connect()


async def test_without_connect_there_is_a_clear_error() -> None:
    async with playing(lambda line: asyncio.sleep(0)) as played:
        backend = played.backend()
        assert backend.selected is None
        assert not backend.capabilities.names
        with pytest.raises(Offline):
            await backend.folders()
        await backend.close()
