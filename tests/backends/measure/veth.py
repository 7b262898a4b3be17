# SPDX-License-Identifier: GPL-3.0-or-later
"""Two network namespaces joined by a veth pair (MTU 1500, offloads off): servers and tcpdump in one, a client in the other."""

import json
import os
import shutil
import struct
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TOOLS = ("ip", "ethtool", "tcpdump", "setpriv", "taskset")
OURS, THEIRS = "10.77.0.1", "10.77.0.2"
_SERVE = """
import json, sys
import tuimail.demo.network as network
import tuimail.demo.smtp_server
from tuimail.demo.servers import DemoServers
network.HOST = sys.argv[1]
with DemoServers(0) as servers:
    at = servers.addresses
    print(json.dumps([at.relay_port, at.pop3_port, at.imap_port, at.user, at.email, at.password]), flush=True)
    sys.stdin.read()
"""
_CONFIG = """
[accounts.veth]
email = "{email}"
username = "{user}"
password_command = ["echo", "{password}"]
smtp = {{ host = "{host}", port = {smtp}, security = "none", allow_plaintext = true, auth = "none" }}
pop3 = {{ host = "{host}", port = {pop3}, security = "none", allow_plaintext = true }}
imap = {{ host = "{host}", port = {imap}, security = "none", allow_plaintext = true }}
"""


