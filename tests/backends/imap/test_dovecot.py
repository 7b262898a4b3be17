# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole port against a real Dovecot, with `imaplib` as the other client."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from tests.backends.words import words
from tests.servers.dovecot import DovecotServer, DovecotVariant
from tuimail.backends.imap.backend import ImapBackend
from tuimail.backends.imap.wire.bodystructure import parse_bodystructure
from tuimail.backends.port import FetchedMessage, KnownState, MailBackend
from tuimail.model.account import Security
from tuimail.model.address import Address
from tuimail.model.errors import CertificateRefused, ServerRefused, SignInNeeded
from tuimail.model.flags import DELETED, FLAGGED, SEEN
from tuimail.model.folder import FolderRole
from tuimail.model.uidset import UidSet

pytestmark = pytest.mark.dovecot
NONE: frozenset[str] = frozenset()


def mail(number: int) -> bytes:
    return (
        f'From: =?utf-8?q?J=C3=B6rg?= {number} <joerg@example.org>\r\nTo: "Ada \\"L\\"" <ada@example.org>\r\n'
        f"Subject: * starred * {number} :( {{10}}\r\nDate: Mon, 7 Feb 2022 21:00:00 +0100\r\n"
        f"Message-ID: <m{number}@example.org>\r\nReferences: <m{number - 1}@example.org>\r\n\r\nHello {number}\r\n"
    ).encode()


@pytest.fixture
async def user(dovecot: DovecotServer) -> str:
    return dovecot.new_user()


@pytest.fixture
async def backend(dovecot: DovecotServer, user: str) -> AsyncIterator[ImapBackend]:
    async with connected(dovecot, user) as made:
        yield made


class connected:  # noqa: N801  reads as a context
    def __init__(self, server: DovecotServer, user: str, security: Security = Security.NONE) -> None:
        async def secret() -> str:
            return server.password

        self.backend = ImapBackend(server.address(user, security), secret)

    async def __aenter__(self) -> ImapBackend:
        await self.backend.connect()
        return self.backend

    async def __aexit__(self, *_: object) -> None:
        await self.backend.close()


async def fill(backend: MailBackend, count: int) -> None:
    await asyncio.gather(
        *(backend.append("INBOX", mail(number), NONE, 1_600_000_000 + number) for number in range(1, count + 1))
    )


async def rows(batches: AsyncIterator[list[FetchedMessage]]) -> list[FetchedMessage]:
    return [row async for batch in batches for row in batch]


def other_client(server: DovecotServer, user: str, act: Callable[..., object]) -> None:
    with server.client(user) as client:
        client.select()
        act(client)


@pytest.mark.parametrize("security", list(Security))
async def test_every_way_to_connect(dovecot: DovecotServer, user: str, security: Security) -> None:
    async with connected(dovecot, user, security) as backend:
        assert backend.capabilities.qresync
        assert "LOGINDISABLED" not in backend.capabilities
        await fill(backend, 3)
        assert (await backend.select("INBOX")).exists == 3


async def test_a_certificate_that_nobody_vouches_for(dovecot: DovecotServer, user: str) -> None:
    asked: list[int] = []

    async def secret() -> str:
        asked.append(1)
        return "x"

    for security in (Security.TLS, Security.STARTTLS):
        address = dovecot.address(user, security)

        untrusted = type(address)(address.host, address.port, address.security, address.username)
        with pytest.raises(CertificateRefused):
            await ImapBackend(untrusted, secret).connect()
    assert asked == []


async def test_a_wrong_password(dovecot: DovecotServer, user: str) -> None:
    async def secret() -> str:
        return "wrong"

    with pytest.raises(SignInNeeded):
        await ImapBackend(dovecot.address(user), secret).connect()


