# SPDX-License-Identifier: GPL-3.0-or-later
"""Ends the program: after asking where something would be left undone, and always with every draft kept."""

import asyncio
import logging
import os
import signal
import sys
import termios
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from tuimail.model.draft import OutboxItem, OutboxState
from tuimail.model.errors import TuimailError
from tuimail.model.ids import OutboxId
from tuimail.model.notice import ConnectionState, Notice, OutboxChanged
from tuimail.ui import dialogs

if TYPE_CHECKING:
    from tuimail.ui.app import TuimailApp

log = logging.getLogger(__name__)
_AT_REST = (OutboxState.HELD, OutboxState.QUEUED)
_PATIENCE = 120.0
"""Seconds that sending may take before the program stays open and says so."""
_LAST_SECONDS = 10.0
"""A program that was told to end does so after these, whatever hangs. Drafts were kept, the store is safe at any moment."""


class Leaving:
    """The ways out."""

    def __init__(self, app: "TuimailApp") -> None:
        self._app = app
        self._left = False

    def watch_signals(self) -> None:
        """The terminal went away (SIGHUP), or somebody wants the program to end (SIGTERM): keep everything, then go."""
        for number in (signal.SIGHUP, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self._end_on_signal)

    def _end_on_signal(self) -> None:
        self._keep_drafts()
        if _terminal_is_gone():
            self._write_nowhere()
        watchdog = threading.Timer(_LAST_SECONDS, os._exit, (1,))
        watchdog.daemon = True
        watchdog.start()
        self._app.run_worker(self._leave(), exit_on_error=False)

    def _keep_drafts(self) -> TuimailError | None:
        """Save what is typed. The error where it could not be."""
        try:
            self._app.drafts.keep()
        except TuimailError as error:
            log.error("leaving: what was typed last could not be saved: %s", error)
            return error
        return None

    def _write_nowhere(self) -> None:
        """Textual's writing thread dies at a terminal that is gone, and the program would wait for it for ever."""
        driver = self._app._driver
        if driver is not None:
            driver.write = _forget  # type: ignore[method-assign]
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nowhere, descriptor)
        os.close(nowhere)

    async def ask_and_quit(self) -> None:
        """At the top of the program: ask, as a key too many brings one here."""
        if self._waiting():
            await self.quit()
        elif await self._app.push_screen_wait(dialogs.Confirm("Quit tuimail?", yes="Quit")):
            await self.leave()

    async def quit(self) -> None:
        """End the program; with mail in the outbox ask once."""
        waiting = self._waiting()
        if waiting:
            choices = [
                (dialogs.Choice("Send now, then quit", key="s"), "send"),
                (dialogs.Choice("Quit and keep it for the next start", key="k"), "keep"),
                (dialogs.Choice("Stay", key="n"), "stay"),
            ]
            count = "1 message is" if len(waiting) == 1 else f"{len(waiting)} messages are"
            answer = await self._app.push_screen_wait(dialogs.Choose(f"{count} in the outbox", choices))
            if answer in (None, "stay") or (answer == "send" and not await self._send(waiting)):
                return
        await self.leave()

    @property
    def begun(self) -> bool:
        """Whether the program is about to end."""
        return self._left

    async def leave(self) -> None:
        """Keep every draft, end the connections, end the program. Where a draft cannot be kept the user has the last word."""
        error = self._keep_drafts()
        if error is not None:
            lost = f"What you wrote last could not be saved. {error}"
            if not await self._app.push_screen_wait(dialogs.Confirm(lost, yes="Quit and lose it", no="Stay")):
                return
        await self._leave()

    async def _leave(self) -> None:
        if self._left:
            return
        self._left = True
        self._keep_drafts()
        self._app.live.stop()
        await self._app.last_screen.keep_on_leaving()
        await self._app.engine.stop()
        self._app.exit()

    def _waiting(self) -> list[OutboxItem]:
        return [item for item in self._app.engine.outbox.all() if item.state in _AT_REST]

    async def _send(self, items: list[OutboxItem]) -> bool:
        """Send these now and wait for it. False: not all could be."""
        app, wanted = self._app, {item.id for item in items}
        if all(account.loop.state is not ConnectionState.ONLINE for account in app.engine.accounts):
            app.say("There is no connection: the mail stays in the outbox.")
            return False
        changed = asyncio.Event()
        unsubscribe = app.engine.notices.subscribe(_rings(changed, wanted))
        app.say("Sending…", seconds=_PATIENCE, name="sending")
        try:
            for item in items:
                app.engine.outbox.send_again(item.id)
            async with asyncio.timeout(_PATIENCE):
                while self._on_the_way(wanted):
                    await changed.wait()
                    changed.clear()
        except TimeoutError:
            log.warning("leaving: sending took too long")
        finally:
            unsubscribe()
            app.unsay("sending")
        left = [item for item in app.engine.outbox.all() if item.id in wanted]
        if left:
            app.say(f"{len(left)} could not be sent. {left[0].error}")
        return not left

    def _on_the_way(self, wanted: set[OutboxId]) -> bool:
        """Whether one of them may still be sent in this attempt."""
        return any(
            item.id in wanted
            and (item.state in (OutboxState.SENDING, OutboxState.HANDED_OVER) or (item.state in _AT_REST and not item.error))
            for item in self._app.engine.outbox.all()
        )


def _rings(changed: asyncio.Event, wanted: set[OutboxId]) -> Callable[[Notice], None]:
    def hear(notice: Notice) -> None:
        if isinstance(notice, OutboxChanged) and notice.item in wanted:
            changed.set()

    return hear


def _forget(data: str) -> None:
    pass


def _terminal_is_gone() -> bool:
    try:
        termios.tcgetattr(sys.__stdin__.fileno() if sys.__stdin__ is not None else 0)
    except (termios.error, OSError, ValueError):
        return True
    return False
