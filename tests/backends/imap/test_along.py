# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes out along with the sign-in, and servers that take it badly."""

import zlib

import pytest

from tests.backends.imap.scripted import Line, playing
from tuimail.backends.imap import along
from tuimail.backends.imap.backend import ImapBackend
from tuimail.backends.imap.memory import ServerMemory
from tuimail.backends.port import KnownState, Opening
from tuimail.model.account import AuthMethod
from tuimail.model.errors import Offline, ServerRefused, SignInNeeded
from tuimail.model.uidset import UidSet

BEFORE = b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR ID ENABLE] hello\r\n"
AFTER = b"OK [CAPABILITY IMAP4rev1 ID ENABLE QRESYNC CONDSTORE NAMESPACE COMPRESS=DEFLATE] welcome"
INBOX = Opening("INBOX", read_only=True)
_OPEN = b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 100] x\r\n* OK [HIGHESTMODSEQ 9] x\r\n"
_LONG_AGO = KnownState(7, 5)


def _row(uid: int) -> bytes:
    """A message's header data."""
    scalars = b'UID %d FLAGS () MODSEQ (8) INTERNALDATE "01-Jan-2026 10:00:00 +0000" RFC822.SIZE 100' % uid
    envelope = b'ENVELOPE (NIL "Subject" NIL NIL NIL NIL NIL NIL NIL "<a@example.org>") BODYSTRUCTURE NIL'
    return b"* 1 FETCH (%s %s BODY[HEADER.FIELDS (REFERENCES)] NIL)\r\n" % (scalars, envelope)


async def _open(line: Line, examine: bytes = b'EXAMINE "INBOX"$', *, compressed: bool = False) -> None:
    """The server's side of the one turn: everything is heard before anything is answered."""
    line.say(BEFORE)
    tags = [await line.hear(pattern) for pattern in (b"AUTHENTICATE PLAIN ", b"ENABLE QRESYNC$", b"ID ", examine)]
    deflate = await line.hear(b"COMPRESS DEFLATE") if compressed else b""
    line.say(tags[0] + b" " + AFTER + b"\r\n* ENABLED QRESYNC\r\n" + tags[1] + b" OK\r\n* ID NIL\r\n" + tags[2] + b" OK\r\n")
    line.say(_OPEN + (b"* VANISHED (EARLIER) 5\r\n" if b"QRESYNC" in examine else b"") + tags[3] + b" OK [READ-ONLY] open\r\n")
    if deflate:
        line.say(deflate + b" NO not now\r\n")


async def test_the_folder_comes_with_the_sign_in() -> None:
    async def script(line: Line) -> None:
        await _open(line)
        store = await line.hear(b"STATUS")
        deflate = await line.hear(b"COMPRESS DEFLATE")
        line.say(b"* STATUS Work (MESSAGES 1)\r\n" + store + b" OK\r\n" + deflate + b" NO not now\r\n")
        await line.answer(b"STATUS", b"* STATUS Work (MESSAGES 2)\r\n")

    async with playing(script) as played:
        backend = played.backend()
        await backend.connect(INBOX)
        assert (backend.selected, backend.capabilities.qresync) == ("INBOX", True)
        selected = await backend.select("INBOX", read_only=True)
        assert (selected.exists, selected.uidvalidity, selected.read_only) == (3, 7, True)
        assert (await backend.status("Work")).messages == 1
        assert (await backend.status("Work")).messages == 2


async def test_compression_rides_behind_the_first_question_and_holds_up_the_second() -> None:
    async def script(line: Line) -> None:
        await _open(line)
        status = await line.hear(b"STATUS")
        line.say(b"* STATUS Work (MESSAGES 1)\r\n" + status + b" OK\r\n")
        line.say(await line.hear(b"COMPRESS DEFLATE") + b" OK active\r\n")
        deflate, inflate = zlib.compressobj(wbits=-15), zlib.decompressobj(-15)
        said = b""
        while not said.endswith(b"\r\n"):
            said += inflate.decompress(await line.octets(1))
        answer = b"* STATUS Work (MESSAGES 2)\r\n" + said.partition(b" ")[0] + b" OK\r\n"
        line.say(deflate.compress(answer) + deflate.flush(zlib.Z_SYNC_FLUSH))

    async with playing(script) as played:
        backend = played.backend()
        await backend.connect(INBOX)
        assert [(await backend.status("Work")).messages for _ in range(2)] == [1, 2]


