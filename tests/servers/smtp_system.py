# SPDX-License-Identifier: GPL-3.0-or-later
"""Private SMTP servers in systems of their own, which put mail for every address into one Maildir: Exim 4.96, OpenSMTPD 6.8."""

import re
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import pytest

from tests.servers import chroot, launch
from tests.servers.chroot import System
from tuimail.model.account import AuthMethod, Security, ServerAddress

_SIZE_LIMIT = 100_000_000

_EXIM = """\
primary_hostname = mail.test
spool_directory = /srv/spool
log_file_path = /srv/log/%s
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port} : {tls_port}
tls_on_connect_ports = {tls_port}
tls_advertise_hosts = *
tls_certificate = /srv/server.pem
tls_privatekey = /srv/server.key
smtputf8_advertise_hosts = *
message_size_limit = {size}
rfc1413_query_timeout = 0s
smtp_accept_max = 0
queue_run_max = 0
acl_smtp_rcpt = recipients
acl_smtp_data = content
never_users =
begin acl
recipients:
  deny
    recipients = refused@refused.test
    message = No such user
  defer
    recipients = later@later.test
    message = Try later
  accept
content:
  accept
begin routers
everybody:
  driver = accept
  transport = box
begin transports
box:
  driver = appendfile
  directory = /srv/boxes/mail
  maildir_format
  create_directory
  headers_add = Delivered-To: $local_part@$domain
  user = nobody
"""
_EXIM_START = """\
mkdir -p /srv/spool /srv/log /srv/boxes
chown Debian-exim /srv/spool /srv/log /srv/server.key
chown nobody /srv/boxes
exim4 -bdf
"""

_OPENSMTPD = """\
pki mail.test cert "/srv/server.pem"
pki mail.test key "/srv/server.key"
smtp max-message-size "{size}"
listen on 127.0.0.1 port {port} tls pki mail.test
listen on 127.0.0.1 port {tls_port} smtps pki mail.test
action "box" maildir "/srv/boxes/mail" virtual {{ "@" = "nobody" }}
match from any for rcpt-to "refused@refused.test" reject
match from any for any action "box"
"""
_OPENSMTPD_START = """\
mkdir -p /srv/boxes
chown nobody /srv/boxes
smtpd -d -f /srv/smtpd.conf
"""


@dataclass(frozen=True, slots=True)
class SystemSmtp:
    """A running server. ``refused@refused.test`` is refused with 550, and where that can be, ``later@later.test`` with 451."""

    name: str
    port: int
    """Cleartext and STARTTLS; takes mail without AUTH."""
    tls_port: int
    system: System
    host: str = launch.LOOPBACK
    size_limit: int = _SIZE_LIMIT

    def address(self, security: Security = Security.NONE) -> ServerAddress:
        """How to send through it."""
        port = self.tls_port if security is Security.TLS else self.port
        ca_file = self.system.layer / "srv" / "server.pem"
        return ServerAddress(self.host, port, security, "", AuthMethod.NONE, ca_file=str(ca_file))

    def delivered(self, message_id: str, count: int = 1, patience: float = 60.0) -> list[bytes]:
        """The delivered messages that have this Message-ID, as stored (lines end in LF); waits until there are ``count``."""
        deadline = time.monotonic() + patience
        wanted = f"message-id: {message_id}".lower().encode()
        new = self.system.layer / "srv" / "boxes" / "mail" / "new"
        while True:
            found = [text for file in sorted(new.glob("*")) if wanted in (text := file.read_bytes())[:10_000].lower()]
            if len(found) >= count:
                return found
            if time.monotonic() > deadline:
                log = self.system.output.read_text(errors="replace")[-3000:]
                pytest.fail(f"{self.name} delivered {len(found)} of {count}:\n{log}", pytrace=False)
            time.sleep(0.02)

    def recipients(self, message_id: str) -> list[str]:
        """To whom the message with this Message-ID was delivered, from the envelope."""
        texts = self.delivered(message_id)
        return sorted(match[1].decode() for text in texts if (match := re.search(rb"(?mi)^Delivered-To: (.*)$", text)))


@contextmanager
def _running(name: str, path: str, configuration: str, script: str) -> Iterator[SystemSmtp]:
    with chroot.made(name) as system:
        server = SystemSmtp(name, launch.free_port(), launch.free_port(), system)
        files = launch.make_certificate(system.folder, rsa=name == "opensmtpd")
        system.write("/srv/server.pem", files.certificate.read_bytes())
        system.write("/srv/server.key", files.key.read_bytes(), 0o600)
        ports = {"port": server.port, "tls_port": server.tls_port}
        system.write(path, configuration.format(**ports, size=server.size_limit))
        with chroot.started(name, system, server.port, script):
            yield server


def exim() -> AbstractContextManager[SystemSmtp]:
    """Start an Exim and end it again."""
    return _running("exim", "/etc/exim4/exim4.conf", _EXIM, _EXIM_START)


def opensmtpd() -> AbstractContextManager[SystemSmtp]:
    """Start an OpenSMTPD and end it again."""
    return _running("opensmtpd", "/srv/smtpd.conf", _OPENSMTPD, _OPENSMTPD_START)
