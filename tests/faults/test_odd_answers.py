# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of IMAP servers that are out of order, in pieces, wrong, or missing: nothing is stored empty, all can be read."""

from pathlib import Path

import pytest

from tests.backends.imap.scripted import Line, signed_in
from tests.faults.home import Home, Site, letter_of
from tuimail.demo.faults import Faults
from tuimail.demo.servers import DemoServers
from tuimail.model.account import Security, ServerAddress
from tuimail.model.flags import SEEN
from tuimail.model.uidset import UidSet
from tuimail.start import parse_structure
from tuimail.sync.unasked import Reach

DATE = b'INTERNALDATE " 1-Jan-2024 00:00:00 +0000"'


def at(servers: DemoServers) -> Site:
    """The embedded servers, reached directly."""
    of = servers.addresses
    smtp = ServerAddress(of.host, of.smtp_port, Security.NONE, of.user, password_command=("printf", of.password))
    return Site(ServerAddress(of.host, of.imap_port, Security.NONE, of.user), of.password, smtp, of.email)


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
