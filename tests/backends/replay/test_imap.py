# SPDX-License-Identifier: GPL-3.0-or-later
"""IMAP as Gmail, Exchange, iCloud, Yahoo, Zoho and others speak it, through tuimail's commands."""

from pathlib import Path

import pytest

from tests.backends.imap.wire.transcripts import NAMES
from tests.backends.replay.providers import OK, at, selecting
from tests.backends.replay.recorded import TAG, octets
from tests.backends.words import words
from tuimail.backends.imap.backend import ImapBackend
from tuimail.backends.imap.wire.bodystructure import parse_bodystructure
from tuimail.backends.port import FetchedMessage, FolderListing, FolderStatus, Selected
from tuimail.mime.envelope import envelope_of
from tuimail.mime.parse import parse
from tuimail.model.errors import TuimailError
from tuimail.model.flags import ANSWERED, DRAFT, FLAGGED, SEEN
from tuimail.model.folder import FolderRole
from tuimail.model.uidset import UidSet


async def rows(backend: ImapBackend, uids: str) -> list[FetchedMessage]:
    """Header data."""
    return [row async for batch in backend.headers(UidSet.parse(uids)) for row in batch]


def by_name(folders: list[FolderListing]) -> dict[str, FolderListing]:
    return {folder.name: folder for folder in folders}


# Folders.

_ROLES = {
    "All Mail": FolderRole.ALL, "Drafts": FolderRole.DRAFTS, "Sent Mail": FolderRole.SENT, "Spam": FolderRole.JUNK,
    "Starred": FolderRole.FLAGGED, "Trash": FolderRole.TRASH, "Important": None,
}  # fmt: skip


async def test_gmail_folders_with_their_counts() -> None:
    async with at("gmail, later", {b"LIST": octets("gmail-list-all"), b"XLIST": octets("gmail-xlist")}) as backend:
        found = by_name(await backend.folders())
    assert set(found) == {"INBOX", "+Folder", *(f"[Gmail]/{name}" for name in _ROLES)}
    assert {name: found[f"[Gmail]/{name}"].role for name in _ROLES} == _ROLES
    assert found["INBOX"].status == FolderStatus(60, 0, 410, 1, 41234, "d0f3b017-d3ec-40aa-9bb9-66c1aeccbb24")
    counts = {name: folder.status.messages for name, folder in found.items() if folder.status}
    assert (len(counts), counts["+Folder"], counts["[Gmail]/All Mail"]) == (9, 6, 67)
    assert all(folder.subscribed and folder.selectable for folder in found.values())


async def test_gmail_folders_without_their_counts() -> None:
    answers = {b"LIST": octets("gmail-list-personal-status-appendlimit"), b"XLIST": octets("gmail-xlist")}
    async with at("gmail", answers) as backend:
        found = by_name(await backend.folders())
        assert (found["INBOX"].status, found["[Gmail]"].selectable) == (FolderStatus(10, 1), False)


async def test_zoho_names_folders_in_the_users_language() -> None:
    """XLIST calls INBOX by another name, which no command but XLIST knows."""
    listed = b'* LIST (\\Subscribed) "/" "INBOX"\r\n* LIST () "/" "Entw&APw-rfe"\r\n* LIST () "/" "Gesendet"\r\n'
    answers = {b"LIST": listed + OK, b"XLIST": octets("zoho-xlist"), b"NAMESPACE": octets("zoho-namespace")}
    async with at("zoho", answers | selecting("zoho-examine-gesendet")) as backend:
        found = by_name(await backend.folders())
        assert {name: folder.role for name, folder in found.items()} == {
            "INBOX": FolderRole.INBOX, "Entwürfe": FolderRole.DRAFTS, "Gesendet": FolderRole.SENT,
        }  # fmt: skip
        selected = await backend.select("Gesendet", read_only=True)
    assert (selected.exists, selected.uidnext, selected.uidvalidity) == (5348, 6212, 2)
    assert (selected.highestmodseq, selected.any_keyword) == (1_706_092_971_947_030_001, False)


async def test_names_of_kinds_in_any_case() -> None:
    async with at("lowercase", {b"LIST": octets("lowercase-list"), b"LSUB": OK}) as backend:
        found = by_name(await backend.folders())
    assert {name: folder.role for name, folder in found.items()} == {"INBOX": FolderRole.INBOX, "Trash": FolderRole.TRASH}


