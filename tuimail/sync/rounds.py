# SPDX-License-Identifier: GPL-3.0-or-later
"""What the waiting connection of an account does, turn by turn: look at everything, read older mail, wait for changes."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable

from tuimail.backends.port import MailBackend, Opening, ServerChange
from tuimail.model.errors import ServerRefused, TryLater, TuimailError
from tuimail.model.folder import FolderRole
from tuimail.model.ids import AccountId, FolderId
from tuimail.store.folders import ServerFolder
from tuimail.store.store import Store
from tuimail.sync.awake import Clocks, pause
from tuimail.sync.backoff import Pace
from tuimail.sync.delta import known_of
from tuimail.sync.other_clients import OtherClients
from tuimail.sync.pull import Puller

POLL = 60.0
"""Seconds between two looks at the folders that are not on the screen."""
SOON = 0.2
"""Seconds between the server's word that other folders changed and the look at them: more may be about to come."""
GLIMPSE = 1.0
"""Shortest time in seconds between two questions for the list of folders, of servers that tell nothing of it, or stop to."""
_WAITS = 20.0
"""How many times longer than the answer takes the next question waits."""
_BUSY, _BUSY_LIVELY = 0.00006, 0.001
"""Share of a processor that the questions may take, at rest and while somebody else works in the mailbox; to leave IDLE for
one, and to go back, takes five times as much."""
_CHANGES_AT_ONCE, _CHANGES_PER_SECOND = 50, 5.0
"""How often the server's word that the folder on the screen changed is followed at once, and how often if it never stops."""
DEEP = 900.0
"""Seconds between two looks that compare everything, on servers that do not count changes."""
_GLANCE = 3.0
"""Seconds after which the folder on the screen is looked at while older mail is read."""


