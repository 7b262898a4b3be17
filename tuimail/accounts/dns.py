# SPDX-License-Identifier: GPL-3.0-or-later
"""MX, SRV and TXT records, by dnspython; the only file that imports it.

Its answers are not signed: they say where to look, never where a password may go unseen.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from tuimail.accounts.daemon_thread import in_daemon_thread
from tuimail.accounts.srv import Record
from tuimail.model.errors import Offline
from tuimail.model.text import safe_line

if TYPE_CHECKING:
    from dns.resolver import Answer, Resolver

T = TypeVar("T")
SECONDS = 5.0


class Dns:
    """Asks the system's resolver, or the one at ``host:port``."""

    def __init__(self, server: str = "") -> None:
        self._server = server

    async def exchangers(self, domain: str) -> tuple[str, ...]:
        """The hosts of the MX records, best first; empty when there are none. Raises Offline when nobody answers."""
        records = await self._ask(domain, "MX", lambda answer: [(row.preference, _host(row.exchange)) for row in answer])
        return tuple(host for _, host in sorted(records) if host)

    async def services(self, name: str) -> tuple[Record, ...]:
        """The SRV records of ``_service._tcp.DOMAIN``. Raises Offline."""
        return tuple(
            await self._ask(
                name,
                "SRV",
                lambda answer: [Record(row.priority, row.weight, row.port, _host(row.target)) for row in answer],
            )
        )

    async def texts(self, name: str) -> tuple[str, ...]:
        """The TXT records, each in one piece. Raises Offline."""
        joined = await self._ask(name, "TXT", lambda answer: [b"".join(row.strings) for row in answer])
        return tuple(safe_line(text.decode("utf-8", "replace"), limit=2000) for text in joined)

    async def _ask(self, name: str, kind: str, read: Callable[["Answer"], list[T]]) -> list[T]:
        """In a thread: the library alone takes a quarter of a second to import."""

        def ask() -> list[T]:
            import dns.exception
            import dns.resolver

            try:
                return read(_resolver(self._server).resolve(name, kind, lifetime=SECONDS))
            except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
                return []
            except (dns.exception.DNSException, OSError, ValueError) as error:
                raise Offline("The DNS server does not answer.", "Check the network.") from error

        try:
            return await in_daemon_thread(ask, "dns", SECONDS + 1)
        except TimeoutError:
            raise Offline("The DNS server does not answer.", "Check the network.") from None


def _resolver(server: str) -> "Resolver":
    import dns.resolver

    if not server:
        return dns.resolver.Resolver()
    host, _, port = server.rpartition(":") if server.count(":") == 1 or "]:" in server else (server, "", "")
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = [host.strip("[]")]
    resolver.port = int(port or 53)
    return resolver


def _host(name: object) -> str:
    """A host name as it is written elsewhere; the root, which stands for none, is empty."""
    return safe_line(str(name).rstrip("."), limit=253)
