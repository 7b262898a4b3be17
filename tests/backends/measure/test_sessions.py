# SPDX-License-Identifier: GPL-3.0-or-later
"""The exchanges that are measured, and what is told when they fail."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.backends.measure.place import Place
from tuimail.backends.measure.connection import Connection
from tuimail.backends.measure.measuring import Target, measure
from tuimail.backends.measure.sample import make_message
from tuimail.backends.measure.sessions import fetch_by_imap, fetch_by_pop3, send_by_smtp
from tuimail.model.account import Security, ServerAddress
from tuimail.model.errors import (
    CertificateRefused,
    Offline,
    ServerBroken,
    ServerRefused,
    SignInNeeded,
    TuimailError,
)
from tuimail.model.measurement import Protocol


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
    assert {b"AUTH PLAIN ***", b"PASS ***", b"A LOGIN ***"} & set(said), "which command it was is no secret"


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
