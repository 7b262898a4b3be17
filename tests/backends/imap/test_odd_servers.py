# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers with fewer extensions, or with their own ideas."""

import pytest

from tests.backends.imap.scripted import CAPABILITIES, Line, playing, signed_in
from tests.backends.words import words
from tuimail.backends.imap import folders
from tuimail.backends.port import KnownState
from tuimail.model.errors import InputWrong, MailMalformed, ServerBroken, ServerRefused, SignInNeeded, TryLater
from tuimail.model.folder import FolderRole
from tuimail.model.uidset import UidSet

QRESYNC = CAPABILITIES + b" ENABLE CONDSTORE QRESYNC"
DELETED = frozenset({"\\Deleted"})


def row(uid: int, subject: str = "Hi") -> bytes:
    envelope = f'(NIL "{subject}" NIL NIL NIL NIL NIL NIL NIL "<{uid}@example.org>")'
    return f'* {uid} FETCH (UID {uid} FLAGS () INTERNALDATE " 1-Jan-2024 00:00:00 +0000" ENVELOPE {envelope})\r\n'.encode()


@pytest.mark.parametrize(
    ("codes", "resynced", "modseq"),
    [
        (b"* OK [UIDVALIDITY 7] x\r\n* OK [HIGHESTMODSEQ 20] x\r\n", True, 20),
        (b"* OK [UIDVALIDITY 8] x\r\n* OK [HIGHESTMODSEQ 20] x\r\n", False, 20),
        (b"* OK [UIDVALIDITY 7] x\r\n* OK [NOMODSEQ] x\r\n", False, None),
        (b"* OK [UIDVALIDITY 7] x\r\n* OK [HIGHESTMODSEQ -1] x\r\n", False, None),
        (b"* OK [UIDVALIDITY 7] x\r\n* OK [HIGHESTMODSEQ 3] x\r\n", False, 3),
        (b"* OK [UIDVALIDITY 7] x\r\n", False, None),
    ],
)
async def test_when_qresync_can_be_trusted(codes: bytes, resynced: bool, modseq: int | None) -> None:
    async def script(line: Line) -> None:
        await line.answer(b"ENABLE QRESYNC$", b"* ENABLED QRESYNC\r\n")
        news = b"* VANISHED (EARLIER) 4,6:8\r\n* 1 FETCH (UID 2 FLAGS (\\Seen) MODSEQ (15))\r\n"
        await line.answer(rb'^SELECT "INBOX" \(QRESYNC \(7 10\)\)$', b"* 3 EXISTS\r\n" + codes + news, b"OK [READ-WRITE] open")

    async with signed_in(script, QRESYNC) as (backend, _):
        selected = await backend.select("INBOX", KnownState(uidvalidity=7, highestmodseq=10))
        assert (selected.resynced, selected.highestmodseq) == (resynced, modseq)
        assert bool(selected.vanished) is bool(selected.changed) is resynced


async def test_what_the_old_folder_says_last_is_not_of_the_new_one() -> None:
    async def script(line: Line) -> None:
        await line.select()
        old = b"* 9 EXISTS\r\n* 1 FETCH (UID 1 FLAGS ())\r\n* OK [CLOSED] x\r\n"
        await line.answer(b"SELECT", old + b"* 2 EXISTS\r\n* OK [UIDVALIDITY 5] x\r\n", b"OK [READ-ONLY] open")

    async with signed_in(script) as (backend, _):
        await backend.select("INBOX")
        selected = await backend.select("Other")
        assert (selected.exists, selected.uidvalidity, selected.read_only) == (2, 5, True)


async def test_selecting_again_is_only_a_noop() -> None:
    async def script(line: Line) -> None:
        await line.select(exists=3, more=b"* OK [PERMANENTFLAGS (\\Seen \\*)] x\r\n")
        await line.answer(b"NOOP", b"* 4 EXISTS\r\n")

    async with signed_in(script) as (backend, _):
        first = await backend.select("INBOX")
        assert (set(first.permanent_flags), first.any_keyword, first.uidnext) == ({"\\Seen"}, True, 100)
        again = await backend.select("INBOX")
        assert (again.exists, again.uidvalidity, again.uidnext) == (4, 7, None)


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        (b"NO Unknown Mailbox: x (Failure)", ServerRefused, "NONEXISTENT"),
        (b"NO [NONEXISTENT] gone", ServerRefused, "NONEXISTENT"),
        (b"NO [NOPERM] no", ServerRefused, "NOPERM"),
        (b"NO [INUSE] later", TryLater, "INUSE"),
        (b"NO [EXPIRED] password", SignInNeeded, ""),
    ],
)
async def test_a_folder_that_cannot_be_opened(status: bytes, error: type[Exception], code: str) -> None:
    async def script(line: Line) -> None:
        await line.answer(b"LIST", b'* LIST () "/" INBOX\r\n')
        await line.answer(b"LSUB")
        await line.answer(b"SELECT", status=status)

    async with signed_in(script) as (backend, _):
        await backend.folders()
        with pytest.raises(error) as raised:
            await backend.select("Nope")
        assert getattr(raised.value, "code", "") == code
        assert backend.selected is None


