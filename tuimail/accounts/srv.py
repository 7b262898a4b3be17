# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers by SRV records (RFC 6186, RFC 8314 §5.1), and by guessing from the domain. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tuimail.model.account import Security, ServerAddress, is_host
from tuimail.model.discovery import Proposal, Trust

SERVICES: Mapping[str, tuple[str, Security]] = {
    "_imaps._tcp": ("imap", Security.TLS),
    "_imap._tcp": ("imap", Security.STARTTLS),
    "_pop3s._tcp": ("pop3", Security.TLS),
    "_submissions._tcp": ("smtp", Security.TLS),
    "_submission._tcp": ("smtp", Security.STARTTLS),
}
"""Service → protocol and security; of one protocol the first that is there counts."""

_GUESSED_HOSTS: Mapping[str, tuple[str, ...]] = {"imap": ("imap.", "mail.", ""), "smtp": ("smtp.", "mail.", "")}
_GUESSED_PORTS: Mapping[str, tuple[tuple[int, Security], ...]] = {
    "imap": ((993, Security.TLS), (143, Security.STARTTLS)),
    "smtp": ((465, Security.TLS), (587, Security.STARTTLS)),
}


@dataclass(frozen=True, slots=True)
class Record:
    """One SRV record (RFC 2782)."""

    priority: int
    weight: int
    port: int
    target: str
    """Without the final dot; empty: the service is decidedly not there."""


def from_records(found: Mapping[str, Sequence[Record]], email: str, source: str) -> Proposal | None:
    """The servers that the records of `SERVICES` name; None when there is none to read mail from."""
    servers: dict[str, ServerAddress] = {}
    for service, (kind, security) in SERVICES.items():
        records = [record for record in found.get(service, ()) if is_host(record.target) and record.port]
        if records and kind not in servers:
            best = min(records, key=lambda record: (record.priority, -record.weight))
            servers[kind] = ServerAddress(best.target.lower(), best.port, security, email)
    if "imap" not in servers and "pop3" not in servers:
        return None
    return Proposal(
        source,
        Trust.DNS,
        imap=servers.get("imap"),
        pop3=servers.get("pop3"),
        smtp=servers.get("smtp"),
        other_usernames=(email.rpartition("@")[0],),
    )


def guesses(kind: str, email: str) -> tuple[ServerAddress, ...]:
    """Where a server of the address's domain often is, the likeliest first."""
    domain = email.rpartition("@")[2]
    return tuple(
        ServerAddress(f"{host}{domain}", port, security, email)
        for port, security in _GUESSED_PORTS[kind]
        for host in _GUESSED_HOSTS[kind]
    )


def guessed(imap: ServerAddress, smtp: ServerAddress | None, email: str) -> Proposal:
    """A proposal of guessed servers; where none was found to send by, the likeliest."""
    return Proposal(
        "guess",
        Trust.GUESSED,
        imap=imap,
        smtp=smtp or guesses("smtp", email)[0],
        other_usernames=(email.rpartition("@")[0],),
    )
