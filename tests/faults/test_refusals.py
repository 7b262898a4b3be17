# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that do not let the user in any more, or not now: they are not knocked at in a circle."""

import asyncio
from contextlib import suppress

import pytest

from tests.faults.conftest import Office, OfficeMaker
from tests.faults.home import PATIENCE
from tests.faults.test_silence import arrives, errors
from tests.servers.proxy import Way
from tuimail.model.errors import Offline, SignInNeeded, TryLater, TuimailError
from tuimail.model.flags import FLAGGED
from tuimail.model.notice import ConnectionState
from tuimail.sync import backoff

_TRIES = ("AUTHENTICATE", "LOGIN")


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many failures in a row each pause came after; every pause is long, and ends only when the user presses the key."""
    found: list[int] = []

    def delay(attempt: int, random: object, **_: float) -> float:
        found.append(attempt)
        return 3600.0

    monkeypatch.setattr(backoff, "delay", delay)
    return found


@pytest.fixture
async def office(make_office: OfficeMaker) -> Office:
    office = await make_office(1, embedded=True)
    office.home.said.clear()
    return office


async def test_34_the_password_ends_during_the_session(office: Office) -> None:
    asked = office.home.asked
    office.sink.set_password("another")
    office.imap.cut()
    await office.home.until(lambda: office.home.state is ConnectionState.SIGN_IN_NEEDED)
    tries = len(office.home.commands(*_TRIES))
    assert tries <= 2, "one for each connection"
    office.home.engine.actions.archive([office.home.message("<0@example.org>")])
    for _ in range(3):
        with pytest.raises(SignInNeeded):
            await office.home.settled()
    assert len(office.home.commands(*_TRIES)) == tries, "no lock-out by trying"
    assert [type(error) for error in errors(office)] == [SignInNeeded]
    office.home.password = "another"
    office.home.hurry()
    await office.home.until(lambda: office.home.state is ConnectionState.ONLINE)
    assert office.home.asked == asked + 1, "one question for all connections"
    await office.home.at_peace()
    assert [seen.folder for seen in office.oracle.came()] == ["Archive"]


@pytest.mark.parametrize("answer", ["NO [UNAVAILABLE] Try later", "NO [LIMIT] Too many sign-ins", "NO [INUSE] Locked"])
async def test_34_not_now(office: Office, waits: list[int], answer: str) -> None:
    asked = office.home.asked
    office.sink.faults.refuse["AUTHENTICATE"] = answer
    office.imap.cut()
    for number in range(1, 4):
        await office.home.until(lambda: waits and office.home.state is ConnectionState.OFFLINE)
        assert waits.pop() == number, "each pause is longer"
        assert len(office.home.commands(*_TRIES)) == number
        with pytest.raises(TryLater):
            await office.home.settled()
    office.sink.faults.refuse.clear()
    office.home.hurry()
    await office.home.at_peace()
    assert office.home.asked == asked, "nothing is wrong with the password"


async def test_34_too_many_connections(office: Office, waits: list[int]) -> None:
    before = office.imap.connections
    office.imap.replace(Way.DOWN, rb"^\* OK .*", b"* BYE Too many simultaneous connections\\r", times=2)
    office.imap.cut()
    await office.home.until(lambda: waits)
    assert office.imap.connections == before + 1
    with pytest.raises((Offline, TryLater), match="simultaneous"):
        await office.home.settled()
    await office.home.at_peace()
    await arrives(office, 1)


@pytest.mark.parametrize("which", ["no folder is opened", "the connection ends over IDLE"])
async def test_34_let_in_and_no_further(office: Office, waits: list[int], which: str) -> None:
    faults = office.sink.faults
    if which == "no folder is opened":
        faults.refuse = dict.fromkeys(("SELECT", "EXAMINE"), "NO Permission denied")
    else:
        faults.bye_on = "IDLE"
    office.imap.cut()
    for number in range(1, 5):
        await office.home.until(lambda: waits and office.home.state is ConnectionState.OFFLINE)
        assert waits.pop() == number, "to be let in is no progress: each pause is longer"
        office.home.hurry()
    faults.refuse, faults.bye_on = {}, None
    await office.home.at_peace()
    await arrives(office, 1)


@pytest.mark.parametrize("over", ["STORE", "CREATE"])
async def test_40_what_ends_every_connection_holds_nothing_up(make_office: OfficeMaker, over: str) -> None:
    office = await make_office(2, embedded=True)
    home, actions = office.home, office.home.engine.actions
    office.sink.faults.bye_on = over
    if over == "STORE":
        actions.set_flags([home.message("<0@example.org>")], add=frozenset({FLAGGED}))
    else:
        actions.create_folder(home.account.id, "Work")
    actions.archive([home.message("<1@example.org>")])

    def archived() -> bool:
        return [shot.message_id for shot in office.sink.snapshot()["Archive"]] == ["<1@example.org>"]

    async with asyncio.timeout(PATIENCE):
        while not archived():
            with suppress(TuimailError):
                await home.settled()
    office.sink.faults.bye_on = None
    await home.at_peace()
    (left,) = office.sink.snapshot()["INBOX"]
    assert FLAGGED in left.flags if over == "STORE" else "Work" in office.sink.snapshot(), "it is not given up"
    assert home.failed == []
    assert office.agrees()
