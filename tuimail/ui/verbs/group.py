# SPDX-License-Identifier: GPL-3.0-or-later
"""A group of commands that one topic needs."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from textual.app import App
from textual.screen import Screen
from textual.widget import Widget

from tuimail.engine.actions import Done
from tuimail.engine.engine import Engine
from tuimail.model.draft import Draft, OutboxItem
from tuimail.model.ids import AccountId, FolderId, MessageId
from tuimail.ui.widgets.folder_tree import FolderTree
from tuimail.ui.widgets.message_body import MessageBody
from tuimail.ui.widgets.message_list import MessageList
from tuimail.ui.widgets.search_line import SearchLine

if TYPE_CHECKING:
    from tuimail.ui.screens.opened import Opened

Result = TypeVar("Result")
Commands = Mapping[str, Callable[[Any], Awaitable[None] | None]]
"""Command → method of a group. One that takes time is a coroutine."""


class Mailbox(Protocol):
    """What a group may ask of the mailbox screen."""

    engine: Engine
    list: MessageList
    body: MessageBody
    folders: FolderTree
    line: SearchLine
    sort: str
    threads: bool
    folder: FolderId | None
    """The folder that is listed; None for a list over several."""
    reader: "Opened"

    @property
    def opened(self) -> MessageId | None:
        """The message in the reader."""
        ...

    @property
    def app(self) -> App[Any]:
        """The program."""
        ...

    def set_focus(self, widget: Widget | None) -> None:
        """Give a pane the focus, at once."""
        ...

    def show_folder(self, folder: FolderId) -> None:
        """List a folder."""
        ...

    def focus_main(self) -> None:
        """Put the focus into the list, or the reader where it stands alone."""
        ...

    def show_unread(self) -> None:
        """List all unread mail."""
        ...

    def open_message(self, message: MessageId) -> Awaitable[None] | None:
        """Show a message in the reader. What takes time is awaited."""
        ...

    def close_message(self) -> None:
        """Give the reader's place back to the list."""
        ...

    def chosen(self) -> tuple[MessageId, ...]:
        """What an action is for: the marked messages, else the one under the cursor or in the reader."""
        ...

    def advance(self, messages: Sequence[MessageId]) -> None:
        """Go on to the next message after an action took these away."""
        ...

    def tell(self, done: Done) -> None:
        """Say what was done, with a way to undo it."""
        ...

    def say(self, text: str) -> None:
        """Say something in passing."""
        ...

    def offer_undo(self, text: str, take_back: Callable[[], Draft | None]) -> None:
        """Say what was done to a draft, with a way to take it back."""
        ...

    async def ask(self, dialog: Screen[Result]) -> Result | None:
        """Show a dialog and wait for its answer; None when it was cancelled."""
        ...

    def edit(self, draft: Draft) -> None:
        """Open a draft that was made just now in the composer."""
        ...

    def edit_again(self, draft: Draft) -> None:
        """Go on with a draft."""
        ...

    def sent(self, item: OutboxItem) -> None:
        """A message went into the outbox."""
        ...

    def take_back(self) -> Awaitable[None] | None:
        """Undo the last thing done. What takes time is awaited."""
        ...

    def refresh_status(self) -> None:
        """Draw the status line: the list changed."""
        ...

    def refresh_list(self) -> None:
        """Read the list again."""
        ...


class Verbs:
    """Commands by name. A method may be a coroutine; it raises TuimailError, which the screen shows."""

    PERFORMS: ClassVar[Commands] = {}

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox
        self.engine = mailbox.engine

    def account_names(self) -> Mapping[AccountId, str]:
        """What tells apart folders of several accounts; empty for one."""
        accounts = {account.id: account.account.key for account in self.engine.accounts}
        return accounts if len(accounts) > 1 else {}

    def command(self, name: str) -> Callable[[], Awaitable[None] | None] | None:
        """What a command does here; None when this group does not know it."""
        method = self.PERFORMS.get(name)
        return None if method is None else lambda: method(self)
