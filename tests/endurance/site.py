# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the day is spent: a filled mailbox at a Dovecot that can be started anew, who takes the mail, and the wires to both."""

import contextlib
import imaplib
import os
import shutil
import signal
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.servers import Mailbox, filled, lift_limits
from tests.endurance.wire import Wire
from tests.servers import dovecot, launch
from tests.servers.dovecot import DovecotServer
from tuimail.demo.servers import DemoServers

FOLDERS = ("Work", "Work/Alpha", "Work/Beta", "Work/Gamma")
"""What the mailbox has beside the folders with a role. Only the last is renamed."""
EMAIL = "robin@bench.example"
_CONFIG = """
[settings]
undo_send = 0

[accounts.bench]
name = "Robin Vale"
email = "{email}"
username = "{user}"
password_command = ["cat", "{secret}"]
imap = {{ host = "127.0.0.1", port = {imap}, security = "none" }}

[accounts.bench.smtp]
host = "127.0.0.1"
port = {smtp}
security = "none"
username = "{smtp_user}"
password_command = ["cat", "{smtp_secret}"]
"""


@dataclass
class Site:
    """All of it."""

    server: DovecotServer
    mailbox: Mailbox
    imap: Wire
    smtp: Wire
    sink: DemoServers
    folder: Path
    """Of the run: ``home`` is the program's, ``clock`` its wall clock's lead in seconds."""
    is_kept: bool = False
    """Whether the folder stays when the day is over, to be looked into."""
    _process: subprocess.Popen[bytes] | None = None
    _output: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    @property
    def home(self) -> Path:
        """What ``--home`` names."""
        return self.folder / "home"

    @contextlib.contextmanager
    def client(self) -> Iterator[imaplib.IMAP4]:
        """A connection beside the program's, signed in."""
        connection = self.mailbox.client()
        try:
            yield connection
        finally:
            with contextlib.suppress(imaplib.IMAP4.error, OSError):
                connection.logout()

    def restart(self) -> None:
        """End the IMAP server with all its connections, and start it anew."""
        master = self.server.folder / "run" / "master.pid"
        pid = int(master.read_text())
        os.kill(pid, signal.SIGTERM)
        while _runs(pid):
            time.sleep(0.02)
        self.end()
        output = self._output.enter_context((self.server.folder / "out").open("ab"))
        command = [launch.program("dovecot", "dovecot-imapd"), "-F", "-c", str(self.server.folder / "dovecot.conf")]
        self._process = launch.start(command, output)
        launch.wait_for_greeting(self.server.port, self._process, self.server.folder / "log")

    def end(self) -> None:
        """End the IMAP server, where it was started anew."""
        if self._process is not None:
            launch.end(self._process)
            self._process = None
        self._output.close()

    def put_on(self, seconds: float) -> None:
        """The program's wall clock goes on by so much, while the other one stands still."""
        with (self.folder / "clock").open("r+b") as file:
            (ahead,) = struct.unpack("d", file.read(8))
            file.seek(0)
            file.write(struct.pack("d", ahead + seconds))

    def remove(self) -> None:
        """Remove the folder, unless it is kept."""
        if not self.is_kept:
            shutil.rmtree(self.folder, ignore_errors=True)


def _runs(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


@contextlib.contextmanager
def site(cache: Path, total: int) -> Iterator[Site]:
    """A mailbox of so many messages, with nobody at it. ``cache`` keeps filled mailboxes between runs."""
    cache.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="tm-endurance-"))
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(dovecot.running())
        lift_limits(server.folder / "dovecot.conf")
        mailbox = filled(server, cache, total)
        sink = stack.enter_context(DemoServers(0))
        imap = stack.enter_context(Wire(server.host, server.port))
        smtp = stack.enter_context(Wire(sink.addresses.host, sink.addresses.smtp_port))
        made = Site(server, mailbox, imap, smtp, sink, folder)
        stack.callback(made.remove)
        stack.callback(made.end)
        with made.client() as client:
            for name in FOLDERS:
                client.create(name)
                client.subscribe(name)
        _configure(made)
        yield made


def _configure(made: Site) -> None:
    made.home.mkdir()
    (made.folder / "clock").write_bytes(struct.pack("d", 0))
    secret, smtp_secret = made.folder / "secret", made.folder / "smtp-secret"
    secret.write_text(made.mailbox.password)
    smtp_secret.write_text(made.sink.addresses.password)
    config = made.home / "config.toml"
    config.write_text(
        _CONFIG.format(
            email=EMAIL,
            user=made.mailbox.user,
            secret=secret,
            imap=made.imap.port,
            smtp=made.smtp.port,
            smtp_user=made.sink.addresses.user,
            smtp_secret=smtp_secret,
        )
    )
    config.chmod(0o600)
