# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of providers: whom an address or a mail exchanger belongs to, and what its users have to know."""

import re

import pytest

from tuimail.accounts import providers
from tuimail.model.account import AuthMethod, Security
from tuimail.model.discovery import Trust


@pytest.mark.parametrize(
    ("email", "host", "username"),
    [
        ("ada@gmail.com", "imap.gmail.com", "ada@gmail.com"),
        ("ada@GoogleMail.com", "imap.gmail.com", "ada@GoogleMail.com"),
        ("ada@icloud.com", "imap.mail.me.com", "ada"),
        ("ada@126.com", "imap.126.com", "ada@126.com"),
        ("ada@zoho.eu", "imap.zoho.eu", "ada@zoho.eu"),
    ],
)
def test_an_address_of_a_known_provider(email: str, host: str, username: str) -> None:
    entry = providers.by_domain(email.rpartition("@")[2])
    assert entry is not None
    proposal = entry.proposal(email, providers.SOURCE, Trust.KNOWN)
    assert proposal.imap is not None
    assert (proposal.imap.host, proposal.imap.username, proposal.imap.auth) == (host, username, AuthMethod.PASSWORD)
    assert proposal.unconfirmed(email) == ()


def test_user_names_may_differ_between_reading_and_sending() -> None:
    entry = providers.by_domain("me.com")
    assert entry is not None
    proposal = entry.proposal("ada@me.com", "", Trust.KNOWN)
    assert [server.username for server in proposal.servers] == ["ada", "ada@me.com"]


@pytest.mark.parametrize(
    ("exchangers", "found"),
    [
        (("aspmx.l.google.com",), "gmail"),
        (("example-org.mail.protection.outlook.com",), "m365"),
        (("mx-aol.mail.gm0.yahoodns.net",), "aol"),
        (("mta5.am0.yahoodns.net",), "yahoo"),
        (("in1-smtp.messagingengine.com",), "fastmail"),
        (("mx.zoho.eu",), "zoho-pro-eu"),
        (("mx.notgoogle.com", "mail.example.org"), None),
        ((), None),
    ],
)
def test_a_domain_of_ones_own_is_known_by_its_exchangers(exchangers: tuple[str, ...], found: str | None) -> None:
    entry = providers.by_exchangers(exchangers)
    assert (entry.id if entry else None) == found


def test_who_lets_no_program_in_says_so() -> None:
    for domain in ("tuta.com", "hey.com"):
        entry = providers.by_domain(domain)
        assert entry is not None
        assert entry.provider.closed
        assert "no IMAP" in entry.provider.notice
        assert entry.proposal(f"ada@{domain}", "", Trust.KNOWN).servers == ()


def test_who_takes_no_password_is_signed_in_to_with_a_token() -> None:
    entry = providers.by_domain("outlook.com")
    assert entry is not None
    assert not entry.provider.takes_password
    assert {server.auth for server in entry.proposal("a@outlook.com", "", Trust.KNOWN).servers} == {AuthMethod.OAUTH2}


def test_every_entry_is_sound() -> None:
    ids = [entry.id for entry in providers.table()]
    domains = [domain for entry in providers.table() for domain in entry.domains]
    assert len(ids) == len(set(ids))
    assert len(domains) == len(set(domains))
    for entry in providers.table():
        facts = entry.provider
        assert facts.closed or set(entry.servers) == {"imap", "smtp"}, entry.id
        assert all(security is not Security.NONE for _, _, security in entry.servers.values()), entry.id
        assert facts.notice or not facts.wants_app_password, entry.id
        links = (facts.link, facts.app_password_link, facts.enable_link, facts.oauth.authorize, facts.oauth.token)
        assert all(re.fullmatch(r"https://[^\s/]+\S*", link) for link in links if link), entry.id


@pytest.mark.parametrize(
    ("host", "domain"),
    [("mx1.example.org", "example.org"), ("a.b.example.co.uk", "example.co.uk"), ("mx.example.com.au", "example.com.au"),
     ("example.de", "example.de"), ("mx.web.de", "web.de")],
)  # fmt: skip
def test_the_domain_of_a_host(host: str, domain: str) -> None:
    assert providers.base_domain(host) == domain
