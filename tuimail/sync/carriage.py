# SPDX-License-Identifier: GPL-3.0-or-later
"""One action on its way to the server: what all kinds of actions need."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from tuimail.backends.port import MailBackend, Selected
from tuimail.model.errors import ServerRefused
from tuimail.model.ids import ActionId, FolderId, MessageId
from tuimail.store.actions import WaitingAction
from tuimail.store.folders import ServerFolder
from tuimail.store.store import Store
from tuimail.sync.attempt import seen_from

T = TypeVar("T")
GONE = "The folder was deleted by another program."


class Blocked(Exception):
    """It cannot be carried, wholly or in part, before another pull of all folders."""


class TakenBack(Exception):
    """The user took it back while it waited."""


@dataclass(slots=True)
class Carriage:
    """The server, the store and the action."""

    store: Store
    backend: MailBackend
    waiting: WaitingAction
    looked_twice: bool
    """All folders were pulled twice since an answer was lost. Once does not tell that something was not done: what it made
    may be moved on meanwhile, into a folder that was looked at already."""
    truth: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while a folder is read. Who carries holds it, too; an upload only when it begins."""
    stored: set[ActionId] = field(default_factory=set)
    """Appends that the server said OK to; what they replace is still to go."""
    touched: set[FolderId] = field(default_factory=set)
    """Folders to be looked at, because the server's answer left something open."""
    begun: bool = False
    """A command that changes something was sent."""
    untold: bool = False
    """The server said OK to a COPY or MOVE, named not all of the messages, and the others are still at their old place."""

    @property
    def uncertain(self) -> bool:
        """An earlier attempt had no answer: it may be done."""
        return self.waiting.attempt > 0

    def begin(self) -> None:
        """Call it right before the first command that changes something. Raises TakenBack."""
        if not self.begun:
            attempt = seen_from(self.store, self.waiting.account, [self.waiting.action])
            if not self.store.actions.start(self.waiting.id, attempt):
                raise TakenBack
            self.begun = True

    async def open(self, folder: FolderId) -> Selected:
        """Select a folder, sure that our UIDs mean what they meant. Raises Blocked."""
        found = self.store.folders.server_folder(folder)
        if found is None:
            raise Blocked
        try:
            selected = await self.backend.select(found.name, fresh=False)
        except ServerRefused as error:
            if error.code != "NONEXISTENT":
                raise
            raise Blocked from error
        if selected.uidvalidity != found.cursor.uidvalidity:
            self.touched.add(folder)
            raise Blocked
        return selected

    def target(self, folder: FolderId) -> ServerFolder:
        """The folder to put something into. Raises Blocked while it waits to be created, ServerRefused when it is gone."""
        found = self.store.folders.server_folder(folder)
        if found is not None:
            return found
        if self.store.folders.get(folder) is not None:
            raise Blocked
        raise ServerRefused(GONE, "Choose another folder.", code="NONEXISTENT")

    def check_repeatable(self) -> None:
        """Raises Blocked where it may be too early to repeat what puts something into a folder."""
        if self.uncertain and not self.looked_twice:
            raise Blocked

    async def into(self, target: ServerFolder, command: Callable[[], Awaitable[T]]) -> T:
        """Run a command that puts something into a folder with a role; a missing one is made, once.

        Raises Blocked where it may be too early to repeat it, and where the folder may have been renamed.
        """
        self.check_repeatable()
        self.begin()
        try:
            return await command()
        except ServerRefused as error:
            if error.code != "TRYCREATE" or target.role is None:
                raise
        known = self.store.folders.on_server(self.waiting.account)
        if any(listing.name not in known for listing in await self.backend.folders()):
            raise Blocked
        await self.backend.create(target.name, target.role)
        return await command()


@dataclass(frozen=True, slots=True)
class Places:
    """Where the messages of an action are on the server."""

    by_folder: dict[FolderId, dict[int, MessageId]]
    """Folder → UID → message."""
    unplaced: frozenset[MessageId]
    """In limbo, or waiting for their UID."""
    awaited_in: frozenset[FolderId]


def places(store: Store, messages: Iterable[MessageId], *, done_in: FolderId | None = None) -> Places:
    """Look up messages; those in ``done_in`` already are left out."""
    by_folder: dict[FolderId, dict[int, MessageId]] = {}
    unplaced: set[MessageId] = set()
    awaited: set[FolderId] = set()
    for message, place in store.messages.places(messages).items():
        if done_in is not None and place.folder == done_in:
            continue
        if place.folder is None or place.uid is None:
            unplaced.add(message)
            if place.folder is not None:
                awaited.add(place.folder)
        else:
            by_folder.setdefault(place.folder, {})[place.uid] = message
    return Places(by_folder, frozenset(unplaced), frozenset(awaited))
