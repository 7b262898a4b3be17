# SPDX-License-Identifier: GPL-3.0-or-later
"""SELECT, EXAMINE, QRESYNC, NOOP, UNSELECT, CLOSE, and the list of UIDs."""

from collections.abc import Awaitable, Callable

import pytest

from tests.backends.suite.commands import sends
from tests.backends.suite.mails import mail
from tests.backends.suite.server import Demo, Server, ServerMaker
from tuimail.backends.imap.backend import ImapBackend
from tuimail.backends.port import KnownState, Selected
from tuimail.model.errors import ServerRefused
from tuimail.model.flags import SYSTEM_FLAGS
from tuimail.model.uidset import UidSet


def _known(selected: Selected) -> KnownState:
    assert selected.highestmodseq is not None
    return KnownState(selected.uidvalidity, selected.highestmodseq)


async def _away(backend: ImapBackend) -> None:
    """Select something else, so that the next SELECT is one."""
    await backend.select("Sent")


@sends('SELECT "INBOX"')
async def test_select(server: Server) -> None:
    other = server.other()
    other.deliver_all(map(mail, range(3)))
    backend = await server.backend()
    assert backend.selected is None
    selected = await backend.select("INBOX")
    assert backend.selected == "INBOX"
    assert (selected.exists, selected.uidnext) == (3, 4)
    assert selected.uidvalidity == other.status("INBOX", "UIDVALIDITY")
    assert selected.highestmodseq == other.status("INBOX", "HIGHESTMODSEQ")
    assert selected.permanent_flags >= set(SYSTEM_FLAGS)
    assert selected.any_keyword
    assert not selected.read_only
    assert not selected.resynced


@sends("UID SEARCH RETURN (ALL) ALL")
async def test_uids(server: Server) -> None:
    other = server.other()
    other.deliver_all(map(mail, range(5)))
    other.expunge(2, 3)
    backend = await server.opened()
    assert await backend.uids() == UidSet.parse("1,4:5")


async def test_uids_of_an_empty_folder_cost_nothing(server: Server) -> None:
    backend = await server.opened()
    assert await backend.uids() == UidSet()
    assert server.said == []


@sends('SELECT "INBOX" (QRESYNC (')
async def test_resync_tells_what_vanished_and_what_changed(server: Server) -> None:
    other = server.other()
    other.deliver_all(map(mail, range(5)))
    backend = await server.backend()
    before = await backend.select("INBOX")
    await _away(backend)
    other.add_flags(3, "\\Flagged")
    other.expunge(1, 2)
    other.deliver(mail(6))
    selected = await backend.select("INBOX", _known(before))
    assert selected.resynced
    assert selected.exists == 4
    assert selected.vanished == UidSet.parse("1:2")
    changed = {update.uid: update.flags for update in selected.changed}
    assert changed == {3: frozenset({"\\Flagged"}), 6: frozenset()}
    assert all(update.modseq is not None and update.modseq > _known(before).highestmodseq for update in selected.changed)
    assert selected.highestmodseq == other.status("INBOX", "HIGHESTMODSEQ")


async def test_resync_when_nothing_happened(server: Server) -> None:
    server.other().deliver_all(map(mail, range(3)))
    backend = await server.backend()
    before = await backend.select("INBOX")
    await _away(backend)
    selected = await backend.select("INBOX", _known(before))
    assert (selected.resynced, selected.vanished, selected.changed) == (True, UidSet(), ())
    assert _known(selected) == _known(before)


async def test_resync_of_the_selected_folder(server: Server) -> None:
    other = server.other()
    other.deliver_all(map(mail, range(3)))
    backend = await server.backend()
    before = await backend.select("INBOX")
    other.expunge(2)
    selected = await backend.select("INBOX", _known(before))
    assert (selected.resynced, selected.vanished, selected.exists) == (True, UidSet.of([2]), 2)


async def test_a_new_uidvalidity_is_no_resync(server: Server) -> None:
    other = server.other()
    other.create("Work")
    other.deliver_all(map(mail, range(3)), "Work")
    backend = await server.backend()
    before = await backend.select("Work")
    await _away(backend)
    other.delete("Work")
    other.create("Work")
    other.deliver_all(map(mail, range(20)), "Work")
    selected = await backend.select("Work", _known(before))
    assert selected.uidvalidity != before.uidvalidity
    assert _known(selected).highestmodseq > _known(before).highestmodseq, "mod-sequences alone would not tell"
    assert (selected.resynced, selected.vanished, selected.changed, selected.exists) == (False, UidSet(), (), 20)


@pytest.mark.parametrize("without", ["QRESYNC", "CONDSTORE", "ENABLE"])
async def test_without_resync_the_state_is_offered_in_vain(make_server: ServerMaker, without: str) -> None:
    server = make_server(without, "QRESYNC")
    server.other().deliver_all(map(mail, range(3)))
    backend = await server.backend()
    first = await backend.select("INBOX")
    await _away(backend)
    selected = await backend.select("INBOX", KnownState(first.uidvalidity, 1))
    assert not selected.resynced
    assert selected.exists == 3
    assert not any("QRESYNC" in line for line in server.said)


