# SPDX-License-Identifier: GPL-3.0-or-later
"""The embedded servers in a process of their own: ``python -m tests.bench.embedded MESSAGES`` writes where they are as JSON.

They end with standard input.
"""

import contextlib
import json
import sys
from dataclasses import dataclass

from tests.bench import mail
from tuimail.demo.servers import DemoServers
from tuimail.model.flags import SEEN


@dataclass(frozen=True, slots=True)
class _Made:
    """Makes message ``number`` whenever it is asked for."""

    number: int

    def __call__(self) -> bytes:
        return mail.message(self.number)


def main(total: int) -> None:
    """Serve until standard input ends."""
    with DemoServers(0) as servers:
        for number in range(1, total + 1):
            flags = frozenset({SEEN} if mail.seen(number) else ())
            servers.deliver(_Made(number), flags=flags, arrived=int(mail.when(number).timestamp()))  # type: ignore[arg-type]
        at = servers.addresses
        print(json.dumps({"host": at.host, "port": at.imap_port, "user": at.user, "password": at.password}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main(int(sys.argv[1]))
