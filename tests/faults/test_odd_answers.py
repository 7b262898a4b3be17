# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of IMAP servers that are out of order, in pieces, wrong, or missing: nothing is stored empty, all can be read."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.backends.imap.scripted import Line, signed_in
from tests.faults.conftest import OfficeMaker
from tests.faults.home import Home, Site, letter_of
from tests.servers.proxy import Way
from tuimail.demo.faults import Faults
from tuimail.demo.servers import DemoServers
from tuimail.mime.dates import parse_date
from tuimail.mime.headers import Headers
from tuimail.model.account import Security, ServerAddress
from tuimail.model.flags import FLAGGED, SEEN
from tuimail.model.message import MessageRow
from tuimail.model.uidset import UidSet
from tuimail.start import parse_structure
from tuimail.sync.unasked import Reach

DATE = b'INTERNALDATE " 1-Jan-2024 00:00:00 +0000"'


def at(servers: DemoServers) -> Site:
    """The embedded servers, reached directly."""
    of = servers.addresses
    smtp = ServerAddress(of.host, of.smtp_port, Security.NONE, of.user, password_command=("printf", of.password))
    return Site(ServerAddress(of.host, of.imap_port, Security.NONE, of.user), of.password, smtp, of.email)


def rows(home: Home, name: str) -> list[MessageRow]:
    """What the list of a folder shows."""
    store = home.store
    return [row for row in store.messages.rows(store.messages.order(home.named(name).id)) if row is not None]


def envelope(uid: int) -> bytes:
    return b'ENVELOPE (NIL "Mail %d" NIL NIL NIL NIL NIL NIL NIL "<%d@example.org>")' % (uid, uid)


async def test_32_rows_out_of_order_and_in_pieces() -> None:
    async def script(line: Line) -> None:
        await line.select(exists=4)
        pieces = [
            b"* 2 FETCH (UID 2 %s)" % envelope(2),
            b"* 1 FETCH (%s UID 1 FLAGS (\\Seen) RFC822.SIZE 11)" % DATE,
            b"* 3 FETCH (UID 3 FLAGS () RFC822.SIZE 33 %s %s)" % (DATE, envelope(3)),
            b"* 4 FETCH (FLAGS ())",  # without a UID: of no use
            b"* 2 FETCH (UID 2 FLAGS (\\Seen) RFC822.SIZE 22 %s BODY[HEADER.FIELDS (REFERENCES)] {2}\r\n\r\n)" % DATE,
            b"* 1 FETCH (UID 1 %s)" % envelope(1),
        ]
        await line.answer(b"UID FETCH 1:4 ", b"".join(piece + b"\r\n" for piece in pieces))

    async with signed_in(script) as (backend, _):
        await backend.select("INBOX")
        rows = [row async for batch in backend.headers(UidSet.parse("1:4")) for row in batch]
    assert [(row.uid, row.size, row.envelope.subject, row.flags) for row in rows] == [
        (3, 33, "Mail 3", frozenset()),
        (2, 22, "Mail 2", frozenset({SEEN})),
        (1, 11, "Mail 1", frozenset({SEEN})),
    ]
    assert {row.arrived for row in rows} == {1_704_067_200}


async def test_31_a_structure_without_sense_hides_no_text(tmp_path: Path) -> None:
    with DemoServers(0, Faults(malformed=frozenset({"bodystructure"}))) as servers:
        servers.deliver(letter_of(1))
        home = Home(tmp_path, at(servers), reach=Reach(parse_structure))
        await home.start()
        message = home.message("<1@example.org>")
        home.account.loop.fetch_ahead([message])
        opened = await home.engine.reader.open(message, width=72)
        assert [line.text for line in opened.body.lines] == ["hello 1"]
        assert home.store.messages.bodystructure(message) == b"", "it is not looked at again"
        await home.end()


@pytest.mark.parametrize("raw", [b'("TEXT" NIL "x" (("MIXED")))', b"(" * 500 + b")" * 500])
def test_31_no_structure_raises(raw: bytes) -> None:
    assert parse_structure(raw) is None


