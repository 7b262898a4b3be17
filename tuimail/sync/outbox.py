# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends what is due in the outbox. What may have been sent is never sent again by itself."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import replace

from tuimail.backends.submission import MailSender, Sent
from tuimail.model.draft import OutboxItem, OutboxState
from tuimail.model.errors import (
    AnswerUnknown,
    CertificateRefused,
    FileProblem,
    InputWrong,
    MailMalformed,
    Offline,
    ServerRefused,
    SignInNeeded,
    StoreProblem,
    TryLater,
    TuimailError,
)
from tuimail.model.ids import AccountId, OutboxId
from tuimail.model.notice import Notice, OutboxChanged, Progress
from tuimail.store.store import Store
from tuimail.sync.backoff import delay
from tuimail.sync.filing import Filing, SentCopy, naming_bcc

FIRST, LONGEST = 10.0, 1800.0
"""Seconds between two attempts, at first and at most."""
ANSWER = 5.0
"""Seconds that the program's end waits for a server's last answer."""
_PERMANENT = (ServerRefused, MailMalformed, InputWrong, FileProblem)
_USER_MUST_ACT = (SignInNeeded, CertificateRefused)
SENT_ALREADY = "Free some space, then say in the outbox that it arrived; do not send it again."


def after_failure(error: TuimailError, *, handed_over: bool) -> OutboxState:
    """What becomes of an item whose attempt failed. A definite answer counts, else what was handed over is unknown."""
    if isinstance(error, AnswerUnknown):
        return OutboxState.UNKNOWN
    if isinstance(error, _PERMANENT):
        return OutboxState.REFUSED
    if handed_over and isinstance(error, Offline):
        return OutboxState.UNKNOWN
    return OutboxState.QUEUED


class OutboxSender:
    """The outbox of one account."""

    def __init__(
        self,
        store: Store,
        account: AccountId,
        sender: Callable[[], MailSender],
        publish: Callable[[Notice], None],
        *,
        random: Callable[[], float],
        clock: Callable[[], float] = time.time,
        sent_copy: SentCopy = naming_bcc,
    ) -> None:
        self._store = store
        self._account = account
        self._sender = sender
        self._publish = publish
        self._random = random
        self._clock = clock
        self._filing = Filing(store, publish, clock=clock, sent_copy=sent_copy)
        self.tried = asyncio.Event()
        """What was due was tried since `AccountLoop.ring` was called."""
        self._answered = asyncio.Event()
        """No message was handed over whose answer is still awaited."""
        self._answered.set()

    async def send_due(self) -> int:
        """Try everything that is due, oldest first. Returns how many were sent. Raises nothing of the port's errors."""
        sent = 0
        try:
            for item in self._store.outbox.due(self._account, int(self._clock())):
                sent += await self._try(item.id)
        finally:
            self.tried.set()
        return sent

    async def last_answer(self) -> None:
        """Before the end, wait a moment for the answer to what was handed over: else nobody knows whether it was sent."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._answered.wait(), ANSWER)

    def hurry(self) -> None:
        """Make what waits for another attempt due now: the user mended what was wrong."""
        now = int(self._clock())
        for item in self._store.outbox.all(self._account):
            if item.state is OutboxState.QUEUED and item.due > now:
                self._store.outbox.save(replace(item, due=now))

    async def _try(self, number: OutboxId) -> bool:
        item = self._store.outbox.take(number, int(self._clock()))
        if item is None:
            return False
        self._publish(OutboxChanged(item.id))
        handed_over = False

        def before_dot() -> None:
            nonlocal handed_over
            self._store.outbox.save(replace(item, state=OutboxState.HANDED_OVER))
            handed_over = True
            self._answered.clear()
            self._publish(OutboxChanged(item.id))

        try:
            message = await asyncio.to_thread(self._store.blobs.read, item.blob)
            sent = await self._sender().send(
                item.sender, item.recipients, message, progress=self._progress(item), before_dot=before_dot
            )
        except TuimailError as error:
            self._failed(item, error, handed_over=handed_over)
            return False
        except asyncio.CancelledError:
            state = OutboxState.UNKNOWN if handed_over else OutboxState.QUEUED
            self._store.outbox.save(replace(item, state=state))
            raise
        except Exception:  # the border of the task logs it: here it must leave nobody waiting, and nothing sent twice
            self._failed(item, _mistake(handed_over=handed_over), handed_over=handed_over)
            raise
        else:
            return self._note_sent(item, sent, message)
        finally:
            self._answered.set()

    def _progress(self, item: OutboxItem) -> Callable[[int, int], None]:
        return lambda done, total: self._publish(Progress(f"send:{item.id}", f"Sending {item.subject}", done, total))

    def _failed(self, item: OutboxItem, error: TuimailError, *, handed_over: bool) -> None:
        state = after_failure(error, handed_over=handed_over)
        wait = (
            LONGEST if isinstance(error, _USER_MUST_ACT) else delay(item.attempts, self._random, first=FIRST, longest=LONGEST)
        )
        due = int(self._clock() + wait) if state is OutboxState.QUEUED else item.due
        refused = error.recipients if isinstance(error, ServerRefused) else item.refused
        failed = replace(item, state=state, due=due, soon=True, error=str(error), error_kind=error.kind, refused=refused)
        self._store.outbox.save(failed)
        self._publish(OutboxChanged(item.id))

    def _note_sent(self, item: OutboxItem, sent: Sent, message: bytes) -> bool:
        """Whether it could be noted: the disk may be full by now. What the server took is not to be sent again by itself."""
        try:
            left = self._left(item, sent) if sent.refused else None
            self._filing.note_sent(item, self._filing.write_copy(item, message, stays=left is not None), left=left)
        except (FileProblem, StoreProblem) as problem:
            error = AnswerUnknown(f"The server took the message, but that could not be noted. {problem.message}", SENT_ALREADY)
            self._failed(item, error, handed_over=True)
            return False
        return True

    def _left(self, item: OutboxItem, sent: Sent) -> OutboxItem:
        """For those who were refused: with the user, or tried again as long as one refusal is temporary (RFC 5321 §4.2.1)."""
        refused = tuple(recipient.address for recipient in sent.refused)
        left = replace(item, recipients=refused, refused=sent.refused, error=_refused_text(sent), error_kind="")
        if not any(400 <= recipient.code < 500 for recipient in sent.refused):
            return replace(left, state=OutboxState.REFUSED)
        wait = delay(item.attempts, self._random, first=FIRST, longest=LONGEST)
        due = int(self._clock() + wait)
        return replace(left, state=OutboxState.QUEUED, due=due, soon=True, error_kind=TryLater.__name__)


def _mistake(*, handed_over: bool) -> TuimailError:
    if handed_over:
        said = "The message was handed over, and a mistake of tuimail's own kept the answer from being read."
        return AnswerUnknown(said, "It may have been sent: look whether it arrived before you send it again.")
    return TuimailError("A mistake of tuimail's own kept the message from being sent.", "The log has the details.")


def _refused_text(sent: Sent) -> str:
    return "Not delivered to " + ", ".join(f"{one.address} ({one.code} {one.text})" for one in sent.refused)
