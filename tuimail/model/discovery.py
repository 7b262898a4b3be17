# SPDX-License-Identifier: GPL-3.0-or-later
"""Where somebody's mail may live: what was found for an e-mail address, who said so, and how far that is to be believed."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from tuimail.model.account import AuthMethod, ServerAddress


class Trust(IntEnum):
    """How far a source of server names is to be believed; more is better."""

    GUESSED = 0
    DNS = 1
    """Plain DNS: whoever answers for it on the way decides where a password goes."""
    DIRECTORY = 2
    """A public directory, over verified TLS."""
    DOMAIN = 3
    """The domain itself, over verified TLS."""
    KNOWN = 4
    """The table that comes with tuimail, or an address of the user's own configuration."""


class SignInWay(StrEnum):
    """What a provider takes as proof of who one is."""

    PASSWORD = "password"
    APP_PASSWORD = "app-password"
    """A password made in the provider's settings for one program."""
    OAUTH2 = "oauth2"
    """A sign-in in the browser."""
    NONE = "none"
    """Nothing: there is no way in for mail programs."""


@dataclass(frozen=True, slots=True)
class OAuthFacts:
    """Where and for what to ask for tokens; what is not known is empty."""

    authorize: str = ""
    token: str = ""
    device: str = ""
    """RFC 8628; empty where codes cannot be typed on another device."""
    revoke: str = ""
    """RFC 7009; empty where tokens cannot be given back."""
    scopes: tuple[str, ...] = ()
    issuer: str = ""
    """Whose metadata (RFC 8414) tell the rest."""


@dataclass(frozen=True, slots=True)
class Provider:
    """What is known of a provider beside its servers. All texts are safe to show."""

    label: str = ""
    ways: tuple[SignInWay, ...] = (SignInWay.PASSWORD,)
    """In the provider's order of preference."""
    notice: str = ""
    """A sentence to know before the password is typed."""
    link: str = ""
    """Where the notice's subject is explained."""
    app_password_link: str = ""
    """Where app passwords are made."""
    enable_link: str = ""
    """Where IMAP is switched on, or is told how."""
    oauth: OAuthFacts = OAuthFacts()
    bridge: bool = False
    """Its servers are a program of the provider's on this machine, with a certificate of its own."""

    @property
    def takes_password(self) -> bool:
        """Whether there is something to type."""
        return SignInWay.PASSWORD in self.ways or SignInWay.APP_PASSWORD in self.ways

    @property
    def wants_app_password(self) -> bool:
        """Whether the usual password is of no use."""
        return SignInWay.APP_PASSWORD in self.ways and SignInWay.PASSWORD not in self.ways

    @property
    def closed(self) -> bool:
        """Whether mail programs cannot sign in at all."""
        return self.ways == (SignInWay.NONE,)


@dataclass(frozen=True, slots=True)
class Proposal:
    """Servers for one e-mail address, as one source gives them."""

    source: str
    """Who said so: ``autoconfig.example.org``, ``DNS``."""
    trust: Trust
    imap: ServerAddress | None = None
    pop3: ServerAddress | None = None
    smtp: ServerAddress | None = None
    provider: Provider = Provider()
    other_usernames: tuple[str, ...] = ()
    """What to sign in as when the first user name is refused; empty where the source names it."""

    @property
    def protocol(self) -> str:
        """``imap``, ``pop3`` or ``none``: how mail is read."""
        return "imap" if self.imap else "pop3" if self.pop3 else "none"

    @property
    def incoming(self) -> ServerAddress | None:
        """The server that mail is read from."""
        return self.imap or self.pop3

    @property
    def servers(self) -> tuple[ServerAddress, ...]:
        """Those that an account would use."""
        return tuple(server for server in (self.incoming, self.smtp) if server is not None)

    def unconfirmed(self, email: str) -> tuple[str, ...]:
        """The hosts that no password may go to before the user has seen them.

        Those that plain DNS or guessing gave, and those outside the address's domain, unless they are known for certain.
        """
        if self.trust is Trust.KNOWN:
            return ()
        domain = email.rpartition("@")[2].lower()
        doubted = dict.fromkeys(
            server.host
            for server in self.servers
            if server.auth is not AuthMethod.NONE and (self.trust <= Trust.DNS or not within(server.host, domain))
        )
        return tuple(doubted)


def within(host: str, domain: str) -> bool:
    """Whether a host name belongs to a domain."""
    host, domain = _ascii(host), _ascii(domain)
    return host == domain or host.endswith(f".{domain}")


def _ascii(name: str) -> str:
    """A host name as the DNS has it, in lower case."""
    try:
        return name.encode("idna").decode("ascii").lower().rstrip(".")
    except UnicodeError:
        return name.lower().rstrip(".")


class TrialState(StrEnum):
    """How far a source was asked."""

    ASKING = "asking"
    FOUND = "found"
    NOTHING = "nothing"
    """It answered, and has nothing for this domain."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Trial:
    """One source that is or was asked. A later trial with the same ``source`` takes the place of the earlier one."""

    source: str
    state: TrialState
    detail: str = ""
    """Whose servers were found, or why none; safe to show."""
    servers: str = ""
    """Those that were found, as ``host:port`` with commas between."""


@dataclass(frozen=True, slots=True)
class Discovered:
    """Everything found for an address, best first."""

    proposals: tuple[Proposal, ...] = ()
    guess: Proposal | None = None
    """What to write into a form when nothing was found: nobody has answered there."""
