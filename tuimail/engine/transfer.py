# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole folders into files, and files into a folder: a few messages at a time, so that their number does not matter."""

import asyncio
import contextlib
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
from tuimail.model.errors import FileProblem, ServerRefused, TuimailError
from tuimail.model.folder import Folder
from tuimail.model.ids import MessageId
from tuimail.model.message import MessageRow
from tuimail.store.store import Store

AT_ONCE = 128
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
class Refusal:
    """A message that the server does not take."""

    number: int
    """Its place among those that were read, from 1."""
    reason: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What was put into the folder."""

    messages: int = 0
    skipped: int = 0
    """In the folder already, or waiting to be put there: an import may be repeated."""
    refused: tuple[Refusal, ...] = ()
    outcome: Outcome = _DONE

    def and_then(self, came: "Imported") -> "Imported":
        """With what was put there after it. The latest trouble is what is told."""
        return Imported(
            self.messages + came.messages,
            self.skipped + came.skipped,
            self.refused + came.refused,
            came.outcome if came.outcome.status != "done" else self.outcome,
        )


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
        held = self._store.held(folder.account, folder.id)
        done = Exported()
        try:
            for rows in self._turns(self._store.messages.order(folder.id, "date")):
                found = await self._fetched(rows)
                arrived = held.arrived(found)
                for row in rows:
                    if (raw := found.get(row.id)) is not None:
                        await asyncio.to_thread(writer.write, raw, _label(row, arrived.get(row.id, row.date)))
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
        for start in range(0, len(order), AT_ONCE):
            for row in filter(None, self._store.messages.rows(order[start : start + AT_ONCE])):
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

        The k-th message with a Message-ID is left out where the folder had k of them before. While some are carried, the next
        are made ready.
        """
        source = mail_files.messages(path, form)
        known = _Known(self._store, folder)
        done = Imported()
        turn = await self._ready(source, known, _Turn())
        while turn.read:
            following = asyncio.create_task(self._ready(source, known, turn))
            try:
                came = await self._append(folder, turn)
            except BaseException:
                await self._forget(following)
                raise
            done = done.and_then(came)
            tell(done.messages + done.skipped)
            if came.outcome.status == "queued":
                await self._forget(following)
                break
            turn = await following
        return done

    async def _ready(self, source: Iterator[FiledMessage], known: "_Known", before: "_Turn") -> "_Turn":
        """The next few; of those that are to be put into the folder copies are kept. Raises FileProblem, InputWrong."""
        taken = await asyncio.to_thread(_take, source)
        first = before.first + before.read
        fresh = [(number, one) for number, one in enumerate(taken, first) if not known.has(one)]
        blobs = await asyncio.to_thread(self._store.blobs.write_all, [one.filed.raw for _, one in fresh]) if fresh else []
        return _Turn(first, len(taken), tuple(fresh), tuple(blobs))

    async def _forget(self, following: "asyncio.Task[_Turn]") -> None:
        """What was made ready is not to be carried after all."""
        with contextlib.suppress(TuimailError):
            turn = await following
            await asyncio.to_thread(self._store.blobs.remove_all, turn.blobs)

    async def _append(self, folder: Folder, turn: "_Turn") -> Imported:
        skipped = turn.read - len(turn.fresh)
        if not turn.fresh:
            return Imported(skipped=skipped)
        appends = [
            Append(folder.id, blob, one.message_id, one.filed.flags, one.filed.date)
            for (_, one), blob in zip(turn.fresh, turn.blobs, strict=True)
        ]
        performed = self._store.actions.perform(appends, f"Import into {folder.name}", undoable=False)
        self._actions.tell(performed)
        outcome = await self._carrying.carried(Done("Imported.", actions=performed.actions))
        waiting = sum(map(self._store.actions.exists, performed.actions))
        endings = map(self._store.endings.of_action, performed.actions)
        refused = tuple(
            Refusal(number, ending.detail)
            for (number, _), ending in zip(turn.fresh, endings, strict=True)
            if ending is not None
        )
        return Imported(len(appends) - waiting - len(refused), skipped, refused, outcome)


@dataclass(frozen=True, slots=True)
class _Read:
    """A message out of a file, its lines ended by CRLF."""

    filed: FiledMessage
    message_id: str


@dataclass(frozen=True, slots=True)
class _Turn:
    """Messages that are carried together."""

    first: int = 1
    """The number of the first of them that was read."""
    read: int = 0
    fresh: tuple[tuple[int, _Read], ...] = ()
    """Those that the folder lacks, with their numbers."""
    blobs: tuple[str, ...] = ()
    """Copies of these in the store's folder."""


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

    def has(self, message: "_Read") -> bool:
        """Whether it was there. To be asked once for each message."""
        message_id = message.message_id
        size = len(message.filed.raw)
        there = self._held.count(message_id, size) + (self._waiting[message_id] if message_id else 0)
        if not there:
            return False
        key = (message_id, 0 if message_id else size)
        self._met[key] += 1
        return self._met[key] <= there


def _take(source: Iterator[FiledMessage]) -> list[_Read]:
    """The next few."""
    taken: list[_Read] = []
    octets = 0
    for message in islice(source, AT_ONCE):
        raw = _BARE.sub(b"\r\n", message.raw)
        taken.append(_Read(replace(message, raw=raw), _message_id(raw)))
        octets += len(message.raw)
        if octets > _OCTETS:
            break
    return taken


def _message_id(raw: bytes) -> str:
    from tuimail.mime.headers import Headers, message_ids

    ids = message_ids(Headers.parse(raw).get("Message-ID"))
    return ids[0] if ids else ""


def _label(row: MessageRow, arrived: int) -> Label:
    author = row.envelope.from_[0].email if row.envelope.from_ else ""
    return Label(row.flags, author, row.envelope.subject, max(arrived, 0))
