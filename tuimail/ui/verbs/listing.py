# SPDX-License-Identifier: GPL-3.0-or-later
"""What the list shows and how: marks, search, filter, sort, threads."""

from array import array
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, ClassVar

from tuimail.engine.conversations import ThreadedList
from tuimail.model.errors import InputWrong
from tuimail.ui import dialogs
from tuimail.ui.verbs.group import Commands, Verbs
from tuimail.ui.verbs.looking import Search
from tuimail.ui.widgets.search_line import Looking

if TYPE_CHECKING:
    from tuimail.ui.screens.mailbox import MailboxScreen

SORTS = (
    ("-date", "Newest first"),
    ("date", "Oldest first"),
    ("from", "Sender"),
    ("subject", "Subject"),
    ("-size", "Largest first"),
    ("size", "Smallest first"),
)


class Listing(Verbs):
    """The list's own commands, and the search line's effect on it."""

    def __init__(self, mailbox: "MailboxScreen") -> None:
        super().__init__(mailbox)
        self.looking = Search(mailbox)

    @property
    def filtered(self) -> str:
        """What the list is filtered by; empty: nothing."""
        return self.looking.text

    def mark(self) -> None:
        """Mark or unmark."""
        self.mailbox.list.toggle_mark()

    def mark_range(self) -> None:
        """Begin or end a range."""
        self.mailbox.list.mark_range()

    def mark_all(self) -> None:
        """Mark everything listed."""
        self.mailbox.list.mark_all()

    def mark_none(self) -> None:
        """Take all marks off."""
        self.mailbox.list.unmark_all()

    async def mark_unread(self) -> None:
        """Mark what is unread."""
        await self._mark_found(self.engine.bulk.unread)

    async def mark_sender(self) -> None:
        """Mark everything from the sender under the cursor."""
        row = self.mailbox.list.cursor_row
        if row is not None and row.envelope.from_:
            sender = row.envelope.from_[0].email
            await self._mark_found(lambda listed: self.engine.bulk.sent_by(listed, sender))

    async def _mark_found(self, find: Callable[["array[int]"], Awaitable["array[int]"]]) -> None:
        """Mark what is found among all that is listed, unless something else is listed by then."""
        source = self.mailbox.list.source
        found = await find(array("q", source.all_keys()))
        if self.mailbox.list.source is source:
            self.mailbox.list.mark_keys(found)

    def search(self) -> None:
        """Search here and on the server."""
        self.mailbox.line.open_search()

    def filter_list(self) -> None:
        """Filter what is listed."""
        self.mailbox.line.open_filter()

    async def sort(self) -> None:
        """Choose the order."""
        chosen = await self.mailbox.ask(dialogs.Choose("Sort by", [(dialogs.Choice(title), key) for key, title in SORTS]))
        if chosen is not None:
            self.mailbox.sort = chosen
            self.show_again()

    def toggle_threads(self) -> None:
        """Fold conversations, or list single messages."""
        self.mailbox.threads = not self.mailbox.threads
        self.show_again()
        self.mailbox.say("Conversations" if self.mailbox.threads else "Single messages")

    def unfold(self) -> None:
        """Show what is inside the conversation."""
        self._fold(folded=False)

    def fold(self) -> None:
        """Hide what is inside the conversation."""
        self._fold(folded=True)

    def _fold(self, *, folded: bool) -> None:
        source = self.mailbox.list.source
        if isinstance(source, ThreadedList) and len(source):
            index = self.mailbox.list.cursor_index
            if folded:
                self.mailbox.list.move_to(source.first_of(index))
                index = self.mailbox.list.cursor_index
            if source.set_folded(index, folded=folded):
                self.mailbox.list.rows_changed()

    def next_match(self, step: int = 1) -> None:
        """To the next message that was found; where none is looked for, say so."""
        if self.mailbox.opened is not None and self.mailbox.body.match_position[1]:
            (self.mailbox.body.next_match if step > 0 else self.mailbox.body.previous_match)()
        elif self.filtered:
            self.mailbox.list.move_to(self.mailbox.list.cursor_index + step)
        else:
            raise InputWrong("Nothing is looked for.", "/ searches.")

    def previous_match(self) -> None:
        """To the one before."""
        self.next_match(-1)

    def show_again(self) -> None:
        """List the folder as it is to be listed now; the cursor stays on its message."""
        mailbox = self.mailbox
        if mailbox.folder is not None:
            threads = mailbox.threads and mailbox.sort == "-date"
            mailbox.list.source = self.engine.pages.messages(mailbox.folder, mailbox.sort, threads=threads)
        else:
            self.looking.show_unread_again()
        self.looking.forget()
        mailbox.refresh_status()

    def clear(self) -> None:
        """Show everything again."""
        self.forget()
        self.show_again()

    def forget(self) -> None:
        """Another folder is listed: no filter any more."""
        self.looking.forget()
        if self.mailbox.line.has_class("-open"):
            self.mailbox.line.close()

    def typed(self, text: str) -> None:
        """The search line changed."""
        if not self.mailbox.line.has_class("-open"):
            return
        if self.mailbox.line.looking is Looking.FIND:
            self.mailbox.body.find(text)
        else:
            self.looking.typed(text)

    def submitted(self, text: str) -> None:
        """Enter, or escape with nothing: close the line; a search goes on at the server."""
        looking = self.mailbox.line.looking
        self.mailbox.line.close()
        self.mailbox.set_focus(self.mailbox.body if looking is Looking.FIND else self.mailbox.list)
        if looking is Looking.FIND:
            self.mailbox.body.find(text)
            return
        if not text.strip():
            self.clear()
            return
        self.looking.entered(text, looking)

    PERFORMS: ClassVar[Commands] = {
        "mark": mark,
        "mark_range": mark_range,
        "mark_all": mark_all,
        "mark_none": mark_none,
        "mark_unread": mark_unread,
        "mark_sender": mark_sender,
        "search": search,
        "filter": filter_list,
        "sort": sort,
        "threads": toggle_threads,
        "next_match": next_match,
        "previous_match": previous_match,
        "unfold": unfold,
        "fold": fold,
    }
