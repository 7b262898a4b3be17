# SPDX-License-Identifier: GPL-3.0-or-later
"""Gestures on many messages: written in a thread, while the screen shows already what they will have done."""

import asyncio
from array import array
from collections.abc import Callable, Sequence
from typing import TypeVar

from tuimail.engine.accounts import Accounts
from tuimail.engine.actions import Actions, Done
from tuimail.model.flags import SEEN
from tuimail.model.ids import MessageId
from tuimail.model.notice import Notice
from tuimail.store.actions import Performed
from tuimail.store.store import Store

MANY = 200
"""Messages from which on writing a gesture takes so long that the keys would feel it."""
T = TypeVar("T")


class _Apart(Actions):
    """The user's verbs in another thread; what is to be told is gathered."""

    def __init__(self, store: Store, accounts: Accounts) -> None:
        self.performed: list[Performed] = []
        self.notices: list[Notice] = []
        super().__init__(store, accounts, self.notices.append)

    def tell(self, performed: Performed) -> None:
        """Keep it for the event loop."""
        self.performed.append(performed)


class Bulk:
    """One gesture at a time, in the order they were made."""

    def __init__(self, store: Store, accounts: Accounts, actions: Actions, publish: Callable[[Notice], None]) -> None:
        self._store = store
        self._accounts = accounts
        self._actions = actions
        self._publish = publish
        self._turn = asyncio.Lock()

    async def do(self, verb: Callable[[Actions], Done]) -> Done:
        """Do what a verb says, as one gesture. It is done even where its caller waits no more. Raises what the verb raises."""
        return await asyncio.shield(asyncio.ensure_future(self._do(verb)))

    async def _do(self, verb: Callable[[Actions], Done]) -> Done:
        def work(store: Store) -> tuple[Done, _Apart]:
            apart = _Apart(store, self._accounts)
            return verb(apart), apart

        async with self._turn:
            done, apart = await self._in_thread(work)
        for performed in apart.performed:
            self._actions.tell(performed)
        for notice in apart.notices:
            self._publish(notice)
        return done

    @property
    def is_busy(self) -> bool:
        """A gesture is being written."""
        return self._turn.locked()

    async def settled(self) -> None:
        """Everything that was begun is written."""
        async with self._turn:
            pass

    async def any_without(self, flag: str, messages: Sequence[MessageId]) -> bool:
        """Whether any of these messages lacks a flag."""
        return await self._in_thread(lambda store: next(store.messages.without(flag, messages), None) is not None)

    async def unread(self, messages: "array[int]") -> "array[int]":
        """The unread ones of any number of messages, as they are once everything that was begun is written."""
        return await self._after_others(lambda store: array("q", store.messages.without(SEEN, messages)))

    async def first_unread(self, messages: "array[int]") -> MessageId | None:
        """The first unread one of any number of messages."""
        found = await self._after_others(lambda store: next(store.messages.without(SEEN, messages), None))
        return MessageId(found) if found is not None else None

    async def sent_by(self, messages: "array[int]", email: str) -> "array[int]":
        """Those of any number of messages that came from an address."""
        return await self._after_others(lambda store: array("q", store.search.sent_by(messages, email)))

    async def _after_others(self, work: Callable[[Store], T]) -> T:
        async with self._turn:
            return await self._in_thread(work)

    async def _in_thread(self, work: Callable[[Store], T]) -> T:
        def run() -> T:
            store = self._store.another()
            try:
                return work(store)
            finally:
                store.close()

        return await asyncio.to_thread(run)
