# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for what another client does."""

import asyncio
from collections.abc import Callable

import pytest

from tests.backends.suite.commands import sends
from tests.backends.suite.mails import mail
from tests.backends.suite.other_client import OtherClient
from tests.backends.suite.server import Server, ServerMaker
from tuimail.backends.imap import idle
from tuimail.backends.imap.backend import ImapBackend
from tuimail.backends.port import ServerChange
from tuimail.model.uidset import UidSet

_NOTIFY = "NOTIFY SET (SELECTED-DELAYED (MessageNew MessageExpunge FlagChange)) (PERSONAL "
_LONG = 600.0
"""Far more than a change takes to be told; a test that waits so long has failed."""
_ELSEWHERE: dict[str, Callable[[OtherClient], object]] = {
    "create": lambda other: other.create("Play"),
    "rename": lambda other: other.rename("Work", "Play"),
    "delete": lambda other: other.delete("Work"),
    "subscribe": lambda other: other.unsubscribe("Work"),
    "new mail": lambda other: other.deliver(mail(1), "Work"),
}
"""What another client does in a folder that is not selected."""


async def _waiting(server: Server, backend: ImapBackend) -> asyncio.Task[ServerChange]:
    """A task that idles already."""
    begun = server.expect("S", "+")
    task = asyncio.create_task(backend.idle(_LONG))
    await begun
    return task


def _said(server: Server) -> list[str]:
    """What the backend said to wait, but for NOTIFY, which it says once."""
    return [line for line in server.said if not line.startswith(_NOTIFY)]


@sends("IDLE", "DONE", 'SELECT "Sent"')
async def test_new_mail(server: Server) -> None:
    other = server.other()
    backend = await server.opened()
    waiting = await _waiting(server, backend)
    other.deliver(mail(1))
    change = await waiting
    assert change.look_again
    assert list(await backend.uids()) == [1]
    assert (await backend.select("Sent")).exists == 0


async def test_changed_flags(server: Server) -> None:
    other = server.other()
    other.deliver_all(map(mail, range(3)))
    backend = await server.opened()
    waiting = await _waiting(server, backend)
    other.add_flags(2, "\\Flagged", "trip")
    change = await waiting
    assert {update.uid: update.flags for update in change.changed} == {2: {"\\Flagged", "trip"}}
    assert change.vanished == UidSet()


async def test_vanished_mail(server: Server) -> None:
    other = server.other()
    other.deliver_all(map(mail, range(3)))
    other.add_flags(2, "\\Deleted")
    backend = await server.opened()
    waiting = await _waiting(server, backend)
    other.expunge()
    change = await waiting
    assert change.vanished == UidSet.of([2])


async def test_without_qresync_vanished_mail_means_to_look_again(make_server: ServerMaker) -> None:
    server = make_server("QRESYNC")
    other = server.other()
    other.deliver_all(map(mail, range(3)))
    other.add_flags(2, "\\Deleted")
    backend = await server.opened()
    waiting = await _waiting(server, backend)
    other.expunge()
    assert (await waiting).look_again
    assert list(await backend.uids()) == [1, 3]


async def test_without_condstore_changed_flags_are_noticed(make_server: ServerMaker) -> None:
    server = make_server("CONDSTORE", "QRESYNC")
    other = server.other()
    other.deliver_all(map(mail, range(3)))
    backend = await server.opened()
    waiting = await _waiting(server, backend)
    other.add_flags(2, "\\Flagged")
    change = await waiting
    assert change.look_again or {update.uid for update in change.changed} == {2}


async def test_one_after_the_other(server: Server) -> None:
    other = server.other()
    backend = await server.opened()
    for number in range(1, 4):
        waiting = await _waiting(server, backend) if number == 1 else asyncio.create_task(backend.idle(_LONG))
        other.deliver(mail(number))
        assert (await waiting).look_again
        assert len(await backend.uids()) == number


async def test_the_time_is_over(server: Server) -> None:
    backend = await server.opened()
    assert await backend.idle(1) == ServerChange()
    assert _said(server)[:1] == ["IDLE"]
    assert await backend.uids() == UidSet()


async def test_cancelling_leaves_the_connection_usable(server: Server) -> None:
    other = server.other()
    other.deliver(mail(1))
    backend = await server.opened()
    waiting = await _waiting(server, backend)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await backend.section(1, "1") == b"hello 1\r\n"
    waiting = await _waiting(server, backend)
    other.deliver(mail(2))
    assert (await waiting).look_again


