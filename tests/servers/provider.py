# SPDX-License-Identifier: GPL-3.0-or-later
"""A mail provider on the loopback interface: mail servers with TLS, an autoconfig document, a DNS server."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.servers import dns, web
from tuimail.demo.servers import DemoAddresses, DemoServers

AUTOCONFIG = """\
<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.1">
  <emailProvider id="example.org">
    <domain>example.org</domain>
    <displayName>{label}</displayName>
    <incomingServer type="imap">
      <hostname>{host}</hostname><port>{imap}</port><socketType>{security}</socketType>
      <authentication>{authentication}</authentication><username>{username}</username>
    </incomingServer>
    <outgoingServer type="smtp">
      <hostname>{host}</hostname><port>{smtp}</port><socketType>{security}</socketType>
      <authentication>{authentication}</authentication><username>{username}</username>
    </outgoingServer>
    {more}
  </emailProvider>
</clientConfig>
"""
_PATH = "/config-v1.1.xml"


@dataclass
class LocalProvider:
    """A running provider."""

    mail: DemoServers
    web: web.WebServer
    dns: dns.DnsServer
    folder: Path

    @property
    def at(self) -> DemoAddresses:
        """Its servers and its user."""
        return self.mail.addresses

    @property
    def ca_file(self) -> Path:
        """The certificate to trust."""
        return self.folder / "provider.pem"

    def publish(self, *, authentication: str = "password-cleartext", more: str = "", host: str = "localhost") -> None:
        """Publish an autoconfig document for the mail servers."""
        document = AUTOCONFIG.format(
            label="Example Mail", host=host, imap=self.at.imaps_port, smtp=self.at.smtps_port, security="SSL",
            authentication=authentication, username=self.at.user, more=more,
        )  # fmt: skip
        self.web.pages[_PATH] = web.Page(document.encode())

    def withdraw(self) -> None:
        """Publish nothing any more."""
        self.web.pages.pop(_PATH, None)

    def configuration(self, *, trusted: bool = True) -> str:
        """The table ``[discovery]`` that leads here; ``trusted``: with the provider's own authority."""
        ca_file = f'ca_file = "{self.ca_file}"\n' if trusted else ""
        return f'[discovery]\nautoconfig = ["{self.web.url(_PATH)}"]\ndns = "{self.dns.address}"\n{ca_file}'

    @property
    def signed_in(self) -> list[str]:
        """The commands that may have carried a password, as the IMAP server saw them."""
        return [line for line in self.mail.log if line.split(" ", 1)[-1].startswith(("LOGIN", "AUTHENTICATE"))]


@contextlib.contextmanager
def running(folder: Path, messages: int = 20) -> Iterator[LocalProvider]:
    """Start a provider with its document published; its files are in ``folder``."""
    with DemoServers(messages, tls=True) as mail, web.running() as pages, dns.running() as names:
        provider = LocalProvider(mail, pages, names, folder)
        provider.ca_file.write_text(provider.at.certificate)
        provider.publish()
        yield provider