async def test_a_name_that_is_no_modified_utf7_is_found_by_listing() -> None:
    async def script(line: Line) -> None:
        await line.answer(b'SELECT "R&-D"', status=b"NO [NONEXISTENT] no")
        await line.answer(b"LIST", b'* LIST () "/" "R&D"\r\n')
        await line.answer(b"LSUB")
        await line.answer(b'SELECT "R&D"', b"* 0 EXISTS\r\n* OK [UIDVALIDITY 5] x\r\n")

    async with signed_in(script) as (backend, _):
        assert (await backend.select("R&D")).uidvalidity == 5


async def test_folders_without_extensions() -> None:
    async def script(line: Line) -> None:
        await line.answer(b"NAMESPACE", b'* NAMESPACE (("" ".")) NIL (("shared." "."))\r\n')
        names = b'* LIST () "." inbox\r\n* LIST (\\Noselect) "." "a"\r\n* LIST () "." a.&APw-\r\n* LIST () "." {3}\r\nR"D\r\n'
        others = b'* LIST () "." shared.x\r\n* LIST () "." shared.y\r\n* LIST (\\NonExistent) "." gone\r\n* LIST (((\r\n'
        twins = b'* LIST () NIL "b\x07"\r\n* LIST () NIL "b\x08"\r\n'
        await line.answer(rb'^LIST "" "\*"$', names + others + twins)
        await line.answer(rb'^LSUB "" "\*"$', b'* LSUB () "." "a.&APw-"\r\n* LSUB () "." shared.y\r\n')
        await line.answer(rb'^SELECT "shared\.y"$', b"* 0 EXISTS\r\n")

    async with signed_in(script, b"IMAP4rev1 NAMESPACE") as (backend, _):
        found = {folder.name: folder for folder in await backend.folders()}
        assert found["INBOX"].role is FolderRole.INBOX
        assert not found["a"].selectable
        assert found["a.ü"].subscribed
        assert 'R"D' in found
        assert "shared.y" in found
        assert "shared.x" not in found
        assert "gone" not in found
        assert len(found) == 7
        assert all(name.isprintable() for name in found)
        assert all(folder.status is None for folder in found.values())
        await backend.select("shared.y")


async def test_folders_in_one_turn() -> None:
    async def script(line: Line) -> None:
        wanted = (
            rb"^LIST \"\" \"\*\" RETURN \(SUBSCRIBED SPECIAL-USE STATUS \(MESSAGES UNSEEN UIDNEXT UIDVALIDITY MAILBOXID\)\)$"
        )
        listed = (
            b'* LIST (\\Subscribed) "/" INBOX\r\n* STATUS INBOX (MESSAGES 4 MAILBOXID (F1))\r\n* LIST (\\Junk) "/" Spam\r\n'
        )
        await line.answer(wanted, listed)

    async with signed_in(script, b"IMAP4rev1 LIST-EXTENDED LIST-STATUS SPECIAL-USE OBJECTID") as (backend, _):
        inbox, spam = await backend.folders()
        assert inbox.status is not None
        assert (inbox.status.messages, inbox.status.mailbox_id, inbox.subscribed) == (4, "F1", True)
        assert (spam.role, spam.subscribed, spam.status) == (FolderRole.JUNK, False, None)


async def test_cyrus_is_not_asked_for_mailbox_ids() -> None:
    """What it tells as one may be anything, even the end of the response."""

    async def script(line: Line) -> None:
        line.say(b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] mail.test Cyrus IMAP 3.6.1-Debian-3.6.1-4 server ready\r\n")
        await line.answer(b"AUTHENTICATE PLAIN", status=b"OK [CAPABILITY IMAP4rev1 LIST-STATUS OBJECTID] welcome")
        await line.answer(rb"^LIST .* RETURN \(STATUS \(MESSAGES UNSEEN UIDNEXT UIDVALIDITY\)\)$", b'* LIST () "/" INBOX\r\n')
        await line.answer(b"^LSUB")
        await line.answer(rb'^STATUS "INBOX" \(MESSAGES UNSEEN UIDNEXT UIDVALIDITY\)$', b"* STATUS INBOX (MESSAGES 4)\r\n")

    async with playing(script) as played:
        backend = played.backend()
        await backend.connect()
        await backend.folders()
        assert (await backend.status("INBOX")).messages == 4
        played.lines[0].hang_up()
        await backend.close()