async def test_cancelling_before_the_server_agreed(server: Server) -> None:
    server.other().deliver(mail(1))
    backend = await server.opened()
    said = server.expect("C", "IDLE")
    waiting = asyncio.create_task(backend.idle(_LONG))
    await said
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await backend.section(1, "1") == b"hello 1\r\n"


async def test_another_command_ends_the_waiting_by_itself(server: Server) -> None:
    server.other().deliver(mail(1))
    backend = await server.opened()
    waiting = await _waiting(server, backend)
    assert await backend.section(1, "1") == b"hello 1\r\n"
    await waiting
    assert _said(server)[:2] == ["IDLE", "DONE"]


async def test_what_was_told_meanwhile_is_not_lost(server: Server) -> None:
    other = server.other()
    other.deliver(mail(1))
    backend = await server.opened()
    other.deliver(mail(2))
    assert (await backend.select("INBOX")).exists == 2
    server.forget()
    assert (await backend.idle(_LONG)).look_again
    assert server.said == [], "it is known already"


async def test_own_changes_of_flags_are_no_news(server: Server) -> None:
    server.other().deliver_all(map(mail, range(2)))
    backend = await server.opened()
    await backend.store(UidSet.of([1]), frozenset({"\\Seen"}), frozenset())
    assert await backend.idle(0.01) == ServerChange()


@sends("NOOP")
async def test_without_idle_the_server_is_asked(make_server: ServerMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle, "NOOP_SECONDS", 0.01)
    server = make_server("IDLE")
    other = server.other()
    backend = await server.opened()
    asked = server.expect("C", "NOOP")
    waiting = asyncio.create_task(backend.idle(_LONG))
    await asked
    other.deliver(mail(1))
    assert (await waiting).look_again
    assert set(_said(server)) == {"NOOP"}


async def test_without_idle_cancelling_works_too(make_server: ServerMaker) -> None:
    server = make_server("IDLE")
    server.other().deliver(mail(1))
    backend = await server.opened()
    asked = server.expect("C", "NOOP")
    waiting = asyncio.create_task(backend.idle(_LONG))
    await asked
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await backend.section(1, "1") == b"hello 1\r\n"


async def test_two_backends_of_one_account(server: Server) -> None:
    """As the account loop uses them: one waits, the other serves the user."""
    server.other().deliver_all(map(mail, range(3)))
    waiter, worker = await server.opened(), await server.opened()
    waiting = await _waiting(server, waiter)
    await worker.move(UidSet.of([2]), "Archive")
    while not (change := await waiting).vanished:  # NOTIFY may tell of the other folder first
        waiting = asyncio.create_task(waiter.idle(_LONG))
    assert change.vanished == UidSet.of([2])
    waiting = asyncio.create_task(waiter.idle(_LONG))
    await worker.store(UidSet.of([3]), frozenset({"\\Seen"}), frozenset())
    while not (change := await waiting).changed:
        waiting = asyncio.create_task(waiter.idle(_LONG))
    assert [update.uid for update in change.changed] == [3]
    assert (await worker.select("Archive")).exists == 1
    assert waiter.selected == "INBOX"


@pytest.mark.parametrize("folder", ["INBOX", "Sent"])
@pytest.mark.parametrize("act", _ELSEWHERE)
@sends(_NOTIFY)
async def test_other_folders(server: Server, act: str, folder: str) -> None:
    other = server.other()
    other.create("Work")
    backend = await server.backend()
    await backend.folders()
    await backend.select(folder)
    waiting = await _waiting(server, backend)
    assert backend.capabilities.notify
    _ELSEWHERE[act](other)
    while not (await waiting).folders_changed:
        waiting = asyncio.create_task(backend.idle(_LONG))


async def test_own_questions_are_no_news(server: Server) -> None:
    server.other().create("Work")
    backend = await server.opened()
    assert await backend.idle(0.01) == ServerChange()
    await backend.folders()
    await backend.status("Work")
    assert not (await backend.idle(0.01)).folders_changed


async def test_notify_is_said_once(server: Server) -> None:
    backend = await server.opened()
    for folder in ("INBOX", "Sent", "INBOX"):
        await backend.select(folder)
        await backend.idle(0.01)
    assert len([line for line in server.said if line.startswith(_NOTIFY)]) == 1


async def test_without_notify_nothing_is_told_of_other_folders(make_server: ServerMaker) -> None:
    server = make_server("NOTIFY")
    other = server.other()
    backend = await server.opened()
    waiting = await _waiting(server, backend)
    other.create("Work")
    other.deliver(mail(1))
    change = await waiting
    assert change.look_again
    assert not change.folders_changed
    assert not backend.capabilities.notify
    assert not [line for line in server.said if "NOTIFY" in line]