class Rounds:
    """Decides what comes next, and does it."""

    def __init__(self, store: Store, account: AccountId, puller: Puller, woke_up: Callable[[], Awaitable[None]]) -> None:
        self._store = store
        self._account = account
        self._puller = puller
        self._woke_up = woke_up
        self.online = asyncio.Event()
        """The first look after connecting is done."""
        self.started = asyncio.Event()
        """More than the folder on the screen may be looked at."""
        self.looked = asyncio.Event()
        """None of the folders that were to be looked at soon is waiting for that."""
        self.looked.set()
        self._attention = asyncio.Event()
        puller.on_filled(self._attention.set)
        self._watched: FolderId | None = None
        self._opened: frozenset[FolderId] = frozenset()
        self._look: set[FolderId] = set()
        self._refused: dict[FolderId, str] = {}
        """With the name that it was refused under."""
        self._wanted = False
        self._deep = False
        self._waiters: list[asyncio.Future[None]] = []
        self._next_sweep = self._next_glimpse = self._next_deep = self._glanced = 0.0
        self.others = OtherClients()
        """To be told of pushes."""
        self._took = 0.0
        self._pace = Pace(_CHANGES_AT_ONCE, _CHANGES_PER_SECOND)
        self._clocks = Clocks()

    def watch(self, folder: FolderId | None) -> None:
        """The folder on the screen."""
        if folder != self._watched:
            self._watched = folder
            if folder is not None:
                self._opened |= {folder}
            self._attention.set()

    def want_sweep(self, *, deep: bool = False, asked: bool = False, stale: Iterable[FolderId] = ()) -> None:
        """Look at all folders soon, at these whatever STATUS says.

        ``asked``: by the user, so it must find everything; STATUS tells nothing of flags where the server counts no changes.
        """
        self._wanted = True
        if asked:
            self._next_deep = 0.0
        self._deep |= deep
        self._puller.stale |= set(stale)
        self._attention.set()

    def look_at(self, folders: Iterable[FolderId]) -> None:
        """Look at these folders soon."""
        self._look |= set(folders)
        if self._look:
            self.looked.clear()
            self._attention.set()

    async def swept(self, *, deep: bool = False) -> None:
        """Wait for a look at all folders that begins from now on. Raises the error that it failed with."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        self.want_sweep(deep=deep)
        await waiter

    def failed(self, error: TuimailError) -> None:
        """The connection is lost."""
        self.online.clear()
        self.looked.set()
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_exception(error)

    def opening(self) -> Opening:
        """The folder to open along with the sign-in: the one that `begin` looks at first."""
        folder = self._screen()
        if folder is None:
            return Opening("INBOX", read_only=True)
        return Opening(folder.name, known_of(folder), read_only=True, arrived_from=folder.cursor.uidnext)

    def reading(self) -> Opening:
        """The folder whose messages will be read first on the connection that serves the user."""
        folder = self._screen()
        return Opening("INBOX" if folder is None else folder.name)

    async def begin(self, backend: MailBackend) -> None:
        """The first look on a new connection: the folder on the screen before all others."""
        self._puller.reconnected()
        self._refused.clear()
        await self._check_clocks()
        self._deep |= not backend.capabilities.condstore
        if (folder := self._screen() or self._puller.assume_inbox()) is not None:
            await self._glance(backend, folder)
        await self.started.wait()
        await self._sweep(backend)
        self.online.set()

    async def one(self, backend: MailBackend) -> bool:
        """The next turn. True: all folders were looked at, so that what was held up can perhaps be carried."""
        await self._check_clocks()
        self._attention.clear()
        now = time.monotonic()
        swept = False
        if self._wanted or now >= self._next_sweep:
            self._deep |= not backend.capabilities.condstore and now >= self._next_deep
            await self._sweep(backend)
            swept = True
        elif now >= self._next_glimpse:
            await self._glimpse(backend)
        if filled := self._puller.filled():
            self._look |= filled
            self._settle_when_filled()
        look, self._look = self._look, set()
        for folder in filter(None, map(self._store.folders.server_folder, look)):
            await self._glance(backend, folder)
        if not self._look:
            self.looked.set()
        if await self._puller.fill(backend, self._watched, self._opened):
            self._settle_when_filled()
            if time.monotonic() - self._glanced > _GLANCE and (screen := self._screen()) is not None:
                await self._glance(backend, screen)
        elif not self._attention.is_set():
            await self._wait(backend)
        return swept

    def _settle_when_filled(self) -> None:
        """What was kept because it might be among the messages without rows can be settled once there are none."""
        if self._store.arrivals.in_limbo(self._account) and not self._puller.filling:
            self._wanted = True

    async def stop(self) -> None:
        """End what goes on beside the turns."""
        await self._puller.stop()

    async def _sweep(self, backend: MailBackend) -> None:
        waiters, self._waiters = self._waiters, []
        deep, self._deep, self._wanted = self._deep, False, False
        begun = time.monotonic()
        try:
            await self._puller.sweep(backend, watched=self._watched, deep=deep, opened=self._opened)
        except BaseException:
            self._waiters += waiters
            raise
        now = time.monotonic()
        self._took = now - begun
        self._next_sweep = now + POLL
        # Where LIST does not bring STATUS, each glimpse ends in a sweep.
        brings = {"LIST-STATUS", "IMAP4REV2"} & backend.capabilities.names
        self._next_glimpse = now + (GLIMPSE if brings else between_glimpses(self._took, 0.0))
        if deep:
            self._next_deep = now + DEEP
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    def _sweep_soon(self) -> None:
        """The more work a sweep is, the longer it waits for more to come."""
        self._next_sweep = min(self._next_sweep, time.monotonic() + min(max(SOON, 10 * self._took), GLIMPSE))

    async def _glimpse(self, backend: MailBackend) -> None:
        """Ask for the list of folders alone; look at all of them when it changed.

        Also where NOTIFY is in force: Dovecot 2.3 stops telling of other folders after some were renamed.
        """
        begun, busy = time.monotonic(), time.thread_time()
        changed = await self._puller.list_changed(backend)
        now = time.monotonic()
        if changed:
            self.others.heard(now)
        pause = between_glimpses(now - begun, time.thread_time() - busy, lively=self.others.active(now))
        self._next_glimpse = now + pause
        if changed:
            self._next_sweep = now
            self._attention.set()

    async def _glance(self, backend: MailBackend, folder: ServerFolder) -> None:
        """Pull one folder; one that cannot be opened under its name is left to the sweep that learns whether it has another."""
        self._glanced = time.monotonic()
        try:
            await self._puller.folder(backend, folder.id)
        except ServerRefused:
            self._refused[folder.id] = folder.name
            self._sweep_soon()

    async def _wait(self, backend: MailBackend) -> None:
        folder = self._screen()
        if folder is None:
            raise TryLater("The server does not let any folder be opened.")
        if backend.selected != folder.name:
            await self._glance(backend, folder)
            if backend.selected != folder.name:
                return
        change = await self._idle(backend, max(min(self._next_sweep, self._next_glimpse) - time.monotonic(), 0.0))
        if change is None or change == ServerChange():
            return
        if self.others.heard(now := time.monotonic()):
            self._next_glimpse = min(self._next_glimpse, now + GLIMPSE)
        if change.folders_changed:
            self._sweep_soon()
        await self._puller.changed(folder.id, change)
        if change.look_again:
            await self._glance(backend, folder)
        if seconds := self._pace.next():
            await pause(self._attention, seconds)

    async def _idle(self, backend: MailBackend, seconds: float) -> ServerChange | None:
        """None: something else wants attention."""
        idle = asyncio.ensure_future(backend.idle(seconds))
        attention = asyncio.ensure_future(self._attention.wait())
        try:
            await asyncio.wait({idle, attention}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            attention.cancel()
            if not idle.done():
                idle.cancel()
                await asyncio.gather(idle, return_exceptions=True)
        return idle.result() if idle.done() and not idle.cancelled() else None

    def _screen(self) -> ServerFolder | None:
        """The folder to wait on: the one on the screen, else INBOX."""
        watched = None if self._watched is None else self._store.folders.server_folder(self._watched)
        if watched is not None and self._is_usable(watched):
            return watched
        usable = filter(self._is_usable, self._store.folders.on_server(self._account).values())
        return min(usable, key=lambda folder: folder.role is not FolderRole.INBOX, default=None)

    def _is_usable(self, folder: ServerFolder) -> bool:
        return folder.selectable and self._refused.get(folder.id) != folder.name

    async def _check_clocks(self) -> None:
        if self._clocks.slept():
            self._wanted = True
            await self._woke_up()


def between_glimpses(seconds: float, busy: float, *, lively: bool = False) -> float:
    """Seconds until the next question for the list of folders, when the last took so long, and so many of the processor's.

    ``lively``: somebody else works in this mailbox.
    """
    return min(max(GLIMPSE, _WAITS * seconds, busy / (_BUSY_LIVELY if lively else _BUSY)), POLL)
