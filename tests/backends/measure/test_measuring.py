# SPDX-License-Identifier: GPL-3.0-or-later
"""Measured against the embedded servers: every octet is accounted for, and every volume lies within its bounds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path

import pytest

from tuimail.backends.measure.capture import Capture
from tuimail.backends.measure.connection import Connection
from tuimail.backends.measure.measuring import Target, measure
from tuimail.backends.measure.sample import LARGEST, make_message
from tuimail.backends.measure.sessions import fetch_by_imap, fetch_by_pop3, send_by_smtp, stuffed
from tuimail.demo.faults import Faults
from tuimail.demo.servers import DemoServers
from tuimail.model.account import AuthMethod, Security, ServerAddress
from tuimail.model.errors import (
    CertificateRefused,
    InputWrong,
    Offline,
    ServerBroken,
    ServerRefused,
    SignInNeeded,
    TuimailError,
)
from tuimail.model.measurement import Protocol, Run
from tuimail.model.volume import volume

SIZES = (1_000, 30_000)


@dataclass(frozen=True, slots=True)
class Place:
    """Embedded servers, and an address for each protocol and security."""

    servers: DemoServers
    ca_file: Path

    def server(self, protocol: Protocol, security: Security = Security.NONE) -> ServerAddress:
        at = self.servers.addresses
        tls = security is Security.TLS
        port = {
            Protocol.SMTP: at.smtps_port if tls else at.smtp_port,
            Protocol.POP3: at.pop3s_port if tls else at.pop3_port,
            Protocol.IMAP: at.imaps_port if tls else at.imap_port,
        }[protocol]
        return ServerAddress(at.host, port, security, at.user, ca_file=str(self.ca_file))

    def target(self, security: Security = Security.NONE) -> Target:
        at = self.servers.addresses
        smtp, pop3, imap = (self.server(protocol, security) for protocol in Protocol)
        known = dict.fromkeys((smtp, pop3, imap), at.password)
        return Target("ada@example.net", at.email, smtp, ((Protocol.POP3, pop3), (Protocol.IMAP, imap)), known)


@pytest.fixture(scope="module")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with DemoServers(0, tls=True) as servers:
        file = tmp_path_factory.mktemp("ca") / "ca.pem"
        file.write_text(servers.addresses.certificate)
        yield Place(servers, file)


@pytest.fixture
def place(_running: Place) -> Iterator[Place]:
    yield _running
    for field in fields(Faults):
        setattr(_running.servers.faults, field.name, getattr(Faults(), field.name))


@pytest.fixture(scope="module", params=Security)
def runs(_running: Place, request: pytest.FixtureRequest) -> list[Run]:
    return list(measure(_running.target(request.param), SIZES, 2))


def test_each_message_is_sent_once_and_fetched_by_both(runs: list[Run]) -> None:
    assert [(run.size, run.protocol) for run in runs] == [
        (size, protocol) for size in SIZES for _ in range(2) for protocol in Protocol
    ]


def test_volumes_lie_within_their_bounds(runs: list[Run]) -> None:
    assert [run for run in runs if not run.within] == []
    assert all(run.bounds.data_low <= run.data_up + run.data_down <= run.bounds.data_high for run in runs)


def test_the_message_is_in_the_octets(runs: list[Run]) -> None:
    for run in runs:
        carried = run.bytes_up if run.protocol is Protocol.SMTP else run.bytes_down
        assert run.size < carried < run.size + 6000


def test_segments_with_and_without_data_are_all_there_is(runs: list[Run]) -> None:
    for run in runs:
        assert run.segments == run.data_up + run.data_down + run.ack_segments
        assert run.ack_segments >= 5  # two SYNs, an ACK, two FINs


def test_what_the_kernel_counts_is_what_is_captured(runs: list[Run]) -> None:
    for run in runs:
        if run.captured and run.security == "none" and not run.repeated.segments:
            assert run.volume == volume(run.bytes_up + run.bytes_down, run.segments, run.path)


def test_frames_add_up(runs: list[Run]) -> None:
    """A frame is an IP packet with its link header; where the kernel puts segments together there are fewer frames."""
    for run in runs:
        octets = sum((length - 14) * count for length, count in run.frame_lengths.items())
        cut = run.segments - sum(run.frame_lengths.values())
        assert octets + cut * run.path.header == run.volume


def test_octets_are_the_same_each_time_in_clear(place: Place) -> None:
    first, second = (list(measure(place.target(), [5_000], 1)) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        assert one.bytes_up == other.bytes_up
        assert one.round_trips == other.round_trips


def test_nothing_is_left_behind(place: Place) -> None:
    list(measure(place.target(), [1_000], 2))
    assert place.servers.snapshot()["INBOX"] == []


def test_the_mailbox_keeps_what_is_not_ours(place: Place) -> None:
    uid = place.servers.deliver(b"Subject: mine\r\n\r\nkeep\r\n")
    list(measure(place.target(), [1_000], 1))
    assert [shot.uid for shot in place.servers.snapshot()["INBOX"]] == [uid]
    place.servers.expunge("INBOX", uid)


def test_pop3_alone_cleans_up_too(place: Place) -> None:
    target = place.target()
    list(measure(replace(target, readers=target.readers[:1]), [1_000], 1))
    assert place.servers.snapshot()["INBOX"] == []


def test_the_message_arrives_as_it_was_sent(place: Place) -> None:
    target = place.target()
    mark, message = make_message(3_000, target.sender, target.recipient, 0)
    message += b".dot\r\n..dots\r\n.\r\n"
    with Connection(target.smtp) as connection:
        send_by_smtp(connection, target.sender, target.recipient, message, target.secrets[target.smtp])
    for fetch, (_, server) in zip((fetch_by_pop3, fetch_by_imap), target.readers, strict=True):
        with Connection(server) as connection:
            assert (fetch(connection, mark, target.secrets[server]) or b"").endswith(message)
    place.servers.expunge("INBOX", place.servers.snapshot()["INBOX"][0].uid)


@pytest.mark.parametrize("protocol", Protocol)
def test_a_wrong_password_is_told_and_never_shown(place: Place, protocol: Protocol) -> None:
    server, target, said = place.server(protocol), place.target(), list[bytes]()
    exchange: dict[Protocol, Callable[[Connection], object]] = {
        Protocol.SMTP: lambda connection: send_by_smtp(connection, target.sender, target.recipient, b"", "wrong-secret"),
        Protocol.POP3: lambda connection: fetch_by_pop3(connection, b"x", "wrong-secret"),
        Protocol.IMAP: lambda connection: fetch_by_imap(connection, b"x", "wrong-secret"),
    }
    with Connection(server, lambda _, line: said.append(line)) as connection, pytest.raises(SignInNeeded) as caught:
        exchange[protocol](connection)
    assert "wrong" not in str(caught.value)
    assert said
    assert not any(b"wrong-secret" in each for each in said)
    assert b"***" in said


def test_a_server_that_repeats_the_secret_is_not_logged(place: Place) -> None:
    said = list[bytes]()
    place.servers.faults.refuse["PASS"] = "-ERR not wrong-secret"
    with (
        Connection(place.server(Protocol.POP3), lambda _, line: said.append(line)) as connection,
        pytest.raises(SignInNeeded) as caught,
    ):
        fetch_by_pop3(connection, b"x", "wrong-secret")
    assert "wrong-secret" not in str(caught.value)
    assert said[-1] == b"***"


@pytest.mark.parametrize(("command", "refusal"), [("RCPT", "550 5.1.1 Nobody"), ("DATA", "554 5.7.1 No")])
def test_a_refused_message_is_told(place: Place, command: str, refusal: str) -> None:
    target = place.target()
    refused = target.recipient if command == "RCPT" else command
    place.servers.faults.refuse[refused] = refusal
    with pytest.raises(ServerRefused) as caught:
        list(measure(target, [1_000], 1))
    assert caught.value.code == refusal[:3]


def test_a_connection_that_ends_is_told(place: Place) -> None:
    place.servers.faults.cut_on = "RETR"
    with pytest.raises(Offline):
        list(measure(place.target(), [1_000], 1))


def test_a_certificate_that_nobody_vouches_for_is_refused(place: Place) -> None:
    server = replace(place.server(Protocol.IMAP, Security.TLS), ca_file="")
    with pytest.raises(CertificateRefused):
        Connection(server).__enter__()


@pytest.mark.parametrize(
    ("protocol", "greeting", "error"),
    [
        (Protocol.POP3, "-ERR not now", ServerRefused),
        (Protocol.IMAP, "* BYE not now", ServerRefused),
        (Protocol.IMAP, "220 smtp.example.org", ServerRefused),
    ],
)
def test_a_greeting_that_is_none_is_told(place: Place, protocol: Protocol, greeting: str, error: type[TuimailError]) -> None:
    place.servers.faults.greeting = greeting
    fetch = fetch_by_pop3 if protocol is Protocol.POP3 else fetch_by_imap
    with Connection(place.server(protocol)) as connection, pytest.raises(error):
        fetch(connection, b"x", "secret")


def test_a_message_of_any_size_is_not_taken(place: Place) -> None:
    place.servers.faults.preamble["SELECT"] = b"* 1 FETCH (BODY[] {9999999999}\r\n"
    with Connection(place.server(Protocol.IMAP)) as connection, pytest.raises(ServerBroken):
        fetch_by_imap(connection, b"x", place.servers.addresses.password)


def test_nobody_listens() -> None:
    server = ServerAddress("127.0.0.1", 1, Security.NONE, "")
    target = Target("a@example.org", "b@example.org", server, ((Protocol.IMAP, server),), {})
    with pytest.raises(Offline):
        list(measure(target, [1_000], 1))


@pytest.mark.parametrize("size", [400, 401, 477, 478, 479, 1_000, 77_777])
def test_messages_have_exactly_the_size(size: int) -> None:
    mark, message = make_message(size, "ada@example.org", "bob@example.org", 1_700_000_000)
    assert len(message) == size
    assert mark in message
    lines = message.split(b"\r\n")
    assert lines[-1] == b""
    assert max(map(len, lines)) <= 78
    assert stuffed(message) == message


@pytest.mark.parametrize("size", [-1, 0, 399, LARGEST + 1])
def test_other_sizes_are_refused(size: int) -> None:
    with pytest.raises(InputWrong):
        make_message(size, "ada@example.org", "bob@example.org", 0)


def test_nothing_is_captured_without_permission(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Capture, "start", classmethod(lambda *_: None))
    for run in measure(place.target(), [1_000], 1):
        assert not run.captured
        assert sum(run.frame_lengths.values()) == run.segments
        assert run.within


def test_no_reader_no_measuring(place: Place) -> None:
    with pytest.raises(TuimailError):
        list(measure(replace(place.target(), readers=()), [1_000], 1))


def test_no_sign_in_where_none_is_wanted(place: Place) -> None:
    at, target = place.servers.addresses, place.target()
    relay = ServerAddress(at.host, at.relay_port, Security.NONE, "", AuthMethod.NONE)
    with_, without = (next(measure(replace(target, smtp=smtp), [1_000], 1)) for smtp in (target.smtp, relay))
    assert without.round_trips == with_.round_trips - 1