async def test_what_was_offered_last_time_is_used_at_once() -> None:
    async def script(line: Line) -> None:
        await _open(line, rb'EXAMINE "INBOX" \(QRESYNC \(7 5\)\)$', compressed=True)

    memory = ServerMemory(offered=frozenset({"ENABLE", "QRESYNC", "CONDSTORE", "ID", "COMPRESS=DEFLATE"}))
    async with playing(script) as played:
        backend = ImapBackend(played.address, played.secret, memory=memory)
        await backend.connect(Opening("INBOX", _LONG_AGO, read_only=True))
        selected = await backend.select("INBOX", _LONG_AGO, read_only=True)
        assert (selected.resynced, selected.vanished) == (True, UidSet.of([5]))
        assert "NAMESPACE" in memory.offered


async def test_what_arrived_comes_with_the_sign_in() -> None:
    async def script(line: Line) -> None:
        line.say(BEFORE)
        words = (b"AUTHENTICATE PLAIN ", b"ENABLE QRESYNC$", b"ID ", b"EXAMINE", rb"UID FETCH 98:147 \(.* MODSEQ\)$")
        tags = [await line.hear(word) for word in words]
        line.say(
            tags[0] + b" " + AFTER + b"\r\n* ENABLED QRESYNC\r\n" + tags[1] + b" OK\r\n* ID NIL\r\n" + tags[2] + b" OK\r\n"
        )
        line.say(_OPEN + tags[3] + b" OK [READ-ONLY] open\r\n" + b"".join(map(_row, (98, 99, 100))) + tags[4] + b" OK\r\n")
        await line.answer(rb"UID FETCH 148 ", _row(148))

    offered = frozenset({"ENABLE", "QRESYNC", "CONDSTORE", "ID"})
    async with playing(script) as played:
        backend = ImapBackend(played.address, played.secret, memory=ServerMemory(offered=offered))
        await backend.connect(Opening("INBOX", _LONG_AGO, read_only=True, arrived_from=98))
        await backend.select("INBOX", _LONG_AGO, read_only=True)
        wanted = UidSet.of([98, 99, 148])
        assert [message.uid async for batch in backend.headers(wanted) for message in batch] == [99, 98, 148]


async def test_arrivals_that_are_refused_are_asked_for_again() -> None:
    async def script(line: Line) -> None:
        line.say(BEFORE)
        tags = [await line.hear(word) for word in (b"AUTHENTICATE", b"ENABLE", b"ID ", b"EXAMINE", b"UID FETCH 98:147")]
        line.say(tags[0] + b" " + AFTER + b"\r\n* ENABLED QRESYNC\r\n" + b"".join(tag + b" OK\r\n" for tag in tags[1:3]))
        line.say(_OPEN + tags[3] + b" OK [READ-ONLY] open\r\n" + tags[4] + b" NO [LIMIT] not so many\r\n")
        await line.answer(rb"UID FETCH 98:99 ", _row(98) + _row(99))

    offered = frozenset({"ENABLE", "QRESYNC", "CONDSTORE", "ID"})
    async with playing(script) as played:
        backend = ImapBackend(played.address, played.secret, memory=ServerMemory(offered=offered))
        await backend.connect(Opening("INBOX", _LONG_AGO, read_only=True, arrived_from=98))
        await backend.select("INBOX", _LONG_AGO, read_only=True)
        assert [message.uid async for batch in backend.headers(UidSet.of([98, 99])) for message in batch] == [99, 98]