async def test_folders_that_exist_or_are_gone_already_are_no_error() -> None:
    async def script(line: Line) -> None:
        await line.answer(b"CREATE", status=b"NO Duplicate folder name a (Failure)")
        await line.answer(b"LIST", b'* LIST () "/" a\r\n')
        await line.answer(b"DELETE", status=b"NO I will not")
        await line.answer(b"LIST")
        await line.answer(b"DELETE", status=b"NO I will not")
        await line.answer(b"LIST", b'* LIST () "/" c\r\n')

    async with signed_in(script) as (backend, _):
        await backend.create("a")
        await backend.delete("b")
        with pytest.raises(ServerRefused):
            await backend.delete("c")
        with pytest.raises(InputWrong):
            await backend.create("a\r\nA1 DELETE b")


async def test_a_move_without_the_extension_waits_for_the_copy() -> None:
    async def script(line: Line) -> None:
        await line.select()
        await line.answer(b"UID COPY 1", status=b"NO [OVERQUOTA] full")
        await line.answer(b"UID COPY 1", status=b"OK [COPYUID 9 1 40] copied")
        await line.answer(rb"UID STORE 1 \+FLAGS.SILENT \(\\Deleted\)$")
        await line.answer(b"UID EXPUNGE 1$")

    async with signed_in(script, b"IMAP4rev1 UIDPLUS") as (backend, played):
        await backend.select("INBOX")
        with pytest.raises(ServerRefused):
            await backend.move(UidSet.of([1]), "Archive")
        assert not any(b"STORE" in command for command in played.heard)
        copied = await backend.move(UidSet.of([1]), "Archive")
        assert (copied.uids, copied.uidvalidity, copied.left_behind) == ({1: 40}, 9, False)


async def test_without_uidplus_nothing_is_expunged() -> None:
    async def script(line: Line) -> None:
        await line.select()
        await line.answer(b"UID COPY 1")
        await line.answer(b"UID STORE 1")
        await line.answer(b"UID STORE 2")

    async with signed_in(script, b"IMAP4rev1") as (backend, played):
        await backend.select("INBOX")
        assert (await backend.move(UidSet.of([1]), "Archive")).left_behind
        assert not await backend.expunge(UidSet.of([2]))
        await backend.unselect()
        assert not any(b"EXPUNGE" in command or b"CLOSE" in command for command in played.heard)


async def test_a_message_that_the_server_cannot_read_costs_no_other() -> None:
    async def script(line: Line) -> None:
        await line.select(exists=4)
        await line.answer(b"UID FETCH 1:4 ", row(1), b"NO [SERVERBUG] cannot read one")
        upper = await line.hear(b"UID FETCH 4 ")
        lower = await line.hear(b"UID FETCH 2:3 ")
        line.say(row(4) + upper + b" OK\r\n" + lower + b" NO cannot\r\n")
        upper = await line.hear(b"UID FETCH 3 .*ENVELOPE")
        lower = await line.hear(b"UID FETCH 2 .*ENVELOPE")
        line.say(upper + b" NO cannot\r\n" + row(2) + lower + b" OK\r\n")
        scalars = b'* 3 FETCH (UID 3 FLAGS (\\Seen) INTERNALDATE " 1-Jan-2024 00:00:00 +0000" RFC822.SIZE 5)\r\n'
        await line.answer(rb"UID FETCH 3 \(UID FLAGS INTERNALDATE RFC822.SIZE\)$", scalars)

    async with signed_in(script) as (backend, _):
        await backend.select("INBOX")
        rows = [found async for batch in backend.headers(UidSet.parse("1:4")) for found in batch]
        assert {found.uid: found.envelope.subject for found in rows} == {1: "Hi", 2: "Hi", 3: "(unreadable header)", 4: "Hi"}


