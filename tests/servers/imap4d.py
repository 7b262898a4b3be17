# SPDX-License-Identifier: GPL-3.0-or-later
"""A private imap4d of GNU mailutils 3.15: the poorest server here."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from tests.servers import chroot, launch
from tests.servers.imap_server import ImapServer

_CONFIG = """\
tls-file-checks {{
  key-file none;
}};
tls {{
  ssl-certificate-file /srv/server.pem;
  ssl-key-file /srv/server.key;
}};
server 127.0.0.1:{port} {{
  tls-mode ondemand;
}};
server 127.0.0.1:{tls_port} {{
  tls-mode connection;
}};
mode daemon;
foreground yes;
max-children 200;
timeout 1800;
mailbox {{
  mailbox-pattern "mbox:/srv/home/${{user}}/inbox";
  mailbox-type mbox;
}};
namespace personal {{
  prefix "" {{
    directory "/srv/home/${{user}}/Mail";
    delimiter "/";
    mailbox-type mbox;
  }};
}};
"""
_START = "imap4d --no-site-config --config-file /srv/imap4d.conf --foreground --daemon=100\n"


class Imap4d(ImapServer):
    """An imap4d, whose INBOX is there once it was opened."""

    def new_user(self) -> str:
        user = super().new_user()
        with self.client(user) as client:
            client.select("INBOX")
        return user


@contextmanager
def running(without: Iterable[str] = ()) -> Iterator[ImapServer]:
    """Start an imap4d and end it again. It has no way to offer less: ``without`` is empty."""
    assert not set(without)
    with chroot.made("imap4d") as system:
        server = Imap4d(launch.free_port(), launch.free_port(), system.layer / "srv" / "server.pem", system)
        files = launch.make_certificate(system.folder)
        system.write("/srv/server.pem", files.certificate.read_bytes())
        system.write("/srv/server.key", files.key.read_bytes(), 0o600)
        system.write("/srv/imap4d.conf", _CONFIG.format(port=server.port, tls_port=server.tls_port))
        with chroot.started("imap4d", system, server.port, _START):
            yield server
