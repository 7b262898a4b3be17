# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries waiting actions to the server, oldest first. After a lost answer a pull tells what was done before it is repeated."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from tuimail.backends.port import MailBackend
from tuimail.model.action import (
    Action,
    Append,
    Copy,
    CreateFolder,
    DeleteFolder,
    Expunge,
    Move,
    RenameFolder,
    SetFlags,
    Subscribe,
)
from tuimail.model.errors import (
    ServerBroken,
    ServerRefused,
    TryLater,
    TuimailError,
)
from tuimail.model.ids import AccountId, ActionId, FolderId, MessageId
from tuimail.model.notice import (
    ActionFailed,
    ActionPostponed,
    DraftsChanged,
    FolderChanged,
    FoldersChanged,
    Notice,
    WaitingChanged,
)
from tuimail.store.actions import Performed, WaitingAction
from tuimail.store.endings import REFUSED, Ending
from tuimail.store.store import Store
from tuimail.store.ties import messages_of
from tuimail.sync import carry_appends, carry_messages, carry_others
from tuimail.sync.aftermath import Aftermath, Repeats
from tuimail.sync.carriage import Blocked, Carriage, TakenBack
from tuimail.sync.carry_appends import Came, Twins
from tuimail.sync.leftovers import forget_blob, forget_blobs, forget_draft
from tuimail.sync.order import in_order
from tuimail.sync.postponed import NotTaken, Postponed
from tuimail.sync.settle import sweeps_of

_ONCE_ONLY = (Move, Copy, Append, RenameFolder)
"""After a lost answer these are not repeated before pulls of all folders told what was done."""
_MAKING = (Copy, Append)
"""Done twice they make two messages of one."""
_WITHOUT_FOLDER = (SetFlags, Expunge)
"""The others name a folder, so they are not carried before a waiting rename: nobody knows yet what it is called."""
_BREAKS = 3
"""How often one action may make the server break its protocol."""
UNTOLD = "The server said that it was done, and it is not."
UNTOLD_ADVICE = "Look into both folders; the messages that were not moved are where they were."


@dataclass(slots=True)
class Pushed:
    """What a round of carrying did."""

    carried: int = 0
    blocked: bool = False
    """Something waits for a pull of all folders."""
    late: TryLater | None = None
    """Why something waits that the server does not take now."""


