# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding messages, here while one types and then at the server; and people while an address is typed."""

import asyncio
import difflib
from array import array
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from tuimail.engine.accounts import Accounts
from tuimail.engine.lists import MessageList
from tuimail.model.address import Address
from tuimail.model.errors import InputWrong
from tuimail.model.folder import Folder, FolderRole
from tuimail.model.ids import FolderId, MessageId
from tuimail.model.query import EVERYWHERE, Query, parse_query
from tuimail.store.database import StoreInterrupted
from tuimail.store.search import Here
from tuimail.store.store import Store
from tuimail.sync.indexer import SLICE, index_slice

T = TypeVar("T")
_PAGE = 200
"""Messages of the first page."""
_MANY = 500
"""Messages found from which on the list is read again in a thread."""
_LEFT_OUT = frozenset({FolderRole.JUNK, FolderRole.TRASH, FolderRole.FLAGGED})
"""Roles of folders that a search everywhere does not look into."""


class FoundList(MessageList):
    """What was found, newest first. Of what is found later it shows what is added; what no longer matches leaves it."""

    def __init__(self, store: Store, query: Query, folders: tuple[FolderId, ...], found: Iterable[int]) -> None:
        self.query = query
        self.folders = folders
        self.here: Here | None = None
        """How much of the folders could be searched; known when the rest was found."""
        self._found = set(found)
        super().__init__(store, self._matching)

    def add(self, found: Iterable[int]) -> None:
        """More was found; it is shown when the list is read again."""
        self._found.update(found)

    def _matching(self, store: Store) -> "array[int]":
        return array("q", store.search.matching(self.query, tuple(self._found), self.folders))


class Finder:
    """Searches what is here in a thread with a store connection of its own, and asks the server for the rest."""

    def __init__(self, store: Store, accounts: Accounts) -> None:
        self._store = store
        self._accounts = accounts
        self._thread: ThreadPoolExecutor | None = None
        self._reading: Store | None = None
        self._latest: _Search | None = None

    async def search(self, text: str, folder: FolderId | None, also: Iterable[int] = ()) -> FoundList | None:
        """The first page of what matches in a folder (None: everywhere), or where the text says. `rest` brings the others.

        ``also``: what the server found before. A search that is under way is given up; its answer is None. Raises InputWrong.
        """
        query, folders = self.scope(text, folder)
        self._give_up()
        self._latest = search = _Search(query, folders)
        begun, search.ended = self._aside(search.begin), self._aside(search.rest)
        try:
            first = await asyncio.wrap_future(begun)
        except asyncio.CancelledError:
            search.given_up = True
            raise
        return FoundList(self._store, query, folders, (*first, *also)) if first is not None else None

    async def rest(self, found: FoundList) -> bool:
        """Add what else was found, and how much there was to search. False: a later search came between."""
        search = self._latest
        if search is None or search.ended is None or (search.query, search.folders) != (found.query, found.folders):
            return False
        rest = await asyncio.shield(asyncio.wrap_future(search.ended))
        if rest is None:
            return False
        more, found.here = rest
        if more:
            found.add(more)
            await (found.refresh_in_thread() if len(more) > _MANY else _at_once(found))
        return True

    def scope(self, text: str, folder: FolderId | None) -> tuple[Query, tuple[FolderId, ...]]:
        """What is looked for, and where. Raises InputWrong."""
        query = parse_query(text)
        everywhere = [one for one in self._store.folders.all() if one.selectable]
        if query.folder and query.folder != EVERYWHERE:
            return query, (_named(query.folder, everywhere, self._store.folders.get(folder) if folder is not None else None),)
        if folder is not None and not query.folder:
            return query, (folder,)
        return query, tuple(one.id for one in everywhere if one.role not in _LEFT_OUT)

    async def on_server(self, text: str, folder: FolderId | None) -> tuple[MessageId, ...]:
        """What the server finds by the words of a search, in the whole of the messages. Raises Offline, InputWrong."""
        query, folders = self.scope(text, folder)
        found: list[MessageId] = []
        for number in folders if query.terms or query.without else ():
            asked = self._store.folders.get(number)
            if asked is not None and asked.total:
                found += await self._accounts.get(asked.account).loop.server_search(number, query)
        return tuple(found)

    def people(self, typed: str) -> tuple[Address, ...]:
        """People to complete an address with: those written to first."""
        return self._store.contacts.complete(typed)

    def close(self) -> None:
        """End the thread."""
        self._give_up()
        if self._thread is not None:
            self._thread.submit(self._end).result()
            self._thread.shutdown()
            self._thread = None

    def _give_up(self) -> None:
        if self._latest is not None:
            self._latest.given_up = True
        if self._reading is not None:
            self._reading.interrupt()

    def _aside(self, work: Callable[[Store], T]) -> Future[T | None]:
        """Do it in the thread, one after the other; None: it was given up."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "search")
        return self._thread.submit(self._with_store, work)

    def _with_store(self, work: Callable[[Store], T]) -> T | None:
        if self._reading is None:
            self._reading = self._store.another()
        try:
            return work(self._reading)
        except StoreInterrupted:
            return None

    def _end(self) -> None:
        if self._reading is not None:
            self._reading.close()
            self._reading = None


class _Search:
    """One search, as far as it is. Its work is done in the thread, whether or not somebody still waits for it.

    Its statement never outlasts that: while one is open, the log cannot be taken in, and once interrupted it lets no other run.
    """

    def __init__(self, query: Query, folders: tuple[FolderId, ...]) -> None:
        self.query = query
        self.folders = folders
        self.given_up = False
        self.ended: Future[tuple[list[int], Here] | None] | None = None
        """Of `rest`; None until it is asked for."""
        self._batches: Generator[list[int], None, None] | None = None

    def begin(self, store: Store) -> list[int]:
        """The first page. What arrived just now is taken into the index before."""
        self._check()
        if 0 < store.search.pending() <= SLICE:
            index_slice(store)
        self._batches = store.search.find(self.query, self.folders, first=_PAGE)
        # Where the word as it stands fills the page, nobody waits until all that begin so are merged.
        complete = self.query.as_typed
        page = next(store.search.find(complete, self.folders, first=_PAGE), []) if complete != self.query else []
        return page if len(page) == _PAGE else next(self._batches, [])

    def rest(self, store: Store) -> tuple[list[int], Here]:
        """All the others, and how much there was to search."""
        found = []
        try:
            for batch in self._batches or ():
                self._check()
                found += batch
            self._check()
        finally:
            if self._batches is not None:
                self._batches.close()
        return found, store.search.here(self.folders)

    def _check(self) -> None:
        if self.given_up:
            raise StoreInterrupted("A later search came between.")


def _named(name: str, folders: Iterable[Folder], current: Folder | None) -> FolderId:
    """The folder that the user means: by its name, last level or role; of several accounts the current one's first."""
    wanted = name.casefold()
    mine = sorted(folders, key=lambda one: current is not None and one.account != current.account)
    for of in (lambda one: one.name, lambda one: one.leaf, lambda one: str(one.role or "")):
        for folder in mine:
            if of(folder).casefold() == wanted:
                return folder.id
    near = difflib.get_close_matches(name, [one.leaf for one in mine], 1)
    raise InputWrong(f"There is no folder “{name}”.", f"Did you mean “{near[0]}”?" if near else "in:all searches every folder.")


async def _at_once(found: FoundList) -> None:
    found.refresh()
