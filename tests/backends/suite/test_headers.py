# SPDX-License-Identifier: GPL-3.0-or-later
"""Header data: every field is what the message says."""

from collections.abc import AsyncIterator

import pytest

from tests.backends.suite.commands import sends
from tests.backends.suite.mails import PLAIN, mail
from tests.backends.suite.server import Server
from tuimail.backends.imap.wire.bodystructure import parse_bodystructure
from tuimail.backends.port import FetchedMessage
from tuimail.mime.parse import parse
from tuimail.model.address import Address
from tuimail.model.errors import ServerRefused
from tuimail.model.message import Envelope
from tuimail.model.uidset import UidSet

_ADA = Address("Ada", "ada@example.org")
_REPLY = """\
From: =?utf-8?q?J=C3=BCrgen_M=C3=BCller?= <j@example.org>
Reply-To: replies@example.org
To: "Doe, Jane" <jane@example.org>, bob@example.org
Cc: Team: ann@example.org, =?iso-8859-1?q?Ren=E9?= <rene@example.org>;
Bcc: hidden@example.org
Subject: =?utf-8?b?U2Now7ZuZSBHcsO8w59lIGF1cyBLw7Zsbg==?=
 =?utf-8?q?_und_Bonn?=
Date: Tue, 14 Nov 2023 23:13:20 +0100
Message-ID: <reply@example.org>
In-Reply-To: <first@example.org>
References: <zero@example.org>
 <first@example.org>

body
"""
_LONG = "word " * 400
_CASES = {
    "everything": (
        _REPLY.encode(),
        Envelope(
            subject="Schöne Grüße aus Köln und Bonn",
            date=1_700_000_000,
            from_=(Address("Jürgen Müller", "j@example.org"),),
            reply_to=(Address("", "replies@example.org"),),
            to=(Address("Doe, Jane", "jane@example.org"), Address("", "bob@example.org")),
            cc=(Address("", "ann@example.org"), Address("René", "rene@example.org")),
            bcc=(Address("", "hidden@example.org"),),
            message_id="<reply@example.org>",
            in_reply_to="<first@example.org>",
            references=("<zero@example.org>", "<first@example.org>"),
        ),
    ),
    "nothing": (b"X-Other: field\n\nbody\n", Envelope()),
    "no header": (b"\nbody\n", Envelope()),
    "quotes and brackets": (
        b'From: Ada <ada@example.org>\nSubject: say "hi" \\o/ {12+} (x) [y] ENVELOPE UID 7\n\nbody\n',
        Envelope(subject='say "hi" \\o/ {12+} (x) [y] ENVELOPE UID 7', from_=(_ADA,), reply_to=(_ADA,)),
    ),
    "raw UTF-8": ("Subject: Grüße, 再见\n\nbody\n".encode(), Envelope(subject="Grüße, 再见")),
    "raw Latin-1": (b"Subject: Gr\xfc\xdfe\n\nbody\n", Envelope(subject="Grüße")),
    "raw UTF-8 in a name": (
        "From: Jürgen <j@example.org>\n\nbody\n".encode(),
        Envelope(from_=(Address("Jürgen", "j@example.org"),), reply_to=(Address("Jürgen", "j@example.org"),)),
    ),
    "a name with quotes": (
        b'From: "Ada \\"the\\" \\\\ L" <ada@example.org>\n\nbody\n',
        Envelope(
            from_=(Address('Ada "the" \\ L', "ada@example.org"),), reply_to=(Address('Ada "the" \\ L', "ada@example.org"),)
        ),
    ),
    "sent for another": (
        b"From: Ada <ada@example.org>\nSender: Bob <bob@example.org>\nSubject: x\n\nbody\n",
        Envelope(subject="x", from_=(_ADA,), reply_to=(_ADA,), sender=(Address("Bob", "bob@example.org"),)),
    ),
    "sent for two by one of them": (
        b"From: Ada <ada@example.org>, bob@example.org\nSender: ada@example.org\nReply-To: ada@example.org\n\nbody\n",
        Envelope(
            from_=(_ADA, Address("", "bob@example.org")),
            reply_to=(Address("", "ada@example.org"),),
            sender=(Address("", "ada@example.org"),),
        ),
    ),
    "sent by oneself": (
        b"From: Ada <ada@example.org>\nSender: ada@example.org\n\nbody\n",
        Envelope(from_=(_ADA,), reply_to=(_ADA,)),
    ),
    "nobody named": (b"To: undisclosed-recipients:;\nSubject: x\n\nbody\n", Envelope(subject="x")),
    "a long subject": (f"Subject: {_LONG}end\n\nbody\n".encode(), Envelope(subject=(_LONG + "end")[:997] + "…")),
    "only a folded subject": (b"Subject: one\n\ttwo\n three\n\nbody\n", Envelope(subject="one two three")),
    "controls": (b"Subject: red\x1b[31m alert\x07\n\nbody\n", Envelope(subject="red␛[31m alert␇")),
    "a date of no time": (b"Date: yesterday\nSubject: x\n\nbody\n", Envelope(subject="x")),
}
_MIXED = b"""\
From: ada@example.org
Subject: Map
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="out(er)"

--out(er)
Content-Type: multipart/alternative; boundary=inner

--inner
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Gr\xc3\xbc\xc3\x9fe
--inner
Content-Type: text/html

<p>Hi</p>
--inner--
--out(er)
Content-Type: application/pdf; name="a \\"map\\".pdf"
Content-Disposition: attachment; filename*=utf-8''K%C3%B6ln.pdf
Content-Transfer-Encoding: base64

JVBERg==
--out(er)
Content-Type: message/rfc822

From: b@example.org
Subject: Inner

inner body
--out(er)--
""".replace(b"\n", b"\r\n")


