# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: PTH113, PTH123
"""Connects to the accounts' servers while the program is imported; the names of the servers are in the configuration.

Only lines are made, nothing is said. Of the configuration no more is read than where the servers are: to check all of it takes
longer than all that is done here. What goes wrong here is met again where it can be told.
"""

import os
import tomllib
from collections.abc import Iterator

from tuimail.backends.early import EarlyLines

_TLS, _WITHOUT = 993, 143
"""The usual ports (RFC 8314 §3.2)."""


def connect_early(config_file: str) -> EarlyLines:
    """Begin, in threads of its own. What nobody takes over is to be closed."""
    lines = EarlyLines()
    for host, port in _servers(config_file):
        lines.begin(host, port)
    return lines


def _servers(config_file: str) -> Iterator[tuple[str, int]]:
    """Hosts and ports of the IMAP servers, as far as they can be found without a close look."""
    try:
        if not os.path.isfile(config_file):
            return
        with open(config_file, "rb") as file:
            accounts = tomllib.load(file).get("accounts")
    except (OSError, ValueError, RecursionError):
        return
    for account in accounts.values() if isinstance(accounts, dict) else ():
        match account:
            case {"imap": {"host": str(host), **rest}}:
                port = rest.get("port", _TLS if rest.get("security", "tls") == "tls" else _WITHOUT)
                if type(port) is int and 0 < port < 0x10000:
                    yield host.strip("[]"), port
