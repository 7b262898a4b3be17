# SPDX-License-Identifier: GPL-3.0-or-later
"""A bare IMAP connection that shows every line as it came."""

import re
import socket
from types import TracebackType
from typing import Self

from tuimail.demo.servers import DemoServers

_LITERAL = re.compile(rb"\{(\d+)\}\r\n\Z")


class RawClient:
    """Sends lines, returns answers. One unit is one line with its literals inline, without the last CRLF."""

    def __init__(self, servers: DemoServers, *, sign_in: bool = True) -> None:
        addresses = servers.addresses
        self.socket = socket.create_connection((addresses.host, addresses.imap_port), timeout=20)
        self._file = self.socket.makefile("rb")
        self._count = 0
        self.greeting = self.unit()
        if sign_in:
            self.ok(f"LOGIN {addresses.user} {addresses.password}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()
        self.socket.close()

    def send(self, data: str | bytes) -> None:
        """Send octets as they are."""
        self.socket.sendall(data.encode() if isinstance(data, str) else data)

    def unit(self) -> str:
        """The next unit; empty at the end of the connection."""
        data = self._file.readline()
        while literal := _LITERAL.search(data):
            data += self._file.read(int(literal[1])) + self._file.readline()
        return data.decode("utf-8", "surrogateescape").removesuffix("\r\n")

    def run(self, command: str) -> list[str]:
        """Send a command; all units up to its tagged answer, which comes last and without its tag."""
        self._count += 1
        tag = f"t{self._count}"
        self.send(f"{tag} {command}\r\n")
        return self.until(tag)

    def until(self, tag: str) -> list[str]:
        """All units up to a tagged answer, which comes last and without its tag."""
        units: list[str] = []
        while unit := self.unit():
            if unit.startswith(f"{tag} "):
                return [*units, unit.removeprefix(f"{tag} ")]
            units.append(unit)
        raise ConnectionError(f"the connection ended after {units}")

    def ok(self, command: str) -> list[str]:
        """Like `run`, without the tagged answer, which must be OK."""
        *units, answer = self.run(command)
        assert answer.startswith("OK "), answer
        return units

    def refused(self, command: str) -> str:
        """The tagged answer, which must be NO or BAD."""
        answer = self.run(command)[-1]
        assert answer.startswith(("NO ", "BAD ")), answer
        return answer
