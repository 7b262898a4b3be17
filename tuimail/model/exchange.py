# SPDX-License-Identifier: GPL-3.0-or-later
"""What client and server say to each other to send or fetch one message: the flights that the model of volumes starts from.

What the client says has the length that it has; replies have typical lengths. `docs/measure.md` lists the turns.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tuimail.model.account import Security
from tuimail.model.volume import Flight, blocks

RECORD, RECORD_COST = 16_384, 22
"""TLS 1.3: the most octets in a record, and what each adds: header, type and tag (RFC 8446 §5)."""
_HELLO, _FINISHED = 517, 80
"""Octets of the client in the handshake of TLS 1.3: its hello as padded by usual libraries; CCS and Finished."""
_CHAIN = 3_800
"""Octets of the server's flight, with two certificates and what follows of session tickets."""
_HANDSHAKE_PIECES = 8


@dataclass(frozen=True, slots=True)
class Said:
    """Octets of one side before the other one speaks, TLS not counted."""

    up: bool
    octets: int
    lines: int = 1
    """0: a message, in blocks."""


def smtp(message: int, envelope: Sequence[int], security: Security = Security.NONE, *, sign_in: int = 0) -> tuple[Flight, ...]:
    """Sending a message of so many octets, dots stuffed (RFC 5321; MAIL and RCPT at once, RFC 2920).

    ``envelope``: octets of the reverse-path and of each forward-path. ``sign_in``: octets of user name and password
    together, 0 for none.
    """
    ehlo = [Said(True, 16), Said(False, 140, 8)]
    started = [Said(True, 10), Said(False, 30)]
    auth = [Said(True, 13 + 4 * -(-(sign_in + 2) // 3)), Said(False, 37)] if sign_in else []
    commands = sum(octets + 14 for octets in envelope) + 14
    turns = [
        *auth, Said(True, commands), Said(False, 30 * len(envelope), len(envelope)),
        Said(True, 6), Said(False, 37), Said(True, message + 3, 0), Said(False, 30), Said(True, 6), Said(False, 15),
    ]  # fmt: skip
    return tuple(_carried(Said(False, 45), [*ehlo, *started], [*ehlo, *turns], security))


def pop3(message: int, user: int, password: int, security: Security = Security.NONE) -> tuple[Flight, ...]:
    """Fetching the newest message of so many octets (RFC 1939: USER, PASS, STAT, RETR, QUIT)."""
    turns = [
        Said(True, user + 7), Said(False, 24), Said(True, password + 7), Said(False, 25), Said(True, 6), Said(False, 12),
        Said(True, 8), Said(False, 20), Said(False, message + 3, 0), Said(True, 6), Said(False, 9),
    ]  # fmt: skip
    return tuple(_carried(Said(False, 75), [Said(True, 6), Said(False, 20)], turns, security))


def imap(message: int, user: int, password: int, security: Security = Security.NONE) -> tuple[Flight, ...]:
    """Fetching one message of so many octets (RFC 9051: LOGIN, SELECT, UID SEARCH, UID FETCH, LOGOUT)."""
    turns = [
        Said(True, user + password + 15), Said(False, 400), Said(True, 16), Said(False, 170, 7),
        Said(True, 90), Said(False, 35, 2), Said(True, 28), Said(False, 80, 3), Said(False, message, 0),
        Said(True, 10), Said(False, 35, 2),
    ]  # fmt: skip
    return tuple(_carried(Said(False, 230), [Said(True, 12), Said(False, 16)], turns, security))


def _carried(greeting: Said, started: Sequence[Said], turns: Sequence[Said], security: Security) -> Iterator[Flight]:
    """The flights of a connection, of TLS too: implicit, or after ``started``."""
    handshake = [
        Flight(True, _HELLO), Flight(False, _CHAIN, _HANDSHAKE_PIECES), Flight(True, _FINISHED),
    ]  # fmt: skip
    match security:
        case Security.NONE:
            yield from joined([_flight(said) for said in (greeting, *turns)])
        case Security.TLS:
            yield from joined([*handshake, *(_in_records(said) for said in (greeting, *turns))])
        case Security.STARTTLS:
            in_clear = [_flight(said) for said in (greeting, *started)]
            yield from joined([*in_clear, *handshake, *map(_in_records, turns)])


def _flight(said: Said) -> Flight:
    return Flight(said.up, said.octets, said.lines or blocks(said.octets))


def _in_records(said: Said) -> Flight:
    records = max(said.lines, -(-said.octets // RECORD))
    octets = said.octets + records * RECORD_COST
    return Flight(said.up, octets, said.lines or blocks(octets))


def joined(flights: Sequence[Flight]) -> Iterator[Flight]:
    """With what one side says in a row as one flight."""
    held: Flight | None = None
    for flight in flights:
        if held is not None and held.up == flight.up:
            held = Flight(held.up, held.octets + flight.octets, held.pieces + flight.pieces)
        else:
            if held is not None:
                yield held
            held = flight
    if held is not None:
        yield held
