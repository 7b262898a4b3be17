# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail 'mailto:…'`` and ``tuimail attach``: the composer from outside."""

import argparse
from pathlib import Path

from tuimail.cli.output import print_json, print_lines
from tuimail.cli.program import program_of
from tuimail.cli.session import with_engine
from tuimail.engine.engine import Engine
from tuimail.model.errors import ExitStatus, InputWrong


def mailto(options: argparse.Namespace) -> int:
    """Open the program with the composer filled in (RFC 6068). Files that the link names are never attached."""
    return program_of(options).open(
        options.home, account=options.account, folder="", verbose=options.verbose, mailto=options.url
    )


def attach(options: argparse.Namespace) -> int:
    """Put files into the draft that was written at last; a program that has it open shows them."""
    options.files = [Path(name).absolute() for name in options.file]
    return with_engine(options, _attach)


async def _attach(engine: Engine, options: argparse.Namespace) -> int:
    drafts = engine.pages.drafts()
    if not drafts:
        raise InputWrong("No draft is open.", "Begin one in tuimail: c, or tuimail 'mailto:…'.")
    draft = drafts[0]
    for path in options.files:
        draft = await engine.composer.attach(draft, path)
    files = draft.attachments[-len(options.files) :]
    if options.json:
        attached = [{"filename": file.filename, "content_type": file.content_type, "size": file.size} for file in files]
        print_json({"draft": draft.id, "subject": draft.subject, "attached": attached})
    else:
        print_lines(f"{file.filename} ({file.size:,} octets) attached to “{draft.subject or '(no subject)'}”" for file in files)
    return ExitStatus.OK
