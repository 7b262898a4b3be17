# SPDX-License-Identifier: GPL-3.0-or-later
"""STORE, COPY, MOVE, EXPUNGE, CLOSE, and what other connections see of it."""

import pytest

from tests.demo.raw import RawClient
from tuimail.demo.servers import DemoServers


def _message(number: int) -> bytes:
    return b"Subject: %d\r\nMessage-ID: <%d@example.org>\r\n\r\nx\r\n" % (number, number)


@pytest.fixture
def three(servers: DemoServers, client: RawClient) -> RawClient:
    for number in (1, 2, 3):
        servers.deliver(_message(number))
    client.ok("SELECT INBOX")
    return client


def test_store(servers: DemoServers, three: RawClient) -> None:
    assert three.ok("STORE 1 FLAGS (\\Seen key)") == ["* 1 FETCH (FLAGS (\\Seen key))"]
    assert three.ok("UID STORE 1:2 +FLAGS (\\Flagged)")[1] == "* 2 FETCH (UID 2 FLAGS (\\Flagged))"
    assert three.ok("STORE 1 -FLAGS.SILENT \\Seen") == []
    assert [shot.flags for shot in servers.snapshot()["INBOX"]] == [{"\\Flagged", "key"}, {"\\Flagged"}, set()]
    assert three.refused("STORE 1 FLAGS (\\Recent)").startswith("BAD")
    assert three.refused("STORE 1 XFLAGS ()").startswith("BAD")


def test_copy_and_move_tell_the_new_uids(servers: DemoServers, three: RawClient) -> None:
    servers.deliver(_message(9), "Archive")
    assert " 1:2 2:3] " in three.run("UID COPY 1:2 Archive")[-1]
    units = three.ok("UID MOVE 1,3 Archive")
    assert units[0].startswith("* OK [COPYUID ")
    assert units[0].endswith(" 1,3 4:5] Moved")
    assert units[1:] == ["* 3 EXPUNGE", "* 1 EXPUNGE"]
    assert [shot.message_id for shot in servers.snapshot()["Archive"]][-1] == "<3@example.org>"
    assert three.refused("UID MOVE 2 Nowhere").startswith("NO [TRYCREATE]")


def test_expunge_close_and_unselect(servers: DemoServers, three: RawClient) -> None:
    three.ok("STORE 1:3 +FLAGS.SILENT (\\Deleted)")
    assert three.ok("UID EXPUNGE 2") == ["* 2 EXPUNGE"]
    three.ok("UNSELECT")
    assert len(servers.snapshot()["INBOX"]) == 2
    three.ok("EXAMINE INBOX")
    assert three.refused("EXPUNGE").startswith("NO [READ-ONLY]")
    three.ok("CLOSE")
    assert len(servers.snapshot()["INBOX"]) == 2
    three.ok("SELECT INBOX")
    assert three.ok("EXPUNGE") == ["* 2 EXPUNGE", "* 1 EXPUNGE"]
    servers.deliver(_message(4), flags=frozenset({"\\Deleted"}))
    three.ok("CLOSE")
    assert servers.snapshot()["INBOX"] == []
    assert three.refused("CLOSE").startswith("BAD")


def test_other_connections_learn_of_changes(servers: DemoServers, three: RawClient, other: RawClient) -> None:
    other.ok("SELECT INBOX")
    other.ok("STORE 1 +FLAGS (\\Flagged)")
    other.ok("STORE 2 +FLAGS.SILENT (\\Deleted)")
    other.ok("EXPUNGE")
    servers.deliver(_message(4))
    assert three.ok("FETCH 3 UID") == [
        "* 3 FETCH (UID 3)",
        "* 4 EXISTS",
        "* 0 RECENT",
        "* 1 FETCH (FLAGS (\\Flagged))",
    ], "no EXPUNGE while sequence numbers are in use"
    assert three.ok("FETCH 2:3 UID") == ["* 3 FETCH (UID 3)"], "an expunged message has no data"
    assert three.ok("NOOP") == ["* 2 EXPUNGE"]
    assert three.ok("FETCH 1:* UID") == ["* 1 FETCH (UID 1)", "* 2 FETCH (UID 3)", "* 3 FETCH (UID 4)"]


def test_idle_pushes_at_once(servers: DemoServers, three: RawClient) -> None:
    three.send("a IDLE\r\n")
    assert three.unit() == "+ idling"
    servers.deliver(_message(4))
    assert [three.unit(), three.unit()] == ["* 4 EXISTS", "* 0 RECENT"]
    servers.set_flags("INBOX", 1, add=frozenset({"\\Seen"}))
    assert three.unit() == "* 1 FETCH (FLAGS (\\Seen))"
    servers.expunge("INBOX", 2)
    assert three.unit() == "* 2 EXPUNGE"
    assert servers.move("INBOX", 3, "Archive") == 1
    assert three.unit() == "* 2 EXPUNGE"
    three.send("DONE\r\n")
    assert three.until("a") == ["OK IDLE done"]
    three.send("b IDLE\r\n")
    assert three.unit() == "+ idling"
    three.send("NOOP\r\n")
    assert three.until("b")[-1].startswith("BAD")


def test_a_deleted_folder_empties_under_its_readers(servers: DemoServers, client: RawClient) -> None:
    servers.create_folder("Brief")
    servers.deliver(_message(1), "Brief")
    client.ok("SELECT Brief")
    servers.delete_folder("Brief")
    assert client.ok("NOOP") == ["* 1 EXPUNGE"]