async def test_headers(backend: ImapBackend) -> None:
    await fill(backend, 300)
    await backend.select("INBOX")
    newest = await rows(backend.newest(10))
    assert [row.uid for row in newest] == list(range(300, 290, -1))
    batches = [batch async for batch in backend.headers(UidSet.parse("1:300"))]
    assert max(map(len, batches)) <= 64
    found = [row for batch in batches for row in batch]
    assert [row.uid for row in found] == list(range(300, 0, -1))
    assert found[:10] == newest
    row = next(row for row in found if row.envelope.subject == "* starred * 5 :( {10}")
    assert row.arrived == 1_600_000_005
    assert row.size == len(mail(5))
    assert row.envelope.from_ == (Address("Jörg 5", "joerg@example.org"),)
    assert row.envelope.to == (Address('Ada "L"', "ada@example.org"),)
    assert row.envelope.date == 1_644_264_000
    assert row.envelope.references == ("<m4@example.org>",)
    assert parse_bodystructure(row.bodystructure).content_type == "text/plain"


async def test_searching(backend: ImapBackend) -> None:
    await fill(backend, 12)
    await backend.select("INBOX")
    by_number = {row.envelope.message_id: row.uid for row in await rows(backend.newest(12))}
    assert await backend.find_message_id("<m5@example.org>") == UidSet.of([by_number["<m5@example.org>"]])
    assert await backend.search(words("Jörg m11@")) == UidSet.of(
        [by_number["<m11@example.org>"], by_number["<m12@example.org>"]]
    )
    assert await backend.uids() == UidSet.parse("1:12")


async def test_quick_resynchronisation(dovecot: DovecotServer, user: str, backend: ImapBackend) -> None:
    await fill(backend, 10)
    selected = await backend.select("INBOX")
    await backend.unselect()
    selected = await backend.select("INBOX")
    assert selected.highestmodseq is not None
    known = KnownState(selected.uidvalidity, selected.highestmodseq)

    def act(client: object) -> None:
        client.store("2", "+FLAGS", "\\Seen")  # type: ignore[attr-defined]
        client.store("5:6", "+FLAGS", "\\Deleted")  # type: ignore[attr-defined]
        client.expunge()  # type: ignore[attr-defined]

    await asyncio.to_thread(other_client, dovecot, user, act)
    again = await backend.select("INBOX", known)
    assert again.resynced
    assert again.vanished == UidSet.parse("5:6")
    assert [(update.uid, update.flags - {"\\Recent"}) for update in again.changed] == [(2, frozenset({SEEN}))]
    assert not (await backend.select("INBOX", KnownState(selected.uidvalidity + 1, 1))).resynced
    changed = [update async for batch in backend.flags(UidSet.parse("1:10"), known.highestmodseq) for update in batch]
    assert [update.uid for update in changed] == [2]


async def test_flags_copies_moves_and_deletions(backend: ImapBackend) -> None:
    await fill(backend, 6)
    await backend.select("INBOX")
    await backend.store(UidSet.parse("1:2"), frozenset({FLAGGED, "$Work"}), NONE)
    await backend.store(UidSet.of([2]), frozenset({SEEN}), frozenset({FLAGGED}))
    updates = {update.uid: update.flags async for batch in backend.flags(UidSet.parse("1:3")) for update in batch}
    assert updates == {1: {FLAGGED, "$Work"}, 2: {SEEN, "$Work"}, 3: set()}
    assert (await backend.copy(UidSet.parse("1,3"), "Archive")).uids == {1: 1, 3: 2}
    moved = await backend.move(UidSet.of([4]), "Trash")
    assert (moved.uids, moved.left_behind) == ({4: 1}, False)
    await backend.store(UidSet.of([6]), frozenset({DELETED}), NONE)
    assert await backend.expunge(UidSet.of([5]))
    assert await backend.uids() == UidSet.parse("1:3,6")
    await backend.expunge_all_deleted()
    assert await backend.uids() == UidSet.parse("1:3")
    assert (await backend.status("Archive")).messages == 2


