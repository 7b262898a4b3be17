# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection to Dovecot is lost at the worst moments, and the mailbox is another one when it is there again."""

import asyncio

import pytest

from tests.faults.conftest import Office, OfficeMaker
from tests.faults.home import letter_of
from tests.faults.oracle import Seen
from tests.servers.proxy import Deed, Way
from tuimail.model.errors import TuimailError
from tuimail.model.flags import DELETED, FLAGGED, SEEN
from tuimail.model.notice import ConnectionState

pytestmark = pytest.mark.dovecot

NO_FLAGS = frozenset[str]()
STAR = frozenset({FLAGGED})


def name_of(number: int) -> str:
    return f"<{number}@example.org>"


async def test_02_other_messages_have_the_uids_when_the_connection_is_there_again(make_office: OfficeMaker) -> None:
    office = await make_office(0)
    office.other.create("Work")
    office.other.deliver_all((letter_of(number) for number in range(10, 14)), "Work")
    await office.home.settled()
    doomed, starred, moved = (office.home.message(name_of(number)) for number in (10, 11, 12))
    held = office.imap.on(Way.UP, rb"UID (STORE|EXPUNGE|MOVE)", Deed.HOLD)
    office.home.engine.actions.set_flags([starred], add=STAR)
    office.home.engine.actions.delete_forever([doomed])
    office.home.engine.actions.archive([moved])
    await held.sprung.wait()
    office.other.delete("Work")
    office.other.create("Work")
    office.other.deliver_all((letter_of(number) for number in range(20, 24)), "Work")
    office.oracle.remember()
    office.imap.cut()
    await office.home.at_peace()
    assert (office.oracle.went(), office.oracle.came()) == ([], [])
    await office.home.until(office.agrees)
    assert len(office.home.failed) == 2, "what is gone is deleted"
    assert office.home.engine.pages.waiting() == 0


@pytest.mark.parametrize("without", [(), ("QRESYNC", "CONDSTORE")], ids=["VANISHED", "EXPUNGE"])
async def test_03_messages_go_while_others_are_read(make_office: OfficeMaker, without: tuple[str, ...]) -> None:
    office = await make_office(6, without=without)
    held = office.imap.on(Way.UP, rb"UID FETCH .*BODY", Deed.HOLD)
    reading = asyncio.create_task(office.home.engine.reader.text(office.home.message(name_of(3))))
    await held.sprung.wait()
    first, second = office.other.uids()[:2]
    office.other.expunge(first, second)
    office.imap.replace(Way.DOWN, rb"^(\* \d+ FETCH \()", rb"* 1 EXPUNGE\r\n\1", times=1)
    office.imap.release()
    assert (await reading)[0].strip() == "hello 3"
    office.oracle.remember()
    office.home.engine.actions.archive([office.home.message(name_of(4))])
    await office.home.at_peace()
    assert office.oracle.went() == [Seen("INBOX", name_of(4), NO_FLAGS)]
    assert office.oracle.came() == [Seen("Archive", name_of(4), NO_FLAGS)]
    await office.home.until(office.agrees)


async def test_07_half_a_text_is_never_taken_for_the_whole(make_office: OfficeMaker) -> None:
    office = await make_office(0)
    lines = "".join(f"line {number:04}\r\n" for number in range(250))
    office.other.deliver_all(letter_of(number, lines) for number in range(20))
    await office.home.settled()
    for number in range(20):
        message = office.home.message(name_of(number))
        # The whole literal is some 2,770 octets; the last cut is behind it and before the end of the answer.
        cut = office.imap.on(Way.DOWN, rb"FETCH \(.*BODY\[.*\{2\d\d\d\}", Deed.CUT, times=2, more=1 + number * 145)
        for _ in range(2):
            try:
                text, _ = await office.home.engine.reader.text(message)
            except TuimailError:
                at_hand = office.home.engine.reader.at_hand(message, width=80)
                assert at_hand is None
            else:
                assert text.splitlines() == [*lines.splitlines(), f" {number}"]
        cut.left = 0
        assert cut.times
        await office.home.at_peace()
        text, _ = await office.home.engine.reader.text(message)
        assert text.splitlines() == [*lines.splitlines(), f" {number}"], f"cut {number}"


POINTS = {
    "COPY is on its way": (Way.UP, rb"UID COPY", False),
    "COPY was said": (Way.UP, rb"UID COPY", True),
    "its OK is on its way": (Way.DOWN, rb"^\w+ OK .*[Cc]opy", False),
    "its OK is there": (Way.DOWN, rb"^\w+ OK .*[Cc]opy", True),
    "STORE is on its way": (Way.UP, rb"UID STORE .*Deleted", False),
    "STORE was said": (Way.UP, rb"UID STORE .*Deleted", True),
    "EXPUNGE was said": (Way.UP, rb"UID EXPUNGE", True),
}


