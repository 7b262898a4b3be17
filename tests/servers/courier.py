# SPDX-License-Identifier: GPL-3.0-or-later
"""A private Courier 5.0: all folders live below INBOX, separated by dots. It greets before it can let anybody in."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from tests.servers import chroot, launch
from tests.servers.imap_server import ImapServer

_OFFERED = ("IMAP4rev1", "UIDPLUS", "CHILDREN", "NAMESPACE", "SORT", "QUOTA", "IDLE")
_START = """\
mkdir -p /run/courier/authdaemon
chown courier /srv/both.pem
authdaemond start
until authtest user1 >/dev/null 2>&1; do sleep 0.05; done
set -a
. /etc/courier/imapd-ssl
. /etc/courier/imapd
IMAP_CAPABILITY="{offered}"
IMAP_STARTTLS=YES
IMAP_ENHANCEDIDLE=0
IMAP_IDLE_TIMEOUT=1
IMAP_EMPTYTRASH=
IMAP_ULIMITD=
TLS_CERTFILE=/srv/both.pem
TLS_TRUSTCERTS=/srv/server.pem
TLS_PROTOCOL=
TLS_PRIORITY=NORMAL
TLS_DHPARAMS=
TLS_CACHEFILE=
COURIERTLS=/usr/bin/couriertls
tcpd="couriertcpd -address=127.0.0.1 -maxprocs=200 -maxperip=200 -nodnslookup -noidentlookup"
$tcpd {tls_port} $COURIERTLS -server -tcpd /usr/lib/courier/courier/imaplogin /usr/bin/imapd Maildir &
$tcpd {port} /usr/lib/courier/courier/imaplogin /usr/bin/imapd Maildir
"""


@contextmanager
def running(without: Iterable[str] = ()) -> Iterator[ImapServer]:
    """Start a Courier that does not offer these capabilities, and end it again."""
    with chroot.made("courier") as system:
        server = ImapServer(launch.free_port(), launch.free_port(), system.layer / "srv" / "server.pem", system)
        files = launch.make_certificate(system.folder)
        system.write("/srv/server.pem", files.certificate.read_bytes())
        system.write("/srv/both.pem", files.key.read_bytes() + files.certificate.read_bytes(), 0o600)
        offered = " ".join(name for name in _OFFERED if name not in set(without))
        script = _START.format(offered=offered, port=server.port, tls_port=server.tls_port)
        with chroot.started("courier", system, server.port, script):
            yield server
