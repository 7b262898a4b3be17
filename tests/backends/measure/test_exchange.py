# SPDX-License-Identifier: GPL-3.0-or-later
"""What the model says of an exchange beforehand is what is measured."""

from collections.abc import Iterator

import pytest

from tuimail.backends.measure.measuring import Target, measure
from tuimail.demo.servers import DemoServers
from tuimail.model.account import Security, ServerAddress
from tuimail.model.exchange import imap, pop3, smtp
from tuimail.model.measurement import Protocol, Run
from tuimail.model.volume import Flight, bounds, round_trips

SENDER = "ada@example.net"
SIZE = 40_000
Measured = tuple[Target, dict[Protocol, Run]]


@pytest.fixture(scope="module", params=Security)
def measured(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Measured]:
    with DemoServers(0, tls=True) as servers:
        at, tls = servers.addresses, request.param is Security.TLS
        file = tmp_path_factory.mktemp("ca") / "ca.pem"
        file.write_text(at.certificate)
        ports = (at.smtps_port, at.pop3s_port, at.imaps_port) if tls else (at.smtp_port, at.pop3_port, at.imap_port)
        out, pop, im = (ServerAddress(at.host, port, request.param, at.user, ca_file=str(file)) for port in ports)
        known = dict.fromkeys((out, pop, im), at.password)
        target = Target(SENDER, at.email, out, ((Protocol.POP3, pop), (Protocol.IMAP, im)), known)
        yield target, {run.protocol: run for run in measure(target, [SIZE], 1)}


def flights(protocol: Protocol, target: Target) -> tuple[Flight, ...]:
    security, user, password = target.smtp.security, len(target.smtp.username), len(target.secrets[target.smtp])
    match protocol:
        case Protocol.SMTP:
            return smtp(SIZE, [len(SENDER), len(target.recipient)], security, sign_in=user + password)
        case Protocol.POP3:
            return pop3(SIZE, user, password, security)
        case Protocol.IMAP:
            return imap(SIZE, user, password, security)


@pytest.mark.parametrize("protocol", Protocol)
def test_as_many_round_trips(measured: Measured, protocol: Protocol) -> None:
    target, runs = measured
    assert round_trips(flights(protocol, target)) == runs[protocol].round_trips


@pytest.mark.parametrize("protocol", Protocol)
def test_about_as_many_octets(measured: Measured, protocol: Protocol) -> None:
    """Replies are the servers' own; certificates and headers added on delivery too."""
    target, runs = measured
    run, said = runs[protocol], flights(protocol, target)
    up, down = (sum(flight.octets for flight in said if flight.up == way) for way in (True, False))
    assert abs(up - run.bytes_up) < (60 if target.smtp.security is Security.NONE else 400)
    assert abs(down - run.bytes_down) < (400 if target.smtp.security is Security.NONE else 4_000)


@pytest.mark.parametrize("protocol", Protocol)
def test_what_is_measured_lies_within_the_bounds_told_beforehand(measured: Measured, protocol: Protocol) -> None:
    target, runs = measured
    run = runs[protocol]
    found = bounds(flights(protocol, target), run.path, run.repeated)
    slack = 500 if target.smtp.security is Security.NONE else 4_000
    assert found.low - slack <= run.volume <= found.high + slack
