# SPDX-License-Identifier: GPL-3.0-or-later
"""A private Dovecot 2.3: every user name exists, with one password, and starts with an empty mailbox."""

import getpass
import grp
import imaplib
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.servers import launch
from tuimail.model.account import AuthMethod, Security, ServerAddress

_PACKAGE = "dovecot-imapd dovecot-pop3d"
_VERSION = "2.3."
_LIBRARIES = (Path("/usr/lib/dovecot"), Path("/usr/libexec/dovecot"))

_CONFIG = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
listen = 127.0.0.1
protocols = imap pop3
mail_location = mdbox:~/mail
mail_fsync = never
mail_plugins = zlib
mail_max_userip_connections = 200
auth_mechanisms = {mechanisms}
auth_failure_delay = 0 secs
disable_plaintext_auth = no
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
{tokens}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home/%u
}}
first_valid_uid = 1
protocol imap {{
  mail_plugins = zlib imap_zlib
  {capability}
}}
service imap-login {{
  {chroot}
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
  service_count = 0
  process_min_avail = 1
}}
service pop3-login {{
  {chroot}
  inet_listener pop3 {{
    port = {pop3_port}
  }}
  inet_listener pop3s {{
    port = {pop3s_port}
  }}
  service_count = 0
}}
service auth {{
  unix_listener auth-submission {{
    mode = 0666
  }}
}}
service anvil {{
  {chroot}
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
{users}
namespace inbox {{
  inbox = yes
  separator = /
{mailboxes}
}}
"""
_TOKENS = """
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2.conf
}}
"""
_INTROSPECTION = """
introspection_mode = get
introspection_url = {url}
username_attribute = username
active_attribute = active
active_value = true
"""
_ROLES = {"Archive": "Archive", "Drafts": "Drafts", "Junk": "Junk", "Sent": "Sent", "Trash": "Trash"}


@dataclass(frozen=True, slots=True)
class DovecotServer:
    """A running Dovecot."""

    port: int
    """Cleartext and STARTTLS."""
    tls_port: int
    pop3_port: int
    """Cleartext and STLS."""
    pop3s_port: int
    ca_file: Path
    """The certificate to trust."""
    folder: Path
    """All of its files; ``home/USER/mail`` is an mdbox."""
    password: str = "secret-word"
    host: str = launch.LOOPBACK
    _users: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def new_user(self) -> str:
        """A name with an empty mailbox."""
        return f"user{next(self._users)}"

    def address(self, user: str, security: Security = Security.NONE) -> ServerAddress:
        """How to reach that user's mailbox."""
        port = self.tls_port if security is Security.TLS else self.port
        return ServerAddress(self.host, port, security, user, AuthMethod.PASSWORD, ca_file=str(self.ca_file))

    def maildrop(self, user: str, security: Security = Security.NONE) -> ServerAddress:
        """How to reach that user's INBOX by POP3."""
        port = self.pop3s_port if security is Security.TLS else self.pop3_port
        return ServerAddress(self.host, port, security, user, AuthMethod.PASSWORD, ca_file=str(self.ca_file))

    def client(self, user: str) -> imaplib.IMAP4:
        """Another client, independent of tuimail, signed in: for seeding and for looking."""
        connection = imaplib.IMAP4(self.host, self.port)
        connection.login(user, self.password)
        return connection

    @property
    def sign_in_socket(self) -> str:
        """Where a Postfix asks it whether sign-ins are good."""
        return str(self.folder / "run" / "auth-submission")

    def log(self) -> str:
        """What it logged so far."""
        return (self.folder / "log").read_text(errors="replace")