async def test_bodies(backend: ImapBackend) -> None:
    big = b"Subject: big\r\n\r\n" + b"".join(b"%070d\r\n" % number for number in range(20_000))
    sent: list[tuple[int, int]] = []
    appended = await backend.append("INBOX", big, frozenset({SEEN}), None, lambda done, total: sent.append((done, total)))
    assert appended.uid == 1
    assert sent[-1] == (len(big), len(big))
    await backend.select("INBOX")
    for name, expected in (("", big), ("1", big[16:]), ("HEADER", big[:16])):
        read: list[tuple[int, int]] = []
        assert await backend.section(1, name, progress=lambda done, total, read=read: read.append((done, total))) == expected  # type: ignore[misc]
        assert read[-1] == (len(expected), len(expected))
        assert [done for done, _ in read] == sorted(done for done, _ in read)
    assert await backend.section(1, "", offset=1000, length=300_000) == big[1000:301_000]
    assert await backend.section(1, "", offset=len(big) - 5) == big[-5:]
    assert await backend.sections([(1, "HEADER"), (99, "1")]) == {(1, "HEADER"): big[:16]}
    with pytest.raises(ServerRefused) as refused:
        await backend.section(99, "1")
    assert refused.value.code == "NONEXISTENT"


async def test_concurrent_appends_keep_their_messages(backend: ImapBackend) -> None:
    await fill(backend, 20)
    await backend.select("INBOX")
    for row in await rows(backend.newest(20)):
        number = int(row.envelope.message_id[2:].partition("@")[0])
        assert await backend.section(row.uid, "") == mail(number)


async def test_folders(backend: ImapBackend) -> None:
    names = {folder.name: folder for folder in await backend.folders()}
    assert {name for name, folder in names.items() if folder.role} == {"INBOX", "Archive", "Drafts", "Junk", "Sent", "Trash"}
    assert names["Sent"].role is FolderRole.SENT
    assert names["Sent"].status is not None
    name = 'Köln/R&D "日本" %'
    await backend.create(name)
    await backend.create(name)
    await backend.subscribe(name, True)
    assert {folder.name: folder.subscribed for folder in await backend.folders()}[name]
    await backend.append(name, mail(1), NONE, None)
    assert (await backend.select(name)).exists == 1
    await backend.rename(name, "Köln/neu")
    await backend.delete("Köln/neu")
    await backend.delete("Köln/neu")
    assert name not in {folder.name for folder in await backend.folders()}
    with pytest.raises(ServerRefused) as refused:
        await backend.select(name)
    assert refused.value.code == "NONEXISTENT"


async def test_news_while_waiting(dovecot: DovecotServer, user: str, backend: ImapBackend) -> None:
    await fill(backend, 2)
    await backend.select("INBOX")
    waiting = asyncio.create_task(backend.idle(60))
    await asyncio.to_thread(other_client, dovecot, user, lambda client: client.store("1", "+FLAGS", "\\Answered"))
    change = await waiting
    assert {update.uid: set(update.flags) for update in change.changed} == {1: {"\\Answered"}}
    waiting = asyncio.create_task(backend.idle(60))
    await asyncio.to_thread(other_client, dovecot, user, lambda client: client.append("INBOX", "", "", mail(3)))
    assert (await waiting).look_again
    waiting = asyncio.create_task(backend.idle(60))
    waiting.cancel()
    assert await backend.uids() == UidSet.parse("1:3")


async def test_a_poor_server(dovecot_variant: DovecotVariant) -> None:
    server = dovecot_variant(
        ["UIDPLUS", "MOVE", "QRESYNC", "CONDSTORE", "ENABLE", "IDLE", "ESEARCH", "LIST-EXTENDED", "LIST-STATUS", "SPECIAL-USE",
         "UNSELECT", "COMPRESS=DEFLATE", "LITERAL+", "SASL-IR", "NAMESPACE", "ID"]
    )  # fmt: skip
    user = server.new_user()
    async with connected(server, user) as backend:
        assert not backend.capabilities.uidplus
        await fill(backend, 5)
        await backend.select("INBOX")
        assert await backend.uids() == UidSet.parse("1:5")
        assert len(await rows(backend.newest(3))) == 3
        assert (await backend.move(UidSet.of([2]), "Archive")).left_behind
        assert not await backend.expunge(UidSet.of([3]))
        updates = [update async for batch in backend.flags(UidSet.parse("1:5")) for update in batch]
        assert [update.uid for update in updates if DELETED in update.flags] == [2, 3]
        await backend.unselect()
        assert (await backend.select("INBOX", KnownState(1, 1), read_only=True)).exists == 5
        await backend.unselect()
        assert {"INBOX", "Archive"} <= {folder.name for folder in await backend.folders()}