async def _all(batches: AsyncIterator[list[FetchedMessage]]) -> list[FetchedMessage]:
    return [message async for batch in batches for message in batch]


@pytest.mark.parametrize(("raw", "envelope"), _CASES.values(), ids=_CASES)
async def test_envelope(server: Server, raw: bytes, envelope: Envelope) -> None:
    uid = server.other().deliver(raw.replace(b"\n", b"\r\n"))
    backend = await server.opened()
    (message,) = await _all(backend.headers(UidSet.of([uid])))
    assert message.envelope == envelope
    assert message.uid == uid


@sends("UID FETCH 1 (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS (REFERENCES)] MODSEQ)")
async def test_the_rest_of_a_row(server: Server) -> None:
    other = server.other()
    uid = other.deliver(PLAIN, flags=["\\Flagged", "\\Draft", "$Forwarded"], arrived=1_600_000_000)
    backend = await server.opened()
    (message,) = await _all(backend.headers(UidSet.of([uid])))
    assert message.flags == {"\\Flagged", "\\Draft", "$Forwarded"}
    assert message.arrived == 1_600_000_000
    assert message.size == len(PLAIN)
    assert message.modseq == other.status("INBOX", "HIGHESTMODSEQ")
    assert not message.has_attachment
    assert other.flags(uid) == message.flags, "nothing was marked as read"


async def test_structure(server: Server) -> None:
    uid = server.other().deliver(_MIXED)
    backend = await server.opened()
    (message,) = await _all(backend.headers(UidSet.of([uid])))
    assert message.has_attachment
    told = {part.section: part for part in parse_bodystructure(message.bodystructure).walk()}
    own = {part.section: part for part in parse(_MIXED).root.walk()}
    assert {name: part.content_type for name, part in told.items()} == {name: part.content_type for name, part in own.items()}
    pdf = told["2"]
    assert (pdf.content_type, pdf.filename, pdf.encoding, pdf.size) == ("application/pdf", "Köln.pdf", "base64", 8)
    assert told["1.1"].charset == "utf-8"
    assert told["1.1"].size == len("Grüße".encode())


@sends("FETCH 101:150 (")
async def test_the_newest(server: Server) -> None:
    other = server.other()
    other.deliver_all(map(mail, range(150)))
    other.expunge(149)
    other.deliver(mail(150))
    backend = await server.opened()
    batches = [[message.uid for message in batch] async for batch in backend.newest(50)]
    uids = [uid for batch in batches for uid in batch]
    assert uids == [151, 150, *range(148, 100, -1)]
    assert max(map(len, batches)) <= 64
    assert len(server.said) == 1


async def test_more_than_there_are(server: Server) -> None:
    server.other().deliver_all(map(mail, range(3)))
    backend = await server.opened()
    assert [message.uid for message in await _all(backend.newest(100))] == [3, 2, 1]


async def test_an_empty_folder_has_no_newest(server: Server) -> None:
    backend = await server.opened()
    assert await _all(backend.newest(10)) == []
    assert await _all(backend.headers(UidSet())) == []
    assert server.said == []


async def test_many_come_downwards_in_small_batches(server: Server) -> None:
    server.other().deliver_all(map(mail, range(400)))
    backend = await server.opened()
    batches = [[message.uid for message in batch] async for batch in backend.headers(UidSet.parse("1:400"))]
    assert [uid for batch in batches for uid in batch] == list(range(400, 0, -1))
    assert max(map(len, batches)) <= 64
    assert [line.split()[2] for line in server.said] == ["337:400", "87:336", "1:86"], "few first, so that they come at once"


async def test_what_is_gone_is_left_out(server: Server) -> None:
    other = server.other()
    other.deliver_all(map(mail, range(5)))
    other.expunge(2, 4)
    backend = await server.opened()
    assert [message.uid for message in await _all(backend.headers(UidSet.parse("1:5,77")))] == [5, 3, 1]


async def test_all_from_one_uid_on(server: Server) -> None:
    server.other().deliver_all(map(mail, range(5)))
    backend = await server.opened()
    assert [message.uid for message in await _all(backend.headers(UidSet(((4, 4294967295),))))] == [5, 4]


async def test_stopping_early_leaves_the_connection_usable(server: Server) -> None:
    server.other().deliver_all(map(mail, range(200)))
    backend = await server.opened()
    async for batch in backend.headers(UidSet.parse("1:200")):
        assert batch[0].uid == 200
        break
    assert await backend.section(7, "1") == b"hello 6\r\n"
    assert len(await _all(backend.headers(UidSet.parse("1:200")))) == 200


async def test_another_folder_in_the_middle_ends_it(server: Server) -> None:
    """UIDs of the new folder must never be taken for those of the old one."""
    other = server.other()
    other.deliver_all(map(mail, range(200)))
    other.deliver_all([PLAIN] * 3, "Sent")
    backend = await server.opened()
    rows = backend.headers(UidSet.parse("1:200"))
    seen = await anext(rows)
    await backend.select("Sent")
    with pytest.raises(ServerRefused) as refused:
        await _all(rows)
    assert refused.value.code == "CLOSED"
    assert [message.envelope.subject for message in seen] == [f"Mail {message.uid - 1}" for message in seen]
