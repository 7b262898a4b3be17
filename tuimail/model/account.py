# SPDX-License-Identifier: GPL-3.0-or-later
"""Who the user is, and where the mail lives."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address

from tuimail.model.address import Address


class Security(StrEnum):
    """How a connection is protected (RFC 8314)."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


class AuthMethod(StrEnum):
    """How the account proves who it is."""

    PASSWORD = "password"
    OAUTH2 = "oauth2"
    NONE = "none"


PORTS: Mapping[str, Mapping[Security, int]] = {
    "imap": {Security.TLS: 993, Security.STARTTLS: 143, Security.NONE: 143},
    "pop3": {Security.TLS: 995, Security.STARTTLS: 110, Security.NONE: 110},
    "smtp": {Security.TLS: 465, Security.STARTTLS: 587, Security.NONE: 25},
}
"""Where a server listens unless somebody says otherwise (RFC 8314 §3, RFC 6409 §3.1; without TLS a relay, RFC 5321)."""
CHECK_INTERVAL = 180
"""Seconds."""
_HOST = re.compile(r"[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?")


def is_loopback(host: str) -> bool:
    """Whether a connection to this host stays on this machine."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_host(name: str) -> bool:
    """Whether a text can be a host: an IP address, or labels of 1 to 63 octets (RFC 1123 §2.1), which may be international."""
    try:
        return bool(ip_address(name.strip("[]")))
    except ValueError:
        pass
    try:
        return bool(_HOST.fullmatch(name.encode("idna").decode("ascii")))
    except UnicodeError:
        return False


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """One server of an account, with everything needed to sign in but the secret itself."""

    host: str
    port: int
    security: Security
    username: str
    auth: AuthMethod = AuthMethod.PASSWORD
    password_command: tuple[str, ...] = ()
    """An argument vector whose first line of output is the secret (password or token)."""
    ca_file: str = ""
    """A PEM file of certificates trusted in addition to the system's."""
    leave_on_server: bool = True
    """POP3 only."""
    fingerprint: str = ""
    """SHA-256 of the only certificate that is taken, as ``AB:CD:…``; its authority, name and dates count no more then."""
    check_interval: int = CHECK_INTERVAL
    """Seconds between two visits to a POP3 server."""

    @property
    def signs_in_by_page(self) -> bool:
        """Whether the user signs in at the provider's page, and no program has the tokens."""
        return self.auth is AuthMethod.OAUTH2 and not self.password_command


@dataclass(frozen=True, slots=True)
class Account:
    """One ``[accounts.KEY]`` table of the configuration."""

    key: str
    """The table's name; the account's name on the command line and in the folder tree."""
    identity: Address
    imap: ServerAddress | None = None
    pop3: ServerAddress | None = None
    smtp: ServerAddress | None = None
    aliases: tuple[str, ...] = ()
    """Further addresses that are the user's; ``*@domain`` is any at that domain."""
    signature: str = ""

    @property
    def servers(self) -> tuple[ServerAddress, ...]:
        """Those that there are: of IMAP, POP3, SMTP, in this order."""
        return tuple(server for server in (self.imap, self.pop3, self.smtp) if server is not None)

    @property
    def signs_in_by_page(self) -> bool:
        """Whether the user signs in to one of the servers at the provider's page."""
        return any(server.signs_in_by_page for server in self.servers)

    def owns(self, email: str) -> bool:
        """Whether an address is the user's own."""
        email = email.lower()
        return any(
            email == own or (own.startswith("*@") and email.endswith(own[1:]))
            for own in (self.identity.email.lower(), *(alias.lower() for alias in self.aliases))
        )
