# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps a POP3 account: an account loop on its local mail, and visits to the server that bring new mail into that.

An account that only sends is one whose visits find nothing: local mail keeps what was sent.
"""

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Callable

from tuimail.backends.maildrop import MailDrop
from tuimail.backends.submission import MailSender
from tuimail.model.account import Account
from tuimail.model.errors import CertificateRefused, FileProblem, Offline, SignInNeeded, TryLater, TuimailError
from tuimail.model.ids import AccountId
from tuimail.model.notice import ConnectionChanged, ConnectionState, NewMail, Notice
from tuimail.store.local_mail import are_doubles
from tuimail.store.store import Store
from tuimail.sync.account_loop import AccountLoop
from tuimail.sync.backoff import Backoff
from tuimail.sync.border import Work
from tuimail.sync.ending import end
from tuimail.sync.local_events import LocalEvents
from tuimail.sync.local_mailbox import LocalMailbox
from tuimail.sync.pop3_collect import Collector
from tuimail.sync.unasked import Reach

log = logging.getLogger(__name__)
STRAY = 600.0
"""Seconds after which a file without a message is one that a killed program left: others get theirs at once."""
_STATES: dict[type[TuimailError], ConnectionState] = {
    SignInNeeded: ConnectionState.SIGN_IN_NEEDED,
    CertificateRefused: ConnectionState.REFUSED,
}


class Pop3Loop(AccountLoop):
    """What is done to mail never waits for the server: it is done in local mail. The state shown is that of the visits."""

    _cleared = False

    def __init__(
        self,
        account: Account,
        account_id: AccountId,
        store: Store,
        drop_factory: Callable[[], MailDrop] | None,
        sender_factory: Callable[[], MailSender] | None,
        publish: Callable[[Notice], None],
        *,
        reach: Reach | None = None,
        clock: Callable[[], float] = time.time,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """As `AccountLoop`. ``drop_factory``: None where no mail is read from anywhere."""
        events = LocalEvents()
        super().__init__(
            account,
            account_id,
            store,
            lambda: LocalMailbox(store, account_id, events),
            sender_factory,
            self._pass_on,
            reach=reach,
            clock=clock,
            chance=chance,
        )
        self._tell_all = publish
        self._drop_factory = drop_factory
        leave_on_server = account.pop3 is None or account.pop3.leave_on_server
        self._collector = Collector(store, account_id, events, publish, leave_on_server=leave_on_server)
        self._visit_bell = asyncio.Event()
        self._collector.on_wanted = self._visit_bell.set
        self._visited = asyncio.Condition()
        self._begun = self._ended = 0
        """How many visits."""
        self._is_first = False
        """The present visit, or that which was last: nothing was known of the server before it."""
        self._visit_error: TuimailError | None = None
        self._server_state = ConnectionState.OFFLINE
        self._visits: asyncio.Task[None] | None = None

    @property
    def state(self) -> ConnectionState:
        """How the visits to the server go."""
        return self._server_state

    def start(self) -> None:
        """Begin. Needs a running event loop."""
        super().start()
        if self._visits is None:
            work = self._guarded(self._visit_again_and_again)
            self._visits = asyncio.create_task(work, name=f"{self.account.key}: visits")

    async def stop(self) -> None:
        """End. A visit that goes on is cut, which leaves the server as it was."""
        visits, self._visits = self._visits, None
        if visits is not None:
            await end([visits])
        self._collector.failed(Offline("The program ends."))
        await super().stop()
        self._set_server_state(ConnectionState.OFFLINE)

    def sync_now(self) -> None:
        """Visit the server now."""
        super().sync_now()
        self._visit_bell.set()

    def retry(self) -> None:
        """Visit it again, after the user mended what was wrong."""
        super().retry()
        self._visit_bell.set()

    async def settled(self, *, deep: bool = True) -> None:
        """What waits is done in local mail; ``deep``: a visit that begins from now on is over and what it brought is here.

        Raises what the visit failed with.
        """
        if deep and self._visits is not None:
            wanted = self._begun + 1
            self._visit_bell.set()
            async with self._visited:
                await self._visited.wait_for(lambda: self._ended >= wanted)
        await super().settled(deep=deep)
        if deep and self._visit_error is not None:
            raise self._visit_error

    async def _stumbled(self, work: Work, error: TuimailError) -> None:
        """See `AccountLoop`."""
        await super()._stumbled(work, error)
        if work == self._visit_again_and_again:
            self._collector.failed(error)
            self._set_server_state(ConnectionState.OFFLINE, error)
            await self._visit_is_over(error)

    async def _visit_is_over(self, error: TuimailError | None) -> None:
        async with self._visited:
            self._ended, self._visit_error = self._begun, error
            self._visited.notify_all()

    async def _visit_again_and_again(self) -> None:
        backoff = Backoff(self._chance)
        while True:
            self._visit_bell.clear()
            error = await self._visit()
            await self._visit_is_over(error)
            if error is None:
                backoff.reset()
                wait: float | None = self.account.pop3.check_interval if self.account.pop3 is not None else None
                await self._clear_away()
            else:
                wait = None if isinstance(error, tuple(_STATES)) else backoff.next()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._visit_bell.wait(), wait)

    async def _clear_away(self) -> None:
        """Once, when what a killed program did not finish has come again: remove the files that it left."""
        if self._cleared:
            return
        self._cleared = True
        files = self._store.local_mail.files
        strays = self._store.pop3.strays(self._id, await asyncio.to_thread(files.older_than, STRAY))
        with contextlib.suppress(FileProblem):  # a message that goes meanwhile
            gone = await asyncio.to_thread(are_doubles, files, strays)
            await asyncio.to_thread(files.remove_all, gone)

    async def _visit(self) -> TuimailError | None:
        """One visit. What it failed with."""
        self._begun += 1
        if self._drop_factory is None:
            self._store.local_mail.ensure(self._id)
            self._set_server_state(ConnectionState.ONLINE)
            return None
        self._is_first = not self._store.pop3.known(self._id)
        before = self._server_state
        self._set_server_state(ConnectionState.SYNCING if before is ConnectionState.ONLINE else ConnectionState.CONNECTING)
        try:
            await self._collector.visit(self._drop_factory())
        except TuimailError as error:
            self._collector.failed(error)
            if isinstance(error, TryLater) and before is ConnectionState.ONLINE:
                # One program at a time has a maildrop, and one whose connection was cut has it until the server notices.
                self._set_server_state(before)
            else:
                self._set_server_state(_STATES.get(type(error), ConnectionState.OFFLINE), error)
            return error
        self._set_server_state(ConnectionState.ONLINE)
        return None

    def _pass_on(self, notice: Notice) -> None:
        """The connection to local mail is nobody's business, and what the first visit brings is no news."""
        if not isinstance(notice, ConnectionChanged) and not (self._is_first and isinstance(notice, NewMail)):
            self._tell_all(notice)

    def _set_server_state(self, state: ConnectionState, error: TuimailError | None = None) -> None:
        if state is not self._server_state or error is not None:
            self._server_state = state
            self._tell_all(ConnectionChanged(self._id, state, error))
