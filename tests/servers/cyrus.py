# SPDX-License-Identifier: GPL-3.0-or-later
"""A private Cyrus 3.6, with the folders and the separator that Dovecot has here."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from tests.servers import chroot, launch
from tests.servers.imap_server import ImapServer

_IMAPD = """\
servername: mail.test
configdirectory: /srv/cyrus
partition-default: /srv/spool
defaultpartition: default
proc_path: /srv/cyrus/proc
mboxname_lockpath: /srv/cyrus/lock
notifysocket: /srv/cyrus/notify
lmtpsocket: /srv/cyrus/lmtp
altnamespace: yes
unixhierarchysep: yes
virtdomains: off
allowplaintext: yes
munge8bit: no
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: /srv/sasldb
sasl_mech_list: PLAIN LOGIN SCRAM-SHA-256
tls_server_cert: /srv/server.pem
tls_server_key: /srv/server.key
imapidlepoll: {idle}
maxlogins_per_user: 0
autocreate_quota: 0
autocreate_inbox_folders: Archive|Drafts|Junk|Sent|Trash
autocreate_subscribe_folders: Archive|Drafts|Junk|Sent|Trash
xlist-archive: Archive
xlist-drafts: Drafts
xlist-junk: Junk
xlist-sent: Sent
xlist-trash: Trash
{suppressed}
"""
_MASTER = """\
START {{
}}
SERVICES {{
    imap cmd="imapd -C /srv/imapd.conf" listen="127.0.0.1:{port}" prefork=1 maxchild=200
    imaps cmd="imapd -C /srv/imapd.conf -s" listen="127.0.0.1:{tls_port}" prefork=0 maxchild=50
}}
EVENTS {{
}}
"""
_START = """\
mkdir -p /srv/cyrus/socket /srv/spool /run/cyrus
chown cyrus:mail /srv /srv/cyrus /srv/cyrus/socket /srv/spool /srv/server.key /run/cyrus
/usr/lib/cyrus/bin/master -D -C /srv/imapd.conf -M /srv/cyrus.conf -p /srv/master.pid
"""


@contextmanager
def running(without: Iterable[str] = ()) -> Iterator[ImapServer]:
    """Start a Cyrus that does not offer these capabilities, and end it again."""
    with chroot.made("cyrus") as system:
        server = ImapServer(launch.free_port(), launch.free_port(), system.layer / "srv" / "server.pem", system)
        names = " ".join(without := tuple(without))
        suppressed = f"suppress_capabilities: {names}" if names else ""
        files = launch.make_certificate(system.folder)
        system.write("/srv/server.pem", files.certificate.read_bytes())
        system.write("/srv/server.key", files.key.read_bytes(), 0o600)
        idle = 0 if "IDLE" in set(without) else 1  # the seconds between its looks; IDLE is not among what can be suppressed
        system.write("/srv/imapd.conf", _IMAPD.format(suppressed=suppressed, idle=idle))
        master = _MASTER.format(port=server.port, tls_port=server.tls_port)
        system.write("/srv/cyrus.conf", master)
        with chroot.started("cyrus", system, server.port, _START):
            yield server
