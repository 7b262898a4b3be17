# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail store``: the local store encrypted, or not."""

import argparse
import asyncio

from tuimail.cli.output import print_json, print_lines
from tuimail.cli.program import program_of
from tuimail.model.errors import ExitStatus


def encrypt(options: argparse.Namespace) -> int:
    """Encrypt the store. Raises StoreProblem, FileProblem."""
    keeping = program_of(options).store_keeping(options.home)
    if not options.json:
        print_lines([f"Encrypting the store in {keeping.folder} …"])
    changed = asyncio.run(keeping.encrypt())
    if options.json:
        print_json({"encrypted": True, "changed": changed, "folder": str(keeping.folder)})
    elif not changed:
        print_lines(["It is encrypted already."])
    else:
        print_lines(
            [
                "Done. Without its key, drafts, the outbox and the mail of POP3 accounts are lost:",
                "“tuimail store key” prints it, so that you can keep a copy apart from this machine.",
                "What was deleted here before may still stand on the disk, and older backups are as they were.",
            ]
        )
    return ExitStatus.OK


def decrypt(options: argparse.Namespace) -> int:
    """Write the store in the clear. Raises StoreProblem, FileProblem."""
    keeping = program_of(options).store_keeping(options.home)
    changed = asyncio.run(keeping.decrypt())
    if options.json:
        print_json({"encrypted": False, "changed": changed, "folder": str(keeping.folder)})
    else:
        print_lines([f"The store in {keeping.folder} is not encrypted{'' if changed else ', nor was it'}."])
    return ExitStatus.OK


def key(options: argparse.Namespace) -> int:
    """Print the key. Raises InputWrong when there is none, StoreProblem."""
    print(asyncio.run(program_of(options).store_keeping(options.home).key()).text)
    return ExitStatus.OK