@pytest.mark.parametrize(
    ("provider", "namespace", "listed", "folder"),
    [
        ("dovecot", OK, "dovecot-list-inbox", FolderListing("INBOX", ".", FolderRole.INBOX, True)),
        ("icloud", OK, "icloud-list-inbox", FolderListing("INBOX", "/", FolderRole.INBOX, False)),
        ("dovecot", OK, "dovecot-list-unittests-messages", FolderListing("UnitTests.Messages", ".", None, False)),
        ("strato", "strato.de-namespace", "dovecot-list-folder", FolderListing("Folder", ".", None, False)),
        ("yahoo", "yahoo-namespace", "icloud-list-inbox", FolderListing("INBOX", "/", FolderRole.INBOX, False)),
    ],
)
async def test_one_folder(provider: str, namespace: str | bytes, listed: str, folder: FolderListing) -> None:
    spaces = octets(namespace) if isinstance(namespace, str) else namespace
    lists = {b"LIST": octets(listed), b"XLIST": octets("strato.de-xlist"), b"LSUB": OK, b"NAMESPACE": spaces}
    async with at(provider, lists) as backend:
        assert await backend.folders() == [folder]


async def test_the_counts_of_one_folder() -> None:
    answers = {b'STATUS "[Gmail]/Spam"': octets("gmail-status-spam"), b"STATUS": octets("gmail-status-sent-mail")}
    async with at("gmail", answers) as backend:
        assert await backend.status("[Gmail]/Spam") == FolderStatus(0, 0, 1, 3, 41234, "f5df5af8-5e11-49a5-891d-c3e05591265e")
        assert (await backend.status("[Gmail]/Sent Mail")).messages == 4


async def test_a_folder_is_made() -> None:
    async with at("gmail", {b"CREATE": octets("gmail-create-mailboxid")}) as backend:
        await backend.create("Travel")


@pytest.mark.parametrize(
    ("provider", "transcript", "expected"),
    [
        ("gmail", "gmail-count.examine", (1, 2, 26, 29225, True, False)),
        ("gmail", "gmail-select-toplevel", (0, 1, 81, 126_550, True, False)),
        ("yahoo", "yahoo-examine-inbox", (1, 3, 1_595_903_349, 7, False, True)),
        ("common", "common-select-inbox-no-modseq", (8, 9, 1_436_832_084, None, True, False)),
    ],
)
async def test_opening_a_folder(provider: str, transcript: str, expected: tuple[object, ...]) -> None:
    async with at(provider, selecting(transcript)) as backend:
        opened: Selected = await backend.select("INBOX")
        told = (opened.exists, opened.uidnext, opened.uidvalidity, opened.highestmodseq, opened.any_keyword, opened.read_only)
        assert told == expected


# Messages.


async def test_header_rows_of_dovecot() -> None:
    answers = selecting("dovecot-select-unittests-messages-qresync") | {b"UID FETCH": octets("dovecot-fetch4")}
    async with at("dovecot", answers) as backend:
        await backend.select("INBOX")
        found = await rows(backend, "1:7")
    assert [row.envelope.subject for row in found] == ["G", "F", "E", "D", "C", "B", "A"]
    assert [row.uid for row in found] == [7, 6, 5, 4, 3, 2, 1]
    first, second = found[-1], found[-2]
    assert (first.size, first.arrived, first.modseq, first.flags) == (253, 1_475_443_705, 2, frozenset({ANSWERED, SEEN, DRAFT}))
    assert first.envelope.from_[0].email == "unit-tests@mimekit.net"
    assert second.envelope.references == ("<a@mimekit.net>",)
    structure = parse_bodystructure(second.bodystructure)
    assert [(part.content_type, part.filename) for part in structure.walk()] == [
        ("multipart/mixed", ""), ("text/plain", ""), ("text/plain", "cc.diff"),
    ]  # fmt: skip
    assert (second.has_attachment, first.has_attachment) == (True, False)


async def test_messages_that_vanish_while_they_are_read() -> None:
    answers = selecting("common-select-inbox-no-modseq") | {b"UID FETCH": octets("gmail-expunge-during-fetch")}
    async with at("exchange", answers) as backend:
        await backend.select("INBOX")
        found = await rows(backend, "1:5")
        assert [row.envelope.subject for row in found] == [f"subject {number}" for number in (5, 4, 3, 2, 1)]
        assert found[0].envelope.to[0].email == "to@example.com"
        assert (await backend.idle(0)).look_again


