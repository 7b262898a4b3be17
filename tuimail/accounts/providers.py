# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of known mail providers that comes with tuimail (``providers.json``), by domain or by mail exchanger. Pure but for
reading that file."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from tuimail.model.account import Account, AuthMethod, Security, ServerAddress, is_loopback
from tuimail.model.discovery import OAuthFacts, Proposal, Provider, SignInWay, Trust, within

SOURCE = "table of providers"


@dataclass(frozen=True, slots=True)
class Entry:
    """One provider of the table."""

    id: str
    domains: tuple[str, ...]
    mx: tuple[str, ...]
    """Suffixes of the mail exchangers of domains that the provider serves under its users' own names."""
    provider: Provider
    servers: Mapping[str, tuple[str, int, Security]]
    """``imap`` and ``smtp``; empty where mail programs cannot get in."""
    users: Mapping[str, str]
    """For each server ``email`` or ``localpart``."""

    def proposal(self, email: str, source: str, trust: Trust) -> Proposal:
        """The servers for an address of this provider."""
        auth = AuthMethod.PASSWORD if self.provider.takes_password else AuthMethod.OAUTH2
        local = email.rpartition("@")[0]
        made = {
            kind: ServerAddress(host, port, security, local if self.users[kind] == "localpart" else email, auth)
            for kind, (host, port, security) in self.servers.items()
        }
        return Proposal(source, trust, imap=made.get("imap"), smtp=made.get("smtp"), provider=self.provider)


@cache
def table() -> tuple[Entry, ...]:
    """All providers, in the table's order."""
    read = json.loads(files("tuimail.accounts").joinpath("providers.json").read_text("utf-8"))
    return tuple(_entry(row) for row in read["providers"])


def by_domain(domain: str) -> Entry | None:
    """The provider whose own domain this is."""
    domain = domain.lower().rstrip(".")
    return next((entry for entry in table() if domain in entry.domains), None)


def by_exchangers(exchangers: Iterable[str]) -> Entry | None:
    """The provider that one of these mail exchangers belongs to; the longest suffix counts."""
    found = [(len(suffix), entry) for host in exchangers for entry in table() for suffix in entry.mx if within(host, suffix)]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def of_account(account: Account) -> tuple[Entry, ...]:
    """The entries that an account's servers belong to, that of its domain first."""
    used = {_place(server.host, server.port) for server in account.servers}
    served = [entry for entry in table() if any(_place(host, port) in used for host, port, _ in entry.servers.values())]
    own = by_domain(account.identity.email.rpartition("@")[2])
    return tuple(sorted(served, key=lambda entry: entry is not own))


def provider_of(account: Account) -> Provider:
    """What is known of the provider whose servers an account uses."""
    return next((entry.provider for entry in of_account(account)), Provider())


def _place(host: str, port: int) -> tuple[str, int]:
    """What tells a provider's server: its name, and on this machine, where anybody's may run, the port too."""
    return host.lower(), port if is_loopback(host) else 0


def public_names() -> frozenset[str]:
    """Domains and hosts of all providers: they tell of nobody who has a mailbox there."""
    hosts = (host for entry in table() for host, _, _ in entry.servers.values())
    return frozenset((*hosts, *(domain for entry in table() for domain in entry.domains)))


def base_domain(host: str) -> str:
    """The domain that a host name was registered under, as far as its form tells: ``mx1.mail.example.co.uk`` →
    ``example.co.uk``."""
    labels = host.lower().rstrip(".").split(".")
    country = len(labels) > 2 and len(labels[-1]) == 2 and (len(labels[-2]) <= 2 or labels[-2] in _SECOND_LEVEL)
    return ".".join(labels[-3:] if country else labels[-2:])


_SECOND_LEVEL = frozenset({"com", "net", "org", "gov", "edu", "asn"})


def _entry(row: Mapping[str, Any]) -> Entry:
    oauth = row.get("oauth", {})
    return Entry(
        row["id"],
        tuple(row["domains"]),
        tuple(row["mx"]),
        Provider(
            row["label"],
            tuple(SignInWay(way) for way in row["ways"]),
            row.get("notice", ""),
            row.get("link", ""),
            row.get("app_password_link", ""),
            row.get("enable_link", ""),
            OAuthFacts(**{**oauth, "scopes": tuple(oauth.get("scopes", ()))}),
            bridge=row["imap"] is not None and is_loopback(row["imap"]["host"]),
        ),
        {
            kind: (row[kind]["host"], row[kind]["port"], Security(row[kind]["security"]))
            for kind in ("imap", "smtp")
            if row[kind] is not None
        },
        {"imap": row["user"], "smtp": row["smtp_user"]},
    )
