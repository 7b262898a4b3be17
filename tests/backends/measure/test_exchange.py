# SPDX-License-Identifier: GPL-3.0-or-later
"""What the model says of an exchange beforehand is what is measured."""

import pytest

from tests.backends.measure.place import SENDER, SIZES, Measured
from tuimail.backends.measure.measuring import Target
from tuimail.model.account import Security
from tuimail.model.exchange import imap, pop3, smtp
from tuimail.model.measurement import Protocol, Run
from tuimail.model.volume import Flight, bounds, round_trips

SIZE = SIZES[-1]


def run_of(measured: Measured, protocol: Protocol) -> Run:
    return next(run for run in measured.runs if (run.protocol, run.size) == (protocol, SIZE))


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
    assert round_trips(flights(protocol, measured.target)) == run_of(measured, protocol).round_trips


@pytest.mark.parametrize("protocol", Protocol)
def test_about_as_many_octets(measured: Measured, protocol: Protocol) -> None:
    """Replies are the servers' own; certificates and headers added on delivery too."""
    run, said = run_of(measured, protocol), flights(protocol, measured.target)
    up, down = (sum(flight.octets for flight in said if flight.up == way) for way in (True, False))
    assert abs(up - run.bytes_up) < (60 if measured.security is Security.NONE else 400)
    assert abs(down - run.bytes_down) < (400 if measured.security is Security.NONE else 4_000)


@pytest.mark.parametrize("protocol", Protocol)
def test_what_is_measured_lies_within_the_bounds_told_beforehand(measured: Measured, protocol: Protocol) -> None:
    run = run_of(measured, protocol)
    found = bounds(flights(protocol, measured.target), run.path, run.repeated)
    slack = 500 if measured.security is Security.NONE else 4_000
    assert found.low - slack <= run.volume <= found.high + slack
