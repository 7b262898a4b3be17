# SPDX-License-Identifier: GPL-3.0-or-later
"""Many messages into one folder: their APPENDs are said one behind the other, before the first is answered (RFC 9051 §5.5).

Each has an answer of its own, so that one that is refused, or whose answer is lost, means nothing to the others.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tuimail.backends.port import MailBackend, Upload
from tuimail.model.action import Append
from tuimail.model.errors import FileProblem, InputWrong, MailMalformed, ServerRefused, TryLater, TuimailError
from tuimail.model.ids import ActionId, FolderId
from tuimail.store.actions import WaitingAction
from tuimail.store.store import Store
from tuimail.sync.attempt import seen_from
from tuimail.sync.postponed import full

MOST = 128
"""Messages of one batch."""
_ON_THE_WAY = 16
"""Messages that are said before the first of them is answered."""
_OCTETS = 1_000_000
"""Of one batch, about."""
FOR_GOOD = (ServerRefused, InputWrong, MailMalformed, FileProblem)
"""Trying it again would end like this again."""


@dataclass(slots=True)
class Came:
    """What came of a batch. Those whose answer was lost are nowhere, nor those that were taken back meanwhile."""

    stored: list[WaitingAction] = field(default_factory=list)
    failed: list[tuple[WaitingAction, TuimailError]] = field(default_factory=list)
    late: list[tuple[WaitingAction, TryLater]] = field(default_factory=list)
    """The server has no room for them now."""
    alone: list[WaitingAction] = field(default_factory=list)
    """To be carried one by one: something else may have to be done first."""
    unsaid: list[WaitingAction] = field(default_factory=list)
    """Refused for now, or never said, because of what stopped the batch."""
    taken_back: int = 0
    stopped: TuimailError | None = None
    """What kept an answer from coming, or why the server takes nothing now."""

    def __len__(self) -> int:
        """Of how many the end is known."""
        return len(self.stored) + len(self.failed) + len(self.late) + len(self.alone) + len(self.unsaid) + self.taken_back

    @property
    def not_done(self) -> list[WaitingAction]:
        """Those that the server surely has not, and that are to be tried again."""
        return [*(waiting for waiting, _ in self.late), *self.alone, *self.unsaid]

    def note(self, waiting: WaitingAction, error: TuimailError | None) -> None:
        """The answer to one."""
        match error:
            case None:
                self.stored.append(waiting)
            case ServerRefused(code="OVERQUOTA"):
                self.late.append((waiting, full()))
            case ServerRefused(code="TRYCREATE" | "CLOSED"):
                self.alone.append(waiting)
            case TryLater():
                self.unsaid.append(waiting)
                self.stopped = self.stopped or error
            case _ if isinstance(error, FOR_GOOD):
                self.failed.append((waiting, error))
            case _:
                self.stopped = error


class Twins:
    """Messages of one Message-ID that go into one folder: a second one waits until a pull of all folders has seen the first.

    So what such a pull finds after the second lost its answer is the second.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._stored: dict[tuple[FolderId, str], int] = {}
        """With the number of the pull that was next."""
        self._undecided: set[tuple[FolderId, str]] = set()

    def begin(self, latest: int) -> None:
        """A round of carrying begins, and this was the latest pull of all folders."""
        self._stored = {key: pull for key, pull in self._stored.items() if pull > latest}
        self._undecided.clear()

    def stored(self, batch: Iterable[WaitingAction]) -> None:
        """The server has these."""
        keys = [self._key(waiting.action) for waiting in batch if isinstance(waiting.action, Append)]
        if keys:
            self._stored |= dict.fromkeys(keys, self._store.next_pull())

    def undecided(self, waiting: WaitingAction) -> None:
        """It cannot be carried in this round."""
        if isinstance(waiting.action, Append):
            self._undecided.add(self._key(waiting.action))

    def wait(self, waiting: WaitingAction) -> bool:
        """Whether it must not be carried in this round."""
        if not isinstance(waiting.action, Append) or not (self._stored or self._undecided):
            return False
        key = self._key(waiting.action)
        return key in self._stored or key in self._undecided

    def _key(self, action: Append) -> tuple[FolderId, str]:
        """Without a Message-ID they are known by their size."""
        return action.folder, action.message_id or str(self._store.blobs.size(action.blob))


