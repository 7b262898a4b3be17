# SPDX-License-Identifier: GPL-3.0-or-later
"""CONDSTORE and QRESYNC (RFC 7162)."""

import re

import pytest

from tests.demo.raw import RawClient
from tuimail.demo.servers import DemoServers


@pytest.fixture
def five(servers: DemoServers) -> DemoServers:
    for number in range(1, 6):
        servers.deliver(b"Subject: %d\r\n\r\nx\r\n" % number)
    return servers


def _state(units: list[str]) -> tuple[int, int]:
    """UIDVALIDITY and HIGHESTMODSEQ from the answers to SELECT."""
    text = "\n".join(units)
    found = [re.search(rf"\[{name} (\d+)\]", text) for name in ("UIDVALIDITY", "HIGHESTMODSEQ")]
    assert found[0]
    assert found[1]
    return int(found[0][1]), int(found[1][1])


def test_resync_tells_exactly_what_changed(five: DemoServers, client: RawClient) -> None:
    client.ok("ENABLE QRESYNC")
    uidvalidity, modseq = _state(client.ok("SELECT INBOX"))
    client.ok("UNSELECT")
    five.expunge("INBOX", 2)
    five.set_flags("INBOX", 4, add=frozenset({"\\Seen"}))
    five.deliver(b"Subject: 6\r\n\r\nx\r\n")
    units = client.ok(f"SELECT INBOX (QRESYNC ({uidvalidity} {modseq}))")
    assert [unit for unit in units if "FETCH" in unit or "VANISHED" in unit] == [
        "* VANISHED (EARLIER) 2",
        f"* 3 FETCH (UID 4 FLAGS (\\Seen) MODSEQ ({modseq + 2}))",
        f"* 5 FETCH (UID 6 FLAGS () MODSEQ ({modseq + 3}))",
    ]
    assert "* OK [CLOSED] The mailbox before is closed" in client.ok("SELECT Sent")
    units = client.ok(f"SELECT INBOX (QRESYNC ({uidvalidity} {modseq} 4:5 (1:2 1:2)))")
    assert [unit for unit in units if "FETCH" in unit or "VANISHED" in unit] == [
        f"* 3 FETCH (UID 4 FLAGS (\\Seen) MODSEQ ({modseq + 2}))"
    ]


def test_resync_with_another_uidvalidity_tells_nothing(five: DemoServers, client: RawClient) -> None:
    client.ok("ENABLE QRESYNC")
    uidvalidity, modseq = _state(client.ok("SELECT INBOX"))
    client.ok("UNSELECT")
    five.bump_uidvalidity("INBOX")
    units = client.ok(f"SELECT INBOX (QRESYNC ({uidvalidity} {modseq - 3}))")
    assert _state(units)[0] != uidvalidity
    assert not [unit for unit in units if "FETCH" in unit or "VANISHED" in unit]


def test_qresync_needs_enable(five: DemoServers, client: RawClient) -> None:
    assert client.refused("SELECT INBOX (QRESYNC (1 1))").startswith("BAD")
    client.ok("ENABLE QRESYNC")
    assert client.refused("SELECT INBOX (QRESYNC (0 1))").startswith("BAD")


def test_vanished_replaces_expunge(five: DemoServers, client: RawClient, other: RawClient) -> None:
    client.ok("ENABLE QRESYNC")
    client.ok("SELECT INBOX")
    other.ok("SELECT INBOX")
    client.ok("UID STORE 2:3 +FLAGS.SILENT (\\Deleted)")
    units = client.run("EXPUNGE")
    assert units[0] == "* VANISHED 2:3"
    assert units[-1].startswith("OK [HIGHESTMODSEQ ")
    assert other.ok("NOOP") == ["* 3 EXPUNGE", "* 2 EXPUNGE"]
    units = client.run("UID MOVE 1 Archive")
    assert units[0].startswith("* OK [COPYUID ")
    assert units[1] == "* VANISHED 1"


def test_changedsince(five: DemoServers, client: RawClient) -> None:
    client.ok("ENABLE QRESYNC")
    _, modseq = _state(client.ok("SELECT INBOX"))
    five.set_flags("INBOX", 3, add=frozenset({"\\Seen"}))
    five.expunge("INBOX", 1)
    units = client.ok(f"UID FETCH 1:* (FLAGS) (CHANGEDSINCE {modseq} VANISHED)")
    assert units[0] == "* VANISHED (EARLIER) 1"
    assert units[1] == f"* 3 FETCH (UID 3 FLAGS (\\Seen) MODSEQ ({modseq + 1}))"
    assert client.refused(f"FETCH 1:* (FLAGS) (CHANGEDSINCE {modseq} VANISHED)").startswith("BAD")


def test_unchangedsince(five: DemoServers, client: RawClient) -> None:
    _, modseq = _state(client.ok("SELECT INBOX (CONDSTORE)"))
    five.set_flags("INBOX", 2, add=frozenset({"\\Seen"}))
    *units, answer = client.run(f"UID STORE 1:3 (UNCHANGEDSINCE {modseq}) +FLAGS.SILENT (\\Flagged)")
    assert answer.startswith("OK [MODIFIED 2] ")
    assert [unit for unit in units if "FLAGS" not in unit] == [
        f"* 1 FETCH (UID 1 MODSEQ ({modseq + 2}))",
        f"* 3 FETCH (UID 3 MODSEQ ({modseq + 3}))",
    ]
    assert [sorted(shot.flags) for shot in five.snapshot()["INBOX"]][:3] == [["\\Flagged"], ["\\Seen"], ["\\Flagged"]]


def test_modseqs_are_told_to_those_who_asked(five: DemoServers, client: RawClient) -> None:
    _, modseq = _state(client.ok("SELECT INBOX"))
    five.set_flags("INBOX", 1, add=frozenset({"\\Seen"}))
    assert client.ok("NOOP") == ["* 1 FETCH (FLAGS (\\Seen))"]
    assert client.ok("FETCH 1 MODSEQ") == [f"* 1 FETCH (MODSEQ ({modseq + 1}))"]
    five.set_flags("INBOX", 1, remove=frozenset({"\\Seen"}))
    assert client.ok("NOOP") == [f"* 1 FETCH (FLAGS () MODSEQ ({modseq + 2}))"]
    assert client.ok(f"SEARCH MODSEQ {modseq + 1}") == [f"* SEARCH 1 (MODSEQ {modseq + 2})"]


def test_without_condstore_and_with_nomodseq(five: DemoServers, client: RawClient) -> None:
    five.faults.nomodseq = True
    assert "* OK [NOMODSEQ] No mod-sequences here" in client.ok("SELECT INBOX")
    five.faults.nomodseq = False
    five.faults.without = frozenset({"CONDSTORE"})
    text = " ".join([*client.ok("CAPABILITY"), *client.ok("SELECT INBOX")])
    assert not re.search("CONDSTORE|QRESYNC|MODSEQ", text)
    client.ok("UNSELECT")
    assert client.ok("ENABLE QRESYNC CONDSTORE") == ["* ENABLED"]
    client.ok("SELECT INBOX")
    for command in ("FETCH 1 MODSEQ", "SELECT INBOX (CONDSTORE)", "SEARCH MODSEQ 1", "FETCH 1 FLAGS (CHANGEDSINCE 1)"):
        assert client.refused(command).startswith("BAD")