async def test_zoho_counts_changes_below_zero() -> None:
    answers = selecting("zoho-examine-gesendet") | {b"UID FETCH": octets("zoho-fetch-negative-modseq-values")}
    async with at("zoho", answers) as backend:
        await backend.select("INBOX")
        found = {update.uid: update async for batch in backend.flags(UidSet.parse("1:6000")) for update in batch}
    assert len(found) == 74
    assert found[271].flags == {SEEN, "$Forwarded"}
    assert {found[uid].modseq for uid in (1, 336)} == {None}
    assert (found[562].modseq, found[562].flags) == (1_538_484_935_027_010_002, frozenset({ANSWERED, SEEN}))


async def test_items_that_nobody_asked_for() -> None:
    answers = selecting("dovecot-select-unittests-messages-qresync") | {b"UID FETCH": octets("dovecot-fetch1")}
    async with at("dovecot", answers) as backend:
        await backend.select("INBOX")
        found = {update.uid: update async for batch in backend.flags(UidSet.parse("1:7")) for update in batch}
    assert {uid: update.modseq for uid, update in found.items()} == {1: 4, 2: 4, 3: 4, 4: 3, 5: 3, 6: 3, 7: 3}
    assert found[1].flags == {ANSWERED, SEEN, DRAFT}


@pytest.mark.parametrize(
    ("transcript", "uid", "subject", "types"),
    [
        ("dovecot-getbodypart", 1, "A", ["text/plain"]),
        ("gmail-fetch.3", 3, "test of תירבע in mail headers", ["text/plain"]),
        ("gmail-fetch.26", 26, "another Hebrew test", ["multipart/mixed", "text/plain", "text/plain"]),
        ("gmail-fetch.13", 13, "Test MIME message", ["multipart/alternative", "text/plain", "multipart/mixed"]),
    ],
)
async def test_whole_messages(transcript: str, uid: int, subject: str, types: list[str]) -> None:
    answers = selecting("gmail-count.examine") | {b"UID FETCH": octets(transcript)}
    async with at("gmail", answers) as backend:
        await backend.select("INBOX")
        message = parse(await backend.section(uid, ""))
    assert envelope_of(message.headers).subject == subject
    assert [part.content_type for part in message.root.walk()][: len(types)] == types


async def test_parts_of_messages() -> None:
    whole = b"This is the message body as a quoted-string."
    answers = selecting("gmail-count.examine") | {
        b"UID FETCH 1 (UID BODY.PEEK[1.TEXT]": octets("gmail-fetch-quoted-string"),
        b"UID FETCH 1 (UID BODY.PEEK[TEXT]": octets("gmail-fetch-korean-previewtext-peek-text-only"),
        b"UID FETCH 1 (UID BODY.PEEK[HEADER]": octets("dovecot-getmessageheaders"),
        b"UID FETCH 2": octets("dovecot-getbodypart1"),
        b"UID FETCH 1 (UID BODY.PEEK[]<128.64>)": octets("dovecot-getstream2"),
    }
    async with at("gmail", answers) as backend:
        await backend.select("INBOX")
        assert await backend.section(1, "1.TEXT") == whole
        assert len(await backend.section(1, "TEXT")) == 512
        assert (await backend.section(1, "HEADER")).endswith(b"Content-Type: text/plain; charset=utf-8\r\n\r\n")
        assert (await backend.section(1, "", offset=128, length=64)).startswith(b"nit Tests <unit-tests@mimekit.net>\r\n")
        found = await backend.sections([(2, "1"), (2, "1.MIME")])
        assert found[2, "1"].startswith(b"This is the message body.")
        assert found[2, "1.MIME"].startswith(b"Content-Type: text/plain; charset=utf-8\r\n")


_OPEN = selecting("gmail-count.examine")


@pytest.mark.parametrize(
    ("provider", "transcript", "expected"),
    [
        ("gmail", "gmail-search", "1:3,5,7:9,11:14,26:29,31,34,41:43,50"),
        ("dovecot", "dovecot-optimized-search", "1:7"),
        ("dovecot", "dovecot-search-raw", "1:14"),
        ("yahoo", "yahoo-search", "1:14"),
        ("exchange", "yahoo-search", "1:14"),
    ],
)
async def test_searching(provider: str, transcript: str, expected: str) -> None:
    async with at(provider, _OPEN | {b"UID SEARCH": octets(transcript)}) as backend:
        await backend.select("INBOX")
        assert str(await backend.search(words("hello"))) == expected


