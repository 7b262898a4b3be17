# SPDX-License-Identifier: GPL-3.0-or-later
"""Flags: read them, change them."""

import pytest

from tests.backends.suite.commands import sends
from tests.backends.suite.mails import mail
from tests.backends.suite.server import Demo, Server, ServerMaker
from tuimail.backends.imap.backend import ImapBackend
from tuimail.model.errors import InputWrong, ServerRefused
from tuimail.model.flags import Flags
from tuimail.model.uidset import UidSet

_SEEN: Flags = frozenset({"\\Seen"})
_NONE: Flags = frozenset()


async def _flags(backend: ImapBackend, uids: str, since: int | None = None) -> dict[int, Flags]:
    return {update.uid: update.flags async for batch in backend.flags(UidSet.parse(uids), since) for update in batch}


@sends("UID FETCH 1:3 (UID FLAGS MODSEQ)")
async def test_flags(server: Server) -> None:
    other = server.other()
    other.deliver_all(map(mail, range(3)))
    other.add_flags(1, "\\Seen", "\\Answered")
    other.add_flags(3, "$Junk", "holiday")
    backend = await server.opened()
    assert await _flags(backend, "1:3") == {1: {"\\Seen", "\\Answered"}, 2: set(), 3: {"$Junk", "holiday"}}
    assert await _flags(backend, "2,99") == {2: set()}


@sends("UID FETCH 1:3 (UID FLAGS MODSEQ) (CHANGEDSINCE ")
async def test_only_what_changed(server: Server) -> None:
    other = server.other()
    other.deliver_all(map(mail, range(3)))
    backend = await server.backend()
    since = (await backend.select("INBOX")).highestmodseq
    other.add_flags(2, "\\Flagged")
    assert await _flags(backend, "1:3", since) == {2: {"\\Flagged"}}
    assert await _flags(backend, "1:3", other.status("INBOX", "HIGHESTMODSEQ")) == {}


async def test_without_condstore_all_are_told(make_server: ServerMaker) -> None:
    server = make_server("CONDSTORE", "QRESYNC")
    other = server.other()
    other.deliver_all(map(mail, range(3)))
    other.add_flags(2, "\\Flagged")
    backend = await server.opened()
    assert await _flags(backend, "1:3", 1) == {1: set(), 2: {"\\Flagged"}, 3: set()}
    assert not any("MODSEQ" in line or "CHANGEDSINCE" in line for line in server.said)


async def test_the_modseq_is_told(server: Server) -> None:
    other = server.other()
    other.deliver(mail(1))
    backend = await server.opened()
    (update,) = [update async for batch in backend.flags(UidSet.of([1])) for update in batch]
    assert update.modseq == other.status("INBOX", "HIGHESTMODSEQ")


async def test_ranges_far_beyond_the_folder(server: Server) -> None:
    server.other().deliver_all(map(mail, range(3)))
    backend = await server.opened()
    assert sorted(await _flags(backend, "2:4294967295")) == [2, 3]


@sends("UID STORE 1:2 +FLAGS.SILENT (\\Flagged \\Seen)", "UID STORE 1:2 -FLAGS.SILENT (\\Draft)")
async def test_store_is_a_difference(server: Server) -> None:
    other = server.other()
    other.deliver_all(map(mail, range(3)))
    backend = await server.opened()
    other.add_flags(1, "\\Draft", "\\Answered")
    await backend.store(UidSet.parse("1:2"), frozenset({"\\Seen", "\\Flagged"}), frozenset({"\\Draft"}))
    assert {uid: stored.flags for uid, stored in other.messages().items()} == {
        1: {"\\Seen", "\\Flagged", "\\Answered"},
        2: {"\\Seen", "\\Flagged"},
        3: set(),
    }


async def test_nothing_to_change_says_nothing(server: Server) -> None:
    server.other().deliver(mail(1))
    backend = await server.opened()
    await backend.store(UidSet.of([1]), _NONE, _NONE)
    await backend.store(UidSet(), _SEEN, _NONE)
    assert server.said == []


async def test_keywords(server: Server) -> None:
    other = server.other()
    other.deliver(mail(1))
    backend = await server.opened()
    await backend.store(UidSet.of([1]), frozenset({"$Forwarded", "Holiday"}), _NONE)
    await backend.store(UidSet.of([1]), _NONE, frozenset({"$Forwarded"}))
    assert other.flags(1) == {"Holiday"}
    assert await _flags(backend, "1") == {1: {"Holiday"}}


async def test_where_no_keyword_can_be_made(demo: Demo) -> None:
    demo.servers.faults.no_keywords = True
    demo.other().deliver(mail(1))
    backend = await demo.backend()
    assert not (await backend.select("INBOX")).any_keyword
    await backend.store(UidSet.of([1]), frozenset({"Holiday", "\\Seen"}), _NONE)
    assert await _flags(backend, "1") == {1: {"\\Seen"}}


@pytest.mark.parametrize("keyword", ["two words", "", "paren(", 'quo"te', "Grüße", "a\r\nb", "\\"])
async def test_what_can_be_no_keyword_is_not_sent(server: Server, keyword: str) -> None:
    server.other().deliver(mail(1))
    backend = await server.opened()
    with pytest.raises(InputWrong):
        await backend.store(UidSet.of([1]), frozenset({keyword}), _NONE)
    assert server.said == []


async def test_what_is_gone_is_passed_over(server: Server) -> None:
    other = server.other()
    other.deliver_all(map(mail, range(2)))
    backend = await server.opened()
    other.expunge(1)
    await backend.store(UidSet.parse("1:2,50"), _SEEN, _NONE)
    assert other.flags(2) == _SEEN


async def test_a_set_too_long_for_one_line(server: Server) -> None:
    other = server.other()
    other.deliver_all(map(mail, range(4)))
    backend = await server.opened()
    await backend.store(UidSet.of(range(1, 10_001, 2)), _SEEN, _NONE)
    assert len(server.said) > 1
    assert max(map(len, server.said)) < 8192, "RFC 7162 §4"
    assert [uid for uid, stored in other.messages().items() if stored.flags] == [1, 3]
    assert sorted(await _flags(backend, ",".join(str(uid) for uid in range(1, 10_001, 2)))) == [1, 3]


async def test_a_folder_that_may_only_be_read(demo: Demo) -> None:
    demo.servers.faults.read_only = frozenset({"INBOX"})
    demo.other().deliver(mail(1))
    backend = await demo.opened()
    with pytest.raises(ServerRefused):
        await backend.store(UidSet.of([1]), _SEEN, _NONE)


async def test_without_a_folder_nothing_is_sent(server: Server) -> None:
    backend = await server.backend()
    server.forget()
    with pytest.raises(ServerRefused) as refused:
        await backend.store(UidSet.of([1]), _SEEN, _NONE)
    assert refused.value.code == "CLOSED"
    assert server.said == []
