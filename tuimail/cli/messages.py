# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail list``, ``search``, ``read`` and ``save``: the mailbox from a script, read from the local store."""

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path

from tuimail.cli import shapes
from tuimail.cli.output import print_json, print_lines, print_text
from tuimail.cli.session import account_of, accounts_of, rows_of, with_engine
from tuimail.cli.view import body_lines, head_lines, local_time, width_of
from tuimail.engine.engine import Engine
from tuimail.engine.rendering import View
from tuimail.engine.viewing import Viewed
from tuimail.model.deception import listed_name
from tuimail.model.errors import ExitStatus, InputWrong
from tuimail.model.flags import ANSWERED, SEEN
from tuimail.model.ids import MessageId
from tuimail.model.message import MessageRow
from tuimail.model.part import Part
from tuimail.model.typed_path import typed_path
from tuimail.model.width import clip_address, set_cell_size

WHOLE = "message"
"""As ``--part``: the message itself."""


def list_messages(options: argparse.Namespace) -> int:
    """List the newest messages of a folder."""
    return with_engine(options, _list)


async def _list(engine: Engine, options: argparse.Namespace) -> int:
    account = account_of(engine, options)
    folder = await engine.carrying.folder(account, options.folder or "INBOX", options.limit)
    found = engine.pages.messages(folder.id)
    return _print_rows(engine, found.window(0, options.limit), as_json=options.json)


def search(options: argparse.Namespace) -> int:
    """Search what is here, newest first."""
    return with_engine(options, _search)


async def _search(engine: Engine, options: argparse.Namespace) -> int:
    accounts = accounts_of(engine, options)
    await engine.carrying.folders_known(accounts)
    within = None
    if options.folder:
        within = (await engine.carrying.folder(account_of(engine, options), options.folder)).id
    engine.indexer.start()
    await engine.indexer.done()
    found = await engine.finder.search(" ".join(options.query), within)
    if found is None:
        raise InputWrong("The search was given up.")
    await engine.finder.rest(found)
    wanted = {account.id for account in accounts}
    rows = [row for row in found.window(0, len(found)) if row is not None and row.account in wanted]
    return _print_rows(engine, rows[: options.limit], as_json=options.json)


def _print_rows(engine: Engine, rows: Iterable[MessageRow | None], *, as_json: bool) -> int:
    there = [row for row in rows if row is not None]
    if as_json:
        print_json([shapes.message(row, engine) for row in there])
    else:
        print_lines(map(_line, there))
    return ExitStatus.OK


def _line(row: MessageRow) -> str:
    author = set_cell_size(clip_address(listed_name(row.envelope.from_[0]), 24) if row.envelope.from_ else "", 24)
    marks = "".join(
        mark if held else " "
        for mark, held in (
            ("N", row.unread), ("*", row.starred), ("r", ANSWERED in row.flags), ("@", row.has_attachment), ("~", row.waiting)
        )
    )  # fmt: skip
    return f"{row.id:>7}  {local_time(row.date)}  {marks}  {author}  {row.envelope.subject or '(no subject)'}"


def read(options: argparse.Namespace) -> int:
    """Print a message as the reader would show it. Flags stay as they are without ``--mark``."""
    return with_engine(options, _read)


async def _read(engine: Engine, options: argparse.Namespace) -> int:
    (row,) = rows_of(engine, [options.id])
    width = width_of(options)
    opened = await engine.reader.open(row.id, width=width, view=View(options.view), all_headers=True)
    viewed = Viewed(row.envelope, row.size, opened.root, opened.attachments, opened.body, opened.headers)
    text = body_lines(opened.body, width)
    if options.json:
        print_json({**shapes.message(engine.pages.row(row.id) or row, engine), **shapes.content(opened.headers, text, viewed)})
    else:
        print_text("\n".join([*head_lines(viewed), "", *text]))
    if options.mark and SEEN not in row.flags:
        done = engine.actions.set_flags([row.id], add=frozenset({SEEN}))
        return (await engine.carrying.carried(done)).exit_status
    return ExitStatus.OK


def save(options: argparse.Namespace) -> int:
    """Save attachments, or one part, or the message, as new files."""
    options.to = typed_path(options.to)
    return with_engine(options, _save)


async def _save(engine: Engine, options: argparse.Namespace) -> int:
    (row,) = rows_of(engine, [options.id])
    folder: Path = options.to
    saved: list[tuple[str, Path]] = []
    if options.part == WHOLE:
        saved.append((WHOLE, await engine.attachments.save_message(row.id, folder, row.envelope.subject)))
    else:
        for part in await _wanted(engine, row.id, options.part):
            saved.append((part.section, await engine.attachments.save(row.id, part, folder)))  # noqa: PERF401 one by one
    if options.json:
        files = [{"part": part, "path": str(path), "size": path.stat().st_size} for part, path in saved]
        print_json({"saved": files})
    else:
        print_lines(str(path) for _, path in saved)
    return ExitStatus.OK


async def _wanted(engine: Engine, message: MessageId, section: str) -> Sequence[Part]:
    opened = await engine.reader.open(message, width=80)
    if not section:
        return opened.attachments
    part = opened.root.find(section)
    if part is None or part.is_multipart:
        known = ", ".join(one.section for one in opened.root.walk() if not one.is_multipart)
        raise InputWrong(f"The message has no part {section} that can be saved.", f"Its parts are {known}, and “{WHOLE}”.")
    return [part]