def is_plain(waiting: WaitingAction) -> bool:
    """Whether an action is an APPEND that was never tried, and nothing has to be looked at before it or done after it.

    Without a Message-ID it is none: whether it was stored could not be told from another one that was.
    """
    action = waiting.action
    if not isinstance(action, Append) or waiting.attempt or not action.message_id:
        return False
    return not (action.look_first or action.replaces or action.only_copy or action.draft is not None)


def together(first: WaitingAction, following: Iterable[WaitingAction], store: Store) -> list[WaitingAction]:
    """The first and those right behind it that go into the same folder, as far as they are not too many octets.

    Their Message-IDs differ, so that after a lost answer each can be told from the others.
    """
    action = append_of(first)
    found, octets, names = [first], store.blobs.size(action.blob), {action.message_id}
    for waiting in following:
        if not is_plain(waiting) or append_of(waiting).folder != action.folder or append_of(waiting).message_id in names:
            break
        octets += store.blobs.size(append_of(waiting).blob)
        if octets > _OCTETS or len(found) == MOST:
            break
        found.append(waiting)
        names.add(append_of(waiting).message_id)
    return found


async def append_all(
    store: Store, backend: MailBackend, batch: Sequence[WaitingAction], came: Came, truth: asyncio.Lock
) -> None:
    """Say all, then hear all. What becomes of each is noted in ``came``, as it is known. ``truth``: see `Carriage.truth`."""
    found = store.folders.server_folder(append_of(batch[0]).folder)
    assert found is not None
    messages = await asyncio.to_thread(lambda: [_read(store, append_of(waiting)) for waiting in batch])
    async with truth:
        pull = seen_from(store, batch[0].account, [waiting.action for waiting in batch])
    with store.transaction():
        going = {waiting.id for waiting in batch if store.actions.start(waiting.id, pull)}
    came.taken_back = len(batch) - len(going)
    if backend.capabilities.multiappend and await _at_once(backend, found.name, batch, messages, going, came):
        return
    turn = asyncio.Semaphore(_ON_THE_WAY)

    async def carry(waiting: WaitingAction, message: bytes | FileProblem) -> None:
        action = append_of(waiting)
        if isinstance(message, FileProblem):
            came.note(waiting, message)
            return
        async with turn:
            if came.stopped is not None:
                came.unsaid.append(waiting)
                return
            try:
                await backend.append(found.name, message, action.flags, action.date, None)
            except TuimailError as error:
                came.note(waiting, error)
            else:
                came.note(waiting, None)

    async with asyncio.TaskGroup() as tasks:
        for waiting, message in zip(batch, messages, strict=True):
            if waiting.id in going:
                tasks.create_task(carry(waiting, message))


async def _at_once(
    backend: MailBackend,
    folder: str,
    batch: Sequence[WaitingAction],
    messages: Sequence[bytes | FileProblem],
    going: set[ActionId],
    came: Came,
) -> bool:
    """By one command. False: the server has none of them, and they are to be said one by one to learn why."""
    uploads = [
        Upload(message, append_of(waiting).flags, append_of(waiting).date)
        for waiting, message in zip(batch, messages, strict=True)
        if waiting.id in going and isinstance(message, bytes)
    ]
    if len(uploads) < len(going) or len(uploads) < 2:
        return False
    try:
        await backend.append_all(folder, uploads)
    except FOR_GOOD:
        return False
    except TryLater as error:
        came.unsaid += [waiting for waiting in batch if waiting.id in going]
        came.stopped = error
    except TuimailError as error:
        came.stopped = error
    else:
        came.stored += [waiting for waiting in batch if waiting.id in going]
    return True


def append_of(waiting: WaitingAction) -> Append:
    """The action of one of a batch."""
    assert isinstance(waiting.action, Append)
    return waiting.action


def _read(store: Store, action: Append) -> bytes | FileProblem:
    try:
        return store.blobs.read(action.blob)
    except FileProblem as problem:
        return problem
