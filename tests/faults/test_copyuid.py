# SPDX-License-Identifier: GPL-3.0-or-later
"""COPYUID does not name all that was to be copied: each is at one place, nothing is lost, and nothing is tried for ever."""

import pytest

from tests.faults.conftest import Office, OfficeMaker
from tests.faults.oracle import Seen
from tests.faults.test_imap_cuts import NO_FLAGS, name_of
from tests.servers.proxy import Way

AT_ONCE = 3
NAMED = rb"COPYUID (\d+) (\d+)[^\s\]]* (\d+)[^\s\]]*"
CASES = {
    "one is copied": (Way.UP, rb"UID COPY (\d+):\S+ ", rb"UID COPY \1 ", 1),
    "one is named": (Way.DOWN, NAMED, rb"COPYUID \1 \2 \3", 1),
    "others are named": (Way.DOWN, NAMED, rb"COPYUID \1 77 \3", 1),
    "none is named": (Way.DOWN, rb"\[COPYUID [^\]]*\] ", b"", 1),
    "none is ever named": (Way.DOWN, rb"\[COPYUID [^\]]*\] ", b"", 0),
}
"""What the proxy makes of a line of which way, and how many times; 0: always."""


def names_in(case: int) -> list[str]:
    return [name_of(number) for number in range(case * AT_ONCE, (case + 1) * AT_ONCE)]


async def play(office: Office, case: int) -> None:
    """Have the messages of a case moved to the archive, and wait for what comes of it."""
    home = office.home
    way, pattern, by, times = list(CASES.values())[case]
    office.imap.replace(way, pattern, by, times=times)
    office.oracle.remember()
    home.engine.actions.archive([home.message(name) for name in names_in(case)])
    await home.at_peace()
    assert home.engine.pages.waiting() == 0
    assert home.failed == []


async def test_08_copies_are_made_that_the_answer_does_not_name(make_office: OfficeMaker) -> None:
    office = await make_office(AT_ONCE * len(CASES), without=("MOVE",), embedded=True)
    for case, words in enumerate(CASES):
        await play(office, case)
        assert office.oracle.went() == sorted(Seen("INBOX", name, NO_FLAGS) for name in names_in(case)), words
        # Twice where a look at all folders was under way just then, as it may be; tests/sync/test_push.py tells the rest.
        assert sorted(set(office.oracle.came())) == sorted(Seen("Archive", name, NO_FLAGS) for name in names_in(case)), words
        assert len(office.home.commands("UID COPY")) <= 3 * (case + 1), "not for ever"
        await office.home.until(office.agrees)


@pytest.mark.parametrize(("verb", "without"), [(b"COPY", ("MOVE",)), (b"MOVE", ())])
async def test_08_what_is_said_to_be_moved_and_never_is_stays_on_the_screen(
    make_office: OfficeMaker, verb: bytes, without: tuple[str, ...]
) -> None:
    office = await make_office(AT_ONCE, without=without, embedded=True)
    office.imap.replace(Way.UP, rb"UID " + verb + rb" .*\r\n", b"NOOP\r\n")
    office.oracle.remember()
    office.home.engine.actions.archive([office.home.message(name) for name in names_in(0)])
    await office.home.at_peace()
    assert (office.oracle.went(), office.oracle.came()) == ([], [])
    await office.home.until(office.agrees)
    assert len(office.home.failed) == 1, "the user is told"
    assert office.home.engine.pages.waiting() == 0