class Pusher:
    """The waiting actions of one account."""

    def __init__(
        self, store: Store, account: AccountId, publish: Callable[[Notice], None], truth: asyncio.Lock | None = None
    ) -> None:
        self._store = store
        self._account = account
        self._publish = publish
        self._truth = truth or asyncio.Lock()
        self._breaks: dict[ActionId, int] = {}
        self._aftermath: Aftermath | None = None
        """Until the server does nothing more of what it was told when an answer was lost."""
        self._unsure = 0
        """The number of the pull that was next when an answer was lost; at first, when an earlier run may have lost one."""
        self.recover()
        self.stale: set[FolderId] = set()
        """Folders that the next sweep must look at."""
        self.postponed = Postponed()
        self._twins, self._stored = Twins(store), set[ActionId]()

    def recover(self, waited: float = 0.0) -> None:
        """Whoever carried until now, an earlier run or another program, may have lost an answer.

        ``waited``: seconds for which it was waited for.
        """
        self._aftermath = Aftermath(waited)
        self._unsure = self._store.next_pull()

    async def still(self, line: Repeats) -> None:
        """Where an answer was lost, wait until the server has come to the end of what it was told. Raises the port's errors."""
        aftermath = self._aftermath
        if aftermath is None:
            return
        making = [one.action for one in self._store.actions.waiting(self._account) if one.attempt]
        into = {one.folder for one in making if isinstance(one, _MAKING)}
        if into:
            found = map(self._store.folders.server_folder, into)
            await aftermath.over(line, [folder.name for folder in found if folder is not None])
            self._unsure = self._store.next_pull()
        if self._aftermath is aftermath:
            self._aftermath = None

    async def push(self, backend: MailBackend) -> Pushed:
        """Carry everything that can be. Raises Offline, TryLater, SignInNeeded, ServerBroken; what waits stays."""
        pushed = Pushed()
        held, renaming = set[MessageId](), False
        self._twins.begin(sweeps_of(self._store, self._account).latest)
        queue = in_order(self._store.actions.waiting(self._account))
        alone: set[ActionId] = set()
        for place, action in enumerate([waiting.id for waiting in queue]):
            waiting = self._store.actions.get(action)
            if waiting is None:
                continue
            if (late := self.postponed.waits(action)) is not None:
                pushed.late = late
                held |= messages_of(waiting.action)
                continue
            behind = renaming and not isinstance(waiting.action, _WITHOUT_FOLDER)
            if not behind and len(batch := self._batch(waiting, queue[place + 1 :], alone)) > 1:
                alone |= await self._append_all(backend, batch, pushed)
                if action not in alone:
                    continue
            try:
                waits = behind or self._must_wait(waiting, held, blocked=pushed.blocked)
                carried = not waits and await self._carry(backend, waiting)
            except NotTaken as refusal:
                pushed.late = self._postpone(waiting, refusal.error)
                held |= messages_of(waiting.action)
                continue
            if not carried:
                pushed.blocked = True
                renaming |= isinstance(waiting.action, RenameFolder)
                held |= messages_of(waiting.action)
                self._twins.undecided(waiting)
            else:
                pushed.carried += 1
        self.postponed.went_through()
        return pushed

    def next_offer(self) -> float | None:
        """Seconds until something that the server did not take is due again; None when there is no such thing."""
        if self.postponed:
            self.postponed.keep({waiting.id for waiting in self._store.actions.waiting(self._account)})
        return self.postponed.next()

    def _batch(self, first: WaitingAction, behind: Sequence[WaitingAction], alone: set[ActionId]) -> list[WaitingAction]:
        """What goes into one folder at once, from this one on; nothing where it has to be looked at by itself."""
        if first.id in alone or not carry_appends.is_plain(first) or self._twins.wait(first):
            return []
        if self._store.folders.server_folder(carry_appends.append_of(first).folder) is None:
            return []
        waits, wait = self.postponed.waits, self._twins.wait
        free = takewhile(lambda one: one.id not in alone and waits(one.id) is None and not wait(one), behind)
        return carry_appends.together(first, free, self._store)

    async def _append_all(self, backend: MailBackend, batch: Sequence[WaitingAction], pushed: Pushed) -> set[ActionId]:
        """Carry several at once; those that are to be carried one by one. Raises what kept an answer from coming."""
        came, began = Came(), time.monotonic()
        try:
            await carry_appends.append_all(self._store, backend, batch, came, self._truth)
        finally:
            if len(came) < len(batch):
                self.recover(time.monotonic() - began)
            with self._store.transaction():
                for waiting in came.stored:
                    self._store.actions.finish(waiting.id)
                for waiting in came.not_done:
                    self._store.actions.put_back(waiting.id)
            self._twins.stored(came.stored)
        for waiting in came.stored:
            self.postponed.forget(waiting.id)
            self.stale.add(carry_appends.append_of(waiting).folder)
        for waiting, error in came.failed:
            self._fail(waiting, error)
        for waiting, late in came.late:
            pushed.late = self._postpone(waiting, late)
        await forget_blobs(self._store, [waiting.action for waiting in came.stored])
        self._publish(WaitingChanged(self._account))
        pushed.carried += len(came.stored) + len(came.failed)
        if came.stopped is not None:
            raise came.stopped
        return {waiting.id for waiting in came.alone}

    def _must_wait(self, waiting: WaitingAction, held: set[MessageId], *, blocked: bool) -> bool:
        """Behind another one on the same message; or for a pull that tells whether it was done."""
        if held & messages_of(waiting.action) or (blocked and isinstance(waiting.action, DeleteFolder)):
            return True
        if waiting.attempt and isinstance(waiting.action, _ONCE_ONLY):
            return sweeps_of(self._store, self._account).latest < self._unsure
        if self._twins.wait(waiting):
            return True
        return bool(self._store.actions.lost_rows(waiting.id))

    async def _carry(self, backend: MailBackend, waiting: WaitingAction) -> bool:
        """One action. False: it is blocked."""
        looked_twice = sweeps_of(self._store, self._account).before >= self._unsure
        carriage = Carriage(self._store, backend, waiting, looked_twice=looked_twice, truth=self._truth, stored=self._stored)
        answered, began = False, time.monotonic()
        try:
            if isinstance(waiting.action, Append):
                await carry_others.append(carriage, waiting.action)
            else:
                async with self._truth:
                    await _dispatch(carriage, waiting.action)
        except Blocked:
            if carriage.untold:
                return self._untold(waiting)
            answered = True
            if carriage.begun and not carriage.uncertain and isinstance(waiting.action, Move | Copy):
                self._store.actions.answered(waiting.id)  # what it did is noted row by row
            return False
        except TakenBack:
            return True
        except (TryLater, NotTaken):
            if carriage.begun and not carriage.uncertain:
                self._store.actions.put_back(waiting.id)
            raise
        except ServerBroken as error:
            if not self._breaks_again(waiting):
                raise
            self._fail(waiting, error)
        except carry_appends.FOR_GOOD as error:
            if isinstance(error, ServerRefused) and error.code == "CLOSED":
                return False
            self._fail(waiting, error)
        else:
            self._finish(waiting)
        finally:
            self.stale |= carriage.touched
            if carriage.begun and not answered and self._store.actions.exists(waiting.id):
                self.recover(time.monotonic() - began)
        return True

    def _untold(self, waiting: WaitingAction) -> bool:
        """What it did stays open, as after a lost answer: pulls tell. Whether it is given up, as they told nothing either."""
        if not self._breaks_again(waiting):
            return False
        self._fail(waiting, ServerRefused(UNTOLD, UNTOLD_ADVICE))
        return True

    def _breaks_again(self, waiting: WaitingAction) -> bool:
        """Whether the server has broken its protocol over this one often enough for it to be given up."""
        self._breaks[waiting.id] = self._breaks.get(waiting.id, 0) + 1
        return self._breaks[waiting.id] >= _BREAKS

    def _postpone(self, waiting: WaitingAction, error: TryLater) -> TryLater:
        if self.postponed.note(waiting.id, error):
            self._publish(ActionPostponed(self._account, waiting.id, error))
        return error

    def _finish(self, waiting: WaitingAction) -> None:
        self.postponed.forget(waiting.id)
        self._tell(self._store.actions.finish(waiting.id), waiting.action)
        self._twins.stored([waiting])
        forget_blob(self._store, waiting.action)
        if isinstance(waiting.action, Append) and waiting.action.draft is not None:
            forget_draft(self._store, waiting.action.draft)

    def _fail(self, waiting: WaitingAction, error: TuimailError) -> None:
        self.postponed.forget(waiting.id)
        if isinstance(waiting.action, Append) and waiting.action.draft is not None:
            self._store.drafts.set_state(waiting.action.draft, "open")
            self._publish(DraftsChanged())
        self._store.endings.note_action(waiting.id, Ending(REFUSED, str(error)))
        performed = self._store.actions.fail(waiting.id)
        forget_blob(self._store, waiting.action)
        self._publish(ActionFailed(self._account, waiting.id, waiting.text, error))
        self._tell(performed, waiting.action)

    def _tell(self, performed: Performed, action: Action) -> None:
        folders = set(performed.folders)
        if isinstance(action, Move | Copy):
            folders.add(action.folder)
        for folder in folders:
            self._publish(FolderChanged(folder))
        if performed.tree:
            self._publish(FoldersChanged(self._account))
        self._publish(WaitingChanged(self._account))


async def _dispatch(carriage: Carriage, action: Action) -> None:
    match action:
        case SetFlags():
            await carry_messages.set_flags(carriage, action)
        case Move():
            await carry_messages.move(carriage, action)
        case Copy():
            await carry_messages.copy(carriage, action)
        case Expunge():
            await carry_messages.expunge(carriage, action)
        case CreateFolder():
            await carry_others.create_folder(carriage, action)
        case RenameFolder():
            await carry_others.rename_folder(carriage, action)
        case DeleteFolder():
            await carry_others.delete_folder(carriage, action)
        case Subscribe():
            await carry_others.subscribe(carriage, action)
