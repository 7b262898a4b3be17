# SPDX-License-Identifier: GPL-3.0-or-later
"""A day at the screen in a network namespace of its own, every packet noted: ``unshare --net python -m tests.pty.alone HOME``.

Servers and program run in here. The default route leads to a wire with nobody at its end, so that what the program wants of
anybody else, a name server included, is sent and seen.
"""

import json
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from tests.cli.test_private import TEMPTING
from tests.pty.terminal import tuimail
from tuimail.demo.servers import DemoServers

_EVERY_PROTOCOL, _IPV4, _TCP, _UDP, _SYN_ALONE = 0x0003, 0x0800, 6, 17, 0x02
"""ETH_P_ALL and ETH_P_IP of linux/if_ether.h; IANA's protocol numbers; the flags of a connection's first segment."""
_LINKS = (
    "link set lo up",
    "link add here type veth peer name wire",
    "link set here arp off up",
    "link set wire arp off up",
    "address add 192.0.2.1/24 dev here",
    "route add default via 192.0.2.2 dev here",
)
CONTROL = "198.51.100.1:80"
"""Where a connection is tried at the end, by which the watch shows that it sees."""
_CONFIG = """
[settings]
undo_send = 0

[accounts.demo]
name = "{name}"
email = "{email}"
username = "{user}"
password_command = ["printf", "{password}"]
imap = {{ host = "{host}", port = {imaps}, security = "tls", ca_file = "{ca}" }}
smtp = {{ host = "{host}", port = {smtps}, security = "tls", ca_file = "{ca}" }}
"""


class Watch:
    """Notes whom packets are for."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        """``address:port`` of connections begun, ``udp address:port`` of datagrams, other IPv4 packets by their protocol."""
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_EVERY_PROTOCOL))
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            packet, (_, kind, *_) = self._socket.recvfrom(65536)
            if kind == _IPV4 and (note := _note(packet)):
                self.seen.add(note)


def _note(packet: bytes) -> str:
    """Whom a packet of IPv4 is for (RFC 791 §3.1); empty for the later ones of a connection."""
    protocol, to, rest = packet[9], socket.inet_ntoa(packet[16:20]), packet[(packet[0] & 15) * 4 :]
    port = int.from_bytes(rest[2:4])
    if protocol == _TCP:
        return f"{to}:{port}" if rest[13] & 0x12 == _SYN_ALONE else ""
    return f"udp {to}:{port}" if protocol == _UDP else f"protocol {protocol} {to}"


def _work(home: Path, servers: DemoServers) -> None:
    """Read mail that wants to be noticed, in every view; answer it; let the doctor look."""
    servers.deliver(TEMPTING)
    with tuimail(home=home) as terminal:
        terminal.sees("● demo", "tempting")
        terminal.keys("\\tempting\r")
        terminal.sees("1/1")
        terminal.keys("\r")
        terminal.sees("Look at")
        for view in ("full", "plain", "source"):
            terminal.keys("H")
            terminal.sees(f"View: {view}")
        terminal.keys("r")
        terminal.sees("^X finish")
        terminal.keys("\x18y")
        terminal.until(lambda: servers.sent, "the answer")
        terminal.keys(":doctor")
        terminal.sees("Try every step")
        terminal.keys("\r")
        terminal.sees("Not now")
        terminal.keys("n")
        terminal.until(lambda: "Not now" not in terminal.text, "the question goes")
        terminal.keys("q")
        terminal.sees("J next")
        terminal.keys("Q")
        assert terminal.ended() == 0


def main(home: Path) -> None:
    """Print whom packets were for, and the servers' own ports, as JSON."""
    for words in _LINKS:
        subprocess.run(["ip", *words.split()], check=True)
    watch = Watch()
    with DemoServers(20, tls=True) as servers:
        at = servers.addresses
        (home / "ca.pem").write_text(at.certificate)
        config = home / "config.toml"
        config.touch(mode=0o600)
        config.write_text(
            _CONFIG.format(
                name=at.name, email=at.email, user=at.user, password=at.password, host="localhost",
                imaps=at.imaps_port, smtps=at.smtps_port, ca=home / "ca.pem",
            )
        )  # fmt: skip
        _work(home, servers)
        sent = len(servers.sent)
    with socket.socket() as control:
        control.setblocking(False)
        control.connect_ex(("198.51.100.1", 80))
    while CONTROL not in watch.seen:  # who started this waits for it so long
        time.sleep(0.01)
    json.dump({"seen": sorted(watch.seen), "own": [at.imaps_port, at.smtps_port], "sent": sent}, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