async def test_a_section_that_the_server_cannot_read_costs_no_other() -> None:
    async def script(line: Line) -> None:
        await line.select()
        await line.answer(rb"UID FETCH 1:3 .*BODY\.PEEK\[1\]", status=b"NO [SERVERBUG] cannot read one")
        await line.answer(rb"UID FETCH 1 ", b"* 1 FETCH (UID 1 BODY[1] {2}\r\naa)\r\n")
        await line.answer(rb"UID FETCH 2 ", status=b"NO cannot")
        await line.answer(rb"UID FETCH 3 ", b"* 3 FETCH (UID 3 BODY[1] NIL)\r\n")

    async with signed_in(script) as (backend, _):
        await backend.select("INBOX")
        assert await backend.sections([(1, "1"), (2, "1"), (3, "1")]) == {(1, "1"): b"aa"}, "NIL is no text"


async def test_names_that_look_alike_are_told_apart() -> None:
    async def script(line: Line) -> None:
        zero_width = b'* LIST () "/" b\r\n* LIST () "/" "b&IAs-"\r\n* LIST () "/" {2}\r\nb\0\r\n'
        await line.answer(rb'^LIST "" "\*"$', zero_width)
        await line.answer(b"LSUB")
        await line.answer(b'^SELECT "b"$', b"* 0 EXISTS\r\n")
        await line.answer(b'^SELECT "b&IAs-"$', b"* 0 EXISTS\r\n")

    async with signed_in(script, b"IMAP4rev1") as (backend, _):
        names = [folder.name for folder in await backend.folders()]
        assert names == ["b", "b (2)", "b\u2400"]
        await backend.select("b")
        await backend.select("b (2)")


async def test_thousands_of_names_that_look_alike_are_numbered_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    bits = 12
    invisible = ["".join("\u200b\u2060"[number >> bit & 1] for bit in range(bits)) for number in range(1 << bits)]

    async def script(line: Line) -> None:
        await line.answer(b"LIST", b"".join(b'* LIST () "/" "b%b"\r\n' % text.encode() for text in invisible))
        await line.answer(b"LSUB")

    tried = 0

    class Counted(dict[str, int]):
        def __contains__(self, key: object) -> bool:
            nonlocal tried
            tried += 1
            return super().__contains__(key)

    monkeypatch.setattr(folders, "Taken", Counted)
    async with signed_in(script, b"IMAP4rev1") as (backend, _):
        names = [folder.name for folder in await backend.folders()]
    assert names == ["b", *(f"b ({number})" for number in range(2, len(invisible) + 1))]
    assert tried < 4 * len(invisible)


async def test_everything_from_a_uid_on_is_looked_up_first() -> None:
    async def script(line: Line) -> None:
        await line.select(exists=2)
        await line.answer(rb"UID SEARCH RETURN \(ALL\) ALL$", b'* ESEARCH (TAG "x") UID ALL 5,9\r\n')
        await line.answer(b"UID FETCH 9 ", row(9))

    async with signed_in(script) as (backend, _):
        await backend.select("INBOX")
        rows = [found async for batch in backend.headers(UidSet(((6, 4_294_967_295),))) for found in batch]
        assert [found.uid for found in rows] == [9]


async def test_an_empty_folder_costs_no_command() -> None:
    async def script(line: Line) -> None:
        await line.select(exists=0)

    async with signed_in(script) as (backend, played):
        await backend.select("INBOX")
        assert await backend.uids() == UidSet()
        assert [batch async for batch in backend.newest(50)] == []
        assert [batch async for batch in backend.headers(UidSet())] == []
        assert [batch async for batch in backend.flags(UidSet())] == []
        assert await backend.sections([]) == {}
        await backend.store(UidSet(), DELETED, frozenset())
        assert played.heard[-1] == b'SELECT "INBOX"'


async def test_partial_fetches_that_a_server_ignores() -> None:
    async def script(line: Line) -> None:
        await line.select()
        await line.answer(b"UID FETCH 5", b"* 1 FETCH (UID 5 BODY[1] {6}\r\nabcdef)\r\n")
        await line.answer(b"UID FETCH 5", b"* 1 FETCH (UID 5 BODY[1] {6}\r\nabcdef)\r\n")
        await line.answer(b"UID FETCH 5", b"* 1 FETCH (UID 5 BODY[2]<0> NIL)\r\n")
        await line.answer(b"UID FETCH 5", b"* 1 FETCH (UID 5 FLAGS ())\r\n")

    async with signed_in(script) as (backend, _):
        await backend.select("INBOX")
        assert await backend.section(5, "1") == b"abcdef"
        assert await backend.section(5, "1", offset=2, length=3) == b"cde"
        assert await backend.section(5, "2") == b""
        with pytest.raises(ServerRefused) as refused:
            await backend.section(5, "1")
        assert refused.value.code == "NONEXISTENT"