def what_is_missing() -> str:
    """Why the pair cannot be made here; empty when it can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    tools = [tool for tool in TOOLS if shutil.which(tool) is None]
    if tools:
        return f"not installed: {', '.join(tools)} (apt-get install iproute2 ethtool tcpdump util-linux)"
    name = f"tuimail-try-{os.getpid()}"
    tried = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True, check=False)
    subprocess.run(["ip", "netns", "delete", name], capture_output=True, check=False)
    return f"no network namespace can be made: {tried.stderr.strip()}" if tried.returncode else ""


@dataclass(slots=True)
class Seen:
    """One TCP connection in the capture."""

    octets: int = 0
    """Of IP packets."""
    data: int = 0
    """Segments with data."""
    empty: int = 0
    lengths: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    """Of frames, as tcpdump gives them: with the header of Ethernet."""
    repeated: int = 0
    """Segments with data that was there before."""
    early: int = 0
    """Segments with data that came before what they follow."""
    _next: dict[int, int] = field(default_factory=dict)

    def add(self, sender: int, length: int, ip_length: int, sequence: int, data: int) -> None:
        """Count one frame; ``sender`` is the port that it comes from."""
        self.octets += ip_length
        self.lengths[length] += 1
        if not data:
            self.empty += 1
            return
        self.data += 1
        expected = self._next.get(sender, sequence)
        behind = (expected - sequence) % (1 << 32)
        self.repeated += 0 < behind < 1 << 31
        self.early += behind > 1 << 31
        if behind < data or behind > 1 << 31:
            self._next[sender] = (sequence + data) % (1 << 32)


Ports = tuple[int, int]
"""Of the client and of the server."""


def read_capture(file: Path) -> dict[Ports, Seen]:
    """The connections. Reads the format of pcap-savefile(5), IPv4 over Ethernet."""
    seen: dict[Ports, Seen] = defaultdict(Seen)
    raw, at = file.read_bytes(), 24
    while at + 16 < len(raw):
        _, _, kept, length = struct.unpack_from("=IIII", raw, at)
        if at + 16 + kept > len(raw):
            break  # tcpdump is still writing it
        ip = raw[at + 16 + 14 : at + 16 + kept]
        ip_header, ip_length = (ip[0] & 15) * 4, int.from_bytes(ip[2:4])
        source, target, sequence = struct.unpack_from(">HHI", ip, ip_header)
        data = ip_length - ip_header - (ip[ip_header + 12] >> 4) * 4
        ports = (source, target) if ip[12:16] == bytes(map(int, OURS.split("."))) else (target, source)
        seen[ports].add(source, length, ip_length, sequence, data)
        at += 16 + kept
    return seen


@contextmanager
def pair() -> Iterator[tuple[list[str], list[str], str]]:
    """What to put before a command that is to run in our, in their namespace, and the name of their interface."""
    ours, theirs = (f"tuimail-{side}-{os.getpid()}" for side in ("a", "b"))
    with ExitStack() as undo:
        for name in (ours, theirs):
            _run("ip", "netns", "add", name)
            undo.callback(_run, "ip", "netns", "delete", name)
        _run("ip", "link", "add", "v0", "netns", ours, "type", "veth", "peer", "name", "v0", "netns", theirs)
        for name, address in ((ours, OURS), (theirs, THEIRS)):
            inside = ["ip", "netns", "exec", name]
            _run(*inside, "ip", "address", "add", f"{address}/24", "dev", "v0")
            _run(*inside, "ethtool", "-K", "v0", "tso", "off", "gso", "off", "gro", "off")
            # Tail loss probes send again what was not lost, when the other side is only slow (RFC 8985 §7).
            _run(*inside, "sh", "-c", "echo 0 > /proc/sys/net/ipv4/tcp_early_retrans")
            _run(*inside, "ip", "link", "set", "lo", "up")
            _run(*inside, "ip", "link", "set", "v0", "up")
        # On one processor packets do not overtake each other, and no acknowledgement has to report that they did.
        alone = ["taskset", "--cpu-list", str(min(os.sched_getaffinity(0)))]
        yield [*alone, "ip", "netns", "exec", ours], [*alone, "ip", "netns", "exec", theirs], "v0"


def measured_and_seen(
    folder: Path, sizes: list[int], *, capture_too: bool = True
) -> tuple[list[dict[str, Any]], dict[Ports, Seen]]:
    """Run ``tuimail measure`` across the pair: its runs, and what tcpdump saw at the other end.

    Without ``capture_too`` tuimail may open no packet socket, and has to go by what the kernel counts.
    """
    capture = folder / "capture.pcap"
    with pair() as (ours, theirs, interface), ExitStack() as undo:
        servers = subprocess.Popen(
            [*theirs, sys.executable, "-c", _SERVE, THEIRS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        undo.enter_context(servers)
        undo.callback(servers.terminate)
        assert servers.stdout is not None
        smtp, pop3, imap, user, email, password = json.loads(servers.stdout.readline())
        (folder / "config.toml").write_text(
            _CONFIG.format(host=THEIRS, smtp=smtp, pop3=pop3, imap=imap, user=user, email=email, password=password)
        )
        dump = subprocess.Popen(
            [*theirs, "tcpdump", "-i", interface, "-w", str(capture), "-U", "-s", "96", "-B", "65536", "-Z", "root", "tcp"],
            stderr=subprocess.PIPE,
            text=True,
        )
        undo.enter_context(dump)
        undo.callback(dump.kill)
        assert dump.stderr is not None
        assert "listening on" in dump.stderr.readline()
        allowed = [] if capture_too else ["setpriv", "--bounding-set=-net_raw"]
        command = [
            *ours,
            *allowed,
            sys.executable,
            "-m",
            "tuimail",
            "--home",
            str(folder),
            "--account",
            "veth",
            "--json",
            "measure",
        ]
        done = subprocess.run([*command, "--size", *map(str, sizes)], capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stderr + done.stdout
        runs: list[dict[str, Any]] = json.loads(done.stdout)["runs"]
        # tcpdump lags behind, and stops where it is. The last connection is the one that removes the last message: when it
        # began, all of the others is there.
        limit = time.monotonic() + 60
        while len(seen := read_capture(capture)) < len(runs) + len(sizes):
            assert time.monotonic() < limit, f"tcpdump saw {len(seen)} connections: {sorted(seen)}"
            time.sleep(0.2)
        dump.terminate()
        told = dump.communicate(timeout=60)[1]
        assert "0 packets dropped by kernel" in told, told
    return runs, read_capture(capture)


def _run(*command: str) -> None:
    subprocess.run(command, capture_output=True, check=True, timeout=60)
