# SPDX-License-Identifier: GPL-3.0-or-later
"""Sending where the submission server fails: nothing goes twice, nothing is forgotten, and the user knows."""

import pytest

from tests.faults.conftest import Office, OfficeMaker
from tests.faults.oracle import Seen
from tests.servers.proxy import Deed, Way
from tuimail.engine.composer import Composer
from tuimail.model.draft import OutboxState
from tuimail.model.errors import InputWrong
from tuimail.model.flags import SEEN
from tuimail.model.notice import ActionPostponed

TO = "bob@example.net"


@pytest.fixture
async def office(make_office: OfficeMaker) -> Office:
    return await make_office(0, embedded=True)


def filed(office: Office, message_id: str) -> list[Seen]:
    return [seen for seen in office.oracle.came() if seen == Seen("Sent", message_id, frozenset({SEEN}))]


def composer_of(office: Office) -> Composer:
    """The present program's; `Home.again` begins another."""
    return office.home.engine.composer


@pytest.mark.parametrize(
    ("way", "pattern", "after", "accepted"),
    [(Way.UP, rb"^\.\r\n", False, 0), (Way.UP, rb"^\.\r\n", True, None), (Way.DOWN, rb"Queued", False, None)],
    ids=["the dot is lost", "the dot was said", "the answer is lost"],
)
async def test_14_cut_around_the_dot(office: Office, way: Way, pattern: bytes, after: bool, accepted: int | None) -> None:
    cut = office.smtp.on(way, pattern, Deed.CUT, after=after)
    item = await office.home.submit(TO)
    await cut.sprung.wait()
    assert (await office.home.put_off(item, "")).state is OutboxState.UNKNOWN
    taken = office.accepted(item.message_id)
    assert taken == (taken if accepted is None else accepted)
    office.home.hurry()
    await office.home.again()
    assert office.accepted(item.message_id) == taken, "never by itself"
    (left,) = office.home.engine.outbox.all()
    assert (left.state, left.message_id) == (OutboxState.UNKNOWN, item.message_id)
    with pytest.raises(InputWrong, match="may have been sent"):
        office.home.engine.outbox.undo(left.id)
    assert office.home.engine.outbox.all() == (left,)
    office.home.engine.outbox.send_again(left.id)
    await office.home.until(lambda: not office.home.engine.outbox.all())
    assert office.accepted(item.message_id) == taken + 1
    await office.home.at_peace()
    assert len(filed(office, item.message_id)) == 1


@pytest.mark.parametrize("by_server", [False, True], ids=["the client files", "the server files"])
async def test_14_the_user_says_that_it_arrived(office: Office, by_server: bool) -> None:
    cut = office.smtp.on(Way.DOWN, rb"Queued", Deed.CUT)
    composer, home = composer_of(office), office.home
    draft = composer.new(home.account.id, to=TO, bcc="eve@example.net", subject="To two")
    item = await composer.send(draft, delay=0)
    await cut.sprung.wait()
    assert (await home.put_off(item, "")).state is OutboxState.UNKNOWN
    if by_server:
        office.other.deliver(office.sink.sent[0].raw, "Sent", [SEEN])
    await home.engine.outbox.arrived(item.id)
    with pytest.raises(InputWrong, match="became of"):
        await home.engine.outbox.arrived(item.id)
    assert home.engine.outbox.all() == ()
    assert home.store.drafts.get(draft.id) is None
    await home.again()
    await home.at_peace()
    assert office.accepted(item.message_id) == 1
    assert len(filed(office, item.message_id)) == 1
    (copy,) = home.store.messages.by_message_id(home.account.id, item.message_id)
    raw = await home.engine.reader.raw(copy)
    assert (b"eve@example.net" in raw) == (not by_server), "as after an answer: the copy of ours names whom no other may see"
    assert list(home.store.blobs.path("").iterdir()) == []


