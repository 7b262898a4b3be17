# SPDX-License-Identifier: GPL-3.0-or-later
"""How large answers may be: the largest mailboxes can be read, and no server fills the memory."""

import pytest

from tests.backends.imap.scripted import CAPABILITIES, Line, signed_in
from tuimail.backends.imap import fetch
from tuimail.backends.imap.limits import limits_of
from tuimail.backends.imap.wire.arguments import command
from tuimail.backends.port import KnownState
from tuimail.model.errors import ServerBroken
from tuimail.model.uidset import UidSet

_MB = 1 << 20
_OVERHEAD = 200
_QRESYNC = b"IMAP4rev1 ENABLE CONDSTORE QRESYNC UIDPLUS ESEARCH"
_BEFORE = KnownState(7, 5)


@pytest.mark.parametrize(
    ("said", "responses", "octets", "literal"),
    [
        (b'LIST "" "*" RETURN (STATUS (MESSAGES))', 400_000, 250, 1000),
        (b"UID SEARCH RETURN (ALL) ALL", 1, 16 * _MB, 0),
        (b"UID FETCH 1:* (UID FLAGS MODSEQ)", 1_000_000, 100, 0),
        (b"UID FETCH 7 (UID BODY.PEEK[]<0.262144>)", 4, 100 * _MB // 4, 100 * _MB),
        (b"UID FETCH 7:9 (UID BODY.PEEK[1.2] BODY.PEEK[2])", 3, 80 * _MB, 80 * _MB),
        (b"UID FETCH 1:1000 (UID BODY.PEEK[HEADER.FIELDS (REFERENCES)])", 1000, 100_000, 10 * _MB),
        (b'SELECT "INBOX"', 100, 1000, 1000),
    ],
)
def test_the_largest_mailboxes_are_within_the_limits(said: bytes, responses: int, octets: int, literal: int) -> None:
    of = limits_of(command(said))
    assert responses * (octets + _OVERHEAD) <= of.octets
    assert literal <= of.literal


def test_what_takes_time_may_take_time() -> None:
    long = (b"UID SEARCH ALL", b"UID COPY 1:9 x", b"UID STORE 1:9 +FLAGS ()", b"APPEND x ", b"EXPUNGE", b'LIST "" "*"')
    short = (b"NOOP", b"SELECT x", b"UID STORE 9 +FLAGS ()", b"LOGIN x y", b"STATUS x (UIDNEXT)", b"CAPABILITY")
    assert [limits_of(command(said)).works for said in (*long, *short)] == [True] * len(long) + [False] * len(short)


async def test_more_changes_than_there_is_room_for_are_asked_for_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = b"".join(b"* %d FETCH (UID %d FLAGS (\\Seen) MODSEQ (9))\r\n" % (uid, uid) for uid in range(1, 1001))
    monkeypatch.setattr(fetch, "ROOM", 20_000)

    async def script(line: Line) -> None:
        await line.answer(b"ENABLE QRESYNC", b"* ENABLED QRESYNC\r\n")
        await line.answer(b"SELECT .*QRESYNC", b"* OK [UIDVALIDITY 7] x\r\n" + rows * 200 + _STATE)
        while True:
            tag = await line.hear(rb"UID FETCH \d+:1000 .*CHANGEDSINCE 5")
            first = line.heard[-1].split()[3].partition(b":")[0]
            line.say(rows[rows.index(b"* %b FETCH" % first) :] + tag + b" OK done\r\n")

    async with signed_in(script, _QRESYNC) as (backend, _):
        selected = await backend.select("INBOX", _BEFORE)
        assert (selected.exists, selected.uidnext, selected.highestmodseq) == (1000, 1001, 9)
        assert (selected.resynced, selected.changed) == (False, ())
        told = [update.uid async for batch in backend.flags(UidSet(((1, 1000),)), 5) for update in batch]
        assert told == list(range(1, 1001))


_STATE = b"* 1000 EXISTS\r\n* OK [UIDNEXT 1001] x\r\n* OK [HIGHESTMODSEQ 9] x\r\n"


_LONG = b"a" * 10_000


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (b"SELECT", b"* OK wait\r\n"),
        (b"SELECT", b"* FLAGS ()\r\n"),
        (b"LIST", b'* LIST () "/" %b\r\n' % _LONG),
        (b"STATUS", b"* STATUS %b ()\r\n" % _LONG),
    ],
)
async def test_a_flood_ends_at_what_the_answer_may_be(asked: bytes, said: bytes) -> None:
    async def script(line: Line) -> None:
        await line.hear(asked)
        line.say(said * (limits_of((asked + b" ",)).octets // (len(said) + _OVERHEAD - 20)))

    async with signed_in(script) as (backend, _):
        with pytest.raises(ServerBroken, match="larger"):
            await {b"SELECT": lambda: backend.select("a"), b"STATUS": lambda: backend.status("a"), b"LIST": backend.folders}[
                asked
            ]()


async def test_a_literal_of_a_message_in_place_of_a_header_is_passed_over() -> None:
    size = 40 * _MB

    async def script(line: Line) -> None:
        await line.select(exists=2)
        row = b"* 1 FETCH (UID 1 FLAGS () BODY[HEADER.FIELDS (REFERENCES)] {%d}\r\n" % size
        tag = await line.hear(b"UID FETCH 1:2 .*REFERENCES")
        line.say(row + bytes(size) + b")\r\n" + tag + b" OK done\r\n")
        await line.answer(rb"UID FETCH 1:2 ", b"* 1 FETCH (UID 1 FLAGS ())\r\n* 2 FETCH (UID 2 FLAGS ())\r\n")
        await line.answer(b"NOOP")

    async with signed_in(script) as (backend, _):
        await backend.select("INBOX")
        async for _ in backend.headers(UidSet.of([1, 2])):
            pass
        await backend.select("INBOX")


async def test_a_message_of_100_megabytes_that_comes_at_once_is_read() -> None:
    size = 100 * _MB

    async def script(line: Line) -> None:
        await line.select(exists=2)
        tag = await line.hear(rb"UID FETCH 1 .*BODY.PEEK\[\]")
        line.say(b"* 1 FETCH (UID 1 BODY[] {%d}\r\n" % size)
        line.say(bytes(size))
        line.say(b")\r\n" + tag + b" OK done\r\n")

    async with signed_in(script) as (backend, _):
        await backend.select("INBOX")
        assert len(await backend.section(1, "")) == size


async def test_very_many_messages_are_listed_without_extended_search() -> None:
    count = 250_000

    async def script(line: Line) -> None:
        await line.select(exists=count)
        tag = await line.hear(b"UID FETCH 1:\\* ")
        line.say(b"".join(b"* %d FETCH (UID %d)\r\n" % (number, number) for number in range(1, count + 1)))
        line.say(tag + b" OK done\r\n")

    async with signed_in(script, CAPABILITIES.replace(b" ESEARCH", b"")) as (backend, _):
        await backend.select("INBOX")
        assert await backend.uids() == UidSet(((1, count),))
