# SPDX-License-Identifier: GPL-3.0-or-later
"""The Textual app: joins the screens, hears the engine's notices, says what happened."""

import asyncio
import gc
import logging
import signal
import time
from collections.abc import Callable, Mapping
from typing import ClassVar

from textual.app import App

from tuimail.engine.actions import Done
from tuimail.engine.engine import Engine
from tuimail.engine.setup import Setup
from tuimail.model.account import Account, ServerAddress
from tuimail.model.draft import Draft, OutboxItem, OutboxState
from tuimail.model.errors import InputWrong, TuimailError
from tuimail.model.folder import FolderRole
from tuimail.model.ids import DraftId, FolderId
from tuimail.model.notice import ConnectionState
from tuimail.model.text import safe_line
from tuimail.ui.commands import Place
from tuimail.ui.dialogs.choose import Choose
from tuimail.ui.dialogs.confirm import Confirm
from tuimail.ui.dialogs.error import ErrorDialog
from tuimail.ui.dialogs.password import Password
from tuimail.ui.keymap import Keymap
from tuimail.ui.live import Live
from tuimail.ui.palette import CommandsProvider
from tuimail.ui.screens.account_form import AccountFormScreen
from tuimail.ui.screens.compose import ComposeScreen
from tuimail.ui.screens.help import HelpScreen
from tuimail.ui.screens.keyed import Action, KeyedScreen
from tuimail.ui.screens.mailbox import MailboxScreen
from tuimail.ui.theme import Themes
from tuimail.ui.widgets.choice_list import Choice
from tuimail.ui.widgets.status_line import Connection, Status, StatusLine
from tuimail.ui.widgets.toast import ToastKind, Toasts

log = logging.getLogger(__name__)