@pytest.mark.parametrize("code", ["451 4.3.0", "421 4.3.2"])
async def test_15_and_17_not_now(office: Office, code: str) -> None:
    said = f"{code} Not now"
    for step in ("greeting", "AUTH", "MAIL", "RCPT", "DATA", "the dot"):
        match step:
            case "greeting":
                office.smtp.replace(Way.DOWN, rb"^220 .*\r\n", said.encode() + b"\r\n", times=1)
            case "DATA":
                office.smtp.replace(Way.DOWN, rb"^354 .*\r\n", said.encode() + b"\r\n", times=1)
            case _:
                office.sink.faults.refuse["DATA" if step == "the dot" else step] = said
        item = await office.home.submit(TO)
        waiting = await office.home.put_off(item, "Not now")
        assert waiting.state is OutboxState.QUEUED, step
        assert waiting.due > item.due, "later"
        office.sink.faults.refuse.clear()
        for wire in (office.smtp, office.imap):  # the server is started anew
            await wire.refuse()
            await wire.listen()
        office.home.hurry()
        await office.home.gone(item)
        assert office.accepted(item.message_id) == 1, step
        await office.home.at_peace()
        assert len(filed(office, item.message_id)) == 1, step


GONE, BUSY = "eve@example.net", "joe@example.net"


async def test_16_of_three_recipients_one_is_refused(office: Office) -> None:
    office.sink.faults.refuse[GONE] = "550 5.1.1 No such user"
    composer = composer_of(office)
    draft = composer.new(office.home.account.id, to=f"Bob <{TO}>, Eve <{GONE}>", cc=BUSY, subject="To three")
    item = await composer.send(draft, delay=0)
    left = await office.home.put_off(item, f"{GONE} (550 5.1.1 No such user)")
    assert (left.state, left.recipients) == (OutboxState.REFUSED, (GONE,))
    assert [mail.recipients for mail in office.sink.sent] == [(TO, BUSY)]
    await office.home.again()
    office.home.hurry()
    await office.home.at_peace()
    assert office.accepted(item.message_id) == 1, "it waits for the user"
    assert len(filed(office, item.message_id)) == 1
    mended = office.home.engine.outbox.take_back(item.id)
    assert mended is not None
    assert (mended.to, mended.cc) == (f"Eve <{GONE}>", ""), "those who have it do not get it again"
    office.sink.faults.refuse.clear()
    await office.home.gone(await composer_of(office).send(mended, delay=0))
    assert [mail.recipients for mail in office.sink.sent] == [(TO, BUSY), (GONE,)]


async def test_16_of_three_recipients_one_is_refused_for_a_while(office: Office) -> None:
    office.sink.faults.refuse[BUSY] = "452 4.5.3 Too many recipients"
    item = await office.home.submit(TO, GONE, BUSY)
    left = await office.home.put_off(item, "Too many recipients")
    assert (left.state, left.recipients) == (OutboxState.QUEUED, (BUSY,))
    assert left.due > item.due, "later"
    office.sink.faults.refuse.clear()
    office.home.hurry()
    await office.home.gone(item)
    assert [mail.recipients for mail in office.sink.sent] == [(TO, GONE), (BUSY,)]
    await office.home.at_peace()
    assert len(filed(office, item.message_id)) == 1


@pytest.mark.parametrize("answer", ["NO [OVERQUOTA] Full", "NO [TOOBIG] No", "NO No", "BAD No"])
async def test_13_the_copy_of_what_was_sent_is_refused(make_office: OfficeMaker, answer: str) -> None:
    office = await make_office(1, embedded=True)
    office.sink.faults.refuse["APPEND"] = answer
    sent = await office.home.send(TO, body="The only copy")
    assert sent.outcome.status == "done", "it was sent, and that is what was asked for"
    item = sent
    assert office.accepted(item.message_id) == 1
    await office.home.until(lambda: [notice for notice in office.home.notices if isinstance(notice, ActionPostponed)])
    office.home.engine.actions.trash([office.home.message("<0@example.org>")])
    await office.home.until(lambda: office.home.engine.pages.waiting() == 1)
    assert [seen.folder for seen in office.oracle.came()] == ["Trash"], "a full mailbox can be emptied"
    assert office.home.failed == []
    office.sink.faults.refuse.clear()
    await office.home.again()
    assert office.accepted(item.message_id) == 1
    assert len(filed(office, item.message_id)) == 1
