# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail config``: where the configuration is, whether it is right, what is in force."""

import argparse

from tuimail.cli.output import json_text
from tuimail.cli.program import program_of
from tuimail.model.errors import ExitStatus


def path(options: argparse.Namespace) -> int:
    """Print where the configuration file is."""
    print(program_of(options).config_file(options.home))
    return ExitStatus.OK


def check(options: argparse.Namespace) -> int:
    """Say whether the configuration is right. Raises ConfigWrong that tells every mistake."""
    file = program_of(options).config_file(options.home)
    program_of(options).settings(options.home)
    print(f"{file}: right." if file.exists() else f"{file}: not there; every setting has its default.")
    return ExitStatus.OK


def show(options: argparse.Namespace) -> int:
    """Print settings and accounts in force; commands that give secrets are named, secrets are not there to be shown."""
    print(json_text(program_of(options).settings(options.home), indent=2))
    return ExitStatus.OK
