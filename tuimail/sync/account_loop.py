# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps one account equal to its server: connect, pull, push, wait; and sends what is due.

Two connections: one pulls and waits for changes, the other serves the user (push, reading, searching).
"""

import asyncio
import contextlib
import random
import time
from collections.abc import Callable, Sequence

from tuimail.backends.port import MailBackend, ProgressSink
from tuimail.backends.submission import MailSender
from tuimail.model.account import Account
from tuimail.model.errors import CertificateRefused, Offline, SignInNeeded, TryLater, TuimailError
from tuimail.model.ids import AccountId, FolderId, MessageId
from tuimail.model.notice import ConnectionChanged, ConnectionState, Notice
from tuimail.model.query import Query
from tuimail.store.store import Store
from tuimail.sync.awake import pause
from tuimail.sync.backoff import Backoff, Reconnects
from tuimail.sync.border import Work, guarded
from tuimail.sync.ending import end
from tuimail.sync.fill_process import FillRunner
from tuimail.sync.line import Line
from tuimail.sync.outbox import OutboxSender
from tuimail.sync.publish import Publisher
from tuimail.sync.pull import Puller
from tuimail.sync.push import Pusher
from tuimail.sync.reading import Reading
from tuimail.sync.rounds import Rounds
from tuimail.sync.unasked import Reach, Unasked

_OUTBOX_LOOK = 60.0
"""Seconds after which the outbox is looked at again, should the clock have been set."""
_STATES = {SignInNeeded: ConnectionState.SIGN_IN_NEEDED, CertificateRefused: ConnectionState.REFUSED}
_USER_MUST_ACT = (SignInNeeded, CertificateRefused)
_ROUNDS = 50
HEAR = 0.25
"""Seconds between two looks for what other programs wrote into the store."""


class AccountLoop:
    """Everything that goes on between one account and its servers."""

    def __init__(
        self,
        account: Account,
        account_id: AccountId,
        store: Store,
        backend_factory: Callable[[], MailBackend],
        sender_factory: Callable[[], MailSender] | None,
        publish: Callable[[Notice], None],
        *,
        fill_runner: FillRunner | None = None,
        reach: Reach | None = None,
        clock: Callable[[], float] = time.time,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """``chance`` gives 0 ≤ x < 1, for the jitter of waiting times. ``fill_runner``: see `tuimail.sync.fill.Fill`."""
        self.account = account
        self._id = account_id
        self._store = store
        self._clock, self._chance = clock, chance
        self._tell = publish
        self._publish = Publisher(self._told)
        truth = asyncio.Lock()
        self._user_line = Line(backend_factory, lambda: self._rounds.reading())
        self._idle_line = Line(backend_factory, lambda: self._rounds.opening())
        self._pusher = Pusher(store, account_id, self._publish, truth)
        self._reading = Reading(store, account_id, self._user_line, truth)
        self._puller = Puller(store, account_id, self._publish, truth, fill_runner)
        self._rounds = Rounds(store, account_id, self._puller, self._woke_up)
        self._unasked = Unasked(reach, store, account_id, self._reading, self._told, self._is_idle)
        self._outbox: OutboxSender | None = None
        if sender_factory is not None:
            self._outbox = OutboxSender(store, account_id, sender_factory, self._publish, random=chance, clock=clock)
        self._state = ConnectionState.OFFLINE
        self._doorbell, self._outbox_bell = asyncio.Event(), asyncio.Event()
        self._try_again, self._push_again, self._at_rest = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._error: TuimailError | None = None
        self._push_error: TuimailError | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._readying: asyncio.Task[None] | None = None

    @property
    def state(self) -> ConnectionState:
        """Where the connection stands."""
        return self._state

    def recover(self) -> None:
        """After a crash: what was handed over without an answer is unknown now. For the holder of the lock, before `start`."""
        self._store.outbox.recover()
        self._pusher.recover()

    def connect(self) -> None:
        """Connect, and look at the folder on the screen; the rest waits for `start`. Needs a running event loop."""
        if self._tasks:
            return
        self._doorbell.set()
        works = [self._stay_online, self._carry, *([self._send] if self._outbox is not None else [])]
        if self._unasked.download is not None:
            works.append(self._unasked.download.run)
        self._tasks = [asyncio.create_task(self._guarded(work), name=f"{self.account.key}: {work.__name__}") for work in works]

    def start(self) -> None:
        """Begin, or go on after `connect`. Needs a running event loop."""
        self._rounds.started.set()
        self.connect()

    async def stop(self) -> None:
        """End, and close the connections. What waits stays in the store."""
        if self._outbox is not None:
            await self._outbox.last_answer()
        tasks, self._tasks = self._tasks, []
        await end(tasks if self._readying is None else [*tasks, self._readying])
        await self._unasked.stop()
        await self._rounds.stop()
        self._rounds.started.clear()
        await asyncio.gather(self._user_line.end(), self._idle_line.end())
        self._publish.close()
        self._set_state(ConnectionState.OFFLINE)

    def ring(self) -> None:
        """There is something to carry or to send."""
        self._doorbell.set()
        if self._outbox is not None:
            self._outbox.tried.clear()
        self._outbox_bell.set()

    def watch(self, folder: FolderId | None) -> None:
        """The folder on the screen: it is pulled at once, and the server's changes to it are heard at once."""
        self._rounds.watch(folder)

    def sync_now(self) -> None:
        """Look at everything now."""
        self._rounds.want_sweep(asked=True)
        self._hurry()
        self.ring()

    def retry(self) -> None:
        """Try to connect again, after the user mended what was wrong."""
        self._error = None
        if self._outbox is not None:
            self._outbox.hurry()
        self._hurry()
        self.ring()

    async def fetch_section(
        self, message: MessageId, section: str, progress: ProgressSink | None = None, length: int | None = None
    ) -> bytes:
        """One section of a message, still encoded. See `tuimail.sync.reading.Reading.section`."""
        return await self._reading.section(message, section, progress, length)

    async def fetch_sections(self, wanted: list[tuple[MessageId, str]]) -> dict[tuple[MessageId, str], bytes]:
        """Several sections in one flight; those that cannot be had are missing from the answer."""
        return await self._reading.sections(wanted)

    def fetch_ahead(self, messages: Sequence[MessageId]) -> None:
        """These will probably be read next. See `tuimail.sync.ahead.Ahead.want`."""
        if self._state is ConnectionState.ONLINE:
            self._unasked.want(messages)

    async def arrival(self, message: MessageId) -> None:
        """A message is to be shown that is not here. See `tuimail.sync.ahead.Ahead.arrival`."""
        await self._unasked.arrival(message)

    async def server_search(self, folder: FolderId, query: Query) -> tuple[MessageId, ...]:
        """Messages of a folder that the server finds, newest first."""
        return await self._reading.search(folder, query)

    async def purge(self, folder: FolderId) -> None:
        r"""Remove every message of a folder that carries ``\Deleted``. See `tuimail.sync.reading.Reading.purge`."""
        await self._reading.purge(folder)
        self._rounds.look_at([folder])

    async def settled(self, *, deep: bool = True) -> None:
        """Wait until everything that waits was carried or sent and everything new is here.

        ``deep`` False: what is new is of no interest, nor is what is being sent.
        Raises the error that keeps it from being so: Offline, SignInNeeded, CertificateRefused, TryLater, ServerBroken.
        """
        while not self._tasks and self._busy():  # noqa: ASYNC110 another program does the syncing, no event tells
            await asyncio.sleep(HEAR)
        if self._error is not None and isinstance(self._error, _USER_MUST_ACT):
            raise self._error
        self._hurry()
        for turn in range(_ROUNDS if self._tasks else 0):
            carries = deep and self._store.actions.count(self._id) > 0  # what these make is seen by a pull after them only
            self._push_error = None
            self._at_rest.clear()
            self.ring()
            if deep or turn or not self._rounds.online.is_set():
                await self._rounds.swept(deep=deep and (turn == 0 or not carries))
            if deep and self._outbox is not None:
                await self._outbox.tried.wait()
            await self._at_rest.wait()
            if self._push_error is not None:
                raise self._push_error
            await self._rounds.looked.wait()  # at what the push made without learning its UID
            if not self._busy() and not carries:
                return

    def _busy(self) -> bool:
        return bool(self._store.actions.count(self._id) or self._store.outbox.due(self._id, int(self._clock())))

    def _hurry(self) -> None:
        """Whatever waits after a failure tries again."""
        self._try_again.set()
        self._push_again.set()
        self._pusher.postponed.hurry()

    async def _guarded(self, work: Work) -> None:
        await guarded(work, self.account.key, self._stumbled)

    async def _stumbled(self, work: Work, error: TuimailError) -> None:
        self._push_error = error
        self._at_rest.set()
        if work == self._stay_online:
            self._rounds.failed(error)
            self._set_state(ConnectionState.OFFLINE, error)

    async def _stay_online(self) -> None:
        reconnects = Reconnects(self._chance)
        while True:
            self._try_again.clear()
            self._set_state(ConnectionState.CONNECTING)
            try:
                async with self._idle_line.use() as backend:
                    self._set_state(ConnectionState.SYNCING)
                    self._readying = asyncio.create_task(self._user_line.ready(), name="sync: second connection")
                    await self._rounds.begin(backend)
                    self._set_state(ConnectionState.ONLINE)
                    self._doorbell.set()
                    while True:
                        if await self._rounds.one(backend):
                            self._doorbell.set()
                        if backend.selected is not None:
                            reconnects.of_use()
            except TuimailError as error:
                if self._state in (ConnectionState.SYNCING, ConnectionState.ONLINE):
                    self._try_again.clear()  # who was in a hurry before did not mean the pause that follows
                    # Dovecot ends a connection whose folder was renamed, or one of the first two to a new mailbox: no trouble.
                    if isinstance(error, Offline) and reconnects.at_once():
                        self._rounds.online.clear()
                        continue
                self._rounds.failed(error)
                if isinstance(error, TryLater):  # connected, but nothing is carried now: who waits for that is told
                    self._push_error = error
                    self._at_rest.set()
                self._set_state(_STATES.get(type(error), ConnectionState.OFFLINE), error)
                if await pause(self._try_again, None if isinstance(error, _USER_MUST_ACT) else reconnects.pause()):
                    reconnects.hurry()

    async def _carry(self) -> None:
        """Push whenever the doorbell rings."""
        backoff = Backoff(self._chance)
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._doorbell.wait(), self._pusher.next_offer())
            self._doorbell.clear()
            self._push_again.clear()
            try:
                await self._rounds.online.wait()
                self._push_error = await self._push()
            except TuimailError as error:
                self._push_error = error
                self._at_rest.set()
                await pause(self._push_again, None if isinstance(error, _USER_MUST_ACT) else backoff.next())
                self._doorbell.set()
            else:
                backoff.reset()
                if not self._doorbell.is_set():
                    self._at_rest.set()

    async def _push(self) -> TryLater | None:
        if not self._store.actions.count(self._id):
            return None
        await self._pusher.still(self._user_line)
        self._rounds.others.pushed(time.monotonic())
        pushed = await self._user_line.repeat(self._pusher.push)
        self._rounds.others.pushed(time.monotonic())
        stale, self._pusher.stale = self._pusher.stale, set()
        if pushed.blocked:
            self._rounds.want_sweep(stale=stale)
        else:
            self._rounds.look_at(stale)
        return pushed.late

    async def _send(self) -> None:
        assert self._outbox is not None
        self._store.outbox.recover(self._id)
        while True:
            due = self._store.outbox.next_due(self._id)
            wait = _OUTBOX_LOOK if due is None else min(max(due - self._clock(), 0.05), _OUTBOX_LOOK)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._outbox_bell.wait(), wait)
            self._outbox_bell.clear()
            if await self._outbox.send_due():
                self._doorbell.set()

    def _told(self, notice: Notice) -> None:
        self._tell(notice)
        self._unasked.hear(notice)

    def _is_idle(self) -> bool:
        """Whether the lists are complete and the line is free for what is of no hurry."""
        return self._state is ConnectionState.ONLINE and not self._puller.filling

    async def _woke_up(self) -> None:
        """The computer slept: the other connection is probably dead, and would only say so after a long silence."""
        await self._user_line.end()

    def _set_state(self, state: ConnectionState, error: TuimailError | None = None) -> None:
        if state != self._state or error is not None:
            self._state = state
            if error is not None or state is ConnectionState.ONLINE:
                self._error = error
            self._publish(ConnectionChanged(self._id, state, error))
