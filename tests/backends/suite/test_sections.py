# SPDX-License-Identifier: GPL-3.0-or-later
"""Bodies: by part, by octet range, in pieces, several in one flight."""

import asyncio

import pytest

from tests.backends.suite.commands import sends
from tests.backends.suite.mails import PLAIN, long_mail, mail, told
from tests.backends.suite.server import Server, ServerMaker
from tuimail.model.errors import ServerRefused
from tuimail.model.uidset import UidSet

_PIECE = 262_144
_INNER_HEADER = b"From: b@example.org\r\nSubject: Inner\r\n\r\n"
_SECTIONS = {
    "1.1": "Grüße".encode(),
    "1.2": b"<p>Hi</p>",
    "1.2.MIME": b"Content-Type: text/html\r\nX-Part: two\r\n\r\n",
    "2": b"JVBERg==",
    "2.MIME": b"Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n",
    "3": _INNER_HEADER + b"inner body",
    "3.HEADER": _INNER_HEADER,
    "3.TEXT": b"inner body",
    "3.1": b"inner body",
    "4": b"",
    "HEADER": (
        b"From: ada@example.org\r\nSubject: Parts\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=out\r\n\r\n"
    ),
}
"""What `_PARTS` is made of."""
_PARTS = (
    _SECTIONS["HEADER"]
    + b"--out\r\nContent-Type: multipart/alternative; boundary=in\r\n\r\n"
    + b"--in\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    + _SECTIONS["1.1"]
    + b"\r\n--in\r\n"
    + _SECTIONS["1.2.MIME"]
    + _SECTIONS["1.2"]
    + b"\r\n--in--\r\n--out\r\n"
    + _SECTIONS["2.MIME"]
    + _SECTIONS["2"]
    + b"\r\n--out\r\nContent-Type: message/rfc822\r\n\r\n"
    + _SECTIONS["3"]
    + b"\r\n--out\r\nContent-Type: text/plain\r\n\r\n"
    + _SECTIONS["4"]
    + b"\r\n--out--\r\n"
)


@sends("UID FETCH 1 (UID BODY.PEEK[1.1]<0.262144>)", "UID FETCH 1 (UID BODY.PEEK[3.HEADER]<0.262144>)")
async def test_parts(server: Server) -> None:
    uid = server.other().deliver(_PARTS)
    backend = await server.opened()
    assert {name: await backend.section(uid, name) for name in _SECTIONS} == _SECTIONS


async def test_the_whole_message(server: Server) -> None:
    other = server.other()
    uid = other.deliver(_PARTS)
    backend = await server.opened()
    assert await backend.section(uid, "") == _PARTS
    assert other.flags(uid) == frozenset(), "reading marks nothing"


async def test_all_parts_in_one_flight(server: Server) -> None:
    server.other().deliver_all([_PARTS, PLAIN, _PARTS])
    backend = await server.opened()
    wanted = [(uid, name) for uid in (1, 3) for name in _SECTIONS]
    assert await backend.sections(wanted) == {(uid, name): _SECTIONS[name] for uid, name in wanted}
    assert len(server.said) == 1


@sends("UID FETCH 1,3 (UID BODY.PEEK[1])", "UID FETCH 2 (UID BODY.PEEK[] BODY.PEEK[HEADER])")
async def test_different_sections_are_asked_for_without_waiting(server: Server) -> None:
    server.other().deliver_all(map(mail, range(3)))
    backend = await server.opened()
    start = len(server.log)
    found = await backend.sections([(1, "1"), (2, ""), (3, "1"), (2, "HEADER"), (1, "1")])
    assert found == {
        (1, "1"): b"hello 0\r\n",
        (3, "1"): b"hello 2\r\n",
        (2, ""): mail(1),
        (2, "HEADER"): mail(1).partition(b"hello")[0],
    }
    assert [direction for direction, _ in server.log[start : start + 2]] == ["C", "C"]


async def test_sections_that_are_gone_are_left_out(server: Server) -> None:
    other = server.other()
    other.deliver_all(map(mail, range(3)))
    backend = await server.opened()
    other.expunge(2)
    await backend.select("INBOX")
    found = await backend.sections([(1, "1"), (2, "1"), (3, "1"), (99, "1")])
    assert found == {(1, "1"): b"hello 0\r\n", (3, "1"): b"hello 2\r\n"}
    assert await backend.sections([]) == {}


async def test_a_message_that_is_gone(server: Server) -> None:
    server.other().deliver(PLAIN)
    backend = await server.opened()
    with pytest.raises(ServerRefused) as refused:
        await backend.section(99, "1")
    assert refused.value.code == "NONEXISTENT"
    assert await backend.section(1, "1") == b"hello\r\n"


async def test_a_part_that_does_not_exist_is_empty(server: Server) -> None:
    server.other().deliver(PLAIN)
    backend = await server.opened()
    assert await backend.section(1, "7") == b""


