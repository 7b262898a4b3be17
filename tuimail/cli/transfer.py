# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail export`` and ``tuimail import``: whole folders, both ways."""

import argparse
import sys

from tuimail.cli.output import complain, print_json, print_lines
from tuimail.cli.session import account_of, with_engine
from tuimail.engine.engine import Engine
from tuimail.engine.mail_files import Format
from tuimail.model.errors import ExitStatus, InputWrong
from tuimail.model.folder import Folder
from tuimail.model.text import safe_line
from tuimail.model.typed_path import typed_path


def export(options: argparse.Namespace) -> int:
    """Write all messages of a folder to a new file or folder."""
    options.path = typed_path(options.to)
    return with_engine(options, _export)


async def _export(engine: Engine, options: argparse.Namespace) -> int:
    form = Format(options.format or Format.MBOX)
    folder = await _up_to_date(engine, options, options.folder)
    done = await engine.transfer.export(folder, options.path, form, _teller("exported", folder.total))
    if options.json:
        print_json({"exported": done.messages, "skipped": done.skipped, "path": str(options.path), "format": form})
    else:
        print_lines([f"{done.messages:,} messages of {folder.name} written to {options.path}"])
    return ExitStatus.OK


def import_(options: argparse.Namespace) -> int:
    """Put all messages of a file or folder into a folder of the account."""
    options.path = typed_path(options.file)
    return with_engine(options, _import)


async def _import(engine: Engine, options: argparse.Namespace) -> int:
    folder = await _up_to_date(engine, options, options.to)
    if not folder.selectable:
        raise InputWrong(f"{safe_line(folder.name)} only holds folders, no messages.", "Choose another one.")
    form = Format(options.format) if options.format else None
    done = await engine.transfer.import_(folder, options.path, form, _teller("imported", 0))
    came = done.outcome
    if options.json:
        print_json(
            {
                "imported": done.messages,
                "skipped": done.skipped,
                "refused": len(done.refused),
                "refusals": [{"number": one.number, "reason": one.reason} for one in done.refused],
                "status": came.status,
                "detail": came.detail,
            }
        )
    else:
        print_lines(
            [f"{done.messages:,} messages put into {folder.name}, {done.skipped:,} were there, {len(done.refused):,} refused"]
        )
        for one in done.refused:
            complain(f"message {one.number:,}: {one.reason}")
        if came.status != "done":
            complain(f"{came.status}: {came.detail}")
    return came.exit_status


async def _up_to_date(engine: Engine, options: argparse.Namespace, name: str) -> Folder:
    """The folder with everything that the server has in it by now."""
    account = account_of(engine, options)
    await engine.carrying.settle(account)
    return await engine.carrying.folder(account, name, None)


def _teller(verb: str, total: int) -> "Teller":
    return Teller(verb, total) if sys.stderr.isatty() else Teller("", 0)


class Teller:
    """Says on a terminal how far it is."""

    def __init__(self, verb: str, total: int) -> None:
        self._verb = verb
        self._of = f" of {total:,}" if total else ""

    def __call__(self, done: int) -> None:
        """So many messages are done."""
        if self._verb:
            print(f"\r{done:,}{self._of} {self._verb} ", end="", file=sys.stderr, flush=True)
