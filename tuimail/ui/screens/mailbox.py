# SPDX-License-Identifier: GPL-3.0-or-later
"""The main screen: what is listed, what is read, and what commands do with it."""

from array import array
from collections.abc import Awaitable, Sequence

from textual import on
from textual.widgets import Input

from tuimail.engine.conversations import ThreadedList
from tuimail.engine.engine import Engine
from tuimail.engine.lists import MessageList as EngineList
from tuimail.engine.reader import OpenMessage
from tuimail.model.draft import Draft
from tuimail.model.errors import InputWrong
from tuimail.model.folder import FolderRole
from tuimail.model.ids import FolderId, MessageId
from tuimail.ui.around import Around
from tuimail.ui.commands import BY_NAME, Place
from tuimail.ui.screens.keyed import Action
from tuimail.ui.screens.opened import Opened
from tuimail.ui.screens.panes import NARROW, PanesScreen
from tuimail.ui.verbs.going import Going, Tree
from tuimail.ui.verbs.listing import Listing
from tuimail.ui.verbs.organise import Organise
from tuimail.ui.verbs.reading import Reading
from tuimail.ui.verbs.writing import Writing
from tuimail.ui.widgets.folder_tree import FolderTree
from tuimail.ui.widgets.hints import key_text
from tuimail.ui.widgets.message_body import MessageBody
from tuimail.ui.widgets.message_list import MessageList

_ELSEWHERE = {
    Place.TREE: "folder tree: tab goes there",
    Place.LIST: "message list: tab goes there",
    Place.READER: "open message: enter opens one",
}
"""Panes, and how to get there."""


