# SPDX-License-Identifier: GPL-3.0-or-later
"""The Textual app: joins the screens and what they share."""

import asyncio
import contextvars
import gc
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar

from tuimail.engine.actions import Done
from tuimail.engine.engine import Engine
from tuimail.heap import keep_little
from tuimail.model.account import Account, ServerAddress
from tuimail.model.draft import OutboxItem
from tuimail.model.errors import TuimailError
from tuimail.model.ids import DraftId, FolderId
from tuimail.ui import dialogs
from tuimail.ui.accounts import AccountScreens
from tuimail.ui.commands import COMMANDS, Command, Place
from tuimail.ui.drafts import OpenDrafts
from tuimail.ui.key_order import KeysInOrder
from tuimail.ui.keymap import Keymap
from tuimail.ui.last_screen import Keeper, LastScreen
from tuimail.ui.leaving import Leaving
from tuimail.ui.live import Live
from tuimail.ui.output.display import StagedApp
from tuimail.ui.passwords import Passwords
from tuimail.ui.rest import Rest, Tidying
from tuimail.ui.saying import Saying
from tuimail.ui.screens.keyed import Action
from tuimail.ui.screens.mailbox import MailboxScreen
from tuimail.ui.takeover import WholeScreenFirst
from tuimail.ui.theme import Themes
from tuimail.ui.undo import TakeBack, Undo
from tuimail.ui.widgets.toast import ToastKind

if TYPE_CHECKING:
    from textual.command import Provider

    from tuimail.engine.setup import Setup
    from tuimail.ui.screens.doctor import Examination

log = logging.getLogger(__name__)


def _commands_provider() -> "type[Provider]":
    from tuimail.ui.palette import CommandsProvider

    return CommandsProvider


