# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends what is due in the outbox. What may have been sent is never sent again by itself."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import replace

from tuimail.backends.submission import MailSender, Sent
from tuimail.model.action import Action, Append, CreateFolder, Expunge, SetFlags
from tuimail.model.draft import Draft, DraftKind, OutboxItem, OutboxState
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
from tuimail.model.flags import ANSWERED, FORWARDED, SEEN
from tuimail.model.folder import FolderRole
from tuimail.model.ids import AccountId, FolderId, OutboxId
from tuimail.model.notice import DraftsChanged, FolderChanged, FoldersChanged, Notice, OutboxChanged, Progress, WaitingChanged
from tuimail.store.store import Store
from tuimail.sync.backoff import delay
from tuimail.sync.carry_others import FILES_SENT
from tuimail.sync.roles import default_name

FIRST, LONGEST = 10.0, 1800.0
"""Seconds between two attempts, at first and at most."""
ANSWER = 5.0
"""Seconds that the program's end waits for a server's last answer."""
_PERMANENT = (ServerRefused, MailMalformed, InputWrong, FileProblem)
_USER_MUST_ACT = (SignInNeeded, CertificateRefused)
SENT_ALREADY = "Free some space, then remove it from the outbox; do not send it again."
SentCopy = Callable[[bytes, tuple[str, ...]], bytes]
"""Makes the copy for the Sent folder from the message and all its recipients: there it may name those in Bcc."""


def naming_bcc(message: bytes, recipients: tuple[str, ...]) -> bytes:
    """The copy for the Sent folder is the message with those in Bcc."""
    from tuimail.mime.sent_copy import with_bcc

    return with_bcc(message, recipients)


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
        self._sent_copy = sent_copy
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
            self._was_sent(item, sent, self._filed_blob(item, sent, message))
        except (FileProblem, StoreProblem) as problem:
            error = AnswerUnknown(f"The server took the message, but that could not be noted. {problem.message}", SENT_ALREADY)
            self._failed(item, error, handed_over=True)
            return False
        return True

    def _filed_blob(self, item: OutboxItem, sent: Sent, message: bytes) -> str:
        """The file for the Sent folder: the item's own, unless the item stays, or the copy differs."""
        copy = self._sent_copy(message, item.recipients)
        return item.blob if copy == message and not sent.refused else self._store.blobs.write(copy)

    def _was_sent(self, item: OutboxItem, sent: Sent, blob: str) -> None:
        """Queue what follows and take the item out, all in one transaction.

        Recipients that were refused stay, those accepted are taken out: sending again doubles nothing.
        """
        store = self._store
        draft = store.drafts.get(item.draft) if item.draft is not None else None
        with store.transaction():
            actions = [*self._file(item, blob), *_marks(draft)]
            if not sent.refused and draft is not None and draft.stored is not None:
                actions.append(Expunge((draft.stored,)))
            performed = store.actions.perform(actions, f"Sent: {item.subject}", undoable=False)
            if sent.refused:
                store.outbox.save(self._left(item, sent))
            else:
                store.outbox.remove(item.id)
                if item.draft is not None:
                    store.drafts.remove(item.draft)
        if not sent.refused:
            self._forget_files(draft)
            if blob != item.blob:
                store.blobs.remove(item.blob)
        self._publish(OutboxChanged(item.id))
        self._publish(DraftsChanged())
        self._publish(WaitingChanged(self._account))
        if performed.tree:
            self._publish(FoldersChanged(self._account))
        for folder in performed.folders:
            self._publish(FolderChanged(folder))

    def _left(self, item: OutboxItem, sent: Sent) -> OutboxItem:
        """For those who were refused: with the user, or tried again as long as one refusal is temporary (RFC 5321 §4.2.1)."""
        refused = tuple(recipient.address for recipient in sent.refused)
        left = replace(item, recipients=refused, refused=sent.refused, error=_refused_text(sent), error_kind="")
        if not any(400 <= recipient.code < 500 for recipient in sent.refused):
            return replace(left, state=OutboxState.REFUSED)
        wait = delay(item.attempts, self._random, first=FIRST, longest=LONGEST)
        due = int(self._clock() + wait)
        return replace(left, state=OutboxState.QUEUED, due=due, soon=True, error_kind=TryLater.__name__)

    def _file(self, item: OutboxItem, blob: str) -> list[Action]:
        """Put a copy into the Sent folder, unless the server does it by itself: then it is there already and found."""
        actions: list[Action] = []
        folder = self._store.folders.by_role(self._account, FolderRole.SENT)
        number: FolderId
        if folder is None:
            folders = self._store.folders.all(self._account)
            delimiter = next((other.delimiter for other in folders if other.delimiter), "")
            name = default_name(FolderRole.SENT, [other.name for other in folders], delimiter)
            number = self._store.folders.add_waiting(self._account, delimiter)
            self._store.folders.set_role(number, FolderRole.SENT)
            actions.append(CreateFolder(number, name))
        else:
            number = folder.id
        look_first = self._store.accounts.learned(self._account, FILES_SENT) != "client" or bool(item.refused)
        return [
            *actions,
            Append(number, blob, item.message_id, frozenset({SEEN}), int(self._clock()), look_first=look_first, only_copy=True),
        ]

    def _forget_files(self, draft: Draft | None) -> None:
        for attachment in draft.attachments if draft is not None else ():
            self._store.blobs.remove(attachment.blob)


def _marks(draft: Draft | None) -> list[Action]:
    """What was answered or forwarded says so."""
    if draft is None or draft.source is None or draft.kind is DraftKind.NEW:
        return []
    flag = ANSWERED if draft.kind is DraftKind.REPLY else FORWARDED
    return [SetFlags((draft.source,), frozenset({flag}))]


def _refused_text(sent: Sent) -> str:
    return "Not delivered to " + ", ".join(f"{one.address} ({one.code} {one.text})" for one in sent.refused)
