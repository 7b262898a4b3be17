# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole program on the demo servers, driven by keys: nothing is faked but the terminal."""

import contextlib
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Input, TextArea

from tuimail.accounts.secrets import SecretStore
from tuimail.demo.servers import DemoAddresses, DemoServers, Shot
from tuimail.engine.engine import Engine
from tuimail.engine.setup import Setup
from tuimail.model.account import Account, Security, ServerAddress
from tuimail.model.address import Address
from tuimail.model.folder import Folder
from tuimail.model.ids import MessageId
from tuimail.model.message import MessageRow
from tuimail.model.notice import ConnectionState
from tuimail.servers import Servers
from tuimail.start import open_engine, parse_structure
from tuimail.sync.unasked import Reach
from tuimail.ui.app import TuimailApp
from tuimail.ui.keymap import make_keymap
from tuimail.ui.theme import Themes
from tuimail.ui.widgets.toast import Toast

PATIENCE = float(os.environ.get("TUIMAIL_TEST_PATIENCE", "30"))
"""Seconds after which a condition counts as never met."""
_KEYS = {" ": "space", "\n": "enter", "\t": "tab"}


def account_of(at: DemoAddresses, key: str = "demo") -> Account:
    """The account that the demo servers have."""
    return Account(
        key,
        Address(at.name, at.email),
        imap=ServerAddress(at.host, at.imap_port, Security.NONE, at.user),
        smtp=ServerAddress(at.host, at.smtp_port, Security.NONE, at.user),
    )


class Desk:
    """One running program."""

    def __init__(self, app: TuimailApp, pilot: Pilot[None], servers: DemoServers) -> None:
        self.app = app
        self.pilot = pilot
        self.servers = servers

    @property
    def engine(self) -> Engine:
        """What the screen asks."""
        return self.app.engine

    async def press(self, *keys: str) -> None:
        """Press keys, written as Textual names them; one character is itself."""
        for key in keys:
            await self.pilot.press(_KEYS.get(key, key))
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        """Type a text into the field that has the focus."""
        field = self.app.screen.focused
        assert isinstance(field, Input | TextArea), f"no field has the focus, but {field}"
        if isinstance(field, Input):
            field.insert_text_at_cursor(text)
        else:
            field.insert(text)
        await self.pilot.pause()

    async def focus(self, widget: Widget) -> None:
        """Put the focus on a widget, as a click would."""
        widget.focus()
        await self.until(lambda: self.app.screen.focused is widget, f"focus on {widget}")

    async def until(self, condition: Callable[[], object], what: str = "") -> None:
        """Let the program work until something holds."""
        end = time.monotonic() + PATIENCE
        while not condition():
            assert self.app._exception is None, "the program failed"
            assert time.monotonic() < end, f"never came: {what or condition}\n{self.screen}"
            await self.pilot.pause(0.01)

    async def sees(self, *texts: str) -> None:
        """Wait until all these stand on the screen."""
        for text in texts:
            await self.until(lambda text=text: text in self.screen, text)  # type: ignore[misc]

    async def settled(self) -> None:
        """Wait until the server knows everything."""
        for account in self.engine.accounts:
            await account.loop.settled()
        await self.pilot.pause()

    @property
    def lines(self) -> list[str]:
        """What stands on the screen, row by row."""
        return ["".join(segment.text for segment in strip) for strip in self.app.screen._compositor.render_strips()]

    @property
    def screen(self) -> str:
        """What stands on the screen."""
        return "\n".join(line.rstrip() for line in self.lines)

    @property
    def toasts(self) -> list[str]:
        """What is said in passing."""
        return [str(toast.content) for screen in self.app.screen_stack for toast in screen.query(Toast)]

    async def said(self, text: str) -> None:
        """Wait until this is said."""
        await self.until(lambda: any(text in toast for toast in self.toasts), f"toast {text!r}, but {self.toasts}")

    @property
    def row(self) -> MessageRow:
        """The message under the cursor."""
        row = self.app.mailbox.list.cursor_row
        assert row is not None, "the list is empty"
        return row

    @property
    def listed(self) -> list[MessageId]:
        """What is listed."""
        source = self.app.mailbox.list.source
        return [source.key_at(index) for index in range(len(source))]

    @property
    def place(self) -> str:
        """Name of the folder that is listed."""
        folder = self.app.mailbox.folder
        found = self.engine.pages.folder(folder) if folder is not None else None
        return found.name if found is not None else ""

    def folder(self, name: str) -> Folder | None:
        """A folder by its name."""
        return next((folder for folder in self.engine.pages.folders() if folder.name == name), None)

    def on_server(self, folder: str) -> list[Shot]:
        """What the server has in a folder."""
        return self.servers.snapshot().get(folder, [])

    def ids_on_server(self, folder: str) -> list[str]:
        """The Message-IDs of a folder on the server."""
        return [shot.message_id for shot in self.on_server(folder)]

    async def has(self, folder: str, message_id: str) -> None:
        """Wait until the server has a message in a folder."""
        await self.until(lambda: message_id in self.ids_on_server(folder), f"{message_id} in {folder}")

    async def to_message(self, wanted: Callable[[MessageRow], bool]) -> MessageRow:
        """Put the cursor on the first listed message that is wanted."""
        for key in self.listed:
            row = self.engine.pages.row(key)
            if row is not None and wanted(row):
                assert self.app.mailbox.list.to(key)
                await self.pilot.pause()
                return row
        raise AssertionError(f"no such message is listed\n{self.screen}")

    async def open(self, subject: str) -> MessageRow:
        """Open the message with this subject and wait for its text."""
        row = await self.to_message(lambda row: subject in row.envelope.subject)
        await self.press("enter")
        await self.until(lambda: self.app.mailbox.shown is not None and self.app.mailbox.shown.row.id == row.id, subject)
        return row


