# SPDX-License-Identifier: GPL-3.0-or-later
"""Search and filter: what the search line does to the list, while one types and after enter."""

from functools import partial
from typing import TYPE_CHECKING

from textual.timer import Timer

from tuimail.engine.finder import FoundList
from tuimail.model.errors import InputWrong, TuimailError
from tuimail.model.ids import FolderId, MessageId
from tuimail.ui.widgets.search_line import Looking

if TYPE_CHECKING:
    from textual.worker import WorkType

    from tuimail.ui.screens.mailbox import MailboxScreen

_TOGETHER = 0.02
"""Seconds after which a search begins at the latest while further keys wait."""
_AGAIN = 0.5
"""Seconds after a change until what is shown as found is searched for again."""


class Search:
    """What is looked for in the list."""

    def __init__(self, mailbox: "MailboxScreen") -> None:
        self._mailbox = mailbox
        self.text = ""
        """What the list shows the matches of; empty: it shows everything."""
        self._on_server: tuple[MessageId, ...] = ()
        self._wrong = ""
        self._again: Timer | None = None
        self._together: Timer | None = None

    @property
    def note(self) -> str:
        """For the status line: what is looked for, what is wrong with it, what is not here to be searched."""
        line, source = self._mailbox.line, self._mailbox.list.source
        typing = line.has_class("-open") and line.looking is not Looking.FIND
        if self._wrong and typing:
            return self._wrong
        if not self.text or not isinstance(source, FoundList):
            return ""
        here = source.here
        missing = here is not None and here.texts < here.messages
        told = f"{here.texts:,} of {here.messages:,} texts are here" if here is not None and missing else ""
        ask = "enter asks the server" if missing and typing and line.looking is Looking.SEARCH else ""
        return "; ".join(filter(None, (f"“{self.text}”", told, ask)))

    def forget(self) -> None:
        """Everything is shown again."""
        self.text = self._wrong = ""
        self._forget_typed()
        self._on_server = ()
        self._mailbox.list.highlight("")

    def show_unread_again(self) -> None:
        """List all unread mail again, where that is what was searched."""
        if self._mailbox.all_unread:
            self._mailbox.list.source = self._mailbox.engine.pages.unread()

    def typed(self, text: str) -> None:
        """Search while one types: each search gives up the one before. Of letters that came together, for all of them."""
        self._forget_typed()
        if self._mailbox.program.has_keys:
            self._together = self._mailbox.set_timer(_TOGETHER, lambda: self._search_typed(text))
        else:
            self._search_typed(text)

    def _forget_typed(self) -> None:
        if self._together is not None:
            self._together.stop()
            self._together = None

    def _search_typed(self, text: str) -> None:
        search: WorkType[None] = partial(self._typed, text)  # a coroutine that is given up before it begins would warn
        self._mailbox.run_worker(search, group="search", exclusive=True, exit_on_error=False)

    async def _typed(self, text: str) -> None:
        self._wrong = ""
        self._on_server = ()
        try:
            await self._show(text)
        except InputWrong as error:
            self._wrong = str(error)
            self._mailbox.refresh_status()

    def entered(self, text: str, looking: Looking) -> None:
        """List what is found here at first, which the next key is for; what else there is follows."""
        mailbox = self._mailbox
        self._wrong = ""
        self._forget_typed()
        mailbox.workers.cancel_group(mailbox, "search")
        mailbox.program.opening = mailbox.run_command(lambda: self._enter(text, looking))

    async def _enter(self, text: str, looking: Looking) -> None:
        mailbox = self._mailbox
        found = await self._first(text)
        if found is not None:
            self._list(found, text)
            mailbox.run_command(lambda: self._go_on(found, text, looking))

    async def _go_on(self, found: FoundList, text: str, looking: Looking) -> None:
        """Add what else is found here, then ask the server for what is not here."""
        mailbox = self._mailbox
        await self._add_rest(found)
        if looking is Looking.FILTER:
            return
        if found.here is not None and found.here.texts >= found.here.messages and not found.here.unindexed:
            mailbox.say(f"{len(found):,} found; every text is here")
            return
        mailbox.say("Searching on the server too…")
        place = mailbox.folder
        try:
            on_server = await mailbox.engine.finder.on_server(text, place)
        except TuimailError as error:
            mailbox.say(f"Searched only what is here. {error}")
            return
        if (mailbox.folder, self.text) == (place, text):
            self._on_server = on_server
            await self._find_again(text)
            mailbox.say(f"{len(mailbox.list.source):,} found, here and on the server")

    def look_again(self) -> None:
        """Something changed: what arrived may match, too."""
        if self.text and self._again is None:
            self._again = self._mailbox.set_timer(_AGAIN, self._search_again)

    def _search_again(self) -> None:
        self._again = None
        if self.text:
            self._mailbox.run_worker(self._find_again(self.text), group="search", exclusive=True, exit_on_error=False)

    async def _show(self, text: str) -> None:
        """List what matches, the first page at once."""
        found = await self._first(text)
        if found is not None:
            self._list(found, text)
            await self._add_rest(found)

    async def _find_again(self, text: str) -> None:
        """List all that matches now instead of what matched before, unless something else was looked for meanwhile."""
        place = self._place()
        found = await self._first(text)
        if found is not None:
            await self._mailbox.engine.finder.rest(found)
            if (self._place(), self.text) == (place, text):
                self._list(found, text)

    async def _first(self, text: str) -> FoundList | None:
        """The first page of what matches; None: a later search came between, or nothing is looked for."""
        mailbox, finder = self._mailbox, self._mailbox.engine.finder
        if not text.strip():
            if self.text:
                mailbox.listing.show_again()
            return None
        place = self._place()
        unread = "is:unread " if mailbox.all_unread else ""
        found = await finder.search(unread + text, mailbox.folder, self._on_server)
        return found if self._place() == place else None

    async def _add_rest(self, found: FoundList) -> None:
        """List what else is found here, too."""
        if await self._mailbox.engine.finder.rest(found) and self._mailbox.list.source is found:
            self._mailbox.list.rows_changed()
            self._mailbox.refresh_status()

    def _place(self) -> tuple[FolderId | None, bool]:
        return self._mailbox.folder, self._mailbox.all_unread

    def _list(self, found: FoundList, text: str) -> None:
        self.text = text
        with self._mailbox.one_frame(lambda: self._mailbox.program.has_keys):
            self._mailbox.list.source = found
            self._mailbox.list.highlight(found.query.words)
            self._mailbox.refresh_status()
