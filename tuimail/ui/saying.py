# SPDX-License-Identifier: GPL-3.0-or-later
"""What the program says: toasts in passing, dialogs for what needs an answer, the status line for what lasts."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from tuimail.engine.actions import Done
from tuimail.model.draft import OutboxItem
from tuimail.model.errors import InputWrong, TuimailError
from tuimail.model.folder import FolderRole
from tuimail.model.text import safe_line
from tuimail.ui import dialogs
from tuimail.ui.screens.keyed import KeyedScreen
from tuimail.ui.widgets.status_line import Connection, Status, StatusLine
from tuimail.ui.widgets.toast import ToastKind, Toasts

if TYPE_CHECKING:
    from tuimail.ui.app import TuimailApp


def sending_text(item: OutboxItem, now: float) -> tuple[str, int]:
    """What is said of a message that went into the outbox, and for how many seconds it can surely be taken back."""
    wait = max(item.due - int(now), 0)
    when = "Sending" if wait < 2 else f"Sending in {wait} s" if wait < 3600 else "Sending later"
    return f"{when}: {item.subject or '(no subject)'}", wait


class Saying:
    """Says things on the screen in front."""

    def __init__(self, app: "TuimailApp") -> None:
        self._app = app
        self._progress: dict[str, str] = {}
        """Task → how far it is, the latest one last."""

    @property
    def front(self) -> KeyedScreen | None:
        """The screen in front, dialogs left out."""
        return next((screen for screen in reversed(self._app.screen_stack) if isinstance(screen, KeyedScreen)), None)

    def say(
        self, text: str, kind: ToastKind = ToastKind.INFO, *, undo: bool = False, seconds: float = 5, name: str = ""
    ) -> None:
        """Say something in passing. What can be undone replaces what could be undone before it."""
        screen = self.front
        if screen is not None and screen.is_mounted:
            key = self._app.keymap.keys_of("undo")[:1] if undo else ()
            name = "undo" if undo else name
            screen.query_one(Toasts).show(safe_line(text), kind=kind, undo_key="".join(key), seconds=seconds, name=name)

    def done(self, done: Done | Awaitable[Done]) -> Awaitable[None] | None:
        """Say what was done, once it is."""
        if not isinstance(done, Done):
            return self._done(done)
        self.say(done.text)
        return None

    async def _done(self, doing: Awaitable[Done]) -> None:
        self.say((await doing).text)

    def unsay(self, name: str) -> None:
        """Take away what was said under a name."""
        for screen in self._app.screen_stack:
            for toasts in screen.query(Toasts):
                toasts.dismiss(name)

    def show_error(self, error: TuimailError) -> None:
        """Say what went wrong and what to do: small things in passing, the rest in a dialog."""
        if isinstance(error, InputWrong):
            self.say(str(error), ToastKind.WARNING, seconds=8)
        else:
            self._app.push_screen(dialogs.ErrorDialog.of(error))

    def do_unasked(self, action: Callable[[], object], trouble: str) -> bool:
        """Do what no key asked for. Where it fails that is said, as ``trouble`` and why, until it succeeds."""
        try:
            action()
        except TuimailError as error:
            self.say(f"{trouble} {error}", ToastKind.ERROR, seconds=0, name=trouble)
            return False
        self.unsay(trouble)
        return True

    def progressed(self, task: str, text: str) -> None:
        """Note how far a task is; empty: it ended."""
        self._progress.pop(task, None)
        if text:
            self._progress[task] = text

    def ended(self, kind: str) -> None:
        """Note that all tasks of a kind ended, done or not."""
        for task in [task for task in self._progress if task.startswith(kind)]:
            del self._progress[task]

    def refresh_status(self) -> None:
        """Draw the status line of the mailbox and of the screen in front."""
        app = self._app
        status = self._status()
        app.mailbox.status.status = status
        front = self.front
        if front is not None and front is not app.mailbox:
            for line in front.query(StatusLine):
                line.status = front.own_status(status)

    def moved(self) -> None:
        """Tell in the status line where the cursor is and what is marked; nothing else of it is read again."""
        mailbox = self._app.mailbox
        if mailbox.folder is None:
            self.refresh_status()
        else:
            mailbox.status.status = self._with_cursor(mailbox.status.status)

    def _with_cursor(self, status: Status) -> Status:
        rows = self._app.mailbox.list
        total = len(rows.source)
        return replace(status, position=rows.cursor_index + 1 if total else 0, total=total, marked=len(rows.marks))

    def _status(self) -> Status:
        app, mailbox = self._app, self._app.mailbox
        folder = app.engine.pages.folder(mailbox.folder) if mailbox.folder is not None else None
        drafts = len(app.engine.pages.drafts())
        notes = (
            safe_line(mailbox.listing.looking.note),
            "" if mailbox.sort == "-date" else mailbox.sort,
            self._place_of_cursor() if folder is None else "",
            f"{drafts} open drafts" if drafts > 1 else "1 open draft" if drafts else "",
        )
        if folder is None:
            place = "All unread" if mailbox.all_unread else "" if len(app.engine.accounts) else "No account"
        else:
            place = "Inbox" if folder.role is FolderRole.INBOX else folder.leaf
        told = Status(
            place=place,
            note="  ".join(filter(None, notes)),
            progress=next(reversed(self._progress.values()), ""),
            waiting=app.engine.pages.waiting(),
            outbox=len(app.engine.outbox.all()),
            connections=[Connection(account.account.key, account.loop.state) for account in app.engine.accounts],
        )
        return self._with_cursor(told)

    def _place_of_cursor(self) -> str:
        """Account and folder of the message under the cursor, where several are listed."""
        row = self._app.mailbox.list.cursor_row
        folder = self._app.engine.pages.folder(row.folder) if row is not None else None
        if row is None or folder is None:
            return ""
        account = self._app.engine.accounts.get(row.account).account
        return f"{account.key}: {folder.leaf}" if len(self._app.engine.accounts) > 1 else folder.leaf

    def sent(self, item: OutboxItem) -> None:
        """A message went into the outbox: it can be taken back for a while."""
        text, wait = sending_text(item, time.time())
        self.say(text, ToastKind.GOOD, undo=True, seconds=min(max(wait, 4), 60))
