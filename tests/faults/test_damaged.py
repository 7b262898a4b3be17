# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages that the server lists and cannot deliver: the others come, these show what is known, nothing goes in a circle."""

from pathlib import Path

import pytest

from tests.faults.home import Home, letter_of
from tests.faults.test_odd_answers import at, rows
from tuimail.backends.imap import fetch, limits
from tuimail.backends.imap.wire import splitter
from tuimail.demo.servers import DemoServers
from tuimail.model.errors import TuimailError
from tuimail.model.flags import FLAGGED
from tuimail.start import parse_structure
from tuimail.sync.unasked import Reach

UNREADABLE = "(unreadable header)"
ANSWERS = {
    "a refusal": "NO Cannot read one",
    "a fault of the server's": "NO [SERVERBUG] Internal error occurred",
    "the end of the connection": "BYE FETCH failed: Internal error occurred",
}


def shown(home: Home) -> dict[int | None, str]:
    """UID → subject."""
    return {row.uid: row.envelope.subject for row in rows(home, "INBOX")}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
async def test_40_messages_that_cannot_be_read_cost_no_other(tmp_path: Path, answer: str) -> None:
    with DemoServers(0) as servers:
        for number in range(1, 6):
            servers.deliver(letter_of(number))
        servers.faults.damaged = {2: answer, 4: answer}
        home = Home(tmp_path, at(servers), reach=Reach(parse_structure))
        home.engine.start()
        await home.at_peace()
        usual = {number: f"Mail {number}" for number in range(1, 6)}
        assert shown(home) == {**usual, 2: UNREADABLE, 4: UNREADABLE}

        # One that arrives later, beside a good one, while the program runs and while it does not.
        for uid in (6, 8):
            servers.faults.damaged[uid] = answer
            if uid == 8:
                await home.end()
            servers.deliver(letter_of(uid))
            servers.deliver(letter_of(uid + 1))
            if uid == 8:
                home.begin()
                home.engine.start()
            await home.at_peace()
        usual = {number: f"Mail {number}" for number in range(1, 10)}
        assert shown(home) == {**usual, 2: UNREADABLE, 4: UNREADABLE, 6: UNREADABLE, 8: UNREADABLE}

        # What is known of it is of use, and it can be removed.
        (damaged,) = [row for row in rows(home, "INBOX") if row.uid == 2]
        with pytest.raises(TuimailError):
            await home.engine.reader.raw(damaged.id)
        home.engine.actions.set_flags([damaged.id], add=frozenset({FLAGGED}))
        home.engine.actions.delete_forever([damaged.id])
        await home.at_peace()
        assert [shot.uid for shot in servers.snapshot()["INBOX"]] == [1, 3, 4, 5, 6, 7, 8, 9]

        servers.clear_log()
        for _ in range(3):
            await home.settled()
        assert [line for line in servers.log if "FETCH" in line and "ENVELOPE" in line] == []
        await home.end()


async def test_40_what_never_comes_is_not_asked_for_over_and_over(tmp_path: Path) -> None:
    with DemoServers(0) as servers:
        for number in range(1, 4):
            servers.deliver(letter_of(number))
        home = Home(tmp_path, at(servers))
        await home.start()
        servers.faults.damaged = {4: ""}
        servers.deliver(letter_of(4))
        servers.deliver(letter_of(5))
        await home.settled()
        await home.settled()
        assert shown(home) == {number: f"Mail {number}" for number in (1, 2, 3, 5)}
        servers.clear_log()
        await home.settled()
        await home.settled()
        assert [line for line in servers.log if "FETCH" in line and "ENVELOPE" in line] == []

        servers.faults.damaged.clear()
        await home.again()
        await home.settled()
        assert shown(home) == {number: f"Mail {number}" for number in range(1, 6)}, "another session asks again"
        await home.end()


@pytest.mark.parametrize("item", ["BODYSTRUCTURE", "ENVELOPE"])
async def test_40_what_is_told_without_end_costs_no_other_and_no_connection(tmp_path: Path, item: str) -> None:
    with DemoServers(0) as servers:
        for number in range(1, 6):
            servers.deliver(letter_of(number))
        servers.faults.endless = {2: item, 4: item}
        home = Home(tmp_path, at(servers), reach=Reach(parse_structure))
        await home.start()
        long = {2: UNREADABLE, 4: UNREADABLE} if item == "ENVELOPE" else {}
        assert shown(home) == {number: f"Mail {number}" for number in range(1, 6)} | long
        assert len(home.commands("AUTHENTICATE")) <= 2, "one for each connection"

        # It is read and changed as every other.
        (message,) = [row.id for row in rows(home, "INBOX") if row.uid == 2]
        assert "hello 2" in str((await home.engine.reader.open(message, width=80)).body)
        home.engine.actions.set_flags([message], add=frozenset({FLAGGED}))
        await home.settled()
        assert {shot.uid for shot in servers.snapshot()["INBOX"] if FLAGGED in shot.flags} == {2}

        # One that arrives while the program does not run comes along with the next sign-in.
        await home.end()
        servers.faults.endless[7] = item
        for number in range(6, 9):
            servers.deliver(letter_of(number))
        home.begin()
        await home.start()
        if long:
            long[7] = UNREADABLE
        assert shown(home) == {number: f"Mail {number}" for number in range(1, 9)} | long
        assert len(home.commands("AUTHENTICATE")) <= 4
        servers.clear_log()
        for _ in range(2):
            await home.settled()
        assert [line for line in servers.log if "FETCH" in line and "ENVELOPE" in line] == []
        await home.end()


async def test_40_nor_does_one_that_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splitter, "MAX_PASSED", splitter.MAX_LONG_LINE)
    with DemoServers(0) as servers:
        for number in range(1, 6):
            servers.deliver(letter_of(number))
        servers.faults.endless = {2: "ENVELOPE", 4: "BODYSTRUCTURE"}
        home = Home(tmp_path, at(servers))
        home.engine.start()
        await home.at_peace()
        usual = {number: f"Mail {number}" for number in range(1, 6)}
        assert shown(home) == usual | {2: UNREADABLE, 4: UNREADABLE}
        servers.clear_log()
        for _ in range(2):
            await home.settled()
        assert [line for line in servers.log if "FETCH" in line and "ENVELOPE" in line] == []
        await home.end()


@pytest.mark.parametrize("bound", ["room", "answer"])
async def test_40_folders_of_long_headers_are_read_in_portions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    if bound == "room":
        monkeypatch.setattr(fetch, "ROOM", 20_000)
    else:
        monkeypatch.setattr(limits, "MAX_ANSWER", 20_000)
    with DemoServers(0) as servers:
        for number in range(1, 101):
            servers.deliver(letter_of(number))
        home = Home(tmp_path, at(servers))
        home.engine.start()
        await home.at_peace()
        await home.until(lambda: shown(home) == {number: f"Mail {number}" for number in range(1, 101)})
        if bound == "room":
            assert len(home.commands("AUTHENTICATE")) <= 2, "one for each connection"
        await home.end()