@pytest.fixture
def travel(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Go to where it is five and a half hours later."""

    def go() -> None:
        monkeypatch.setenv("TZ", "Asia/Kolkata")
        time.tzset()

    yield go
    monkeypatch.undo()
    time.tzset()


async def test_33_clocks_and_dates_that_are_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, travel: Callable[[], None]
) -> None:
    with DemoServers(0) as servers:
        far, year = 2_147_483_600, 365 * 86_400
        servers.deliver(b"From: a@example.org\r\nMessage-ID: <none@x>\r\n\r\nno date\r\n", arrived=1_700_000_100)
        servers.deliver(letter_of(1), arrived=far)
        servers.deliver(b"From: a@example.org\r\nDate: yesterday\r\nMessage-ID: <odd@x>\r\n\r\nodd\r\n", arrived=1_700_000_000)
        home = Home(tmp_path, at(servers))
        await home.start()
        now = time.time
        monkeypatch.setattr("time.time", lambda: now() - year)
        travel()
        servers.deliver(letter_of(2), arrived=1_700_000_200)
        assert (await home.send("bob@example.org")).outcome.status == "done"
        await home.settled()
        dates = {row.envelope.message_id: row.date for row in rows(home, "INBOX")}
        assert (dates["<none@x>"], dates["<odd@x>"]) == (1_700_000_100, 1_700_000_000), "the server's time stands in"
        assert dates["<1@example.org>"] == 1_700_000_001
        assert dates["<2@example.org>"] == 1_700_000_002
        (sent,) = servers.sent
        date = parse_date(Headers.parse(sent.raw).get("Date"))
        assert date is not None
        assert abs(date - (now() - year)) < 3600, "UTC, by a clock that is wrong"
        assert b" +0000\r\n" in sent.raw
        await home.end()


@pytest.mark.parametrize("told", [b"HIGHESTMODSEQ -1", b"HIGHESTMODSEQ 1", b"NOMODSEQ"])
async def test_38_numbers_of_changes_that_cannot_be_trusted(make_office: OfficeMaker, told: bytes) -> None:
    office = await make_office(4, embedded=True)
    await office.home.end()
    # The numbers began anew: nothing changed, as far as they tell; and what vanished never was here.
    office.imap.replace(Way.UP, rb"QRESYNC \((\d+) \d+", rb"QRESYNC (\1 999999")
    office.imap.replace(Way.UP, rb"CHANGEDSINCE \d+", b"CHANGEDSINCE 999999")
    office.imap.replace(Way.DOWN, rb"^\* OK \[HIGHESTMODSEQ \d+", b"* VANISHED (EARLIER) 9000:9999\r\n* OK [" + told)
    first, second, *_ = office.other.uids()
    office.other.add_flags(first, "\\Flagged", "theirs")
    office.other.add_flags(second, "\\Seen")
    office.home.begin()
    await office.home.start()
    assert office.agrees()


async def test_06_a_server_that_keeps_no_keywords_is_asked_once(tmp_path: Path) -> None:
    with DemoServers(0, Faults(no_keywords=True)) as servers:
        servers.deliver(letter_of(1))
        home = Home(tmp_path, at(servers))
        await home.start()
        message = home.message("<1@example.org>")
        for flag in ("mine", FLAGGED):
            home.engine.actions.set_flags([message], add=frozenset({flag}))
        for _ in range(3):
            await home.settled()
        assert [shot.flags for shot in servers.snapshot()["INBOX"]] == [frozenset({FLAGGED})]
        assert [row.flags for row in rows(home, "INBOX")] == [frozenset({FLAGGED})]
        assert len(home.failed) == 1
        assert "keeps no labels of one's own" in home.failed[0]
        assert sum("STORE" in line for line in servers.log) == 1
        await home.end()


async def test_06_flags_are_set_though_the_label_beside_them_is_not_kept(tmp_path: Path) -> None:
    with DemoServers(0, Faults(no_keywords=True)) as servers:
        servers.deliver(letter_of(1))
        home = Home(tmp_path, at(servers))
        await home.start()
        home.engine.actions.set_flags([home.message("<1@example.org>")], add=frozenset({"mine", FLAGGED}))
        await home.settled()
        assert [shot.flags for shot in servers.snapshot()["INBOX"]] == [frozenset({FLAGGED})]
        assert [row.flags for row in rows(home, "INBOX")] == [frozenset({FLAGGED})]
        assert ["keeps no labels of one's own" in told for told in home.failed] == [True]
        await home.end()


async def test_25_without_special_use_one_folder_takes_what_is_sent(tmp_path: Path) -> None:
    with DemoServers(0, Faults(without=frozenset({"SPECIAL-USE", "CREATE-SPECIAL-USE"}))) as servers:
        servers.delete_folder("Sent")
        before = set(servers.snapshot())
        home = Home(tmp_path, at(servers))
        await home.start()
        for number in range(2):
            assert (await home.send("bob@example.org", subject=f"Letter {number}")).outcome.status == "done"
            await home.again()
        (made,) = set(servers.snapshot()) - before
        assert len(servers.snapshot()[made]) == 2
        await home.end()


async def test_25_the_folder_for_sent_mail_is_made_once_though_imap_is_away(make_office: OfficeMaker) -> None:
    office = await make_office(0, embedded=True, without=("SPECIAL-USE", "CREATE-SPECIAL-USE"))
    office.sink.delete_folder("Sent")
    await office.home.settled()
    before = set(office.sink.snapshot())
    await office.imap.refuse()
    for number in range(2):
        await office.home.gone(await office.home.submit("bob@example.org", subject=f"Letter {number}"))
    await office.imap.listen()
    await office.home.at_peace()
    (made,) = set(office.sink.snapshot()) - before
    assert len(office.sink.snapshot()[made]) == 2
    assert office.home.failed == []
    assert office.agrees()


async def test_24_odd_names_of_folders_are_shown_and_open(tmp_path: Path) -> None:
    names = [
        "/".join(["deep"] * 200),
        "Entw\u00fcrfe & mehr",
        'back\\slash "quoted"',
        "per%cent*",
        "\u6536\u4ef6\u7bb1",
        "inbox2",
    ]
    with DemoServers(0) as servers:
        for number, name in enumerate(names):
            servers.create_folder(name)
            servers.deliver(letter_of(number), name)
        home = Home(tmp_path, at(servers))
        await home.start()
        for number, name in enumerate(names):
            await home.engine.carrying.folder(home.account, name, None)
            assert [row.envelope.message_id for row in rows(home, name)] == [f"<{number}@example.org>"]
        assert not any(character in folder.name for folder in home.engine.pages.folders() for character in "\x1b\n\r\x00")
        await home.end()
