# SPDX-License-Identifier: GPL-3.0-or-later
"""The message in the reader: fetching and drawing it, in the view that is wanted."""

from collections.abc import Awaitable
from typing import TYPE_CHECKING

from tuimail.engine.reader import OpenMessage
from tuimail.engine.rendering import View
from tuimail.model.errors import InputWrong, TuimailError
from tuimail.model.ids import MessageId
from tuimail.model.message import MessageRow
from tuimail.model.rendered import Rendered
from tuimail.ui.widgets.message_head import head_lines

if TYPE_CHECKING:
    from tuimail.ui.screens.mailbox import MailboxScreen

_VIEWS = tuple(View)


class Opened:
    """What the reader shows."""

    def __init__(self, mailbox: "MailboxScreen") -> None:
        self._mailbox = mailbox
        self._engine = mailbox.engine
        self._view = View.READER
        self._all_headers = False
        self.message: MessageId | None = None
        self.shown: OpenMessage | None = None
        """The same, once it is drawn."""
        self.failed = False
        """It could not be fetched."""
        self.gone = False
        """Another program deleted it. It stays on the screen: a key pressed meanwhile is for what was read."""

    def open(self, row: MessageRow) -> Awaitable[None] | None:
        """Show a message: where its text is at hand at once, else its head, and the text is to be awaited."""
        mailbox = self._mailbox
        stood = self.message is not None
        self._view, self._all_headers = View.READER, False
        self.message, self.shown, self.failed, self.gone = row.id, None, False, False
        shown = self._engine.reader.at_hand(row.id, width=mailbox.body.text_width) if stood else None
        if shown is None:
            mailbox.lay_out()
            mailbox.body.show(head_lines(row.envelope, row.date), Rendered(()))
            mailbox.set_focus(mailbox.body)
            return self._read_first(row)
        self._show(shown)
        mailbox.set_focus(mailbox.body)
        mailbox.call_after_refresh(self._note_shown, shown)
        return None

    def _note_shown(self, shown: OpenMessage) -> None:
        """What is to be done for a message that can be read: not before it stands on the screen."""
        self._engine.reader.note_shown(shown)
        self._engine.actions.mark_read(shown.row.id)
        self._mailbox.around.now()

    async def _read_first(self, row: MessageRow) -> None:
        await self._read(row)
        if self.message != row.id or self.shown is None:
            return  # another one was opened meanwhile, or it could not be fetched: it was not read
        self._engine.actions.mark_read(row.id)
        self._mailbox.around.now()

    async def read_what_failed(self) -> None:
        """Try again to show a message that could not be fetched."""
        row = self._engine.pages.row(self.message) if self.failed and self.message is not None else None
        if row is not None:
            self.failed = False
            await self._read_first(row)

    def forget(self) -> None:
        """Nothing is open."""
        self.message, self.shown, self.failed, self.gone = None, None, False, False

    def look_again(self) -> None:
        """The list changed: say once that what is read is in no list any more."""
        gone = self.message is not None and not self._engine.pages.is_listed(self.message)
        if gone and not self.gone:
            self._mailbox.say("The message was deleted by another program")
        self.gone = gone

    def needed(self) -> MessageRow:
        """The open message. Raises InputWrong where there is none, or where nothing can be done to it any more."""
        if self.message is None:
            raise InputWrong("No message is open.", "enter opens the one under the cursor.")
        row = self._engine.pages.row(self.message)
        if row is None or self.gone:
            raise InputWrong("The message was deleted by another program.", "escape closes it.")
        return row

    async def next_view(self) -> None:
        """Reader → full → plain → source."""
        row = self.needed()
        self._view = _VIEWS[(_VIEWS.index(self._view) + 1) % len(_VIEWS)]
        await self._read(row)
        self._mailbox.say(f"View: {self._view}")

    async def toggle_headers(self) -> None:
        """All header fields, or the usual ones again."""
        row = self.needed()
        self._all_headers = not self._all_headers
        await self._read(row, keep_place=True)

    async def fit_width(self) -> None:
        """Render again what was laid out for another width."""
        row = self._engine.pages.row(self.message) if self.message is not None else None
        laid_out = self.shown.body.width if self.shown is not None else None
        if row is not None and laid_out is not None and laid_out != self._mailbox.body.text_width:
            await self._read(row, keep_place=True)

    async def _read(self, row: MessageRow, *, keep_place: bool = False) -> None:
        """Fetch and draw the message as the view says."""
        body = self._mailbox.body
        view, all_headers = self._view, self._all_headers
        try:
            shown = await self._engine.reader.open(row.id, width=body.text_width, view=view, all_headers=all_headers)
        except TuimailError as error:
            if self.message == row.id:
                self.shown, self.failed = None, True
                body.show(head_lines(row.envelope, row.date, notes=(str(error),)), Rendered(()))
            return
        if (self.message, self._view, self._all_headers) == (row.id, view, all_headers):
            self._show(shown, keep_place=keep_place)
            await self.fit_width()

    def _show(self, shown: OpenMessage, *, keep_place: bool = False) -> None:
        self.shown, self.failed = shown, False
        head = head_lines(shown.row.envelope, shown.row.date, shown.attachments, shown.body, shown.headers, shown.notes)
        self._mailbox.body.show(head, shown.body, keep_place=keep_place)