@sends('SELECT "INBOX" (CONDSTORE)')
async def test_condstore_alone(make_server: ServerMaker) -> None:
    server = make_server("QRESYNC")
    other = server.other()
    other.deliver(mail(1))
    backend = await server.backend()
    assert (await backend.select("INBOX")).highestmodseq == other.status("INBOX", "HIGHESTMODSEQ")


async def test_a_mailbox_without_modseqs(demo: Demo) -> None:
    demo.servers.faults.nomodseq = True
    demo.other().deliver(mail(1))
    backend = await demo.backend()
    selected = await backend.select("INBOX", KnownState(1, 5))
    assert (selected.highestmodseq, selected.resynced, selected.exists) == (None, False, 1)


@pytest.mark.parametrize("read_only", [False, True])
async def test_a_missing_folder(server: Server, read_only: bool) -> None:
    backend = await server.backend()
    with pytest.raises(ServerRefused) as refused:
        await backend.select("Nowhere", read_only=read_only)
    assert refused.value.code == "NONEXISTENT"
    assert backend.selected is None
    assert (await backend.select("INBOX")).exists == 0


async def test_a_failed_select_leaves_no_folder_selected(server: Server) -> None:
    backend = await server.opened()
    with pytest.raises(ServerRefused):
        await backend.select("Nowhere")
    assert backend.selected is None
    with pytest.raises(ServerRefused) as refused:
        await backend.uids()
    assert refused.value.code == "CLOSED"


@pytest.mark.parametrize(
    "words", ["Mailbox doesn't exist: Work", "[NONEXISTENT] gone", "Unknown Mailbox: Work (Failure)", "No such mailbox"]
)
async def test_whatever_words_say_that_a_folder_is_missing(demo: Demo, words: str) -> None:
    backend = await demo.backend()
    demo.servers.faults.refuse = {"SELECT": f"NO {words}"}
    with pytest.raises(ServerRefused) as refused:
        await backend.select("Work")
    assert refused.value.code == "NONEXISTENT"


@sends("NOOP")
async def test_the_selected_folder_again_costs_only_noop(server: Server) -> None:
    other = server.other()
    other.deliver(mail(1))
    backend = await server.opened()
    other.deliver_all(map(mail, range(2)))
    selected = await backend.select("INBOX")
    assert server.said == ["NOOP"]
    assert selected.exists == 3


@sends('EXAMINE "INBOX"', "UNSELECT")
async def test_examine_is_read_only(server: Server) -> None:
    uid = server.other().deliver(mail(1))
    backend = await server.backend()
    selected = await backend.select("INBOX", read_only=True)
    assert selected.read_only
    server.forget()
    one, seen = UidSet.of([uid]), frozenset({"\\Seen"})
    changes: tuple[Callable[[], Awaitable[object]], ...] = (
        lambda: backend.store(one, seen, frozenset()),
        lambda: backend.move(one, "Sent"),
        lambda: backend.expunge(one),
        lambda: backend.expunge_all_deleted(),
    )
    for change in changes:
        with pytest.raises(ServerRefused) as refused:
            await change()
        assert refused.value.code == "READ-ONLY"
    assert server.said == []
    await backend.copy(one, "Sent")
    await backend.unselect()
    assert backend.selected is None


async def test_from_examine_to_select(server: Server) -> None:
    uid = server.other().deliver(mail(1))
    backend = await server.backend()
    await backend.select("INBOX", read_only=True)
    assert not (await backend.select("INBOX")).read_only
    await backend.store(UidSet.of([uid]), frozenset({"\\Seen"}), frozenset())
    assert server.other().flags(uid) == {"\\Seen"}


async def test_what_the_server_opens_read_only(demo: Demo) -> None:
    demo.servers.faults.read_only = frozenset({"INBOX"})
    backend = await demo.backend()
    assert (await backend.select("INBOX")).read_only


@sends("CLOSE")
async def test_without_unselect_close_follows_examine(make_server: ServerMaker) -> None:
    server = make_server("UNSELECT")
    uid = server.other().deliver(mail(1), flags=["\\Deleted"])
    backend = await server.backend()
    await backend.select("INBOX", read_only=True)
    await backend.unselect()
    assert server.said[-1] == "CLOSE"
    assert server.other().uids() == [uid]


async def test_after_select_nothing_is_closed(make_server: ServerMaker) -> None:
    server = make_server("UNSELECT")
    uid = server.other().deliver(mail(1), flags=["\\Deleted"])
    backend = await server.opened()
    await backend.unselect()
    await backend.select("Sent")
    await backend.close()
    assert not any(line.startswith(("CLOSE", "UNSELECT")) for line in server.said)
    assert server.other().uids() == [uid]


async def test_unselect_removes_nothing(server: Server) -> None:
    uid = server.other().deliver(mail(1), flags=["\\Deleted"])
    backend = await server.opened()
    await backend.unselect()
    await backend.unselect()
    assert server.said == ["UNSELECT"]
    assert server.other().uids() == [uid]


async def test_a_folder_deleted_by_another_client(server: Server) -> None:
    other = server.other()
    other.create("Work")
    backend = await server.backend()
    await backend.select("Work")
    await _away(backend)
    other.delete("Work")
    with pytest.raises(ServerRefused) as refused:
        await backend.select("Work", KnownState(1, 1))
    assert refused.value.code == "NONEXISTENT"
