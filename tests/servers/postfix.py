# SPDX-License-Identifier: GPL-3.0-or-later
"""A private Postfix that takes mail for every address and puts it into one Maildir."""

import os
import pwd
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers import launch
from tuimail.model.account import AuthMethod, Security, ServerAddress

_PACKAGE = "postfix"
_SIZE_LIMIT = 100_000_000

_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = {commands}
daemon_directory = {daemons}
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/log/mail
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.test
mydestination =
alias_maps =
alias_database =
mynetworks = 127.0.0.0/8
message_size_limit = {size}
mailbox_size_limit = 0
virtual_mailbox_limit = 0
virtual_mailbox_domains = static:all
virtual_mailbox_maps = static:mail/
virtual_mailbox_base = {folder}/boxes
virtual_minimum_uid = 1
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
smtputf8_enable = yes
smtpd_relay_restrictions = {trusted}, reject
smtpd_recipient_restrictions =
    check_recipient_access inline:{{ {{ refused@refused.test = 550 5.1.1 No such user }} }},
    check_recipient_access inline:{{ {{ later@later.test = 450 4.2.1 Try later }} }},
    {trusted}, reject
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_tls_security_level = may
{sign_in}
"""
_SIGN_IN = """\
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {socket}
smtpd_tls_auth_only = yes
"""
_MASTER = """\
{port}      inet  n       -       n       -       -       smtpd
{tls_port}      inet  n       -       n       -       -       smtpd
  -o smtpd_tls_wrappermode=yes
pickup    unix  n       -       n       60      1       pickup
cleanup   unix  n       -       n       -       0       cleanup
qmgr      unix  n       -       n       300     1       qmgr
tlsmgr    unix  -       -       n       1000?   1       tlsmgr
rewrite   unix  -       -       n       -       -       trivial-rewrite
bounce    unix  -       -       n       -       0       bounce
defer     unix  -       -       n       -       0       bounce
trace     unix  -       -       n       -       0       bounce
verify    unix  -       -       n       -       1       verify
flush     unix  n       -       n       1000?   0       flush
proxymap  unix  -       -       n       -       -       proxymap
proxywrite unix -       -       n       -       1       proxymap
smtp      unix  -       -       n       -       -       smtp
relay     unix  -       -       n       -       -       smtp
showq     unix  n       -       n       -       -       showq
error     unix  -       -       n       -       -       error
retry     unix  -       -       n       -       -       error
discard   unix  -       -       n       -       -       discard
local     unix  -       n       n       -       -       local
virtual   unix  -       n       n       -       -       virtual
anvil     unix  -       -       n       -       1       anvil
scache    unix  -       -       n       -       1       scache
postlog   unix-dgram n  -       n       -       1       postlogd
"""


@dataclass(frozen=True, slots=True)
class PostfixServer:
    """A running Postfix. ``refused@refused.test`` is refused with 550, ``later@later.test`` with 450."""

    port: int
    """Cleartext and STARTTLS; takes mail without AUTH."""
    tls_port: int
    ca_file: Path
    folder: Path
    host: str = launch.LOOPBACK
    size_limit: int = _SIZE_LIMIT

    def address(self, security: Security = Security.NONE) -> ServerAddress:
        """How to send through it."""
        port = self.tls_port if security is Security.TLS else self.port
        return ServerAddress(self.host, port, security, "", AuthMethod.NONE, ca_file=str(self.ca_file))

    def delivered(self, message_id: str, count: int = 1, patience: float = 30.0) -> list[bytes]:
        """The delivered messages that have this Message-ID, as stored (lines end in LF); waits until there are ``count``."""
        deadline = time.monotonic() + patience
        wanted = f"message-id: {message_id}".lower().encode()
        while True:
            found = [text for file in self._stored() if wanted in (text := file.read_bytes())[:10_000].lower()]
            if len(found) >= count:
                return found
            if time.monotonic() > deadline:
                pytest.fail(f"Postfix delivered {len(found)} of {count}:\n{self.log()[-3000:]}", pytrace=False)
            time.sleep(0.02)

    def recipients(self, message_id: str) -> list[str]:
        """To whom the message with this Message-ID was delivered, from the envelope."""
        texts = self.delivered(message_id)
        return sorted(match[1].decode() for text in texts if (match := re.search(rb"(?mi)^Delivered-To: (.*)$", text)))

    def log(self) -> str:
        """What it logged so far."""
        path = self.folder / "log" / "mail"
        return path.read_text(errors="replace") if path.exists() else ""

    def _stored(self) -> list[Path]:
        return sorted((self.folder / "boxes" / "mail" / "new").glob("*"))


@contextmanager
def running(sign_in: str = "") -> Iterator[PostfixServer]:
    """Start a Postfix and end it again. ``sign_in``: Dovecot's socket for sign-ins; mail is then taken from who signed in."""
    executable = launch.program("postfix", _PACKAGE)
    if os.geteuid() != 0:
        launch.unavailable("Postfix starts as root only, and these tests run as another user.")
    # Not pytest's folder: that one is closed to Postfix's own users.
    folder = Path(tempfile.mkdtemp(prefix="tm-postfix-"))
    try:
        server = PostfixServer(launch.free_port(), launch.free_port(), folder / "server.pem", folder)
        daemons = _configure(server, executable, sign_in)
        etc = str(folder / "etc")
        checked = subprocess.run([executable, "-c", etc, "check"], capture_output=True, text=True, check=False)
        if checked.returncode:
            launch.unavailable(f"Postfix refuses its configuration: {checked.stderr[-2000:]}")
        with (folder / "out").open("wb") as output:
            process = launch.start([f"{daemons}/master", "-c", etc, "-s"], output)
        try:
            launch.wait_for_greeting(server.port, process, folder / "out")
            yield server
        finally:
            launch.end(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _configure(server: PostfixServer, executable: str, sign_in: str) -> str:
    """Write the configuration; the folder of Postfix's daemons."""
    folder = server.folder
    folder.chmod(0o755)
    files = launch.make_certificate(folder)
    for name in ("etc", "queue", "log"):
        (folder / name).mkdir()
    owner, postfix = pwd.getpwnam("nobody"), pwd.getpwnam("postfix")
    for name, user in (("data", postfix), ("boxes", owner)):
        (folder / name).mkdir()
        os.chown(folder / name, user.pw_uid, user.pw_gid)
    asked = [str(Path(executable).with_name("postconf")), "-d", "-h", "daemon_directory"]
    daemons = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    (folder / "etc" / "main.cf").write_text(
        _MAIN.format(
            folder=folder,
            commands=Path(executable).parent,
            daemons=daemons,
            size=server.size_limit,
            uid=owner.pw_uid,
            gid=owner.pw_gid,
            certificate=files.certificate,
            key=files.key,
            trusted="permit_sasl_authenticated" if sign_in else "permit_mynetworks",
            sign_in=_SIGN_IN.format(socket=sign_in) if sign_in else "",
        )
    )
    (folder / "etc" / "master.cf").write_text(_MASTER.format(port=server.port, tls_port=server.tls_port))
    return daemons


@pytest.fixture(scope="session")
def postfix() -> Iterator[PostfixServer]:
    """A Postfix that takes mail for everybody."""
    with running() as server:
        yield server