class MailboxScreen(PanesScreen):
    """Reads and organises mail."""

    AUTO_FOCUS = ""

    def __init__(self, engine: Engine, start: FolderId | None, *, sort: str = "-date", threads: bool = True) -> None:
        super().__init__()
        self.engine = engine
        self.sort = sort
        self.threads = threads
        self.folder = start
        self.listing = Listing(self)
        self.writing = Writing(self)
        self.reading = Reading(self)
        self._verbs = (Organise(self), self.listing, self.writing, self.reading, Going(self), Tree(self))
        self.reader = Opened(self)
        self.around = Around(self)
        self.all_unread = False

    def on_mount(self) -> None:
        """Show where to begin."""
        super().on_mount()
        if self.folder is not None:
            self.show_folder(self.folder)

    # ── commands ────────────────────────────────────────────────────────────────────────────────

    def command(self, name: str) -> Action | None:
        """The topic groups, then the screen itself, then the panes that are not focused (from the palette)."""
        for verbs in self._verbs:
            if (action := verbs.command(name)) is not None:
                return action
        return self._own(name) or self._pane(name)

    def _own(self, name: str) -> Action | None:
        return {
            "toggle_tree": self.toggle_tree,
            "next_pane": self.next_pane,
            "previous_pane": lambda: self.next_pane(-1),
            "back": self.back,
            "page_down": self.read_on,
            "find": self._find,
        }.get(name)

    def _pane(self, name: str) -> Action | None:
        panes = (self.list, *((self.body,) if self.opened is not None else ()), self.folders)
        pane = next((pane for pane in panes if name in pane.PERFORMS), None)
        if pane is None:
            return None

        def act() -> None:
            pane.perform(name)

        return act

    def can(self, name: str) -> bool:
        """Nothing can be done to an open message where none is open."""
        reading = Place.READER in BY_NAME[name].places and len(BY_NAME[name].places) == 1
        return super().can(name) and (self.opened is not None or not reading)

    def _find(self) -> None:
        if self.opened is None:
            raise InputWrong("No message is open.", "enter opens the one under the cursor.")
        self.line.open_find()

    def back(self) -> None:
        """Close what is open: the tree, the message, the marks, the filter; at the top, ask whether to end.

        Not so escape: it is pressed once too often, and the keys after it would be for the question.
        """
        if self.focused is self.folders:
            self.focus_main()
            self.lay_out()
        elif self.opened is not None:
            self.close_message()
        elif self.list.marks:
            self.list.unmark_all()
        elif self.listing.filtered:
            self.listing.clear()
        elif self.pressed == "escape":
            keys = [key for key in self.program.keymap.keys_of("back") if key != "escape"]
            self.say(f"Nothing is open that could be closed. {key_text(keys[0])} ends tuimail." if keys else "Nothing is open.")
        else:
            self.run_command(self.program.leaving.ask_and_quit)

    def no_command(self, key: str) -> None:
        """Say where the key does something."""
        for place, where in _ELSEWHERE.items():
            found = self.program.keymap.find(place, (key,))
            if found.taken and len(key) == 1:
                what = f"{key} ({found.command.title})" if found.command is not None else key
                self.say(f"{what} works in the {where}.")
                return

    async def read_on(self) -> None:
        """At the end of a message: on to the next unread one, unless the user went elsewhere before it was found."""
        stood = self._stands()
        below = array("q", self.list.source.all_keys()[self.list.cursor_index + 1 :])
        found = await self.engine.bulk.first_unread(below)
        if self._stands() != stood:
            return
        if found is None:
            self.say("No more unread messages below")
        elif self.list.to(found) and (opening := self.open_message(found)) is not None:
            await opening

    def _stands(self) -> tuple[object, ...]:
        """Where the user is: what is listed, which message is open, where the cursor is, and that nothing lies over it."""
        return self.list.source, self.opened, self.list.cursor, self.is_current

    # ── what is listed ──────────────────────────────────────────────────────────────────────────

    def show_folder(self, folder: FolderId) -> None:
        """List a folder."""
        found = self.engine.pages.folder(folder)
        if found is None:
            return
        self.close_message()
        self.folder, self.all_unread = folder, False
        self.listing.forget()
        self.list.recipients = found.role in (FolderRole.SENT, FolderRole.DRAFTS)
        self.list.show(self.engine.pages.messages(folder, self.sort, threads=self.threads and self.sort == "-date"))
        self.folders.mark_open(folder)
        if self.focused is self.folders and self.app.size.width < NARROW:
            self.focus_main()
            self.lay_out()
        self.program.refresh_status()

    def show_unread(self) -> None:
        """List all unread mail."""
        self.close_message()
        self.folder, self.all_unread = None, True
        self.listing.forget()
        self.list.recipients = False
        self.list.show(self.engine.pages.unread())
        self.folders.mark_open(None, "unread")
        self.program.refresh_status()

    def refresh_list(self) -> None:
        """Read the list again; the cursor stays on its message."""
        source = self.list.source
        if isinstance(source, EngineList):
            source.refresh()
        self.list.rows_changed()
        self.listing.looking.look_again()
        self.reader.look_again()
        self.program.refresh_status()

    @on(MessageList.CursorMoved)
    def _cursor_moved(self) -> None:
        self.around.moved()

    @on(FolderTree.Selected)
    def _folder_selected(self, event: FolderTree.Selected) -> None:
        if event.folder is not None:
            self.show_folder(event.folder)
            self.focus_main()
            self.lay_out()
        elif event.virtual == "unread":
            self.show_unread()
            self.focus_main()
            self.lay_out()
        elif event.virtual == "outbox":
            self.run_command(self.writing.go_outbox)
        elif event.virtual == "drafts":
            self.run_command(self.program.drafts.choose)

    @on(MessageBody.LinkChosen)
    def _link_chosen(self, event: MessageBody.LinkChosen) -> None:
        self.run_command(lambda: self.reading.open_link(event.link))

    @on(MessageList.CursorMoved)
    @on(MessageList.MarksChanged)
    @on(MessageList.RowsRead)
    def _moved(self) -> None:
        self.program.moved()

    # ── reading ─────────────────────────────────────────────────────────────────────────────────

    @on(MessageList.Opened)
    def _open(self, event: MessageList.Opened) -> None:
        source = self.list.source
        if isinstance(source, ThreadedList):
            index = source.index_of(event.key)
            mark = source.thread_at(index) if index is not None else None
            if index is not None and mark is not None and mark.folded and mark.count > 1:
                source.set_folded(index, folded=False)
                self.list.rows_changed()
        self.run_command(lambda: self.open_message(event.key))

    def open_message(self, message: MessageId) -> Awaitable[None] | None:
        """Show a message; a draft on the server is opened in the composer instead. What takes time is awaited."""
        row = self.engine.pages.row(message)
        if row is None:
            return None
        folder = self.engine.pages.folder(row.folder)
        if folder is not None and folder.role is FolderRole.DRAFTS:
            return self.writing.edit_stored(message)
        return self.reader.open(row)

    @property
    def is_reading(self) -> bool:
        """A message is open."""
        return self.opened is not None

    @on(MessageBody.WidthChanged)
    def _width_changed(self) -> None:
        """Tables in the open message are laid out for its width."""
        self.run_worker(self.reader.fit_width(), exit_on_error=False)

    @property
    def opened(self) -> MessageId | None:
        """The message in the reader."""
        return self.reader.message

    @property
    def shown(self) -> OpenMessage | None:
        """The same, once it is drawn."""
        return self.reader.shown

    def read_what_failed(self) -> None:
        """The connection is there: an open message that could not be fetched is fetched now, and those around the cursor."""
        self.around.moved()
        if self.reader.failed:
            self.run_command(self.reader.read_what_failed)

    def close_message(self) -> None:
        """Give the reader's place back to the list."""
        if self.opened is None:
            return
        self.reader.forget()
        had_focus = self.focused is self.body
        self.lay_out()
        if had_focus:
            self.set_focus(self.list)

    def chosen(self) -> tuple[MessageId, ...]:
        """The message in the reader where it has the focus, else what is marked or under the cursor."""
        if self.focused is self.body and self.opened is not None:
            return (self.reader.needed().id,)
        return self.list.chosen()

    def advance(self, messages: Sequence[MessageId]) -> None:
        """On to the next message; in the reader, open it."""
        self.list.advance_after_action(messages)
        source = self.list.source
        if isinstance(source, EngineList) and source.is_long:
            source.remove(messages)
            self.list.rows_changed()
        if self.opened in messages:
            following = self.list.cursor
            if following is not None and following not in messages and self.focused is self.body:
                self.run_command(lambda: self.open_message(following))
            else:
                self.close_message()

    # ── writing ─────────────────────────────────────────────────────────────────────────────────

    def edit(self, draft: Draft) -> None:
        """Open a draft that was made just now in the composer."""
        self.program.drafts.edit(draft, fresh=True)

    def edit_again(self, draft: Draft) -> None:
        """Go on with a draft."""
        self.program.drafts.edit(draft)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.listing.submitted(event.value)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.listing.typed(event.value)