async def test_a_server_that_counts_changes_and_knows_no_resync_opens_along_too() -> None:
    async def script(line: Line) -> None:
        line.say(BEFORE)
        tags = [await line.hear(word) for word in (b"AUTHENTICATE", b"ID ", rb'EXAMINE "INBOX" \(CONDSTORE\)$')]
        line.say(tags[0] + b" OK [CAPABILITY IMAP4rev1 ID ENABLE QRESYNC CONDSTORE] welcome\r\n" + tags[1] + b" OK\r\n")
        line.say(_OPEN + tags[2] + b" OK [READ-ONLY] open\r\n")
        enable = await line.hear(b"ENABLE QRESYNC$")
        line.say(b"* ENABLED QRESYNC\r\n" + enable + b" OK\r\n")

    async with playing(script) as played:
        backend = ImapBackend(played.address, played.secret, memory=ServerMemory(offered=frozenset({"CONDSTORE", "ID"})))
        await backend.connect(Opening("INBOX", _LONG_AGO, read_only=True, arrived_from=98))
        selected = await backend.select("INBOX", _LONG_AGO, read_only=True)
        assert (selected.exists, selected.resynced) == (3, False)


async def test_another_folder_than_the_one_announced() -> None:
    async def script(line: Line) -> None:
        await _open(line)
        tag = await line.hear(b'SELECT "Work"')
        line.say(b"* OK [CLOSED]\r\n* 1 EXISTS\r\n* OK [UIDVALIDITY 8] x\r\n" + tag + b" OK [READ-WRITE] open\r\n")

    async with playing(script) as played:
        backend = played.backend()
        await backend.connect(INBOX)
        assert (await backend.select("Work")).uidvalidity == 8


async def test_mail_that_arrives_before_the_folder_is_asked_for() -> None:
    async def script(line: Line) -> None:
        await _open(line)
        await line.answer(b"STATUS", b"* 4 EXISTS\r\n* STATUS Work (MESSAGES 2)\r\n")

    async with playing(script) as played:
        backend = played.backend()
        await backend.connect(INBOX)
        await backend.status("Work")
        selected = await backend.select("INBOX", read_only=True)
        assert (selected.exists, selected.uidnext) == (4, None)


async def test_a_folder_that_cannot_be_opened_is_asked_for_again() -> None:
    async def script(line: Line) -> None:
        line.say(BEFORE)
        tags = [await line.hear(pattern) for pattern in (b"AUTHENTICATE", b"ENABLE", b"ID ", b'EXAMINE "Work"')]
        line.say(tags[0] + b" OK [CAPABILITY IMAP4rev1] welcome\r\n" + b"".join(tag + b" BAD what\r\n" for tag in tags[1:]))
        await line.answer(b'EXAMINE "Work"', status=b"NO [NONEXISTENT] gone")
        await line.answer(b"LIST")
        await line.answer(b"LSUB")

    async with playing(script) as played:
        backend = played.backend()
        await backend.connect(Opening("Work", read_only=True))
        assert backend.selected is None
        with pytest.raises(ServerRefused):
            await backend.select("Work", read_only=True)


@pytest.mark.parametrize("folder", ["Köln", "A & B"])
async def test_a_name_that_may_be_spelt_in_two_ways_is_not_guessed(folder: str) -> None:
    async def script(line: Line) -> None:
        line.say(BEFORE)
        tags = [await line.hear(pattern) for pattern in (b"AUTHENTICATE", b"ENABLE", b"ID ")]
        line.say(tags[0] + b" OK [CAPABILITY IMAP4rev1] welcome\r\n" + tags[1] + b" OK\r\n" + tags[2] + b" OK\r\n")

    async with playing(script) as played:
        backend = played.backend()
        await backend.connect(Opening(folder))
        assert backend.selected is None


async def test_a_refused_password_is_told_as_such() -> None:
    async def script(line: Line) -> None:
        line.say(BEFORE)
        tags = [await line.hear() for _ in range(4)]
        line.say(tags[0] + b" NO [AUTHENTICATIONFAILED] no\r\n" + b"".join(tag + b" BAD first sign in\r\n" for tag in tags[1:]))

    async with playing(script) as played:
        with pytest.raises(SignInNeeded):
            await played.backend().connect(INBOX)
        assert played.asked_for_secret == 1


