# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail flag``, ``move`` and ``delete``: done here, shown at once in a program that is open, answered by the server."""

import argparse
from collections.abc import Callable

from tuimail.cli.folders import tell
from tuimail.cli.session import rows_of, with_engine
from tuimail.engine.actions import Done
from tuimail.engine.carrying import Outcome
from tuimail.engine.engine import Engine
from tuimail.model.errors import InputWrong
from tuimail.model.flags import from_word
from tuimail.model.folder import Folder, FolderRole
from tuimail.model.ids import MessageId
from tuimail.model.message import MessageRow

SEVERAL_ACCOUNTS = "These messages are of several accounts."


def flag(options: argparse.Namespace) -> int:
    """Add and remove flags and keywords."""
    return with_engine(options, _flag)


async def _flag(engine: Engine, options: argparse.Namespace) -> int:
    add, remove = (frozenset(map(from_word, words)) for words in (options.add, options.remove))
    if not add | remove:
        raise InputWrong(
            "Which flags? None are named.", "Use --add or --remove with seen, flagged, answered, draft or a keyword."
        )
    rows = rows_of(engine, options.id)
    words = " ".join([*(f"+{word}" for word in options.add), *(f"-{word}" for word in options.remove)])
    return await _finish(
        engine, options, rows, f"{words}: {_count(rows)}", lambda: engine.actions.set_flags(_ids(rows), add, remove, words)
    )


def move(options: argparse.Namespace) -> int:
    """Move or copy messages to a folder of their account."""
    return with_engine(options, _move)


async def _move(engine: Engine, options: argparse.Namespace) -> int:
    rows = rows_of(engine, options.id)
    target = await _target(engine, rows, options.to)
    do = engine.actions.copy if options.copy else engine.actions.move
    would = f"{'copy' if options.copy else 'move'} to {target.name}: {_count(rows)}"
    return await _finish(engine, options, rows, would, lambda: do(_ids(rows), target.id))


async def _target(engine: Engine, rows: list[MessageRow], name: str) -> Folder:
    accounts = {row.account for row in rows}
    if len(accounts) > 1:
        raise InputWrong(SEVERAL_ACCOUNTS, "Move those of each account on their own.")
    return await engine.carrying.folder(engine.accounts.get(accounts.pop()), name)


def delete(options: argparse.Namespace) -> int:
    """Move messages to Trash, or delete them for good."""
    return with_engine(options, _delete)


async def _delete(engine: Engine, options: argparse.Namespace) -> int:
    rows = rows_of(engine, options.id)
    if options.forever:
        return await _finish(
            engine, options, rows, f"delete for good: {_count(rows)}", lambda: engine.actions.delete_forever(_ids(rows))
        )
    folders = {row.folder: engine.pages.folder(row.folder) for row in rows}
    if any(folder is not None and folder.role is FolderRole.TRASH for folder in folders.values()):
        raise InputWrong("Some of these are in Trash already.", "--forever deletes for good.")
    return await _finish(engine, options, rows, f"move to Trash: {_count(rows)}", lambda: engine.actions.trash(_ids(rows)))


async def _finish(
    engine: Engine, options: argparse.Namespace, rows: list[MessageRow], would: str, do: Callable[[], Done]
) -> int:
    """Do it, or only say what would be done."""
    if options.dry_run:
        came = Outcome("would", would)
    else:
        came = await engine.carrying.carried(do(), wait=not options.queue)
    return tell(options.action, tuple(_ids(rows)), came, as_json=options.json)


def _ids(rows: list[MessageRow]) -> list[MessageId]:
    return [row.id for row in rows]


def _count(rows: list[MessageRow]) -> str:
    return f"{len(rows):,} message{'s' if len(rows) != 1 else ''}"