@contextlib.asynccontextmanager
async def desk(
    home: Path,
    *,
    size: tuple[int, int] = (120, 40),
    messages: int = 60,
    undo_send: int = 0,
    servers: DemoServers | None = None,
    threads: bool = False,
    setup: Callable[[], Setup] | None = None,
    password: Callable[[Account, ServerAddress], Awaitable[str]] | None = None,
    change: Callable[[Account], Account] = replace,
    wait: bool = True,
    others: Mapping[str, DemoServers] = MappingProxyType({}),
    prefetch: bool = True,
) -> AsyncIterator[Desk]:
    """Start the program with its data below ``home``; with ``servers`` on those, else on new ones that end with it.

    ``change`` makes other accounts of the demo's; ``password`` answers instead of the right one. ``others``: further accounts
    by their keys, on servers of their own.
    """
    with contextlib.ExitStack() as stack:
        running = servers if servers is not None else stack.enter_context(DemoServers(messages))
        at = {"demo": running.addresses} | {key: other.addresses for key, other in others.items()}

        async def right(account: Account, server: ServerAddress) -> str:
            return at[account.key].password

        accounts = tuple(change(account_of(where, key)) for key, where in at.items())
        reach = Reach(parse_structure, prefetch=prefetch)
        servers_of = Servers(SecretStore(password or right))
        engine = open_engine(home / "store", accounts, servers_of, undo_send=undo_send, reach=reach)
        stack.callback(engine.close)
        app = TuimailApp(engine, make_keymap(), Themes(), theme="tuimail-dark", threads=threads, setup=setup)
        async with app.run_test(size=size) as pilot:
            here = Desk(app, pilot, running)
            if wait:
                await here.until(lambda: all(one.loop.state is ConnectionState.ONLINE for one in engine.accounts), "online")
                await here.settled()
                await here.until(lambda: here.listed, "a list")
            try:
                yield here
            finally:
                app.keep_drafts()
                await engine.stop()
