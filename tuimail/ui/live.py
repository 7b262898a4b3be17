# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the screen true: hears the engine's notices, and reads again what they name, once per turn of the event loop."""

import contextvars
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from tuimail.model.errors import CertificateRefused, SignInNeeded, TuimailError
from tuimail.model.ids import AccountId, FolderId
from tuimail.model.notice import (
    ActionFailed,
    ActionPostponed,
    ConnectionChanged,
    ConnectionState,
    DraftsChanged,
    FolderChanged,
    FoldersChanged,
    MessageChanged,
    NewMail,
    Notice,
    OutboxChanged,
    Progress,
    WaitingChanged,
)
from tuimail.ui.widgets.toast import ToastKind
from tuimail.ui.widgets.tree_entries import TreeAccount, VirtualFolder

if TYPE_CHECKING:
    from tuimail.ui.app import TuimailApp


_AGAIN = {SignInNeeded: " {key} tries again.", CertificateRefused: " {key} shows the certificate."}
"""What a key does about an error."""


def _nothing() -> None:
    pass


class Live:
    """From notices to what is drawn."""

    def __init__(self, app: "TuimailApp") -> None:
        self._app = app
        self._folders: set[FolderId] = set()
        self._tree = True
        self._list = False
        self._planned = False
        self._troubles: dict[AccountId, str] = {}
        self._unsubscribe: Callable[[], None] = _nothing

    def start(self) -> None:
        """Begin to listen, and draw what is known."""
        context = contextvars.copy_context()

        def hear(notice: Notice) -> None:
            """The accounts' tasks are older than the app, and widgets ask their context for it."""
            context.copy().run(self.hear, notice)

        self._unsubscribe = self._app.engine.notices.subscribe(hear, from_the_start=True)
        self._look_again()

    def stop(self) -> None:
        """Listen no more."""
        self._unsubscribe()

    def tell_again(self) -> None:
        """Say what is wrong once more, should it still be: the user wants to know."""
        self._troubles.clear()

    def hear(self, notice: Notice) -> None:
        """Note what to read again, and plan to do so."""
        match notice:
            case DraftsChanged():
                self._tree = True
                self._app.drafts.look_for_files()
            case FolderChanged(folder):
                self._folders.add(folder)
                self._tree = True
            case FoldersChanged():
                self._tree = True
            case MessageChanged():
                self._list = True
            case ActionFailed(text=text, error=error):
                self._app.say(f"Not done after all – {text}. {error}", ToastKind.ERROR, seconds=10)
            case ActionPostponed(error=error):
                self._app.say(str(error), ToastKind.ERROR, seconds=10)
            case ConnectionChanged(account=account, state=state, error=error):
                self._tell_connection(account, state, error)
            case OutboxChanged(item):
                self._tell_outbox(item)
            case Progress(task=task, text=text, done=done, total=total):
                self._app.saying.progressed(task, "" if total and done >= total else _progress(text, done, total))
            case NewMail() if os.environ.get("TUIMAIL_BELL"):
                self._app.bell()
            case WaitingChanged() | NewMail():
                pass
        if not self._planned:
            self._planned = True
            # By the mailbox's queue, as the app's own waits for the effect of each key.
            self._app.mailbox.call_later(self._look_again)

    def _look_again(self) -> None:
        self._planned = False
        try:
            self._draw()
        except TuimailError as error:  # raised out of here it would end the program
            self._app.show_error(error)

    def _draw(self) -> None:
        app, mailbox = self._app, self._app.mailbox
        if self._tree:
            self._tree = False
            self._draw_tree()
        if self._list or mailbox.folder in self._folders or (mailbox.folder is None and self._folders):
            mailbox.refresh_list()
        self._folders.clear()
        self._list = False
        app.folders_known()
        app.refresh_status()

    def _draw_tree(self) -> None:
        pages = self._app.engine.pages
        accounts = [
            TreeAccount(account.id, account.account.key, pages.folders(account.id)) for account in self._app.engine.accounts
        ]
        virtual = []
        if outbox := len(self._app.engine.outbox.all()):
            virtual.append(VirtualFolder("outbox", "Outbox", outbox))
        if drafts := len(pages.drafts()):
            virtual.append(VirtualFolder("drafts", "Open drafts", drafts, "✎"))
        if len(accounts) > 1:
            virtual.append(VirtualFolder("unread", "All unread", pages.unread_count()))
        self._app.mailbox.folders.show(accounts, virtual)

    def _tell_connection(self, account: AccountId, state: ConnectionState, error: TuimailError | None) -> None:
        """Say once what is wrong; while nothing changes, the status line is enough."""
        if state is ConnectionState.ONLINE:
            self._troubles.pop(account, None)
            self._app.unsay(f"account-{account}")
            self._app.mailbox.read_what_failed()
        elif state is not ConnectionState.SYNCING:
            self._app.saying.ended("sync:")
        if self._app.passwords.connection(account, state, error):
            self._app.unsay(f"account-{account}")
            return
        if error is None or self._troubles.get(account) == str(error):
            return
        self._troubles[account] = str(error)
        key = "".join(self._app.keymap.keys_of("sync_now")[:1])
        by_page = isinstance(error, SignInNeeded) and self._app.engine.accounts.get(account).account.signs_in_by_page
        again = _AGAIN.get(type(error), "").format(key=key)
        text = f"{error.title}: {error.message} {key} signs in again." if by_page else f"{error.title}: {error}{again}"
        self._app.say(text, ToastKind.ERROR, seconds=0 if by_page else 15, name=f"account-{account}")

    def _tell_outbox(self, number: int) -> None:
        self._tree = True
        self._app.saying.progressed(f"send:{number}", "")
        item = next((item for item in self._app.engine.outbox.all() if item.id == number), None)
        if not self._app.passwords.outbox(item) and item is not None and item.error:
            self._app.say(f"{item.subject or '(no subject)'}: {item.error}", ToastKind.ERROR, seconds=10)


def _progress(text: str, done: int, total: int) -> str:
    return f"{text} {done * 100 // total} %" if total else f"{text} {done:,}"
