# SPDX-License-Identifier: GPL-3.0-or-later
"""One message after the other through the screens, by keys on a terminal: list, reader in all views, header fields, composer.

The reader stays open, as for somebody who reads on: list and reader stand on one screen, and a key leads to the next message.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Mapping

from rich.segment import Segment

from tests.hostile.terminal import OwnTerminal
from tests.hostile.unsafe import Unsafe, clean, clean_output
from tuimail.engine.engine import Engine
from tuimail.engine.reader import OpenMessage
from tuimail.engine.rendering import View
from tuimail.model.message import MessageRow
from tuimail.ui.app import TuimailApp
from tuimail.ui.dialogs.choose import Choose
from tuimail.ui.keymap import make_keymap
from tuimail.ui.output.stage import Stage
from tuimail.ui.screens.compose import ComposeScreen
from tuimail.ui.theme import Themes

SIZE = (100, 30)
"""Columns and lines: the least where the list stands above the reader."""
PATIENCE = 300
"""Seconds after which something counts as never shown, on any machine."""
_ESCAPE = "\x1b[27u"
"""The key as terminals tell it that leave nothing to guess."""


class _NotingStage(Stage):
    """Notes what is drawn: each text when it is drawn for the first time since it was last forgotten."""

    noted: list[str]

    def _drawn(self, segment: Segment) -> tuple[str, str]:
        self.noted.append(segment.text)
        return super()._drawn(segment)


def _note_drawn(app: TuimailApp) -> list[str]:
    """Where texts are noted that the program draws."""
    noted: list[str] = []
    make = app._make_stage

    def make_noting(environment: Mapping[str, str]) -> Stage | None:
        stage = make(environment)
        if stage is not None:
            stage.__class__ = _NotingStage
            stage.noted = noted  # type: ignore[attr-defined]
        return stage

    app._make_stage = make_noting  # type: ignore[method-assign]
    return noted


class OnScreen:
    """The program on a terminal."""

    def __init__(self, app: TuimailApp, terminal: OwnTerminal) -> None:
        self._app = app
        self._terminal = terminal
        self._noted = _note_drawn(app)

    async def take(self, row: MessageRow, most_files: int | None) -> None:
        """Go through the screens, without the composer where ``most_files`` is None. Raises Unsafe.

        A message with attachments, up to ``most_files``, is passed on, any other is answered: the composer is the dearest of
        the screens, and the engine makes all kinds of drafts of every message.
        """
        with self._app._context():
            mailbox = self._app.mailbox
            await self._until(lambda: mailbox.list.to(row.id), "the line in the list")
            await self._stands("list on the screen")
            await self._type(self._way_to(row), lambda: self._is_shown(row, View.READER), "reader on the screen")
            await self._type("G", lambda: True, "end of the text")
            opened = self._opened
            if opened.attachments:
                await self._type("v", lambda: isinstance(self._app.screen, Choose), "attachments on the screen")
                await self._type(_ESCAPE, self._reads, "reader after the attachments")
            if most_files is not None:
                passed_on = 0 < len(opened.attachments) <= most_files
                await self._type("f" if passed_on else "r", self._composes, "composer on the screen")
                await self._type(_ESCAPE, self._reads, "reader after the composer")
                self._drop_drafts()
                opened = self._opened
            await self._type("h", lambda: self._opened is not opened, "header fields on the screen")
            for view in (View.FULL, View.PLAIN, View.SOURCE):
                await self._type("H", lambda view=view: self._is_shown(row, view), f"{view} on the screen")  # type: ignore[misc]
        clean_output("terminal", self._terminal.taken())

    def _way_to(self, row: MessageRow) -> str:
        """The key that opens a message, with the cursor where it does that."""
        shown = self._app.mailbox.list
        if self._app.mailbox.opened is None:
            return "\r"
        index = shown.cursor_index
        step = -1 if index else 1
        if not shown.to(shown.source.key_at(index + step)):
            raise Unsafe("the list has no other line")
        return "J" if step < 0 else "K"

    @property
    def _opened(self) -> OpenMessage:
        shown = self._app.mailbox.shown
        if shown is None:
            raise Unsafe("the message is not shown any more")
        return shown

    def _is_shown(self, row: MessageRow, view: View) -> bool:
        shown = self._app.mailbox.shown
        if self._app.mailbox.reader.failed:
            raise Unsafe("the message cannot be shown")
        return shown is not None and shown.row.id == row.id and shown.view is view

    def _composes(self) -> bool:
        return isinstance(self._app.screen, ComposeScreen) and self._app.screen.is_mounted

    def _reads(self) -> bool:
        return self._app.screen is self._app.mailbox

    def _drop_drafts(self) -> None:
        """What the composer takes for changed stays open."""
        for draft in self._app.engine.pages.drafts():
            self._app.drafts.close(draft.id)
            self._app.engine.composer.discard(draft.id)

    async def _type(self, key: str, condition: Callable[[], object], what: str) -> None:
        """Press a key, wait for what it leads to, and look at the screen."""
        self._terminal.keys(key)
        await self._until(condition, what)
        await self._stands(what)

    async def _stands(self, what: str) -> None:
        """Wait until the screen is drawn; nothing on it may steer the terminal."""
        drawn = asyncio.Event()
        self._app.screen.call_after_refresh(drawn.set)
        await self._until(drawn.is_set, what)
        if self._app._plain:
            raise Unsafe(f"{what}: the stage met something that it does not know")
        clean(what, self._noted)
        self._noted.clear()

    async def _until(self, condition: Callable[[], object], what: str) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            if self._app._exception is not None:
                raise Unsafe(f"{what}: the program ended") from self._app._exception
            if time.monotonic() > end:
                raise Unsafe(f"never came: {what}")
            await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def on_screen(engine: Engine) -> AsyncIterator[OnScreen]:
    """Show the program on a terminal of its own; it starts the engine."""
    app = TuimailApp(engine, make_keymap(), Themes(), theme="tuimail-dark", threads=False)
    stands, done = asyncio.Event(), asyncio.Event()

    async def wait(_: object) -> None:
        stands.set()
        await done.wait()
        app.exit()

    with OwnTerminal(*SIZE) as terminal:
        screens = OnScreen(app, terminal)
        running = asyncio.create_task(app.run_async(auto_pilot=wait))
        try:
            await asyncio.wait((running, asyncio.create_task(stands.wait())), return_when=asyncio.FIRST_COMPLETED)
            if not stands.is_set():
                raise Unsafe("the program did not start") from app._exception
            yield screens
        finally:
            done.set()
            await running