@contextmanager
def running(
    disable: Iterable[str] = (),
    offered: Iterable[str] = (),
    mechanisms: str = "plain login scram-sha-256",
    introspection: str = "",
) -> Iterator[DovecotServer]:
    """Start a Dovecot and end it again. With ``disable`` it offers ``offered`` without these.

    ``introspection``: the address that tells of a token, which is appended, whose it is (RFC 7662).
    """
    executable = launch.program("dovecot", _PACKAGE)
    if not any((folder / "pop3").exists() for folder in _LIBRARIES):
        launch.unavailable(f"Dovecot's POP3 server is not installed: `apt-get install --no-install-recommends {_PACKAGE}`.")
    version = subprocess.run([executable, "--version"], capture_output=True, text=True, check=True).stdout
    if not version.startswith(_VERSION):
        launch.unavailable(
            f"The tests configure Dovecot {_VERSION}x; here is {version.strip()}, whose configuration has another syntax."
        )
    # Not pytest's folder: that one is closed to Dovecot's own users, and its long path would not fit a socket's name.
    folder = Path(tempfile.mkdtemp(prefix="tm-dovecot-"))
    try:
        names = frozenset(disable)
        capability = f"imap_capability = {' '.join(name for name in offered if name not in names)}" if names else ""
        imap, imaps, pop3, pop3s = (launch.free_port() for _ in range(4))
        server = DovecotServer(imap, imaps, pop3, pop3s, folder / "server.pem", folder)
        _configure(server, capability, mechanisms, introspection)
        with (folder / "out").open("wb") as output:
            process = launch.start([executable, "-F", "-c", str(folder / "dovecot.conf")], output)
        try:
            launch.wait_for_greeting(server.port, process, folder / "out")
            yield server
        finally:
            launch.end(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _configure(server: DovecotServer, capability: str, mechanisms: str, introspection: str) -> None:
    folder = server.folder
    if introspection:
        (folder / "oauth2.conf").write_text(_INTROSPECTION.format(url=introspection))
    files = launch.make_certificate(folder)
    root = os.geteuid() == 0
    owner = pwd.getpwnam("nobody") if root else pwd.getpwuid(os.geteuid())
    home = folder / "home"
    home.mkdir()
    if root:
        folder.chmod(0o755)
        os.chown(home, owner.pw_uid, owner.pw_gid)
    group = grp.getgrgid(os.getegid()).gr_name
    own = f"default_login_user = {{0}}\ndefault_internal_user = {{0}}\ndefault_internal_group = {group}".format(
        getpass.getuser()
    )
    mailboxes = "\n".join(
        f"  mailbox {name} {{\n    special_use = \\{role}\n    auto = subscribe\n  }}" for name, role in _ROLES.items()
    )
    (folder / "dovecot.conf").write_text(
        _CONFIG.format(
            folder=folder,
            certificate=files.certificate,
            key=files.key,
            password=server.password,
            uid=owner.pw_uid,
            gid=owner.pw_gid,
            capability=capability,
            mechanisms=mechanisms,
            tokens=_TOKENS.format(folder=folder) if introspection else "",
            chroot="" if root else "chroot =",
            port=server.port,
            tls_port=server.tls_port,
            pop3_port=server.pop3_port,
            pop3s_port=server.pop3s_port,
            users="" if root else own,
            mailboxes=mailboxes,
        )
    )


def offered_by(server: DovecotServer) -> tuple[str, ...]:
    """The capabilities after sign-in, in the server's order."""
    with server.client(server.new_user()) as client:
        _, answer = client.capability()
    return tuple(answer[0].decode().split())


DovecotVariant = Callable[[Iterable[str]], DovecotServer]
"""Gives a Dovecot that does not offer these capabilities, started once a session for each set of them."""


@pytest.fixture(scope="session")
def dovecot() -> Iterator[DovecotServer]:
    """A Dovecot with everything that it offers by default, and COMPRESS."""
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def dovecot_variant(dovecot: DovecotServer) -> Iterator[DovecotVariant]:
    """Dovecots that offer less: ``dovecot_variant({"MOVE", "UIDPLUS"})``."""
    started: dict[frozenset[str], DovecotServer] = {}
    offered = offered_by(dovecot)
    with ExitStack() as stack:

        def variant(disable: Iterable[str]) -> DovecotServer:
            names = frozenset(disable)
            if names not in started:
                started[names] = stack.enter_context(running(names, offered))
            return started[names]

        yield variant
