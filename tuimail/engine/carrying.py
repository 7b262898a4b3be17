# SPDX-License-Identifier: GPL-3.0-or-later
"""For scripts: waits until servers answered what was done here, whichever program carries it, and tells what came of it."""

import asyncio
import contextlib
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from tuimail.engine.accounts import Accounts, OpenAccount
from tuimail.engine.actions import Done
from tuimail.model.draft import OutboxItem, OutboxState, RefusedRecipient
from tuimail.model.errors import ConfigWrong, ExitStatus, InputWrong, SignInNeeded, TryLater, TuimailError, Unanswered, error_of
from tuimail.model.folder import Folder
from tuimail.model.ids import AccountId
from tuimail.model.text import safe_line
from tuimail.store.store import Store
from tuimail.sync.ending import end

_LOOK = 0.05
"""Seconds between two looks into the store: another program's commit is no event of ours."""
_SLOWEST_LOOK = 1.0
_STILL = 30
"""Looks after which a folder that does not grow is given up."""
_PATIENCE = 30.0
"""Seconds in which somebody has to begin to send a message that is due."""
_COPY_PATIENCE = 15.0
"""Seconds in which the copy for the Sent folder has to be carried; else that is left for the next time."""
_WITH_THE_USER = (OutboxState.REFUSED, OutboxState.UNKNOWN)
"""What becomes of these is not tried by itself."""
_WITH_THE_USER_FIRST = (SignInNeeded, ConfigWrong)
"""What waits because of these has an exit status of its own; all else that waits is tried again by itself."""


class Syncing(Protocol):
    """What is asked of `tuimail.sync.supervisor.Supervisor`."""

    def start(self, only: Collection[AccountId] | None = None) -> None:
        """Start the loops of these accounts; of all, if none are named."""
        ...

    async def settled(self, account: AccountId, *, deep: bool = True) -> None:
        """Wait until everything was carried and is here."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of something that was to be done at a server."""

    status: str
    """``done``, ``queued``, ``refused``, ``unknown``; ``would`` when it was only tried out."""
    detail: str = ""
    exit_status: ExitStatus = ExitStatus.OK


@dataclass(frozen=True, slots=True)
class SendOutcome:
    """What came of a message that was to be sent."""

    outcome: Outcome
    message_id: str
    accepted: tuple[str, ...] = ()
    """Recipients."""
    refused: tuple[RefusedRecipient, ...] = ()


@dataclass(frozen=True, slots=True)
class Synced:
    """What bringing one account up to date did."""

    name: str
    new: int = 0
    """Messages that came."""
    changed: int = 0
    """Messages whose flags or folder changed, or that went."""
    carried: int = 0
    """Actions and outgoing messages that do not wait any more."""
    waiting: int = 0
    """Those that do."""
    error: TuimailError | None = None


