# SPDX-License-Identifier: GPL-3.0-or-later
"""Embedded servers to measure on."""

from dataclasses import dataclass
from pathlib import Path

from tuimail.backends.measure.measuring import Target
from tuimail.demo.servers import DemoServers
from tuimail.model.account import Security, ServerAddress
from tuimail.model.measurement import Protocol, Run

SIZES = (1_000, 30_000)
SENDER = "ada@example.net"


@dataclass(frozen=True, slots=True)
class Place:
    """Embedded servers, and an address for each protocol and security."""

    servers: DemoServers
    ca_file: Path

    def server(self, protocol: Protocol, security: Security = Security.NONE) -> ServerAddress:
        """Where one signs in."""
        at = self.servers.addresses
        tls = security is Security.TLS
        port = {
            Protocol.SMTP: at.smtps_port if tls else at.smtp_port,
            Protocol.POP3: at.pop3s_port if tls else at.pop3_port,
            Protocol.IMAP: at.imaps_port if tls else at.imap_port,
        }[protocol]
        return ServerAddress(at.host, port, security, at.user, ca_file=str(self.ca_file))

    def target(self, security: Security = Security.NONE) -> Target:
        """All three."""
        at = self.servers.addresses
        smtp, pop3, imap = (self.server(protocol, security) for protocol in Protocol)
        known = dict.fromkeys((smtp, pop3, imap), at.password)
        return Target(SENDER, at.email, smtp, ((Protocol.POP3, pop3), (Protocol.IMAP, imap)), known)


@dataclass(frozen=True, slots=True)
class Measured:
    """Two messages of each of `SIZES`."""

    target: Target
    runs: tuple[Run, ...]

    @property
    def security(self) -> Security:
        """Of all connections."""
        return self.target.smtp.security
