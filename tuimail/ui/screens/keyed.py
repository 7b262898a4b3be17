# SPDX-License-Identifier: GPL-3.0-or-later
"""Screens whose keys come from the keymap: a key becomes a command, a command becomes a call."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar, cast

from textual import events
from textual.screen import Screen
from textual.worker import Worker

from tuimail.engine.actions import Done
from tuimail.model.draft import Draft, OutboxItem
from tuimail.model.errors import TuimailError
from tuimail.ui.commands import Place
from tuimail.ui.keymap import KeyReader, key_of
from tuimail.ui.output.prompt import PromptScreen
from tuimail.ui.widgets.line_view import LineView
from tuimail.ui.widgets.status_line import Status

if TYPE_CHECKING:
    from tuimail.ui.app import TuimailApp

log = logging.getLogger(__name__)
Result = TypeVar("Result")
_ANSWERING = {"reply", "reply_all", "reply_list", "forward", "forward_attached", "redirect"}
_ON_MESSAGES = {"move", "copy_to", "label", "delete", "attachments", "save", "pipe", "sort"}
_ON_FOLDERS = {"go_folder", "go_outbox", "new_folder", "rename_folder", "delete_folder"}
_OPEN_A_SCREEN = frozenset(_ANSWERING | _ON_MESSAGES | _ON_FOLDERS | {"theme", "back", "quit", "send_bar", "attach"})
"""Commands whose keys are mostly followed by keys for what they open."""
Action = Callable[[], Awaitable[None] | None]


class KeyedScreen(PromptScreen, inherit_bindings=False):
    """A screen that performs the commands of the table."""

    pressed = ""
    """The key that was pressed last, as in bindings."""
    _is_done = False
    """Nothing that the last key led to is still under way."""

    @property
    def program(self) -> "TuimailApp":
        """The app, typed."""
        return cast("TuimailApp", self.app)

    @property
    def place(self) -> Place:
        """Which row of the key table the focused pane stands for."""
        return Place.EVERYWHERE

    def on_mount(self) -> None:
        """Start reading keys."""
        self.keys = KeyReader(self.program.keymap)

    @property
    def has_all_keys(self) -> bool:
        """Whether the focused pane has no use for the next key, whatever it is."""
        return isinstance(self.focused, LineView) and not self.focused.uses_keys

    def take(self, key: events.Key) -> bool:
        """A key that is for this screen at once. True: it was for the focused pane, or part of a sequence."""
        self._is_done = False
        with self._context():
            self.on_key(key)
        return self._is_done

    def on_key(self, event: events.Key) -> None:
        """A key that no widget has used up."""
        typing = self.focused is not None and self.focused.check_consume_key("x", "x")
        self.pressed = key_of(event.key, event.character)
        found = self.keys.feed(self.place, self.pressed, typing=typing)
        self._is_done = found.command is None or self.perform(found.command.name)
        if found.taken:
            event.stop()
            event.prevent_default()
        elif not typing:
            self.no_command(self.pressed)
        self.keys_changed()

    def no_command(self, key: str) -> None:
        """A key that does nothing here."""

    def keys_changed(self) -> None:
        """A sequence began or ended: hints may change."""

    def can(self, name: str) -> bool:
        """Whether a command does something on this screen now."""
        performs = getattr(self.focused, "PERFORMS", {})
        return name in performs or self.command(name) is not None or self.program.command(name) is not None

    def own_status(self, status: Status) -> Status:
        """What this screen's status line tells; ``status`` is the mailbox's."""
        return status

    def perform(self, name: str) -> bool:
        """Do what a command says: the focused pane first, then the screen, then the program. Unknown names do nothing.

        True: the focused pane did it.
        """
        pane = getattr(self.focused, "perform", None)
        if pane is not None and pane(name):
            return True
        action = self.command(name) or self.program.command(name)
        if action is not None:
            worker = self.run_command(action)
            if name in _OPEN_A_SCREEN:
                self.program.opening = worker
        return False

    def command(self, name: str) -> Action | None:
        """What a command does on this screen; None when it means nothing here."""
        raise NotImplementedError

    def run_command(self, action: Action) -> Worker[None] | None:
        """Call it, in the background where it takes time; an error becomes a message on the screen."""
        try:
            result = action()
        except TuimailError as error:
            self.program.show_error(error)
            return None
        if result is not None:
            return self.run_worker(self._guarded(result), exit_on_error=False)
        return None

    async def _guarded(self, waiting: Awaitable[None]) -> None:
        try:
            await waiting
        except TuimailError as error:
            self.program.show_error(error)
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("a command failed in a way nobody expected")
            self.program.show_error(TuimailError("That did not work, and it should have.", "The log has the details."))

    async def ask(self, dialog: Screen[Result]) -> Result | None:
        """Show a dialog and wait for its answer; None when it was cancelled."""
        return await self.app.push_screen_wait(dialog)

    def tell(self, done: Done) -> None:
        """Say what was done, with a way to undo it."""
        self.program.tell(done)

    def say(self, text: str) -> None:
        """Say something in passing."""
        self.program.say(text)

    def offer_undo(self, text: str, take_back: Callable[[], Draft | None]) -> None:
        """Say what was done to a draft, with a way to take it back."""
        self.program.offer_undo(text, take_back)

    def sent(self, item: OutboxItem) -> None:
        """A message went into the outbox."""
        self.program.sent(item)

    def take_back(self) -> Awaitable[None] | None:
        """Undo the last thing done. What takes time is awaited."""
        return self.program.take_back()

    def refresh_status(self) -> None:
        """Draw the status line: the list changed."""
        self.program.refresh_status()
