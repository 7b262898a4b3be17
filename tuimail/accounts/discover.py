# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding the servers of an e-mail address: who is asked, in which order, and how far each is believed.

Addresses of the user's own configuration first, then the table of providers; then at once, with five seconds for each: the
table by mail exchanger, PACC, the domain's autoconfig documents, the public directory, a TXT record, SRV records; then the
documents of the mail exchanger's domain; guessing last. Whoever is asked learns the domain only, but the domain's own server.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol
from urllib.parse import quote, urlsplit

from tuimail.accounts import pacc, providers, srv
from tuimail.accounts.autoconfig import read_autoconfig
from tuimail.accounts.config import Discovery
from tuimail.mime.addresses import ascii_address
from tuimail.model.account import Account, ServerAddress
from tuimail.model.discovery import Proposal, Provider, Trial, TrialState, Trust
from tuimail.model.errors import InputWrong, MailMalformed, ServerRefused, TuimailError
from tuimail.model.text import safe_line

SECONDS = 5.0
DIRECTORY = "autoconfig.thunderbird.net"
_ABSENT = frozenset({"404", "410"})

Tell = Callable[[Trial], None]
Probe = Callable[[str, ServerAddress], Awaitable[None]]
"""Connects to a server of a kind (``imap``, ``smtp``) up to where a password would be sent, and leaves. Raises TuimailError."""


class Fetching(Protocol):
    """What is needed of the web: `tuimail.accounts.web.Web`."""

    async def fetch(self, url: str) -> bytes:
        """The document. Raises TuimailError."""
        ...


class Resolving(Protocol):
    """What is needed of the DNS: `tuimail.accounts.dns.Dns`."""

    async def exchangers(self, domain: str) -> tuple[str, ...]:
        """The hosts of the MX records, best first. Raises Offline."""
        ...

    async def services(self, name: str) -> tuple[srv.Record, ...]:
        """SRV records. Raises Offline."""
        ...

    async def texts(self, name: str) -> tuple[str, ...]:
        """TXT records. Raises Offline."""
        ...


@dataclass(frozen=True, slots=True)
class _Source:
    """Somebody who may know the servers."""

    name: str
    ask: Callable[[], Awaitable[Proposal | None]]


