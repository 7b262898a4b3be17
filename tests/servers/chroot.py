# SPDX-License-Identifier: GPL-3.0-or-later
"""A server in a system of its own: what `.ci/chroots` made, with a layer over it that is gone when the server ends.

The layer, /proc and /dev are mounted in a mount namespace, and all of the server's processes live in a process namespace: when
its first one is killed, processes and mounts end with it, and the system below is as before.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from tests.servers import launch

_INSIDE = """
mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/layer,workdir=$2/work" "$2/root"
mount -t proc proc "$2/root/proc"
mount -t tmpfs dev "$2/root/dev"
for node in null zero random urandom tty log; do touch "$2/root/dev/$node"; done
for node in null zero random urandom tty; do mount --bind "/dev/$node" "$2/root/dev/$node"; done
mount --bind "$2/syslog" "$2/root/dev/log"
chroot "$2/root" /bin/sh -e /srv/start
"""
_MEMORY = "/dev/shm"
"""Where servers write fast that ask the disk to be sure of every message."""
_ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/root"}


@dataclass(frozen=True, slots=True)
class System:
    """One server's files: ``layer`` stands over what the installed system has, at the same paths."""

    folder: Path

    @property
    def layer(self) -> Path:
        """What was written, by us before the start and by the server since."""
        return self.folder / "layer"

    @property
    def output(self) -> Path:
        """What the server wrote to its standard output and error, and to the system's log."""
        return self.folder / "out"

    def write(self, path: str, text: str | bytes, mode: int = 0o644) -> None:
        """Put a file into the system, before it is started."""
        file = self.layer / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        file.chmod(mode)


def systems() -> Path | None:
    """The folder that ``make test-servers`` names, with a system for each server."""
    named = os.environ.get("TUIMAIL_SERVERS")
    return Path(named) if named else None


@contextmanager
def made(name: str) -> Iterator[System]:
    """A fresh system for a server of this name, not started; removed in the end."""
    folder = Path(tempfile.mkdtemp(prefix=f"tm-{name}-", dir=_MEMORY if os.access(_MEMORY, os.W_OK) else None))
    try:
        folder.chmod(0o755)
        for part in ("layer", "work", "root"):
            (folder / part).mkdir()
        yield System(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def started(name: str, system: System, port: int, script: str, environment: Mapping[str, str] | None = None) -> Iterator[None]:
    """Run a shell script in the system, which ends by being the server, until the context is left.

    ``port``: where it has to greet.
    """
    below = systems()
    if below is None or os.geteuid() != 0:
        launch.unavailable(f"{name} runs in a system of its own: say `make test-servers`, as root.")
    if not (below / name / ".made").exists():
        launch.unavailable(f"There is no {name} in {below}: `.ci/chroots {below} {name}` makes it.")
    system.write("/srv/start", script)
    # Killing `unshare` kills the first process of the namespace, and with it all others.
    command = ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork", "--kill-child"]
    with system.output.open("ab", buffering=0) as output, _logged(system.folder / "syslog", output):
        process = subprocess.Popen(
            [*command, "sh", "-ec", _INSIDE, name, str(below / name), str(system.folder)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**_ENVIRONMENT, **(environment or {})},
            start_new_session=True,
        )
        try:
            launch.wait_for_greeting(port, process, system.output)
            yield
        finally:
            process.kill()
            process.wait()


@contextmanager
def _logged(path: Path, output: BinaryIO) -> Iterator[None]:
    """Be the system's log: datagrams of a Unix socket become lines."""
    end = b"(end)"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
        log.bind(str(path))
        path.chmod(0o666)

        def listen() -> None:
            while (line := log.recv(65_536)) != end:
                output.write(line.rstrip(b"\n\0") + b"\n")

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        try:
            yield
        finally:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as last:
                last.sendto(end, str(path))
            thread.join()
