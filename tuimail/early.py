# SPDX-License-Identifier: GPL-3.0-or-later
"""Connects to the accounts' servers while the program is imported; the names of the servers are in the configuration.

Only lines are made, nothing is said. What goes wrong here is met again where it can be told.
"""

from pathlib import Path
from threading import Thread

from tuimail.backends.early import EarlyLines
from tuimail.model.errors import TuimailError


def connect_early(config_file: str) -> EarlyLines:
    """Begin, in threads of its own. What nobody takes over is to be closed."""
    lines = EarlyLines()
    Thread(target=_read_and_connect, args=(Path(config_file), lines), name="connect early", daemon=True).start()
    return lines


def _read_and_connect(config_file: Path, lines: EarlyLines) -> None:
    from tuimail.accounts.config import load

    try:
        accounts = load(config_file).accounts
    except TuimailError:
        return
    for account in accounts:
        if account.imap is not None:
            lines.begin(account.imap.host, account.imap.port)