class TuimailApp(WholeScreenFirst, StagedApp, KeysInOrder, inherit_bindings=False):
    """The program on the screen."""

    CSS_PATH = "styles/tuimail.tcss"
    TITLE = "tuimail"
    COMMANDS: ClassVar = {_commands_provider}
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "f24"
    BINDINGS: ClassVar = []

    def __init__(
        self,
        engine: Engine,
        keymap: Keymap,
        themes: Themes,
        *,
        theme: str,
        folder: str = "",
        sort: str = "-date",
        threads: bool = True,
        setup: "Callable[[], Setup] | None" = None,
        keeper: Keeper | None = None,
        greeting: str = "",
        examination: "Callable[[], Examination] | None" = None,
    ) -> None:
        super().__init__()
        self.accounts = AccountScreens(self, setup, examination)
        self._greeting = greeting
        self.mailto = ""
        """A ``mailto:`` URL to begin with."""
        self.animation_level = "none"
        self.engine = engine
        self.keymap = keymap
        self._themes = themes
        themes.apply(self, theme)
        self._start_folder = folder
        self.mailbox = MailboxScreen(engine, None, sort=sort, threads=threads)
        self.saying = Saying(self)
        self.drafts = OpenDrafts(self)
        self.undo = Undo(engine, self.drafts.edit, self.push_screen_wait)
        self.leaving = Leaving(self)
        self.passwords = Passwords(self)
        self.live = Live(self)
        self.last_screen = LastScreen(self, keeper)
        self.rest = Rest(self, (self.last_screen.draw, Tidying(self).tidy))
        self._mounted_in: contextvars.Context | None = None

    def _fatal_error(self) -> None:
        """An error that nobody met before this ends the program: drafts are kept, and the terminal gets a sentence.

        Textual would print a traceback with local variables, that is, with mail and passwords.
        """
        log.error("tuimail ended by an error that it did not expect", exc_info=self._exception)
        kept = "Drafts are kept"
        try:
            self.drafts.keep()
        except Exception:
            log.exception("what was typed last could not be saved")
            kept = "What was typed last could not be saved"
        said = "tuimail met an error that it did not expect, and ended."
        if isinstance(self._exception, TuimailError):
            said = f"tuimail ended. {self._exception}"
        self.panic(f"{said} {kept}; the log has the details.")

    def get_default_screen(self) -> MailboxScreen:
        """The mailbox, with nothing below it that would have to be styled and laid out as well."""
        self.mailbox.folder = self.first_folder()
        return self.mailbox

    async def on_mount(self) -> None:
        """Begin to sync, once the mailbox stands."""
        self._mounted_in = contextvars.copy_context()
        await self.mailbox._mounted_event.wait()
        self.live.start()
        self.leaving.watch_signals()
        if self.engine.repaired:
            self.say(self.engine.repaired)
        for sentence in self.engine.editing.recover():
            self.say(sentence, seconds=15)
        self._tell_open_drafts()
        if self._greeting:
            self.say(self._greeting, seconds=8)
        if self.mailto and len(self.engine.accounts):
            self.drafts.edit(self.engine.composer.from_mailto(self.mailto), fresh=True)
        await self.accounts.welcome()

    def stands(self) -> None:
        """The first screen is painted: now the rest may take its time."""
        _collect_garbage_again()
        self.rest.changed()
        self.run_worker(self._begin_to_sync(), name="begin to sync")

    async def _begin_to_sync(self) -> None:
        await self.engine.prepare()
        if not self.leaving.begun:
            self.engine.start()
        await asyncio.to_thread(keep_little)

    def _tell_open_drafts(self) -> None:
        drafts = len(self.engine.pages.drafts())
        if drafts:
            key = "".join(self.keymap.keys_of("next_draft")[:1])
            self.say(f"{'A draft is' if drafts == 1 else f'{drafts} drafts are'} open: {key} returns to it")

    def first_folder(self) -> FolderId | None:
        """Where the program begins; None while it is not known."""
        account = self.engine.accounts.default
        if account is None:
            return None
        wanted = self._start_folder or "INBOX"
        found = self.engine.pages.folder_named(account.id, wanted)
        return found.id if found is not None else None

    def folders_known(self) -> None:
        """Folders became known: list the first one, if nothing is listed yet."""
        if self.mailbox.folder is None and not self.mailbox.all_unread and self.mailbox.is_mounted:
            folder = self.first_folder()
            if folder is not None:
                self.mailbox.show_folder(folder)

    # ── commands of every screen ────────────────────────────────────────────────────────────────

    def _open_palette(self) -> None:
        from tuimail.ui.palette import Palette

        self.push_screen(Palette())

    def command(self, name: str) -> Action | None:
        """What works everywhere."""
        return self._commands().get(name)

    def _commands(self) -> Mapping[str, Action]:
        return {
            "palette": self._open_palette,
            "help": self._help,
            "theme": self._choose_theme,
            "next_draft": self.drafts.next,
            "sync_now": self._sync_now,
            "redraw": self._redraw,
            "suspend": self.action_suspend_process,
            "quit": self.leaving.quit,
            **self.accounts.commands,
        }

    def palette_commands(self) -> Iterator[Command]:
        """What can be done on the screen in front."""
        front = self.saying.front
        return (command for command in COMMANDS if front is not None and front.can(command.name))

    def perform(self, name: str) -> None:
        """Do what a command of the palette says, on the screen in front."""
        if (front := self.saying.front) is not None:
            front.perform(name)

    def _help(self) -> None:
        from tuimail.ui.screens.help import HelpScreen

        front = self.saying.front
        self.push_screen(HelpScreen(self.keymap, front.place if front is not None else Place.EVERYWHERE))

    async def _choose_theme(self) -> None:
        chosen = await self.push_screen_wait(
            dialogs.Choose("Theme", [(dialogs.Choice(name), name) for name in self._themes.names()])
        )
        if chosen:
            self._themes.apply(self, chosen)
            self.mailbox.list.redraw()

    async def _sync_now(self) -> None:
        """Ask the servers for changes, and hear again what is wrong; a sign-in that waits comes first."""
        if self.accounts.waiting_for_page is not None:
            await self.accounts.sign_in_again()
            return
        if self.accounts.refusing_certificate is not None and self.accounts.can_change:
            await self.accounts.look_at_certificate()
            return
        self.live.tell_again()
        self.passwords.ask_again()
        for account in self.engine.accounts:
            account.loop.retry()
            account.loop.sync_now()
        self.say("Looking for changes…")

    def _redraw(self) -> None:
        self.refresh(repaint=True, layout=True)
        self.screen.refresh(repaint=True, layout=True)
        self.redraw_terminal()

    # ── writing ─────────────────────────────────────────────────────────────────────────────────

    def close_draft(self, draft: DraftId) -> None:
        """The draft was sent, kept or discarded: its composer goes."""
        self.drafts.close(draft)

    def keep_drafts(self) -> None:
        """Save what is typed in every open composer."""
        self.drafts.keep()

    def sent(self, item: OutboxItem) -> None:
        """A message went into the outbox: it can be taken back for a while."""
        self.passwords.ask_again()
        self.undo.note(lambda: self.engine.outbox.undo(item.id))
        self.saying.sent(item)

    # ── saying ──────────────────────────────────────────────────────────────────────────────────

    def say(self, text: str, kind: ToastKind = ToastKind.INFO, *, seconds: float = 5, name: str = "") -> None:
        """Say something in passing, on the screen in front; dialogs do not hide it."""
        self.saying.say(text, kind, seconds=seconds, name=name)

    def unsay(self, name: str) -> None:
        """Take away what was said under a name."""
        self.saying.unsay(name)

    def tell(self, done: Done) -> None:
        """Say what was done, with a way to undo it."""
        if done.undo is not None:
            self.undo.note(done.undo, done.count)
        self.saying.say(done.text, ToastKind.GOOD, undo=done.undo is not None)

    def offer_undo(self, text: str, take_back: TakeBack) -> None:
        """Say what was done to a draft; `take_back` brings it back."""
        self.undo.note(take_back)
        self.saying.say(text, ToastKind.GOOD, undo=True, seconds=10)

    def take_back(self) -> Awaitable[None] | None:
        """Undo the last thing done, and say so. What takes time is awaited."""
        self.unsay("undo")
        return self.saying.done(self.undo.take_back())

    def show_error(self, error: TuimailError) -> None:
        """Say what went wrong and what to do."""
        self.saying.show_error(error)

    async def ask_password(self, account: Account, server: ServerAddress) -> str:
        """Ask for a secret, from outside any screen. Raises SignInNeeded when the user does not want to say.

        Who asks may be older than the app, and widgets ask their context for it.
        """
        self.last_screen.forbid()
        if not self.passwords.stands:
            await self.mailbox.in_front.wait()
        return await asyncio.create_task(self.passwords.ask(account, server), context=self._mounted_in)

    def moved(self) -> None:
        """The cursor moved, or other messages are marked."""
        self.saying.moved()
        self.rest.changed()

    def refresh_status(self) -> None:
        """Draw the status line of the screen in front."""
        self.saying.refresh_status()
        self.rest.changed()


def _collect_garbage_again() -> None:
    """The launcher switched collection off. What the start made stays, garbage or not: to tell them apart takes 40 ms."""
    gc.freeze()
    gc.enable()