class TuimailApp(App[None], inherit_bindings=False):
    """The program on the screen."""

    CSS_PATH = "styles/tuimail.tcss"
    TITLE = "tuimail"
    COMMANDS: ClassVar = {CommandsProvider}
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
        setup: Setup | None = None,
    ) -> None:
        super().__init__()
        self.setup = setup
        self.start_again = False
        """Set when the program ended to begin anew, with another account."""
        self.animation_level = "none"
        self.engine = engine
        self.keymap = keymap
        self._themes = themes
        self._theme = theme
        self._start_folder = folder
        self.progress = ""
        self.mailbox = MailboxScreen(engine, None, sort=sort, threads=threads)
        self._live = Live(self)
        self._open_drafts: list[DraftId] = []

    async def on_mount(self) -> None:
        """Show the mailbox, then begin to sync."""
        self._themes.apply(self, self._theme)
        self.mailbox.folder = self._first_folder()
        await self.push_screen(self.mailbox)
        self._live.start()
        self.engine.start()
        self.call_after_refresh(_collect_garbage_again)
        for number in (signal.SIGHUP, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self._end_on_signal)
        if self.engine.repaired:
            self.say(self.engine.repaired)
        if not len(self.engine.accounts) and self.setup is not None:
            await self.push_screen(AccountFormScreen(self.setup, first=True))

    def _end_on_signal(self) -> None:
        """The terminal went away, or somebody wants the program to end: keep everything, then go."""
        self.keep_drafts()
        self.run_worker(self.leave(), exit_on_error=False)

    def _first_folder(self) -> FolderId | None:
        account = self.engine.accounts.default
        if account is None:
            return None
        wanted = self._start_folder or "INBOX"
        found = self.engine.pages.folder_named(account.id, wanted)
        return found.id if found is not None else None

    def folders_known(self) -> None:
        """Folders became known: list the first one, if nothing is listed yet."""
        if self.mailbox.folder is None and self.mailbox.is_mounted:
            folder = self._first_folder()
            if folder is not None:
                self.mailbox.show_folder(folder)

    # ── commands of every screen ────────────────────────────────────────────────────────────────

    def command(self, name: str) -> Action | None:
        """What works everywhere."""
        return self._commands().get(name)

    def _commands(self) -> Mapping[str, Action]:
        return {
            "palette": self.action_command_palette,
            "help": self._help,
            "theme": self._choose_theme,
            "add_account": self._add_account,
            "redraw": self._redraw,
            "suspend": self.action_suspend_process,
            "quit": self.confirm_quit,
        }

    def perform(self, name: str) -> None:
        """Do what a command of the palette says, on the screen in front."""
        if isinstance(self.screen, KeyedScreen):
            self.screen.perform(name)

    def _help(self) -> None:
        place = self.screen.place if isinstance(self.screen, KeyedScreen) else Place.EVERYWHERE
        self.push_screen(HelpScreen(self.keymap, place))

    def _add_account(self) -> None:
        if self.setup is None:
            raise InputWrong("Accounts cannot be added here.")
        self.push_screen(AccountFormScreen(self.setup, first=False))

    async def account_saved(self, key: str, *, secret_kept: bool) -> None:
        """Begin anew with the account that was added."""
        log.info("account %s was added, secret kept: %s", key, secret_kept)
        self.start_again = True
        await self.leave()

    async def _choose_theme(self) -> None:
        chosen = await self.push_screen_wait(Choose("Theme", [(Choice(name), name) for name in self._themes.names()]))
        if chosen:
            self._themes.apply(self, chosen)
            self.mailbox.list.redraw()

    def _redraw(self) -> None:
        self.refresh(repaint=True, layout=True)
        self.screen.refresh(repaint=True, layout=True)

    async def confirm_quit(self) -> None:
        """End the program, after asking where something would be left undone."""
        waiting = [item for item in self.engine.outbox.all() if item.state in (OutboxState.HELD, OutboxState.QUEUED)]
        if waiting:
            choices = [
                (Choice("Send now, then quit", key="s"), "send"),
                (Choice("Quit and keep it for the next start", key="k"), "keep"),
                (Choice("Stay", key="n"), "stay"),
            ]
            answer = await self.push_screen_wait(Choose(f"{len(waiting)} in the outbox", choices))
            if answer in (None, "stay"):
                return
            if answer == "send" and not await self._send_all(waiting):
                return
        elif not await self.push_screen_wait(Confirm("Quit tuimail?", yes="Quit")):
            return
        await self.leave()

    async def _send_all(self, items: list[OutboxItem]) -> bool:
        for item in items:
            self.engine.outbox.send_again(item.id)
        self.say("Sending…")
        for account in self.engine.accounts:
            if account.loop.state is ConnectionState.ONLINE:
                await account.loop.settled()
        left = [item for item in self.engine.outbox.all() if item.state is not OutboxState.SENT]
        if left:
            self.say(f"{len(left)} could not be sent. {left[0].error}")
        return not left

    async def leave(self) -> None:
        """Keep every draft, end the connections, end the program."""
        self.keep_drafts()
        self._live.stop()
        await self.engine.stop()
        self.exit()

    # ── writing ─────────────────────────────────────────────────────────────────────────────────

    def edit(self, draft: Draft) -> None:
        """Open a draft in the composer, or return to it where it is open."""
        name = _screen_name(draft.id)
        if not self.is_screen_installed(name):
            self.install_screen(ComposeScreen(self.engine, draft), name)
            self._open_drafts.append(draft.id)
        elif self.screen is self.get_screen(name):
            return
        self.push_screen(name)

    def close_draft(self, draft: DraftId) -> None:
        """The draft was sent, kept or discarded: its composer goes."""
        name = _screen_name(draft)
        if self.is_screen_installed(name):
            screen = self.get_screen(name)
            if self.screen is screen:
                self.pop_screen()
            self.uninstall_screen(screen)
            self._open_drafts.remove(draft)

    def keep_drafts(self) -> None:
        """Save what is typed in every open composer."""
        for draft in self._open_drafts:
            screen = self.get_screen(_screen_name(draft))
            if isinstance(screen, ComposeScreen):
                screen.keep()

    def sent(self, item: OutboxItem) -> None:
        """A message went into the outbox: it can be taken back for a while."""
        wait = max(item.due - int(time.time()), 0)
        when = "Sending" if wait < 2 else f"Sending in {wait} s" if wait < 3600 else "Sending later"
        self.offer_undo(f"{when}: {item.subject or '(no subject)'}", lambda: self.engine.outbox.take_back(item.id), wait)

    # ── saying ──────────────────────────────────────────────────────────────────────────────────

    def say(self, text: str, kind: ToastKind = ToastKind.INFO, *, undo: bool = False, seconds: float = 5) -> None:
        """Say something in passing, on the screen in front; dialogs do not hide it."""
        screen = next((screen for screen in reversed(self.screen_stack) if isinstance(screen, KeyedScreen)), None)
        if screen is not None and screen.is_mounted:
            key = self.keymap.keys_of("undo")[:1] if undo else ()
            screen.query_one(Toasts).show(
                safe_line(text), kind=kind, undo_key="".join(key), seconds=seconds, name="undo" * undo
            )

    def tell(self, done: Done) -> None:
        """Say what was done, with a way to undo it."""
        self.undo_last = None
        self.say(done.text, ToastKind.GOOD, undo=done.undo is not None)

    undo_last: Callable[[], Draft] | None = None
    """What `undo` takes back before the engine's gestures: a sent or discarded draft."""

    def offer_undo(self, text: str, undo: Callable[[], Draft], seconds: int = 10) -> None:
        """Say what was done to a draft; `undo` brings it back into the composer."""
        self.undo_last = undo
        self.say(text, ToastKind.GOOD, undo=True, seconds=min(max(seconds, 4), 60))

    def undo_draft(self) -> bool:
        """Bring back the draft that was sent or discarded last. False: that was not the last thing done."""
        undo, self.undo_last = self.undo_last, None
        if undo is None:
            return False
        try:
            self.edit(undo())
        except InputWrong as error:
            self.show_error(error)
        return True

    def show_error(self, error: TuimailError) -> None:
        """Say what went wrong and what to do: small things in passing, the rest in a dialog."""
        if isinstance(error, InputWrong):
            self.say(str(error), ToastKind.WARNING, seconds=8)
        else:
            self.push_screen(ErrorDialog.of(error))

    async def ask_password(self, account: Account, server: ServerAddress) -> str:
        """Ask for a secret, from outside any screen. Empty: the user does not want to say."""
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        dialog = Password(f"Password for {account.key}", f"{server.username} at {server.host}")
        self.push_screen(dialog, lambda typed: answer.set_result(typed or "") if not answer.done() else None)
        return await answer

    def refresh_status(self) -> None:
        """Draw the status line of the screen in front."""
        mailbox = self.mailbox
        folder = self.engine.pages.folder(mailbox.folder) if mailbox.folder is not None else None
        notes = [mailbox.listing.filtered and f"“{mailbox.listing.filtered}”", "" if mailbox.sort == "-date" else mailbox.sort]
        drafts = len(self.engine.pages.drafts())
        status = Status(
            place=folder.leaf
            if folder is not None and folder.role is not FolderRole.INBOX
            else "Inbox"
            if folder
            else "Unread",
            position=mailbox.list.cursor_index + 1 if len(mailbox.list.source) else 0,
            total=len(mailbox.list.source),
            marked=len(mailbox.list.marks),
            note="  ".join(filter(None, [*notes, f"{drafts} open drafts" if drafts > 1 else "1 open draft" if drafts else ""])),
            progress=self.progress,
            waiting=self.engine.pages.waiting(),
            outbox=len(self.engine.outbox.all()),
            connections=[Connection(account.account.key, account.loop.state) for account in self.engine.accounts],
        )
        for line in self.screen.query(StatusLine):
            line.status = status


def _collect_garbage_again() -> None:
    """The launcher switched collection off: until the first screen stands, nearly nothing is garbage."""
    gc.collect()
    gc.freeze()
    gc.enable()


def _screen_name(draft: DraftId) -> str:
    return f"draft-{draft}"
