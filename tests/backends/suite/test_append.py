# SPDX-License-Identifier: GPL-3.0-or-later
"""APPEND."""

import pytest

from tests.backends.suite.commands import sends
from tests.backends.suite.mails import PLAIN, long_mail, told
from tests.backends.suite.server import Server, ServerMaker
from tuimail.backends.port import Appended, Upload
from tuimail.model.errors import MailMalformed, ServerRefused

_EIGHT_BIT = (
    "From: Jürgen <j@example.org>\r\nSubject: Grüße\r\nContent-Type: text/plain; charset=utf-8\r\n"
    "Content-Transfer-Encoding: 8bit\r\n\r\nSchöne Grüße, 再见\r\n"
).encode()


@sends('APPEND "Sent" (\\Flagged \\Seen) "14-Nov-2023 22:13:20 +0000" {')
async def test_flags_date_and_uid(server: Server) -> None:
    backend = await server.backend()
    appended = await backend.append("Sent", PLAIN, frozenset({"\\Seen", "\\Flagged"}), 1_700_000_000)
    other = server.other()
    ((uid, stored),) = other.messages("Sent").items()
    assert appended == Appended(uid, other.status("Sent", "UIDVALIDITY"))
    assert stored.raw == PLAIN
    assert stored.flags == {"\\Seen", "\\Flagged"}
    assert stored.arrived == 1_700_000_000


@sends('APPEND "Sent" (\\Seen) "14-Nov-2023 22:13:20 +0000" {…octets} (\\Flagged)')
async def test_several_at_once(server: Server) -> None:
    backend, other = await server.backend(), server.other()
    assert backend.capabilities.multiappend
    uploads = [
        Upload(PLAIN, frozenset({"\\Seen"}), 1_700_000_000),
        Upload(_EIGHT_BIT, frozenset({"\\Flagged"})),
        Upload(long_mail(200_000), date=1_600_000_000),
    ]
    await backend.append_all("Sent", uploads)
    stored = [each for _, each in sorted(other.messages("Sent").items())]
    assert [(each.raw, each.flags) for each in stored] == [(upload.message, upload.flags) for upload in uploads]
    assert [each.arrived for each in stored[::2]] == [1_700_000_000, 1_600_000_000]


async def test_of_several_all_or_none_are_taken(server: Server) -> None:
    backend, other = await server.backend(), server.other()
    with pytest.raises(ServerRefused) as refused:
        await backend.append_all("Nowhere", [Upload(PLAIN), Upload(PLAIN)])
    assert refused.value.code == "TRYCREATE"
    with pytest.raises(MailMalformed):
        await backend.append_all("Sent", [Upload(PLAIN), Upload(b"Subject: no\r\n\r\n\0\r\n")])
    assert other.messages("Sent") == {}


async def test_nothing_is_said_of_flags_and_date_that_are_not_given(server: Server) -> None:
    backend = await server.backend()
    server.forget()
    await backend.append("INBOX", PLAIN, frozenset(), None)
    assert server.said == [f'APPEND "INBOX" {{{len(PLAIN)} octets}}']
    assert server.other().flags(1) == frozenset()


async def test_keywords(server: Server) -> None:
    backend = await server.backend()
    await backend.append("Sent", PLAIN, frozenset({"$Forwarded", "trip"}), None)
    assert server.other().flags(1, "Sent") == {"$Forwarded", "trip"}


@pytest.mark.parametrize("raw", [_EIGHT_BIT, b"\r\n", b"Subject: no body\r\n\r\n", b"Subject: {5+}\r\n\r\na {3}\r\n) OK\r\n"])
async def test_every_octet_arrives(server: Server, raw: bytes) -> None:
    backend = await server.backend()
    await backend.append("INBOX", raw, frozenset(), None)
    assert server.other().raws() == [raw]


@pytest.mark.parametrize("without", [(), ("LITERAL+",)])
async def test_two_megabytes_with_progress(make_server: ServerMaker, without: tuple[str, ...]) -> None:
    server = make_server(*without)
    backend = await server.backend()
    raw = long_mail(2_000_000)
    seen: list[tuple[int, int]] = []
    await backend.append("INBOX", raw, frozenset(), None, progress=lambda done, whole: seen.append((done, whole)))
    assert [told(found) for found in server.other().raws()] == [told(raw)]
    assert {whole for _, whole in seen} == {len(raw)}
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})
    assert len(seen) > 10
    assert seen[-1][0] == len(raw)


@sends('APPEND "INBOX" {')
@pytest.mark.parametrize("without", [(), ("LITERAL+",)])
async def test_permission_is_waited_for_only_where_it_must(make_server: ServerMaker, without: tuple[str, ...]) -> None:
    server = make_server(*without)
    backend = await server.opened()
    start = len(server.log)
    await backend.append("INBOX", PLAIN, frozenset(), None)
    asked = [line for direction, line in server.log[start:] if direction == "S" and line.startswith("+")]
    assert len(asked) == len(without)


async def test_a_missing_folder(server: Server) -> None:
    backend = await server.opened()
    with pytest.raises(ServerRefused) as refused:
        await backend.append("Nowhere", PLAIN, frozenset(), None)
    assert refused.value.code == "TRYCREATE"
    assert await backend.uids() == await backend.uids(), "the connection is still of use"
    assert "Nowhere" not in server.other().folders()


async def test_a_refused_upload_leaves_the_connection_usable(make_server: ServerMaker) -> None:
    server = make_server("LITERAL+")
    backend = await server.backend()
    with pytest.raises(ServerRefused):
        await backend.append("Nowhere", long_mail(300_000), frozenset(), None)
    await backend.append("Sent", PLAIN, frozenset(), None)
    assert server.other().raws("Sent") == [PLAIN]


async def test_nul_octets_are_not_sent(server: Server) -> None:
    backend = await server.backend()
    server.forget()
    with pytest.raises(MailMalformed):
        await backend.append("INBOX", b"Subject: x\r\n\r\n\0\r\n", frozenset(), None)
    assert server.said == []


async def test_without_uidplus_no_uid_is_told(make_server: ServerMaker) -> None:
    server = make_server("UIDPLUS")
    backend = await server.backend()
    appended = await backend.append("Sent", PLAIN, frozenset(), None)
    assert appended == Appended() or appended.uid == server.other().uids("Sent")[0], "a server may say more than it announces"
    assert server.other().raws("Sent") == [PLAIN]


async def test_into_the_selected_folder(server: Server) -> None:
    backend = await server.opened()
    appended = await backend.append("INBOX", PLAIN, frozenset(), None)
    assert list(await backend.uids()) == [appended.uid]