class Discoverer:
    """Finds servers, as `tuimail.engine.setup.Finder`."""

    def __init__(self, settings: Discovery, web: Fetching, dns: Resolving, probe: Probe) -> None:
        self._settings = settings
        self._web = web
        self._dns = dns
        self._probe = probe

    async def proposals(self, email: str, tell: Tell) -> AsyncGenerator[Proposal, None]:
        """What may be the servers of an address, best first; each source is asked when no better one was good enough.

        ``tell`` hears of every source as it is asked and has answered.
        """
        email = _plain(email)
        domain = email.rpartition("@")[2]
        given: set[tuple[ServerAddress, ...]] = set()
        exchangers: list[str] = []
        steps: tuple[Callable[[], Sequence[_Source]], ...] = (
            lambda: [self._document(_short(url), url, Trust.KNOWN, email) for url in self._settings.autoconfig],
            lambda: [_Source(providers.SOURCE, lambda: _known(email))],
            lambda: [
                _Source(f"mail exchanger of {domain}", lambda: self._by_exchanger(email, exchangers)),
                *self._published(domain, email),
            ],
            lambda: self._published_by(providers.base_domain(exchangers[0]), domain, email) if exchangers else (),
            lambda: [_Source(f"usual names below {domain}", lambda: self._guess(email))],
        )
        for step in steps:
            tasks = [asyncio.create_task(_asked(source, tell)) for source in step()]
            try:
                for task in tasks:
                    found = await task
                    if found is not None and (found.servers not in given):
                        given.add(found.servers)
                        yield self._with_own_authority(found)
            finally:
                for task in tasks:
                    task.cancel()

    def provider_of(self, account: Account) -> Provider:
        """What is known of the provider of an account."""
        return providers.provider_of(account)

    def _published(self, domain: str, email: str) -> list[_Source]:
        """What a domain may publish about itself, and what the directory says of it."""
        asking = f"?emailaddress={quote(email)}"
        return [
            _Source(f"ua-auto-config.{domain}", lambda: self._pacc(domain, email)),
            self._document(
                f"autoconfig.{domain}", f"https://autoconfig.{domain}/mail/config-v1.1.xml{asking}", Trust.DOMAIN, email
            ),
            self._document(
                f"{domain}/.well-known",
                f"https://{domain}/.well-known/autoconfig/mail/config-v1.1.xml",
                Trust.DOMAIN,
                email,
            ),
            self._document(DIRECTORY, f"https://{DIRECTORY}/v1.1/{domain}", Trust.DIRECTORY, email),
            _Source(f"TXT record of {domain}", lambda: self._mailconf(domain, email)),
            _Source(f"SRV records of {domain}", lambda: self._services(domain, email)),
        ]

    def _published_by(self, host_domain: str, domain: str, email: str) -> list[_Source]:
        """What the domain of the mail exchanger publishes: no more to be believed than the DNS that named it."""
        if host_domain == domain:
            return []
        return [
            self._document(
                f"autoconfig.{host_domain}", f"https://autoconfig.{host_domain}/mail/config-v1.1.xml", Trust.DNS, email
            ),
            self._document(
                f"{host_domain}/.well-known",
                f"https://{host_domain}/.well-known/autoconfig/mail/config-v1.1.xml",
                Trust.DNS,
                email,
            ),
            self._document(f"{DIRECTORY} for {host_domain}", f"https://{DIRECTORY}/v1.1/{host_domain}", Trust.DNS, email),
        ]

    def _document(self, name: str, url: str, trust: Trust, email: str) -> _Source:
        async def ask() -> Proposal | None:
            return read_autoconfig(await self._web.fetch(url), email, name, trust)

        return _Source(name, ask)

    async def _pacc(self, domain: str, email: str) -> Proposal | None:
        document, records = await asyncio.gather(
            self._web.fetch(pacc.url_of(domain)), self._dns.texts(f"_ua-auto-config.{domain}")
        )
        if not pacc.vouched(document, records):
            raise MailMalformed("the DNS does not vouch for its document")
        return pacc.read_pacc(document, email, f"ua-auto-config.{domain}")

    async def _mailconf(self, domain: str, email: str) -> Proposal | None:
        urls = [text.removeprefix("mailconf=") for text in await self._dns.texts(domain) if text.startswith("mailconf=")]
        if not urls:
            return None
        if not urls[0].startswith("https://"):  # plain HTTP is for what the user named, not for what DNS says runs here
            raise ServerRefused("Only https addresses are fetched.")
        return read_autoconfig(await self._web.fetch(urls[0]), email, f"TXT record of {domain}", Trust.DNS)

    async def _services(self, domain: str, email: str) -> Proposal | None:
        answers = await asyncio.gather(*(self._dns.services(f"{service}.{domain}") for service in srv.SERVICES))
        return srv.from_records(dict(zip(srv.SERVICES, answers, strict=True)), email, f"SRV records of {domain}")

    async def _by_exchanger(self, email: str, exchangers: list[str]) -> Proposal | None:
        """The provider in the table whose mail exchangers the domain has; they are kept for the next steps."""
        domain = email.rpartition("@")[2]
        exchangers += await self._dns.exchangers(domain)
        entry = providers.by_exchangers(exchangers)
        return entry.proposal(email, f"mail exchanger of {domain}", Trust.DNS) if entry is not None else None

    async def _guess(self, email: str) -> Proposal | None:
        imap, smtp = await asyncio.gather(self._first_that_answers("imap", email), self._first_that_answers("smtp", email))
        return srv.guessed(imap, smtp, email) if imap is not None else None

    async def _first_that_answers(self, kind: str, email: str) -> ServerAddress | None:
        """All are tried at once; the likeliest of those counts that answer with a certificate that holds."""
        servers = [self._trusting(server) for server in srv.guesses(kind, email)]
        tasks = [asyncio.create_task(self._answers(kind, server)) for server in servers]
        try:
            for server, task in zip(servers, tasks, strict=True):
                if await task:
                    return server
        finally:
            for task in tasks:
                task.cancel()
        return None

    async def _answers(self, kind: str, server: ServerAddress) -> bool:
        try:
            async with asyncio.timeout(SECONDS - 0.5):
                await self._probe(kind, server)
        except (TuimailError, TimeoutError):
            return False
        return True

    def _with_own_authority(self, proposal: Proposal) -> Proposal:
        """The authority that vouches for the documents of one's own network vouches for its mail servers too."""
        if proposal.source == providers.SOURCE:
            return proposal
        return replace(
            proposal,
            imap=proposal.imap and self._trusting(proposal.imap),
            pop3=proposal.pop3 and self._trusting(proposal.pop3),
            smtp=proposal.smtp and self._trusting(proposal.smtp),
        )

    def _trusting(self, server: ServerAddress) -> ServerAddress:
        return replace(server, ca_file=self._settings.ca_file) if self._settings.ca_file else server


def _plain(email: str) -> str:
    """The address as DNS and servers know it: its domain in ASCII and lower case."""
    local, _, domain = email.strip().rpartition("@")
    try:
        return f"{local}@{ascii_address(f'x@{domain}').rpartition('@')[2].lower()}"
    except InputWrong:
        return f"{local}@{domain.lower()}"


async def _known(email: str) -> Proposal | None:
    entry = providers.by_domain(email.rpartition("@")[2])
    return entry.proposal(email, providers.SOURCE, Trust.KNOWN) if entry is not None else None


async def _asked(source: _Source, tell: Tell) -> Proposal | None:
    """Ask a source, and tell how it went."""
    tell(Trial(source.name, TrialState.ASKING))
    found = None
    try:
        async with asyncio.timeout(SECONDS):
            found = await source.ask()
    except TimeoutError:
        trial = Trial(source.name, TrialState.FAILED, f"no answer within {SECONDS:.0f} seconds")
    except TuimailError as error:
        absent = isinstance(error, ServerRefused) and error.code in _ABSENT
        trial = Trial(source.name, *(TrialState.NOTHING, "") if absent else (TrialState.FAILED, _as_clause(error.message)))
    else:
        trial = _found(source.name, found) if found is not None else Trial(source.name, TrialState.NOTHING)
    tell(trial)
    return found


def _short(url: str) -> str:
    """The host and port of an address of the user's own."""
    return safe_line(urlsplit(url).netloc or url, limit=60)


def _as_clause(sentence: str) -> str:
    """A sentence as the end of a line: ``The server answered 500.`` → ``the server answered 500``."""
    return sentence[:1].lower() + sentence[1:].rstrip(".")


def _found(source: str, proposal: Proposal) -> Trial:
    servers = ", ".join(f"{server.host}:{server.port}" for server in proposal.servers)
    return Trial(source, TrialState.FOUND, proposal.provider.label, servers)
