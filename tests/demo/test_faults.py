# SPDX-License-Identifier: GPL-3.0-or-later
"""Every fault switch does what it says, while the servers run."""

import pytest

from tests.demo.raw import RawClient
from tuimail.demo.servers import DemoServers

_RAW = b"From: a@example.org\r\nSubject: x\r\n\r\nhello\r\n"


@pytest.mark.parametrize(
    ("capability", "command"),
    [
        ("IDLE", "IDLE"), ("UIDPLUS", "UID EXPUNGE 1"), ("MOVE", "UID MOVE 1 Archive"), ("UNSELECT", "UNSELECT"),
        ("NAMESPACE", "NAMESPACE"), ("ID", "ID NIL"), ("COMPRESS=DEFLATE", "COMPRESS DEFLATE"),
        ("ESEARCH", "SEARCH RETURN (ALL) ALL"), ("LIST-STATUS", 'LIST "" * RETURN (STATUS (MESSAGES))'),
        ("LIST-EXTENDED", 'LIST (SUBSCRIBED) "" *'), ("SPECIAL-USE", 'LIST (SPECIAL-USE) "" *'),
        ("CREATE-SPECIAL-USE", "CREATE X (USE (\\Junk))"), ("OBJECTID", "FETCH 1 EMAILID"),
        ("STATUS=SIZE", "STATUS Sent (SIZE)"), ("LITERAL+", "SEARCH SUBJECT {1+}\r\nx"),
    ],
)  # fmt: skip
def test_a_missing_capability_is_neither_announced_nor_understood(
    servers: DemoServers, client: RawClient, capability: str, command: str
) -> None:
    servers.deliver(_RAW)
    client.ok("SELECT INBOX")
    assert capability in client.ok("CAPABILITY")[0].split()
    servers.faults.without = frozenset({capability})
    assert capability not in client.ok("CAPABILITY")[0].split()
    assert client.refused(command).startswith("BAD")


def test_without_uidplus_no_uids_are_told(servers: DemoServers, client: RawClient) -> None:
    servers.faults.without = frozenset({"UIDPLUS"})
    servers.deliver(_RAW)
    client.ok("SELECT INBOX")
    assert client.run("UID COPY 1 Sent")[-1] == "OK COPY done"
    assert client.run("APPEND Sent {2+}\r\nx:")[-1] == "OK APPEND done"


def test_without_special_use_the_roles_are_hidden(servers: DemoServers, client: RawClient) -> None:
    servers.faults.without = frozenset({"SPECIAL-USE"})
    assert not any("\\Sent" in unit for unit in client.ok('LIST "" *'))


def test_cut_after_so_many_octets(servers: DemoServers, client: RawClient) -> None:
    servers.deliver(_RAW)
    client.ok("SELECT INBOX")
    servers.faults.cut_after = 20
    client.send("a FETCH 1 BODY.PEEK[]\r\n")
    assert client.socket.recv(100) == b"* 1 FETCH (BODY[] {4"
    assert client.socket.recv(100) == b""
    with RawClient(servers) as again:
        again.ok("NOOP")


def test_cut_while_receiving(servers: DemoServers, client: RawClient) -> None:
    servers.faults.cut_received = 30
    client.send(b"a APPEND INBOX {100+}\r\n" + b"x" * 100 + b"\r\n")
    with pytest.raises(ConnectionError):
        client.until("a")
    assert servers.snapshot()["INBOX"] == []


@pytest.mark.parametrize("when", ["before", "after"])
def test_cut_on_a_command(servers: DemoServers, when: str) -> None:
    servers.faults.cut_on, servers.faults.cut_when, servers.faults.cut_times = "APPEND", when, 2  # type: ignore[assignment]
    for _ in range(2):
        with RawClient(servers) as client, pytest.raises(ConnectionError):
            client.run("APPEND INBOX {2+}\r\nx:")
    with RawClient(servers) as client:
        client.ok("APPEND INBOX {2+}\r\nx:")
    assert len(servers.snapshot()["INBOX"]) == (1 if when == "before" else 3)


def test_a_cut_on_fetch_means_uid_fetch_too(servers: DemoServers, client: RawClient) -> None:
    servers.faults.cut_on = "FETCH"
    client.ok("SELECT INBOX")
    with pytest.raises(ConnectionError):
        client.run("UID FETCH 1:* FLAGS")


def test_bye(servers: DemoServers, client: RawClient) -> None:
    servers.faults.bye_on = "NOOP"
    client.send("a NOOP\r\n")
    assert [client.unit(), client.unit()] == ["* BYE [UNAVAILABLE] Closing for maintenance", ""]
    servers.faults.bye_on = "greeting"
    with RawClient(servers, sign_in=False) as refused:
        assert refused.greeting.startswith("* BYE")
        assert refused.unit() == ""


