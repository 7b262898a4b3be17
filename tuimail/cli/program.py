# SPDX-License-Identifier: GPL-3.0-or-later
"""What the command line needs of the joined program. `tuimail.start` provides it."""

import argparse
from pathlib import Path
from typing import Protocol

from tuimail.engine.setup import Setup


class Program(Protocol):
    """The program's parts, joined on demand."""

    def open(self, home: str, *, account: str, folder: str, verbose: bool) -> int:
        """Open the screen. Returns the exit status."""
        ...

    def demo(self, messages: int, *, verbose: bool) -> int:
        """Open the screen on embedded servers. Returns the exit status."""
        ...

    def setup(self, home: str, *, verbose: bool) -> Setup:
        """Accounts: add, check, remove."""
        ...

    def config_file(self, home: str) -> Path:
        """Where the configuration is."""
        ...

    def settings(self, home: str) -> dict[str, object]:
        """What is in force. Raises ConfigWrong."""
        ...


def program_of(options: argparse.Namespace) -> Program:
    """The program that `tuimail.cli.main.run` was given."""
    program: Program = options.program
    return program
