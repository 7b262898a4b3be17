# SPDX-License-Identifier: GPL-3.0-or-later
"""A DNS server on the loopback interface that knows a few records and says of every other name that it does not exist."""

import contextlib
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

from tests.servers.launch import LOOPBACK


@dataclass
class DnsServer:
    """A running server."""

    port: int
    records: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """Name and type → data as zone files have them: ``("example.org", "MX"): ["10 mx.example.org."]``."""

    @property
    def address(self) -> str:
        """As ``[discovery] dns`` has it."""
        return f"{LOOPBACK}:{self.port}"


@contextlib.contextmanager
def running() -> Iterator[DnsServer]:
    """Answer until the context is left."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            octets, line = self.request
            query = dns.message.from_wire(octets)
            asked = query.question[0]
            kind = dns.rdatatype.to_text(asked.rdtype)
            data = server.records.get((str(asked.name).rstrip(".").lower(), kind))
            answer = dns.message.make_response(query)
            answer.flags |= dns.flags.RA
            if data:
                answer.answer.append(dns.rrset.from_text(asked.name, 60, "IN", kind, *data))
            else:
                answer.set_rcode(dns.rcode.NXDOMAIN)
            line.sendto(answer.to_wire(), self.client_address)

    with socketserver.ThreadingUDPServer((LOOPBACK, 0), Handler) as listening:
        server = DnsServer(listening.server_address[1])
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            listening.shutdown()
            thread.join()