def test_greeting_preamble_and_refusals(servers: DemoServers, client: RawClient) -> None:
    servers.faults.greeting = "* PREAUTH welcome"
    with RawClient(servers, sign_in=False) as greeted:
        assert greeted.greeting == "* PREAUTH welcome"
    servers.faults.preamble = {"NOOP": b"* OK [ALERT] look out\r\n"}
    assert client.ok("NOOP") == ["* OK [ALERT] look out"]
    servers.faults.refuse = {"APPEND": "NO [OVERQUOTA] Full", "CHECK": "BAD no"}
    client.send("b APPEND INBOX {100000}\r\n")
    assert client.unit() == "b NO [OVERQUOTA] Full", "refused before the literal is sent"
    assert client.refused("APPEND INBOX {2+}\r\nx:") == "NO [OVERQUOTA] Full"
    client.ok("SELECT INBOX")
    assert client.refused("CHECK") == "BAD no"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("envelope", '("no date" NIL ((NIL) "x") 7)'),
        ("bodystructure", '("TEXT" NIL "x" (("MIXED")))'),
        ("garbage", "* ~~ ?? 17 NONSENSE (("),
        ("parenthesis", 'BODY[1] "hello"'),
    ],
)
def test_malformed(servers: DemoServers, client: RawClient, kind: str, expected: str) -> None:
    servers.deliver(_RAW.rstrip())
    client.ok("SELECT INBOX")
    servers.faults.malformed = frozenset({kind})
    units = client.ok("UID FETCH 1 (ENVELOPE BODYSTRUCTURE BODY.PEEK[1])")
    assert expected in units[0]
    assert units[-1].endswith(")") is (kind != "parenthesis")


def test_uid_left_out_and_huge_literal(servers: DemoServers, client: RawClient) -> None:
    servers.deliver(_RAW)
    client.ok("SELECT INBOX")
    servers.faults.malformed = frozenset({"nouid"})
    assert client.ok("UID FETCH 1 FLAGS") == ["* 1 FETCH (FLAGS ())"]
    servers.faults.malformed = frozenset({"literal"})
    client.send("a UID FETCH 1 BODY.PEEK[]\r\n")
    assert b"{4294967295}\r\n" in client.socket.recv(1000)


def test_one_byte_at_a_time_and_delay_change_no_octet(servers: DemoServers, client: RawClient) -> None:
    servers.faults.one_byte = True
    servers.faults.delay = 0.001
    assert client.ok("NAMESPACE") == ['* NAMESPACE (("" "/")) NIL NIL']


def test_uidvalidity_bump_strikes_once(servers: DemoServers, client: RawClient) -> None:
    servers.deliver(_RAW)

    def uidvalidity() -> str:
        return next(unit for unit in client.ok("SELECT INBOX") if "UIDVALIDITY" in unit)

    before = uidvalidity()
    servers.faults.uidvalidity_bump = True
    after = uidvalidity()
    assert after != before
    assert uidvalidity() == after


def test_a_new_uidvalidity_ends_the_connections_that_look_at_it(servers: DemoServers, client: RawClient) -> None:
    servers.deliver(_RAW)
    client.ok("SELECT INBOX")
    client.send("a IDLE\r\n")
    assert client.unit() == "+ idling"
    servers.bump_uidvalidity("INBOX")
    assert [client.unit(), client.unit()] == ["* BYE The mailbox was rebuilt", ""]


def test_keywords_and_read_only(servers: DemoServers, client: RawClient) -> None:
    servers.deliver(_RAW)
    servers.faults.no_keywords = True
    assert not any("\\*" in unit for unit in client.ok("SELECT INBOX"))
    assert client.ok("STORE 1 +FLAGS (key \\Seen)") == ["* 1 FETCH (FLAGS (\\Seen))"]
    servers.faults.read_only = frozenset({"INBOX"})
    assert client.run("SELECT INBOX")[-1].startswith("OK [READ-ONLY]")
    assert client.refused("STORE 1 FLAGS ()").startswith("NO [READ-ONLY]")


def test_silent_idle(servers: DemoServers, client: RawClient) -> None:
    servers.faults.silent_idle = True
    client.ok("SELECT INBOX")
    client.send("a IDLE\r\n")
    assert client.unit() == "+ idling"
    servers.deliver(_RAW)
    client.send("DONE\r\n")
    assert client.until("a")[0] == "* 1 EXISTS", "told at the end only"


def test_offline_and_back_on_the_same_ports(servers: DemoServers, client: RawClient) -> None:
    before = servers.addresses
    servers.go_offline()
    with pytest.raises(ConnectionError):
        client.run("NOOP")
    with pytest.raises(ConnectionRefusedError):
        RawClient(servers)
    servers.go_online()
    assert servers.addresses == before
    with RawClient(servers) as again:
        servers.disconnect()
        with pytest.raises(ConnectionError):
            again.run("NOOP")
