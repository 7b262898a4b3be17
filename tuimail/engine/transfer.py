# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole folders into files, and files into a folder: a few messages at a time, so that their number does not matter."""

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from tuimail.engine import mail_files
from tuimail.engine.accounts import Accounts
from tuimail.engine.actions import Actions, Done
from tuimail.engine.carrying import Carrying, Outcome
from tuimail.engine.mail_files import FiledMessage, Format, Label
from tuimail.model.action import Append
from tuimail.model.errors import FileProblem, ServerRefused
from tuimail.model.folder import Folder
from tuimail.model.ids import MessageId
from tuimail.model.message import MessageRow
from tuimail.store.store import Store

_AT_ONCE = 32
"""Messages of one turn, fewer when they are large."""
_OCTETS = 4_000_000
"""Of one turn, about."""
_BARE = re.compile(rb"(?<!\r)\n")
_DONE = Outcome("done")
Tell = Callable[[int], None]
"""Called with how many messages are done."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    messages: int = 0
    skipped: int = 0
    """Gone from the server meanwhile."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What was put into the folder."""

    messages: int = 0
    skipped: int = 0
    """In the folder already, or waiting to be put there: an import may be repeated."""
    refused: int = 0
    outcome: Outcome = _DONE


class Transfer:
    """Export and import."""

    def __init__(self, store: Store, accounts: Accounts, actions: Actions, carrying: Carrying) -> None:
        self._store = store
        self._accounts = accounts
        self._actions = actions
        self._carrying = carrying

    async def export(self, folder: Folder, path: Path, form: Format, tell: Tell) -> Exported:
        """Write every message of a folder, oldest first. Raises FileProblem, and what keeps them from being fetched."""
        writer = await asyncio.to_thread(mail_files.writer, path, form)
        done = Exported()
        try:
            for rows in self._turns(self._store.messages.order(folder.id, "date")):
                found = await self._fetched(rows)
                for row in rows:
                    if (raw := found.get(row.id)) is not None:
                        await asyncio.to_thread(writer.write, raw, _label(row))
                done = Exported(done.messages + len(found), done.skipped + len(rows) - len(found))
                tell(done.messages)
        except OSError as error:
            raise FileProblem(
                f"{path.name} cannot be written: {error.strerror}.", "What was written so far is kept."
            ) from error
        finally:
            await asyncio.to_thread(writer.close)
        return done

    def _turns(self, order: Sequence[int]) -> Iterator[list[MessageRow]]:
        turn: list[MessageRow] = []
        for start in range(0, len(order), _AT_ONCE):
            for row in filter(None, self._store.messages.rows(order[start : start + _AT_ONCE])):
                if turn and sum(one.size for one in turn) + row.size > _OCTETS:
                    yield turn
                    turn = []
                turn.append(row)
            if turn:
                yield turn
                turn = []

    async def _fetched(self, rows: Sequence[MessageRow]) -> dict[MessageId, bytes]:
        """Whole messages; those that are gone are missing. A large one comes in pieces."""
        loop = self._accounts.get(rows[0].account).loop
        if len(rows) > 1:
            found = await loop.fetch_sections([(row.id, "") for row in rows])
            return {message: raw for (message, _), raw in found.items()}
        try:
            return {rows[0].id: await loop.fetch_section(rows[0].id, "")}
        except ServerRefused as error:
            if error.code != "NONEXISTENT":
                raise
            return {}

    async def import_(self, folder: Folder, path: Path, form: Format | None, tell: Tell) -> Imported:
        """Append every message of a file or folder, and wait for the server each few. Raises FileProblem, InputWrong.

        The k-th message with a Message-ID is left out where the folder had k of them before.
        """
        source = mail_files.messages(path, form)
        known = _Known(self._store, folder)
        done = Imported()
        while turn := await asyncio.to_thread(_take, source):
            fresh = [message for message in turn if not known.has(message)]
            came = await self._append(folder, fresh)
            done = Imported(
                done.messages + came.messages,
                done.skipped + len(turn) - len(fresh),
                done.refused + came.refused,
                came.outcome if came.outcome.status != "done" else done.outcome,
            )
            tell(done.messages + done.skipped)
            if came.outcome.status == "queued":
                break
        return done

    async def _append(self, folder: Folder, messages: Sequence[FiledMessage]) -> Imported:
        if not messages:
            return Imported()
        appends = [
            Append(
                folder.id,
                await asyncio.to_thread(self._store.blobs.write, message.raw),
                _message_id(message.raw),
                message.flags,
                message.date,
            )
            for message in messages
        ]
        performed = self._store.actions.perform(appends, f"Import into {folder.name}", undoable=False)
        self._actions.tell(performed)
        outcome = await self._carrying.carried(Done("Imported.", actions=performed.actions))
        waiting = sum(map(self._store.actions.exists, performed.actions))
        refused = sum(self._store.endings.of_action(action) is not None for action in performed.actions)
        return Imported(len(messages) - waiting - refused, 0, refused, outcome)


class _Known:
    """Which messages a folder had when an import began, and which wait to be put there."""

    def __init__(self, store: Store, folder: Folder) -> None:
        self._held = store.held(folder.account, folder.id)
        self._met: Counter[tuple[str, int]] = Counter()
        self._waiting: Counter[str] = Counter(
            waiting.action.message_id
            for waiting in store.actions.waiting(folder.account)
            if isinstance(waiting.action, Append) and waiting.action.folder == folder.id
        )

    def has(self, message: FiledMessage) -> bool:
        """Whether it was there. To be asked once for each message."""
        message_id = _message_id(message.raw)
        size = len(message.raw)
        there = self._held.count(message_id, size) + (self._waiting[message_id] if message_id else 0)
        if not there:
            return False
        key = (message_id, 0 if message_id else size)
        self._met[key] += 1
        return self._met[key] <= there


def _take(source: Iterator[FiledMessage]) -> list[FiledMessage]:
    """The next few, their lines ended by CRLF."""
    taken: list[FiledMessage] = []
    octets = 0
    for message in islice(source, _AT_ONCE):
        taken.append(replace(message, raw=_BARE.sub(b"\r\n", message.raw)))
        octets += len(message.raw)
        if octets > _OCTETS:
            break
    return taken


def _message_id(raw: bytes) -> str:
    from tuimail.mime.headers import Headers, message_ids

    ids = message_ids(Headers.parse(raw).get("Message-ID"))
    return ids[0] if ids else ""


def _label(row: MessageRow) -> Label:
    author = row.envelope.from_[0].email if row.envelope.from_ else ""
    return Label(row.flags, author, row.envelope.subject, max(row.date, 0))