class Carrying:
    """Waits for servers."""

    def __init__(self, store: Store, accounts: Accounts, syncing: Syncing) -> None:
        self._store = store
        self._accounts = accounts
        self._syncing = syncing

    async def folder(self, account: OpenAccount, name: str, least: int | None = 0) -> Folder:
        """A folder by its name or role, with at least its newest ``least`` messages, None for all: what lacks is read now.

        Raises InputWrong, and the error that keeps it from being read.
        """
        found = self._find(account, name)
        if found is None:
            await self.settle(account)
            found = self._find(account, name)
        if found is None:
            raise InputWrong(
                f"There is no folder “{safe_line(name)}” in the account {account.account.key}.", "tuimail folders lists them."
            )
        if not self._is_filled(found, least):
            account.loop.watch(found.id)
            await self._fill(account, [found], least)
        return self._find(account, name) or found

    async def folders_known(self, accounts: Iterable[OpenAccount]) -> None:
        """Read the lists of folders of accounts that were never looked at."""
        for account in accounts:
            if not self._store.folders.all(account.id):
                await self.settle(account)

    async def settle(self, account: OpenAccount, *, deep: bool = True) -> None:
        """Have everything carried that waits, and read what is new. Raises the error that keeps it from being so."""
        self._syncing.start([account.id])
        await self._syncing.settled(account.id, deep=deep)

    async def _fill(self, account: OpenAccount, folders: Sequence[Folder], least: int | None) -> None:
        """Wait until folders are read so far. Raises TryLater where it does not go on, and what settling raises."""
        pause, rows, still = _LOOK, -1, 0
        while missing := [folder for folder in folders if not self._is_filled(folder, least)]:
            await self.settle(account, deep=False)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _SLOWEST_LOOK)
            before, rows = rows, sum(self._store.messages.extent(folder.id)[0] for folder in folders)
            still = still + 1 if rows == before else 0
            if still > _STILL:
                raise TryLater(
                    f"{missing[0].name} could not be read to its end.", "The server may not allow it; try again later."
                )

    def _find(self, account: OpenAccount, name: str) -> Folder | None:
        return self._store.folders.named(account.id, name)

    def _is_filled(self, folder: Folder, least: int | None) -> bool:
        there = self._store.folders.server_folder(folder.id)
        if there is None or not there.selectable or there.cursor.filled_from == 1:
            return True
        return there.cursor.filled_from > 0 and least is not None and self._store.messages.extent(folder.id)[0] >= least

    async def carried(self, done: Done, *, wait: bool = True) -> Outcome:
        """What came of a gesture. Raises nothing of the servers' errors. ``wait`` False: it is only queued."""
        waiting = [found for action in done.actions if (found := self._store.actions.get(action)) is not None]
        error: TuimailError | None = None
        for account in {found.account for found in waiting} if wait else ():
            try:
                await self.settle(self._accounts.get(account), deep=False)
            except TuimailError as met:
                error = met
        if any(map(self._store.actions.exists, done.actions)):
            return _queued(error)
        endings = [ending for action in done.actions if (ending := self._store.endings.of_action(action)) is not None]
        if endings:
            details = dict.fromkeys(ending.detail or f"It was {ending.state}." for ending in endings)
            return Outcome("refused", " ".join(details), ExitStatus.UNAVAILABLE)
        return Outcome("done", done.text)

    async def sent(self, item: OutboxItem, *, wait: bool = True) -> SendOutcome:
        """What came of a message in the outbox. Its copy for the Sent folder is carried, too, where that can be done now."""
        if not wait:
            return SendOutcome(_queued(None), item.message_id)
        account = self._accounts.get(item.account)
        self._syncing.start([item.account])
        account.loop.ring()
        patience = time.monotonic() + _PATIENCE
        settling = asyncio.create_task(self.settle(account, deep=False), name="carrying: ask who syncs")
        try:
            while (now := self._store.outbox.get(item.id)) is not None and _is_to_be_sent(now):
                if now.state is OutboxState.HELD and time.monotonic() > patience:
                    break
                if settling.done() and isinstance(silent := settling.exception(), Unanswered):
                    return SendOutcome(_queued(silent), item.message_id)
                await asyncio.sleep(_LOOK)
        finally:
            await end([settling])
        if now is None:
            with contextlib.suppress(TuimailError, TimeoutError):
                async with asyncio.timeout(_COPY_PATIENCE):
                    await self.settle(account, deep=False)
        return self._send_outcome(item, now)

    def _send_outcome(self, item: OutboxItem, now: OutboxItem | None) -> SendOutcome:
        if now is None:
            ending = self._store.endings.of_message(item.id)
            if ending is not None:
                return SendOutcome(Outcome("refused", "It was taken back.", ExitStatus.TRY_LATER), item.message_id)
            return SendOutcome(Outcome("done", "Sent."), item.message_id, item.recipients)
        error = error_of(now.error_kind, now.error) if now.error else None
        if now.state is OutboxState.REFUSED:
            gone = {one.address for one in now.refused}
            accepted = tuple(one for one in item.recipients if one not in gone) if gone else ()
            kind = error.exit_status if error is not None and now.error_kind else ExitStatus.UNAVAILABLE
            return SendOutcome(Outcome("refused", now.error, kind), item.message_id, accepted, now.refused)
        if now.state is OutboxState.UNKNOWN:
            return SendOutcome(Outcome("unknown", now.error, ExitStatus.TRY_LATER), item.message_id)
        accepted = tuple(one for one in item.recipients if one not in now.recipients)
        return SendOutcome(_queued(error), item.message_id, accepted, now.refused if accepted else ())

    async def synced(self, account: OpenAccount) -> Synced:
        """Bring an account up to date. Does not raise the servers' errors: the answer tells."""
        mark = self.mark(account)
        error: TuimailError | None = None
        try:
            await self.settle(account)
            await self._fill(account, self._store.folders.all(account.id), None)
        except TuimailError as met:
            error = met
        return mark.since(error)

    def mark(self, account: OpenAccount) -> "Mark":
        """Remember how an account stands, to tell later what changed."""
        return Mark(self._store, account)


class Mark:
    """How an account stood at a moment."""

    def __init__(self, store: Store, account: OpenAccount) -> None:
        self._store = store
        self._account = account
        self._snapshot = store.snapshot(account.id)
        self._waited = self._waiting()

    def since(self, error: TuimailError | None = None) -> Synced:
        """What changed since then."""
        new, changed = self._snapshot.compare()
        waiting = self._waiting()
        return Synced(self._account.account.key, new, changed, len(self._waited - waiting), len(waiting), error)

    def _waiting(self) -> set[tuple[str, int]]:
        actions = {("action", waiting.id) for waiting in self._store.actions.waiting(self._account.id)}
        items = self._store.outbox.all(self._account.id)
        return actions | {("outbox", item.id) for item in items if item.state not in _WITH_THE_USER}


def _is_to_be_sent(item: OutboxItem) -> bool:
    """Whether something is about to happen to it: it is due, or being sent."""
    match item.state:
        case OutboxState.SENDING | OutboxState.HANDED_OVER:
            return True
        case OutboxState.HELD | OutboxState.QUEUED:
            return item.due <= time.time() + _LOOK
    return False


def _queued(error: TuimailError | None) -> Outcome:
    if error is None:
        return Outcome("queued", "It waits, and is carried when tuimail runs the next time.", ExitStatus.TRY_LATER)
    return Outcome("queued", str(error), error.exit_status if isinstance(error, _WITH_THE_USER_FIRST) else ExitStatus.TRY_LATER)
