# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding messages, and people while an address is typed."""

import shlex
from array import array
from collections.abc import Callable
from dataclasses import dataclass

from tuimail.engine.accounts import Accounts
from tuimail.engine.lists import MessageList
from tuimail.model.address import Address
from tuimail.model.ids import FolderId, MessageId
from tuimail.store.store import Store

_STATES = {"is:unread": "unread", "is:starred": "starred", "is:flagged": "starred"}


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: words in subject or addresses, and states."""

    words: tuple[str, ...] = ()
    unread: bool = False
    starred: bool = False

    @classmethod
    def parse(cls, text: str) -> "Query":
        """Read ``ada "summer party" is:unread``; quotes hold words together."""
        try:
            pieces = shlex.split(text)
        except ValueError:
            pieces = text.split()
        states = {_STATES[piece.lower()] for piece in pieces if piece.lower() in _STATES}
        words = tuple(piece for piece in pieces if piece.lower() not in _STATES)
        return cls(words, "unread" in states, "starred" in states)


class Finder:
    """Filters what is here, asks the server for the rest."""

    def __init__(self, store: Store, accounts: Accounts) -> None:
        self._store = store
        self._accounts = accounts

    def filter(self, folder: FolderId, text: str, also: Callable[[], tuple[MessageId, ...]] = tuple) -> MessageList:
        """Messages of a folder whose subject or addresses match, newest first; ``also``: those that the server found."""
        query = Query.parse(text)

        def order(store: Store) -> "array[int]":
            found = store.messages.filter(folder, query.words, unread=query.unread, starred=query.starred)
            known = set(found)
            more = [number for number in also() if number not in known]
            if more:
                merged = set(more) | known
                found = array("q", (number for number in store.messages.order(folder) if number in merged))
            return found

        return MessageList(self._store, order)

    async def on_server(self, folder: FolderId, text: str) -> tuple[MessageId, ...]:
        """Messages of a folder in whose whole text the server finds the words. Raises Offline."""
        found = self._store.folders.get(folder)
        words = " ".join(Query.parse(text).words)
        if found is None or not words:
            return ()
        return await self._accounts.get(found.account).loop.server_search(folder, words)

    def people(self, typed: str) -> tuple[Address, ...]:
        """People to complete an address with: those written to first."""
        return self._store.contacts.complete(typed)
