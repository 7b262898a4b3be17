# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail folders`` and ``tuimail folder``: list, create, delete, rename, subscribe."""

import argparse

from tuimail.cli import shapes
from tuimail.cli.output import complain, print_json, print_lines
from tuimail.cli.session import account_of, accounts_of, with_engine
from tuimail.engine.accounts import OpenAccount
from tuimail.engine.actions import Done
from tuimail.engine.carrying import Outcome
from tuimail.engine.engine import Engine
from tuimail.model.errors import ExitStatus, InputWrong
from tuimail.model.folder import Folder


def list_folders(options: argparse.Namespace) -> int:
    """List the folders of one account, or of all."""
    return with_engine(options, _list)


async def _list(engine: Engine, options: argparse.Namespace) -> int:
    accounts = accounts_of(engine, options)
    await engine.carrying.folders_known(accounts)
    found = [(account.account.key, folder) for account in accounts for folder in engine.pages.folders(account.id)]
    if options.json:
        print_json([shapes.folder(folder, key) for key, folder in found])
    else:
        print_lines(_line(folder, key if len(accounts) > 1 else "") for key, folder in found)
    return ExitStatus.OK


def _line(folder: Folder, account: str) -> str:
    name = f"{account}  {folder.name}" if account else folder.name
    notes = [
        str(folder.role or ""),
        "" if folder.subscribed else "not subscribed",
        "" if folder.selectable else "holds folders only",
    ]
    return f"{folder.total:>8} {folder.unread:>7}  {name}  {', '.join(filter(None, notes))}".rstrip()


def change(options: argparse.Namespace) -> int:
    """Do to a folder what ``options.verb`` says, and wait for the server's answer."""
    return with_engine(options, _change)


async def _change(engine: Engine, options: argparse.Namespace) -> int:
    account = account_of(engine, options)
    await engine.carrying.folders_known([account])
    verb: str = options.verb
    if verb == "create":
        done = engine.actions.create_folder(account.id, options.name)
    else:
        done = await _to_existing(engine, account, options)
    came = await engine.carrying.carried(done, wait=not options.queue)
    return tell(f"folder {verb}", (), came, as_json=options.json)


async def _to_existing(engine: Engine, account: OpenAccount, options: argparse.Namespace) -> Done:
    folder = await engine.carrying.folder(account, options.name)
    match options.verb:
        case "rename":
            return engine.actions.rename_folder(folder.id, options.new)
        case "delete":
            deletion = engine.actions.deletion_of(folder.id)
            if deletion.for_good and not options.forever:
                raise InputWrong(
                    f"{folder.name} would be deleted for good with its {deletion.messages:,} messages"
                    f" and the {deletion.folders} folders below it.",
                    "--forever does that.",
                )
            return engine.actions.delete_folder(deletion)
    wanted = options.verb == "subscribe"
    if folder.subscribed == wanted:
        return Done(f"{folder.name} is {'' if wanted else 'not '}subscribed already")
    return engine.actions.subscribe(folder.id)


def tell(action: str, ids: tuple[int, ...], came: Outcome, *, as_json: bool) -> int:
    """Print what came of an action. Returns the exit status."""
    if as_json:
        print_json(shapes.outcome(action, ids, came))
    elif came.status in ("done", "would"):
        print_lines([came.detail])
    else:
        complain(f"{came.status}: {came.detail}")
    return came.exit_status
