# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail sync``: brings the local store up to date and carries waiting actions; ``--watch`` stays."""

import argparse
import asyncio
import signal
from collections.abc import Awaitable

from tuimail.cli import shapes
from tuimail.cli.output import complain, print_json, print_lines
from tuimail.cli.session import accounts_of, with_engine
from tuimail.engine.carrying import Synced
from tuimail.engine.engine import Engine
from tuimail.model.errors import ExitStatus, TuimailError
from tuimail.model.ids import AccountId
from tuimail.model.notice import ConnectionChanged, Notice, Progress

_GATHER = 2.0
"""Seconds in which what happens is gathered into one report."""


def sync(options: argparse.Namespace) -> int:
    """Look at everything once; with ``--watch`` go on until a signal."""
    return with_engine(options, _watch if options.watch else _once)


async def _once(engine: Engine, options: argparse.Namespace) -> int:
    accounts = accounts_of(engine, options)
    came = await asyncio.gather(*(engine.carrying.synced(account) for account in accounts))
    engine.indexer.start()
    await engine.indexer.done()
    return _tell(list(came), as_json=options.json)


async def _watch(engine: Engine, options: argparse.Namespace) -> int:
    """The loops keep the accounts up to date; after what they tell, what changed is counted and printed."""
    accounts = accounts_of(engine, options)
    ended, news = asyncio.Event(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    errors: dict[AccountId, TuimailError | None] = {}

    def hear(notice: Notice) -> None:
        if isinstance(notice, ConnectionChanged):
            errors[notice.account] = notice.error
        if not isinstance(notice, Progress):
            news.set()

    engine.notices.subscribe(hear)
    first = asyncio.ensure_future(_once(engine, options))
    await _first_of(ended.wait(), asyncio.shield(first))
    if not first.done():
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
    engine.others.start()
    while not ended.is_set():
        marks = [engine.carrying.mark(account) for account in accounts]
        news.clear()
        await _first_of(ended.wait(), news.wait())
        await _first_of(ended.wait(), asyncio.sleep(_GATHER))
        came = [mark.since(errors.pop(account.id, None)) for account, mark in zip(accounts, marks, strict=True)]
        if told := [one for one in came if one.new or one.changed or one.carried or one.error is not None]:
            _tell(told, as_json=options.json)
    return ExitStatus.OK


def _tell(came: list[Synced], *, as_json: bool) -> int:
    if as_json:
        print_json({"accounts": [shapes.synced(one) for one in came]})
    else:
        print_lines(map(_line, came))
    for one in came:
        if one.error is not None and not as_json:
            complain(f"{one.name}: {one.error}")
    return max((one.error.exit_status for one in came if one.error is not None), default=ExitStatus.OK)


def _line(one: Synced) -> str:
    return f"{one.name}: {one.new:,} new, {one.changed:,} changed, {one.carried:,} carried, {one.waiting:,} waiting"


async def _first_of(*events: Awaitable[object]) -> None:
    waits = [asyncio.ensure_future(event) for event in events]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
