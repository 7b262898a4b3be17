# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks for passwords until the server takes one or the user gives up."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tuimail.model.account import Account, ServerAddress
from tuimail.model.draft import OutboxState
from tuimail.model.errors import SignInNeeded, TuimailError
from tuimail.model.ids import AccountId
from tuimail.model.notice import ConnectionState
from tuimail.ui import dialogs

if TYPE_CHECKING:
    from tuimail.model.draft import OutboxItem
    from tuimail.ui.app import TuimailApp

_Name = tuple[str, str, int]
"""Account, host and port."""


@dataclass
class _Question:
    """The dialog that stands, from the first question until the server took an answer."""

    account: Account
    server: ServerAddress
    dialog: "dialogs.Password"
    answers: "asyncio.Queue[str]"
    """What was typed and nobody took yet; empty: the user gave up."""

    @property
    def name(self) -> _Name:
        return _name(self.account, self.server)


class Passwords:
    """One question at a time. It stays while the server looks at the answer: no key meant for it becomes a command."""

    def __init__(self, app: "TuimailApp") -> None:
        self._app = app
        self._turn = asyncio.Lock()
        self._question: _Question | None = None
        self._declined: set[_Name] = set()
        """Not to be asked again before the user wants it."""
        self._refused: dict[_Name, str] = {}
        """What the server said of a password that nobody typed just now."""

    @property
    def stands(self) -> bool:
        """Whether a question is on the screen."""
        return self._question is not None

    async def ask(self, account: Account, server: ServerAddress) -> str:
        """The password, once the mailbox is in front: a dialog must not catch keys meant for a draft.

        Raises SignInNeeded when the user does not want to say.
        """
        name = _name(account, server)
        while self._question is not None and self._question.name != name:
            async with self._turn:  # another question stands
                pass
        if self._question is None and name not in self._declined:
            await self._turn.acquire()
            await self._begin(account, server)
        question = self._question
        typed = ""
        if question is not None and name not in self._declined:
            if question.answers.empty():
                question.dialog.wait_for_answer()
            typed = await question.answers.get()
        if not typed:
            key = "".join(self._app.keymap.keys_of("sync_now")[:1])
            raise SignInNeeded(f"{account.key} is not signed in.", f"{key} asks for the password again.")
        return typed

    async def _begin(self, account: Account, server: ServerAddress) -> None:
        try:
            await self._app.mailbox.in_front.wait()
        except asyncio.CancelledError:
            self._turn.release()
            raise
        name = _name(account, server)
        answers: asyncio.Queue[str] = asyncio.Queue()
        title = f"Password for {account.key}" + (", to send" if server == account.smtp else "")
        about = f"{server.username} at {server.host}"
        dialog = dialogs.Password(title, about, answers.put_nowait, self._refused.pop(name, ""))
        self._question = _Question(account, server, dialog, answers)
        self._app.push_screen(dialog, lambda _: self._closed(name, given_up=not dialog.over))

    def _closed(self, name: _Name, *, given_up: bool) -> None:
        question, self._question = self._question, None
        if given_up:
            self._declined.add(name)
        if question is not None:
            question.answers.put_nowait("")
        self._turn.release()

    def ask_again(self) -> None:
        """The user wants to be asked once more, whatever was declined."""
        self._declined.clear()
        self._refused.clear()

    def connection(self, account: AccountId, state: ConnectionState, error: TuimailError | None) -> bool:
        """The way to where an account's mail is read from changed. True: the user is being asked, and told why."""
        held = self._app.engine.accounts.get(account).account
        server = held.imap or held.pop3
        if server is None:
            return False
        if error is None:
            if state is ConnectionState.ONLINE or (state is ConnectionState.SYNCING and held.imap is not None):
                self._taken(_name(held, server))
            return False
        return self._failed(account, held, server, error)

    def outbox(self, item: "OutboxItem | None") -> bool:
        """An attempt to send begins or ended; None: it was sent. True: the user is being asked, and told why."""
        if item is None:
            if self._question is not None and self._question.server == self._question.account.smtp:
                self._taken(self._question.name)
            return False
        held = self._app.engine.accounts.get(item.account).account
        if held.smtp is None or item.state in (OutboxState.SENDING, OutboxState.HANDED_OVER):
            return False
        if item.error_kind != SignInNeeded.__name__:
            self._taken(_name(held, held.smtp))
            return False
        return self._failed(item.account, held, held.smtp, SignInNeeded(item.error))

    def _taken(self, name: _Name) -> None:
        self._declined.discard(name)
        self._refused.pop(name, None)
        if self._question is not None and self._question.name == name and self._question.dialog.checks:
            self._question.dialog.end()

    def _failed(self, account: AccountId, held: Account, server: ServerAddress, error: TuimailError) -> bool:
        name = _name(held, server)
        mine = self._question if self._question is not None and self._question.name == name else None
        if not isinstance(error, SignInNeeded):
            if mine is not None and mine.dialog.checks:
                mine.dialog.say_wrong(str(error))
            return False
        if server.signs_in_by_page or name in self._declined:
            return False
        if mine is not None:
            mine.dialog.refuse(error.message)
        elif name in self._refused:
            return False  # it was tried again already, and nobody was asked: a program gives the password
        else:
            self._refused[name] = error.message
        self._app.engine.accounts.get(account).loop.retry()
        return True


def _name(account: Account, server: ServerAddress) -> _Name:
    return account.key, server.host, server.port