@pytest.mark.parametrize("without", [("MOVE",), ("MOVE", "UIDPLUS")], ids=["UIDPLUS", "poor"])
async def test_08_a_move_by_copy_is_cut(make_office: OfficeMaker, without: tuple[str, ...]) -> None:
    office = await make_office(len(POINTS), without=without)
    for number, (point, (way, pattern, after)) in enumerate(POINTS.items()):
        if "UIDPLUS" in without and "EXPUNGE" in point:
            continue
        await _cut_a_move(office, number, way, pattern, after=after)
        left = [] if "UIDPLUS" not in without else [Seen("INBOX", name_of(number), frozenset({DELETED}))]
        assert office.oracle.went() == [Seen("INBOX", name_of(number), NO_FLAGS)], point
        assert office.oracle.came() == [Seen("Archive", name_of(number), NO_FLAGS), *left], point
        await office.home.until(office.agrees)
    assert office.home.failed == []


async def test_09_a_move_is_cut_before_its_answer(make_office: OfficeMaker) -> None:
    office = await make_office(4)
    points = [
        (Way.UP, rb"UID MOVE", False),
        (Way.UP, rb"UID MOVE", True),
        (Way.DOWN, rb"COPYUID", False),
        (Way.DOWN, rb"^\w+ OK .*[Mm]ove", False),
    ]
    for number, (way, pattern, after) in enumerate(points):
        await _cut_a_move(office, number, way, pattern, after=after)
        assert office.oracle.went() == [Seen("INBOX", name_of(number), NO_FLAGS)]
        assert office.oracle.came() == [Seen("Archive", name_of(number), NO_FLAGS)]
        await office.home.until(office.agrees)
    assert office.home.failed == []


async def _cut_a_move(office: Office, number: int, way: Way, pattern: bytes, *, after: bool) -> None:
    office.oracle.remember()
    cut = office.imap.on(way, pattern, Deed.CUT, after=after)
    office.home.engine.actions.archive([office.home.message(name_of(number))])
    await cut.sprung.wait()
    await office.home.at_peace()


async def test_11_and_12_an_append_is_cut(make_office: OfficeMaker) -> None:
    office = await make_office(0)
    body = "".join(f"line {number:04}\n" for number in range(2000))
    cuts = [
        office.imap.on(Way.UP, rb"APPEND", Deed.CUT, more=1),
        office.imap.on(Way.UP, rb"APPEND", Deed.CUT, more=11_000),
        office.imap.on(Way.UP, rb"APPEND", Deed.CUT, more=20_000),
        office.imap.on(Way.DOWN, rb"OK .*APPENDUID", Deed.CUT),
    ]
    for cut in cuts:
        for other in cuts:
            other.left = int(other is cut)
        sent = await office.home.submit("bob@example.net", body=body)
        await office.home.gone(sent)
        await cut.sprung.wait()
        await office.home.at_peace()
        assert office.oracle.went() == []
        assert office.oracle.came() == [Seen("Sent", sent.message_id, frozenset({SEEN}))]
        assert office.other.raws("Sent")[-1] == office.sink.sent[-1].raw
        assert office.accepted(sent.message_id) == 1
        office.oracle.remember()
    await office.home.until(office.agrees)
    assert office.home.state is ConnectionState.ONLINE
    assert office.home.failed == []


async def test_13_the_folder_for_sent_mail_is_gone(make_office: OfficeMaker) -> None:
    office = await make_office(0)
    office.other.delete("Sent")
    sent = await office.home.send("bob@example.net")
    assert sent.outcome.status == "done"
    await office.home.at_peace()
    assert office.accepted(sent.message_id) == 1
    assert [seen.message_id for seen in office.oracle.came()] == [sent.message_id]


async def test_13_the_folder_for_sent_mail_was_made_anew_meanwhile(make_office: OfficeMaker) -> None:
    office = await make_office(0)
    held = office.imap.on(Way.UP, rb"APPEND", Deed.CUT)
    sent = await office.home.submit("bob@example.net")
    await held.sprung.wait()
    await office.imap.refuse()
    office.other.delete("Sent")
    await office.home.gone(sent)
    await office.imap.listen()
    await office.home.at_peace()
    assert [seen.message_id for seen in office.oracle.came()] == [sent.message_id]
    assert office.home.failed == []
