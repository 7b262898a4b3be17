# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding servers: who is asked in which order, whose word counts, and that one who is silent holds nobody up."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.servers import dns, launch, web
from tests.servers.provider import AUTOCONFIG
from tuimail.accounts import discover
from tuimail.accounts.config import Discovery
from tuimail.accounts.discover import Discoverer
from tuimail.accounts.dns import Dns
from tuimail.accounts.web import Web
from tuimail.model.account import Account, Security, ServerAddress
from tuimail.model.address import Address
from tuimail.model.discovery import Proposal, Trial, TrialState, Trust
from tuimail.model.errors import Offline

EMAIL = "ada@example.org"


def document(host: str) -> web.Page:
    """An autoconfig document that names one host."""
    text = AUTOCONFIG.format(
        label="", host=host, imap=993, smtp=465, security="SSL", authentication="password-cleartext",
        username="%EMAILADDRESS%", more="",
    )  # fmt: skip
    return web.Page(text.encode())


@dataclass
class Internet:
    """Web servers of all names on one HTTPS server, a DNS server, and what answers a probe."""

    pages: web.WebServer
    names: dns.DnsServer
    ca_file: Path
    answering: set[tuple[str, int]] = field(default_factory=set)
    probed: list[tuple[str, int]] = field(default_factory=list)
    silent: set[str] = field(default_factory=set)
    """Hosts whose web server never answers."""
    trials: list[Trial] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)

    async def fetch(self, url: str) -> bytes:
        """From the path ``/HOST/PATH`` of the one server."""
        self.fetched.append(url)
        path = url.removeprefix("https:/")
        if path.split("/")[1] in self.silent:
            await asyncio.Event().wait()
        return await Web(str(self.ca_file)).fetch(self.pages.url(path) if url.startswith("https:") else url)

    async def probe(self, kind: str, server: ServerAddress) -> None:
        self.probed.append((server.host, server.port))
        if (server.host, server.port) not in self.answering:
            raise Offline("nobody there")

    def discoverer(self, settings: Discovery | None = None) -> Discoverer:
        return Discoverer(settings or Discovery(), self, Dns(self.names.address), self.probe)

    async def found(self, email: str = EMAIL, settings: Discovery | None = None) -> list[Proposal]:
        """Everything that is proposed, in order."""
        return [proposal async for proposal in self.discoverer(settings).proposals(email, self.trials.append)]

    async def best(self, email: str = EMAIL, settings: Discovery | None = None) -> Proposal:
        """The first that is proposed; the rest is not asked for."""
        proposals = self.discoverer(settings).proposals(email, self.trials.append)
        proposal = await anext(proposals)
        await proposals.aclose()
        return proposal

    @property
    def settled(self) -> dict[str, TrialState]:
        return {trial.source: trial.state for trial in self.trials}


@pytest.fixture
def internet(tmp_path: Path) -> Iterator[Internet]:
    certificate = launch.make_certificate(tmp_path)
    with web.running(certificate) as pages, dns.running() as names:
        yield Internet(pages, names, certificate.certificate)


AT_DOMAIN = "/autoconfig.example.org/mail/config-v1.1.xml?emailaddress=ada%40example.org"
WELL_KNOWN = "/example.org/.well-known/autoconfig/mail/config-v1.1.xml"
DIRECTORY = "/autoconfig.thunderbird.net/v1.1/example.org"


async def test_the_users_own_address_goes_first(internet: Internet) -> None:
    internet.pages.pages.update({"/own": document("own.example.org"), AT_DOMAIN: document("imap.example.org")})
    proposal = await internet.best(settings=Discovery((f"https://{'own'}",)))
    assert proposal.trust is Trust.KNOWN
    assert proposal.servers[0].host == "own.example.org"
    assert internet.pages.asked == ["/own"]


async def test_a_known_domain_asks_nobody(internet: Internet) -> None:
    proposal = await internet.best("ada@gmail.com")
    assert (proposal.servers[0].host, proposal.unconfirmed("ada@gmail.com")) == ("imap.gmail.com", ())
    assert internet.pages.asked == []


async def test_a_domain_at_a_known_provider_is_to_be_confirmed(internet: Internet) -> None:
    internet.names.records["example.org", "MX"] = ["10 aspmx.l.google.com."]
    proposal = await internet.best()
    assert proposal.servers[0].host == "imap.gmail.com"
    assert proposal.unconfirmed(EMAIL) == ("imap.gmail.com", "smtp.gmail.com")


async def test_the_domains_own_word_before_the_directorys_before_the_dns(internet: Internet) -> None:
    internet.pages.pages.update(
        {AT_DOMAIN: document("a.example.org"), WELL_KNOWN: document("b.example.org"), DIRECTORY: document("c.example.org")}
    )
    internet.names.records["_imaps._tcp.example.org", "SRV"] = ["0 0 993 d.example.org."]
    found = await internet.found()
    assert [(proposal.servers[0].host, proposal.trust) for proposal in found] == [
        ("a.example.org", Trust.DOMAIN),
        ("b.example.org", Trust.DOMAIN),
        ("c.example.org", Trust.DIRECTORY),
        ("d.example.org", Trust.DNS),
    ]
    assert [proposal.unconfirmed(EMAIL) for proposal in found] == [(), (), (), ("d.example.org",)]


async def test_a_host_outside_the_domain_is_to_be_confirmed(internet: Internet) -> None:
    internet.pages.pages[AT_DOMAIN] = document("imap.hoster.example")
    assert (await internet.best()).unconfirmed(EMAIL) == ("imap.hoster.example",)
    internet.pages.pages[AT_DOMAIN] = document("imap.evilexample.org")
    assert (await internet.best()).unconfirmed(EMAIL) == ("imap.evilexample.org",)


