# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine for the time of one command."""

import argparse
import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence

from tuimail.cli.output import complain
from tuimail.cli.program import program_of
from tuimail.engine.accounts import OpenAccount
from tuimail.engine.engine import Engine
from tuimail.model.errors import ConfigWrong, InputWrong
from tuimail.model.ids import MessageId
from tuimail.model.message import MessageRow
from tuimail.model.text import safe_line

Work = Callable[[Engine, argparse.Namespace], Awaitable[int]]


def with_engine(options: argparse.Namespace, work: Work) -> int:
    """Do a command's work on the store. Connections are only made by what needs them, and end with the command."""
    engine = program_of(options).engine(options.home, verbose=options.verbose)
    if engine.repaired and not options.json:
        complain(engine.repaired)

    async def do() -> int:
        try:
            return await work(engine, options)
        finally:
            # After Ctrl-C, too, the connections are closed in good order.
            with contextlib.suppress(asyncio.CancelledError):
                await engine.stop()

    try:
        return asyncio.run(do())
    finally:
        engine.close()


def accounts_of(engine: Engine, options: argparse.Namespace) -> tuple[OpenAccount, ...]:
    """The account that ``--account`` names, else all. Raises InputWrong."""
    return (account_of(engine, options),) if options.account else tuple(engine.accounts)


def account_of(engine: Engine, options: argparse.Namespace) -> OpenAccount:
    """The account that ``--account`` names, else the first. Raises InputWrong, ConfigWrong."""
    if not options.account:
        if engine.accounts.default is None:
            raise ConfigWrong("There is no account yet.", "tuimail account add makes one.")
        return engine.accounts.default
    found = engine.accounts.named(options.account)
    if found is None:
        raise InputWrong(f"There is no account “{safe_line(options.account)}”.", "tuimail account list shows the names.")
    return found


def rows_of(engine: Engine, ids: Sequence[int]) -> list[MessageRow]:
    """The messages with these ids, none twice. Raises InputWrong naming those that are not there."""
    numbers = dict.fromkeys(ids)
    rows = {number: engine.pages.row(MessageId(number)) for number in numbers}
    gone = [str(number) for number, row in rows.items() if row is None or not engine.pages.is_listed(MessageId(number))]
    if gone:
        raise InputWrong(f"There is no message {', '.join(gone)}.", "tuimail list and tuimail search show the ids.")
    return [row for row in rows.values() if row is not None]