@sends("UID FETCH 1 (UID BODY.PEEK[]<300000.1000>)")
@pytest.mark.parametrize(
    ("offset", "length"), [(0, 10), (300_000, 1000), (_PIECE - 1, 2), (0, _PIECE), (999_990, 10), (999_990, 50), (5, 0)]
)
async def test_octet_ranges(server: Server, offset: int, length: int) -> None:
    raw = long_mail(1_000_000)
    server.other().deliver(raw)
    backend = await server.opened()
    assert told(await backend.section(1, "", offset=offset, length=length)) == told(raw[offset : offset + length])
    await backend.section(1, "", offset=300_000, length=1000)


async def test_an_interrupted_download_goes_on(server: Server) -> None:
    raw = long_mail(1_000_000)
    server.other().deliver(raw)
    backend = await server.opened()
    assert told(await backend.section(1, "", offset=700_001)) == told(raw[700_001:])
    assert await backend.section(1, "", offset=2_000_000) == b""


@sends("UID FETCH 1 (UID RFC822.SIZE BODY.PEEK[]<0.262144>)", "UID FETCH 1 (UID BODY.PEEK[]<262144.262144>)")
async def test_three_megabytes_with_progress(server: Server) -> None:
    raw = long_mail(3_000_000)
    server.other().deliver(raw)
    backend = await server.opened()
    seen: list[tuple[int, int]] = []
    assert told(await backend.section(1, "", progress=lambda done, whole: seen.append((done, whole)))) == told(raw)
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})
    assert {whole for _, whole in seen} == {len(raw)}
    assert seen[-1][0] == len(raw)
    assert len(seen) == -(-len(raw) // _PIECE)


@pytest.mark.parametrize("octets", [_PIECE - 1, _PIECE, _PIECE + 1, 5 * _PIECE])
async def test_sizes_at_the_edge_of_a_piece(server: Server, octets: int) -> None:
    raw = long_mail(octets)
    server.other().deliver(raw)
    backend = await server.opened()
    assert told(await backend.section(1, "")) == told(raw)


async def test_progress_of_one_part(server: Server) -> None:
    body = b"".join(b"%070d\r\n" % number for number in range(10_000))
    server.other().deliver(
        b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\n\r\nshort\r\n--b\r\nContent-Type: text/csv\r\n\r\n" + body + b"\r\n--b--\r\n"
    )
    backend = await server.opened()
    seen: list[tuple[int, int]] = []
    assert await backend.section(1, "2", progress=lambda done, whole: seen.append((done, whole))) == body
    assert seen[0] == (_PIECE, len(body))
    assert seen[-1] == (len(body), len(body))


async def test_many_readers_at_once_get_what_they_asked_for(server: Server) -> None:
    """Servers send the data of pipelined FETCHes as they like: it is told apart by its content."""
    raws = [long_mail(600_000), *map(mail, range(1, 20))]
    server.other().deliver_all(raws)
    backend = await server.opened()
    headers = [message async for batch in backend.headers(UidSet.parse("2:20")) for message in batch]
    answers = await asyncio.gather(
        backend.section(1, ""),
        backend.section(1, "", offset=100, length=400_000),
        backend.section(1, "HEADER"),
        *(backend.section(uid, "") for uid in range(2, 21)),
        backend.sections([(uid, "1") for uid in range(2, 21)]),
        backend.store(UidSet.of([3]), frozenset({"\\Flagged"}), frozenset()),
    )
    assert told(answers[0]) == told(raws[0])
    assert told(answers[1]) == told(raws[0][100:400_100])
    assert told(answers[2]) == told(raws[0].partition(b"%060d" % 0)[0])
    assert list(answers[3:22]) == raws[1:]
    assert answers[22] == {(uid, "1"): raws[uid - 1].partition(b"\r\n\r\n")[2] for uid in range(2, 21)}
    assert len(headers) == 19
    assert server.other().flags(3) == {"\\Flagged"}


async def test_a_cancelled_download_leaves_the_connection_usable(server: Server) -> None:
    raw = long_mail(3_000_000)
    server.other().deliver_all([raw, PLAIN])
    backend = await server.opened()
    begun = asyncio.Event()
    reading = asyncio.create_task(backend.section(1, "", progress=lambda *_: begun.set()))
    await begun.wait()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert await backend.section(2, "") == PLAIN
    assert told(await backend.section(1, "")) == told(raw)


async def test_without_compression_the_octets_are_the_same(make_server: ServerMaker) -> None:
    server = make_server("COMPRESS=DEFLATE")
    raw = long_mail(700_000)
    server.other().deliver(raw)
    backend = await server.opened()
    assert told(await backend.section(1, "")) == told(raw)
    assert not any(line.startswith("COMPRESS") for _, line in server.log)


async def test_a_part_of_a_message_whose_structure_is_too_deep(server: Server) -> None:
    inner = b"Content-Type: message/rfc822\r\n\r\n" * 1200 + b"Subject: innermost\r\n\r\ntext\r\n"
    server.other().deliver(b"Subject: deep\r\nContent-Type: message/rfc822\r\n\r\n" + inner)
    backend = await server.opened()
    seen: list[int] = []
    assert await backend.section(1, "1", progress=lambda done, _: seen.append(done)) == inner
    assert seen == [len(inner)]