async def test_the_same_servers_are_proposed_once(internet: Internet) -> None:
    internet.pages.pages.update({AT_DOMAIN: document("a.example.org"), WELL_KNOWN: document("a.example.org")})
    assert len(await internet.found()) == 1


async def test_who_is_silent_holds_nobody_up_for_long(internet: Internet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discover, "SECONDS", 4.0)
    internet.silent = {"autoconfig.example.org", "ua-auto-config.example.org"}
    internet.pages.pages[DIRECTORY] = document("imap.example.org")
    assert (await internet.best()).trust is Trust.DIRECTORY
    assert internet.settled["autoconfig.example.org"] is TrialState.FAILED


async def test_pacc_counts_with_its_digest_only(internet: Internet) -> None:
    import base64
    import hashlib

    octets = b'{"protocols": {"imap": {"host": "pacc.example.org"}}, "authentication": {"password": true}}'
    internet.pages.pages["/ua-auto-config.example.org/.well-known/user-agent-configuration.json"] = web.Page(octets)
    assert await internet.found() == []
    digest = base64.b64encode(hashlib.sha256(octets).digest()).decode()
    internet.names.records["_ua-auto-config.example.org", "TXT"] = [f'"v=UAAC1; a=sha256; d={digest}"']
    proposal = await internet.best()
    assert (proposal.servers[0].host, proposal.trust) == ("pacc.example.org", Trust.DOMAIN)


async def test_an_address_in_a_txt_record_is_believed_as_the_dns_is(internet: Internet) -> None:
    internet.names.records["example.org", "TXT"] = ['"v=spf1 -all"', '"mailconf=https://conf.example.net/x.xml"']
    internet.pages.pages["/conf.example.net/x.xml"] = document("imap.example.org")
    proposal = await internet.best()
    assert proposal.trust is Trust.DNS
    for url in ("http://conf.example.net/x.xml", "http://127.0.0.1/x.xml", "http://localhost:631/x.xml", "file:///etc/passwd"):
        internet.names.records["example.org", "TXT"] = [f'"mailconf={url}"']
        assert await internet.found() == []
        assert url not in internet.fetched


async def test_the_domain_of_the_mail_exchanger_is_asked_last_and_believed_as_the_dns_is(internet: Internet) -> None:
    internet.names.records["example.org", "MX"] = ["10 mx1.hoster.example."]
    internet.pages.pages["/autoconfig.hoster.example/mail/config-v1.1.xml"] = document("imap.hoster.example")
    proposal = await internet.best()
    assert (proposal.trust, proposal.unconfirmed(EMAIL)) == (Trust.DNS, ("imap.hoster.example",))


async def test_guessing_takes_the_likeliest_that_answers(internet: Internet) -> None:
    internet.answering = {("mail.example.org", 993), ("example.org", 143), ("mail.example.org", 587)}
    (proposal,) = await internet.found()
    assert proposal.trust is Trust.GUESSED
    assert [(server.host, server.port, server.security) for server in proposal.servers] == [
        ("mail.example.org", 993, Security.TLS),
        ("mail.example.org", 587, Security.STARTTLS),
    ]
    assert proposal.unconfirmed(EMAIL) == ("mail.example.org",)


async def test_nobody_knows(internet: Internet) -> None:
    assert await internet.found() == []
    assert TrialState.ASKING not in internet.settled.values()
    assert internet.settled["usual names below example.org"] is TrialState.NOTHING


async def test_without_a_network_everything_fails_and_nothing_is_raised(tmp_path: Path) -> None:
    async def probe(kind: str, server: ServerAddress) -> None:
        raise Offline("no network")

    trials: list[Trial] = []
    discoverer = Discoverer(Discovery(), Web(), Dns(f"127.0.0.1:{launch.free_port()}"), probe)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(discover, "SECONDS", 2.0)
        assert [proposal async for proposal in discoverer.proposals(EMAIL, trials.append)] == []
    assert not [trial for trial in trials if trial.state is TrialState.FOUND]


async def test_an_international_domain_is_asked_for_in_ascii(internet: Internet) -> None:
    internet.pages.pages["/autoconfig.xn--bcher-kva.example/mail/config-v1.1.xml?emailaddress=ada%40xn--bcher-kva.example"] = (
        document("imap.xn--bcher-kva.example")
    )
    proposal = await internet.best("ada@Bücher.example")
    assert proposal.servers[0].host == "imap.xn--bcher-kva.example"
    assert proposal.servers[0].username == "ada@xn--bcher-kva.example"
    assert proposal.unconfirmed("ada@Bücher.example") == ()


async def test_an_authority_of_ones_own_vouches_for_the_servers_found(internet: Internet) -> None:
    internet.pages.pages[AT_DOMAIN] = document("imap.example.org")
    own = Discovery(ca_file="/etc/own.pem")
    assert {server.ca_file for server in (await internet.best(settings=own)).servers} == {"/etc/own.pem"}
    assert {server.ca_file for server in (await internet.best("a@gmail.com", settings=own)).servers} == {""}


def test_the_provider_of_an_account(internet: Internet) -> None:
    gmail = ServerAddress("imap.gmail.com", 993, Security.TLS, "ada@example.org")
    own = Account("x", Address("", EMAIL), imap=gmail)
    assert internet.discoverer().provider_of(own).wants_app_password
    elsewhere = Account("x", Address("", "ada@gmail.com"), imap=ServerAddress("imap.example.org", 993, Security.TLS, "ada"))
    assert internet.discoverer().provider_of(elsewhere).label == ""