async def test_utf8_accept() -> None:
    async def script(line: Line) -> None:
        await line.answer(b"ENABLE UTF8=ACCEPT$", b"* ENABLED UTF8=ACCEPT\r\n")
        await line.answer('^SELECT "Köln &-"$'.encode(), b"* 1 EXISTS\r\n")
        await line.answer('^UID SEARCH TEXT "Köln"$'.encode(), b"* SEARCH 4\r\n")
        tag = await line.hear(rb'^APPEND "Sent" \(\) UTF8 \(~\{20\}$')
        line.say(b"+ go\r\n")
        assert (await line.octets(23)).endswith(b"\r\n\r\n)\r\n")
        line.say(tag + b" OK\r\n")

    async with signed_in(script, b"IMAP4rev1 ENABLE UTF8=ACCEPT") as (backend, _):
        await backend.select("Köln &-")
        assert await backend.search(words("Köln")) == UidSet.of([4])
        await backend.append("Sent", "Subject: Grüße\r\n\r\n".encode(), frozenset(), None)


async def test_words_beyond_ascii_are_searched_by_charset() -> None:
    async def script(line: Line) -> None:
        await line.select()
        tag = await line.hear(rb'^UID SEARCH RETURN \(ALL\) CHARSET UTF-8 TEXT "a" TEXT \{5\+\}$')
        assert await line.octets(7) == "Köln\r\n".encode()
        line.say(b"* ESEARCH UID ALL 4\r\n" + tag + b" OK\r\n")

    async with signed_in(script) as (backend, _):
        await backend.select("INBOX")
        assert await backend.search(words("a Köln")) == UidSet.of([4])
        assert await backend.search(words("  ")) == UidSet()


async def test_a_status_without_status() -> None:
    async def script(line: Line) -> None:
        await line.answer(b"STATUS")

    async with signed_in(script) as (backend, _):
        with pytest.raises(ServerBroken):
            await backend.status("INBOX")


async def test_flags_must_be_flags() -> None:
    async def script(line: Line) -> None:
        await line.select()

    async with signed_in(script) as (backend, played):
        await backend.select("INBOX")
        with pytest.raises(InputWrong):
            await backend.store(UidSet.of([1]), frozenset({"x)\r\nA1 EXPUNGE"}), frozenset())
        assert len(played.heard) == 2


async def test_a_message_with_nul_octets_is_not_said_to_any_server() -> None:
    async def script(line: Line) -> None:
        await line.until_gone()

    async with signed_in(script) as (backend, played):
        with pytest.raises(MailMalformed, match="NUL"):
            await backend.append("Sent", b"Subject: x\r\n\r\na\0b\r\n", frozenset(), None, None)
        assert not [line for line in played.heard if b"APPEND" in line]


async def test_what_may_be_syntax_in_a_pattern_is_not_put_into_one() -> None:
    async def script(line: Line) -> None:
        await line.answer(rb'^CREATE "a\{5\}\(b"$', status=b"NO Invalid mailbox name")
        await line.answer(rb'^LIST "" "a%5%%b"$', b'* LIST () "/" "a(5}{b"\r\n')
        await line.answer(rb'^DELETE "\{5\}"$', status=b"NO Permission denied")
        await line.answer(rb'^LIST "" "%5%"$', b'* LIST () "/" "{5}"\r\n')

    async with signed_in(script) as (backend, _):
        with pytest.raises(ServerRefused, match="Invalid"):
            await backend.create("a{5}(b")
        with pytest.raises(ServerRefused, match="Permission"):
            await backend.delete("{5}")


async def test_courier_is_given_no_name_that_it_cannot_say_to_others() -> None:
    async def script(line: Line) -> None:
        line.say(b"* OK [CAPABILITY IMAP4rev1 ENABLE UTF8=ACCEPT] Courier-IMAP ready.\r\n")
        await line.answer(b"LOGIN|AUTHENTICATE", status=b"OK [CAPABILITY IMAP4rev1 ENABLE UTF8=ACCEPT] LOGIN Ok.")
        await line.answer(b"ENABLE", b"* ENABLED UTF8=ACCEPT\r\n")
        await line.answer('^CREATE "INBOX.Größe 日本"$'.encode())
        await line.answer(b"LOGOUT")

    async with playing(script) as played:
        backend = played.backend()
        await backend.connect()
        for refused in (backend.create("INBOX.\U0001f600"), backend.rename("INBOX.Sent", "INBOX.\U0001f600 sent")):
            with pytest.raises(InputWrong, match="loses"):
                await refused
        await backend.create("INBOX.Größe 日本")
        await backend.close()
        assert not [line for line in played.heard if "\U0001f600".encode() in line]
