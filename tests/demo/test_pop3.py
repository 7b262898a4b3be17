# SPDX-License-Identifier: GPL-3.0-or-later
"""The embedded POP3 server, asked by poplib."""

import base64
import poplib
import socket
import ssl
from collections.abc import Iterator

import pytest

from tuimail.demo.servers import DemoServers

_RAW = b"From: mira@example.org\r\nSubject: one\r\n\r\n.dot\r\nsecond\r\n..\r\nfourth\r\n"


def _connect(servers: DemoServers) -> poplib.POP3:
    return poplib.POP3(servers.addresses.host, servers.addresses.pop3_port, timeout=20)


def _signed_in(servers: DemoServers) -> poplib.POP3:
    client = _connect(servers)
    client.user(servers.addresses.user)
    client.pass_(servers.addresses.password)
    return client


@pytest.fixture
def drop(servers: DemoServers) -> Iterator[poplib.POP3]:
    for number in range(3):
        servers.deliver(_RAW.replace(b"one", b"%d" % number))
    client = _signed_in(servers)
    yield client
    client.close()


def test_capabilities(servers: DemoServers) -> None:
    client = _connect(servers)
    assert client.capa().keys() >= {"TOP", "UIDL", "USER", "SASL", "PIPELINING"}
    assert "PLAIN" in client.capa()["SASL"]
    servers.faults.without = frozenset({"UIDL"})
    assert "UIDL" not in client.capa()
    client.quit()


def test_every_way_to_sign_in(servers: DemoServers) -> None:
    at = servers.addresses
    for name in (at.user, at.email):
        client = _connect(servers)
        client.apop(name, at.password)
        assert client.stat() == (0, 0)
        client.quit()
    with socket.create_connection((at.host, at.pop3_port), timeout=20) as raw, raw.makefile("rb") as answers:
        answers.readline()
        raw.sendall(b"AUTH PLAIN\r\n")
        assert answers.readline() == b"+ \r\n"
        raw.sendall(_plain(at.user, at.password))
        assert answers.readline().startswith(b"+OK")


def _plain(user: str, password: str) -> bytes:
    """The response of PLAIN (RFC 4616) in a line."""
    return base64.b64encode(f"\0{user}\0{password}".encode()) + b"\r\n"


def test_a_wrong_password_is_refused(servers: DemoServers) -> None:
    client = _connect(servers)
    client.user(servers.addresses.user)
    with pytest.raises(poplib.error_proto, match="AUTH"):
        client.pass_("wrong")
    with pytest.raises(poplib.error_proto, match="AUTH"):
        client.apop(servers.addresses.user, "wrong")
    client.quit()


def test_a_password_is_not_logged(servers: DemoServers) -> None:
    _signed_in(servers).quit()
    assert not [line for line in servers.log if servers.addresses.password in line]
    assert [line.split(maxsplit=1)[1] for line in servers.log] == [f"USER {servers.addresses.user}", "PASS ***", "QUIT"]


def test_messages_are_listed_and_read(drop: poplib.POP3) -> None:
    assert drop.stat() == (3, 3 * len(_RAW.replace(b"one", b"0")))
    size = len(_RAW.replace(b"one", b"0"))
    assert drop.list()[1] == [b"%d %d" % (number, size) for number in (1, 2, 3)]
    assert drop.uidl(2) == b"+OK 2 " + drop.uidl()[1][1].split()[1]
    assert drop.retr(2)[1] == _RAW.replace(b"one", b"1").split(b"\r\n")[:-1]
    assert drop.top(1, 0)[1] == [b"From: mira@example.org", b"Subject: 0", b""]
    assert drop.top(1, 1)[1][-1] == b".dot"
    identities = [line.split()[1] for line in drop.uidl()[1]]
    assert len(set(identities)) == 3
    with pytest.raises(poplib.error_proto, match="no such message"):
        drop.retr(4)


def test_deleting_is_carried_out_by_quit_only(servers: DemoServers, drop: poplib.POP3) -> None:
    drop.dele(1)
    with pytest.raises(poplib.error_proto):
        drop.retr(1)
    drop.rset()
    drop.dele(2)
    assert [line.split()[0] for line in drop.uidl()[1]] == [b"1", b"3"]
    assert len(servers.snapshot()["INBOX"]) == 3
    drop.quit()
    assert [shot.uid for shot in servers.snapshot()["INBOX"]] == [1, 3]


def test_a_connection_that_ends_otherwise_deletes_nothing(servers: DemoServers, drop: poplib.POP3) -> None:
    drop.dele(1)
    servers.faults.cut_on = "NOOP"
    with pytest.raises((poplib.error_proto, ConnectionError)):
        drop.noop()
    assert len(servers.snapshot()["INBOX"]) == 3


def test_one_connection_has_the_maildrop_at_a_time(servers: DemoServers, drop: poplib.POP3) -> None:
    other = _connect(servers)
    with pytest.raises(poplib.error_proto, match="IN-USE"):
        other.apop(servers.addresses.user, servers.addresses.password)
    other.quit()
    drop.quit()
    _signed_in(servers).quit()


def test_identities_of_odd_servers(servers: DemoServers, drop: poplib.POP3) -> None:
    usual = drop.uidl()[1]
    servers.faults.same_uidl = True
    assert len({line.split()[1] for line in drop.uidl()[1]}) == 1
    servers.faults.same_uidl, servers.faults.changing_uidl = False, True
    assert drop.uidl()[1] != usual


def test_tls() -> None:
    with DemoServers(messages=0, tls=True) as servers:
        at = servers.addresses
        context = ssl.create_default_context(cadata=at.certificate)
        client = _connect(servers)
        assert "STLS" in client.capa()
        client.stls(context)
        assert "STLS" not in client.capa()
        client.apop(at.user, at.password)
        client.quit()
        implicit = poplib.POP3_SSL(at.host, at.pop3s_port, timeout=20, context=context)
        implicit.user(at.user)
        implicit.pass_(at.password)
        implicit.quit()