async def test_a_challenge_instead_of_an_answer_is_a_refusal() -> None:
    """XOAUTH2 tells by a challenge that a token is over; the line that it waits for cannot be said any more."""

    async def script(line: Line) -> None:
        line.say(BEFORE.replace(b"PLAIN", b"XOAUTH2"))
        for _ in range(4):
            await line.hear()
        line.say(b"+ eyJzdGF0dXMiOiI0MDEifQ==\r\n")

    async with playing(script, auth=AuthMethod.OAUTH2) as played:
        with pytest.raises(SignInNeeded):
            await played.backend().connect(INBOX)


@pytest.mark.parametrize("hangs_up", [False, True])
async def test_a_proxy_that_throws_away_what_it_did_not_ask_for(hangs_up: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(along, "PATIENCE", 0.05)
    attempts = 0

    async def script(line: Line) -> None:
        nonlocal attempts
        attempts += 1
        line.say(BEFORE)
        tag = await line.hear(b"AUTHENTICATE")
        if attempts == 1:
            line.say(tag + b" " + AFTER + b"\r\n")
            if hangs_up:
                line.hang_up()
            await line.until_gone()
            return
        line.say(tag + b" OK [CAPABILITY IMAP4rev1 ENABLE QRESYNC] welcome\r\n")
        await line.answer(b"ENABLE QRESYNC", b"* ENABLED QRESYNC\r\n")
        await line.answer(b"EXAMINE", _OPEN)

    async with playing(script) as played:
        backend = played.backend()
        await backend.connect(INBOX)
        assert (await backend.select("INBOX", read_only=True)).exists == 3
        assert attempts == 2


async def test_a_greeting_without_capabilities_costs_a_turn_only_once() -> None:
    async def script(line: Line) -> None:
        line.say(b"* OK hello\r\n")
        if memory.greeting:
            await line.answer(b"AUTHENTICATE PLAIN ", status=b"OK welcome")
            await line.answer(b"CAPABILITY", b"* CAPABILITY IMAP4rev1 IDLE MOVE\r\n")
        else:
            await line.answer(b"CAPABILITY", b"* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR\r\n")
            await line.answer(b"AUTHENTICATE PLAIN ", status=b"OK welcome")
            await line.answer(b"CAPABILITY", b"* CAPABILITY IMAP4rev1 IDLE\r\n")

    memory = ServerMemory()
    async with playing(script) as played:
        backend = ImapBackend(played.address, played.secret, memory=memory)
        await backend.connect()
        assert backend.capabilities.idle
        await backend.connect()
        assert backend.capabilities.idle


async def test_after_a_failure_nothing_that_was_remembered_decides_how_to_sign_in() -> None:
    async def script(line: Line) -> None:
        line.say(b"* OK hello\r\n")
        await line.answer(b"AUTHENTICATE PLAIN ", status=b"BAD no such mechanism")

    memory = ServerMemory(greeting=frozenset({"AUTH=PLAIN", "SASL-IR"}))
    async with playing(script) as played:
        with pytest.raises(ServerRefused):
            await ImapBackend(played.address, played.secret, memory=memory).connect()
    assert not memory.greeting


async def test_the_line_is_lost_before_the_answer() -> None:
    async def script(line: Line) -> None:
        line.say(BEFORE)
        await line.hear()
        line.hang_up()

    async with playing(script) as played:
        with pytest.raises(Offline):
            await played.backend().connect(INBOX)


@pytest.mark.parametrize(
    "greeting", [b"mail.test Cyrus IMAP 3.6.1-Debian server ready", b"Courier-IMAP ready. Copyright 1998-2018 Double Precision"]
)
async def test_servers_known_to_drop_it_are_not_told_more_than_the_sign_in(greeting: bytes) -> None:
    async def script(line: Line) -> None:
        line.say(BEFORE.replace(b"hello", greeting))
        await line.answer(b"AUTHENTICATE PLAIN ", status=AFTER)
        await line.answer(b"ENABLE QRESYNC$", b"* ENABLED QRESYNC\r\n")
        await line.answer(b"ID ")
        await line.answer(b"COMPRESS", status=b"NO not now")

    async with playing(script) as played:
        backend = played.backend()
        await backend.connect(INBOX)
        assert [line[0] for line in played.log[:4]] == ["S", "C", "S", "C"], "nothing was said before the server had let us in"
        assert backend.capabilities.qresync