async def test_copying_and_moving() -> None:
    dovecot = {b"UID COPY": octets("dovecot-copy"), b"UID MOVE": octets("dovecot-move")}
    async with at("dovecot", _OPEN | dovecot) as backend:
        await backend.select("INBOX")
        copied = await backend.copy(UidSet.parse("1:7"), "Work")
        assert (copied.uids, copied.uidvalidity) == ({uid: uid for uid in range(1, 8)}, 1_436_832_101)
        moved = await backend.move(UidSet.parse("1:7"), "Work")
        assert (moved.uids, moved.left_behind) == ({uid: uid + 7 for uid in range(1, 8)}, False)
        assert str((await backend.idle(0)).vanished) == "1:7"


async def test_exchange_tells_of_a_move_without_a_star() -> None:
    async with at("exchange", _OPEN | {b"UID MOVE": octets("exchange-issue115")}) as backend:
        await backend.select("INBOX")
        moved = await backend.move(UidSet.of([31]), "Archive")
        assert (moved.uids, moved.uidvalidity, moved.left_behind) == ({31: 6}, 55, False)
        assert (await backend.select("INBOX")).exists == 0


async def test_changing_flags_and_removing() -> None:
    answers: dict[bytes, bytes | tuple[bytes, ...]] = {
        b"UID STORE": (octets("dovecot-store-answered"), octets("gmail-add-flags")),
        b"UID EXPUNGE": octets("dovecot-uid-expunge"),
        b"EXPUNGE": octets("gmail-expunge"),
    }
    async with at("gmail", selecting("dovecot-select-unittests-messages-qresync") | answers) as backend:
        await backend.select("INBOX")
        await backend.store(UidSet.parse("1:3"), frozenset({ANSWERED}), frozenset())
        assert await backend.expunge(UidSet.of([8]))
        await backend.expunge_all_deleted()
        change = await backend.idle(0)
        assert (str(change.vanished), change.look_again) == ("8", True)
        assert (await backend.select("INBOX")).exists == 18


async def test_keeping_a_message() -> None:
    answers = {b"APPEND": (octets("dovecot-append.1"), octets("gmail-append.2"), octets("dovecot-append.8"))}
    async with at("gmail", answers) as backend:
        kept = [await backend.append("INBOX", b"Subject: x\r\n\r\n", frozenset({FLAGGED}), None) for _ in range(3)]
    assert [(one.uid, one.uidvalidity) for one in kept] == [(1, 1_436_832_084), (2, 23), (8, 1_436_832_084)]


async def test_waiting_at_gmail() -> None:
    async with at("gmail", selecting("gmail-count.examine") | {b"IDLE": octets("gmail-idle")}) as backend:
        await backend.select("INBOX")
        uids: set[int] = set()
        while len(uids) < 21:
            uids |= {update.uid for update in (await backend.idle(60)).changed}
        assert 50 in uids


@pytest.mark.parametrize("transcript", NAMES)
async def test_whatever_comes_the_connection_goes_on(transcript: str) -> None:
    """Each transcript is the answer to a question that had nothing to do with it."""
    data = octets(transcript)
    told = data if data.rpartition(b"\r\n" + TAG)[1] or data.startswith(TAG) else data + OK
    async with at("dovecot", _OPEN | {b"STATUS": told, b"NOOP": octets("dovecot-noop+alert")}) as backend:
        await backend.select("INBOX")
        try:
            status = await backend.status("INBOX")
        except TuimailError:
            status = None
        assert (status is not None) is (b"* STATUS " in told)
        assert (await backend.select("INBOX")).uidvalidity == 26


def _numbered(corpus: Path) -> dict[int, Path]:
    found = {path.name.split(".")[1]: path for path in corpus.rglob("gmail/fetch.*.txt")}
    return {int(number): path for number, path in found.items() if number.isdigit()}


@pytest.mark.corpus
async def test_every_message_that_gmail_gave(corpus: Path) -> None:
    """The large ones, too: TUIMAIL_CORPUS holds ``UnitTests/Net/Imap/Resources`` of MailKit somewhere."""
    paths = _numbered(corpus)
    assert paths
    for uid, path in paths.items():
        data = octets(path)
        async with at("gmail", _OPEN | {b"UID FETCH": data}) as backend:
            await backend.select("INBOX")
            whole = await backend.section(uid, "")
        assert len(whole) == int(data.split(b"{", 1)[1].split(b"}", 1)[0]), path
        assert parse(whole).headers.get("From"), path
