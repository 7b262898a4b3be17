# SPDX-License-Identifier: GPL-3.0-or-later
"""What follows when a message was sent: its copy in Sent, the mark on what it answers, and the outbox is rid of it."""

import time
from collections.abc import Callable

from tuimail.model.action import Action, Append, CreateFolder, Expunge, SetFlags
from tuimail.model.draft import Draft, DraftKind, OutboxItem
from tuimail.model.flags import ANSWERED, FORWARDED, SEEN
from tuimail.model.folder import FolderRole
from tuimail.model.ids import FolderId
from tuimail.model.notice import DraftsChanged, FolderChanged, FoldersChanged, Notice, OutboxChanged, WaitingChanged
from tuimail.store.actions import Performed
from tuimail.store.store import Store
from tuimail.sync.carry_others import FILES_SENT
from tuimail.sync.roles import default_name

SentCopy = Callable[[bytes, tuple[str, ...]], bytes]
"""Makes the copy for the Sent folder from the message and all its recipients: there it may name those in Bcc."""


def naming_bcc(message: bytes, recipients: tuple[str, ...]) -> bytes:
    """The copy for the Sent folder is the message with those in Bcc."""
    from tuimail.mime.sent_copy import with_bcc

    return with_bcc(message, recipients)


class Filing:
    """Takes items out of the outbox of which it is known that they were sent: the server said so, or the user."""

    def __init__(
        self,
        store: Store,
        publish: Callable[[Notice], None],
        *,
        clock: Callable[[], float] = time.time,
        sent_copy: SentCopy = naming_bcc,
    ) -> None:
        self._store = store
        self._publish = publish
        self._clock = clock
        self._sent_copy = sent_copy

    def write_copy(self, item: OutboxItem, message: bytes, *, stays: bool = False) -> str:
        """The file for the Sent folder: the item's own, holding ``message``, unless it ``stays``, or the copy differs.

        Raises FileProblem.
        """
        copy = self._sent_copy(message, item.recipients)
        return item.blob if copy == message and not stays else self._store.blobs.write(copy)

    def note_sent(
        self, item: OutboxItem, copy: str, *, left: OutboxItem | None = None, still: Callable[[], bool] = lambda: True
    ) -> bool:
        """Queue what follows and take the item out, all in one transaction.

        ``copy`` is from `write_copy`. ``left`` is the item for those recipients who were refused: it stays, so that sending
        again doubles nothing. False: ``still`` did not hold any more within the transaction, and nothing was done.
        Raises StoreProblem.
        """
        store = self._store
        draft = store.drafts.get(item.draft) if item.draft is not None else None
        with store.transaction():
            if not still():
                return False
            actions = [*self._file(item, copy), *_marks(draft)]
            if left is None and draft is not None and draft.stored is not None:
                actions.append(Expunge((draft.stored,)))
            performed = store.actions.perform(actions, f"Sent: {item.subject}", undoable=False)
            if left is not None:
                store.outbox.save(left)
            else:
                store.outbox.remove(item.id)
                if item.draft is not None:
                    store.drafts.remove(item.draft)
        if left is None:
            self._forget_files(draft)
            if copy != item.blob:
                store.blobs.remove(item.blob)
        self._tell(item, performed)
        return True

    def _tell(self, item: OutboxItem, performed: Performed) -> None:
        self._publish(OutboxChanged(item.id))
        self._publish(DraftsChanged())
        self._publish(WaitingChanged(item.account))
        if performed.tree:
            self._publish(FoldersChanged(item.account))
        for folder in performed.folders:
            self._publish(FolderChanged(folder))

    def _file(self, item: OutboxItem, blob: str) -> list[Action]:
        """Put a copy into the Sent folder, unless the server does it by itself: then it is there already and found."""
        actions: list[Action] = []
        folder = self._store.folders.by_role(item.account, FolderRole.SENT)
        number: FolderId
        if folder is None:
            folders = self._store.folders.all(item.account)
            delimiter = next((other.delimiter for other in folders if other.delimiter), "")
            name = default_name(FolderRole.SENT, [other.name for other in folders], delimiter)
            number = self._store.folders.add_waiting(item.account, delimiter)
            self._store.folders.set_role(number, FolderRole.SENT)
            actions.append(CreateFolder(number, name))
        else:
            number = folder.id
        look_first = self._store.accounts.learned(item.account, FILES_SENT) != "client" or bool(item.refused)
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
