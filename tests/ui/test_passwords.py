# SPDX-License-Identifier: GPL-3.0-or-later
"""A password that is asked for inside the program: until it is right or the user gives up, and every key is the dialog's."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

from textual.widgets import Input

from tests.ui.harness import Desk, desk
from tests.ui.screens.test_writing import compose
from tuimail.demo.servers import DemoServers
from tuimail.model.account import Account, ServerAddress
from tuimail.model.notice import ConnectionState
from tuimail.ui.app import TuimailApp
from tuimail.ui.dialogs import Password

_REASON = "The user name or the password is"
"""What the server says, as far as it stands on one line."""


@contextlib.asynccontextmanager
async def asking(home: Path, servers: DemoServers, **more: object) -> AsyncIterator[Desk]:
    """The program without any password kept: it asks on its screen."""
    made: asyncio.Future[TuimailApp] = asyncio.get_running_loop().create_future()

    async def ask(account: Account, server: ServerAddress) -> str:
        return await (await asyncio.shield(made)).ask_password(account, server)

    async with desk(home, password=ask, servers=servers, wait=False, **more) as here:  # type: ignore[arg-type]
        made.set_result(here.app)
        yield here


async def dialog_of(here: Desk) -> Password:
    """The question, ready for an answer."""
    await here.until(lambda: isinstance(here.app.screen, Password) and not here.app.screen.checks, "a question")
    dialog = here.app.screen
    assert isinstance(dialog, Password)
    await here.until(lambda: dialog.focused is not None, "a field to type in")
    return dialog


async def online(here: Desk) -> None:
    """Wait until the mailbox is in front and synced."""
    await here.until(lambda: next(iter(here.engine.accounts)).loop.state is ConnectionState.ONLINE, "online")
    await here.until(lambda: here.app.screen is here.app.mailbox and here.listed, "the mailbox")


async def test_the_question_stays_until_the_password_is_right(tmp_path: Path) -> None:
    with DemoServers(10) as servers:
        async with asking(tmp_path, servers) as here:
            dialog = await dialog_of(here)
            for wrong in ("quit", "Qqy"):
                await here.press(*wrong, "enter")
                await here.until(lambda: _REASON in here.screen, "the server's reason")
                assert await dialog_of(here) is dialog
                assert not dialog.query_one(Input).value
            await here.press(*servers.addresses.password, "enter")
            await online(here)
            assert not [toast for toast in here.toasts if "Sign-in" in toast]


async def test_a_password_does_not_go_to_the_clipboard(tmp_path: Path) -> None:
    with DemoServers(1) as servers:
        async with asking(tmp_path, servers) as here:
            field = (await dialog_of(here)).query_one(Input)
            await here.press(*"hush", "shift+home", "ctrl+c", "super+c", "ctrl+x", "end")
            assert field.value == "hush"
            assert not here.app.clipboard


async def test_a_password_changed_at_the_provider_is_asked_for_at_once(tmp_path: Path) -> None:
    with DemoServers(10) as servers:
        async with asking(tmp_path, servers) as here:
            await dialog_of(here)
            await here.press(*servers.addresses.password, "enter")
            await online(here)
            servers.set_password("changed")
            servers.go_offline()
            servers.go_online()
            await dialog_of(here)
            await here.until(lambda: _REASON in here.screen, "the server's reason")
            await here.press(*"no", "enter")
            await here.until(lambda: _REASON in here.screen, "the server's reason")
            await dialog_of(here)
            await here.press(*"changed", "enter")
            await online(here)


async def test_escape_gives_up_and_a_key_asks_again(tmp_path: Path) -> None:
    with DemoServers(10) as servers:
        async with asking(tmp_path, servers) as here:
            await dialog_of(here)
            await here.press(*"no", "enter")
            await here.until(lambda: _REASON in here.screen, "the server's reason")
            await dialog_of(here)
            await here.press("escape")
            await here.said("$ asks for the password again")
            assert here.app.screen is here.app.mailbox
            await here.press("dollar_sign")
            await dialog_of(here)
            await here.press(*servers.addresses.password, "enter")
            await online(here)


async def test_the_password_for_sending_is_asked_for_until_it_is_right(tmp_path: Path) -> None:
    def apart(account: Account) -> Account:
        assert account.smtp is not None
        return replace(account, smtp=replace(account.smtp, username=servers.addresses.email))

    with DemoServers(10) as servers:
        async with asking(tmp_path, servers, change=apart) as here:
            await dialog_of(here)
            await here.press(*servers.addresses.password, "enter")
            await online(here)
            await compose(here, "ada@example.org", "Hello", "x")
            await here.press("ctrl+x", "y")
            await dialog_of(here)
            await here.press(*"no", "enter")
            await here.until(lambda: "535 5.7.8" in here.screen, "the server's reason")
            await dialog_of(here)
            await here.press(*servers.addresses.password, "enter")
            await here.until(lambda: servers.sent, "the message")
            await here.until(lambda: here.app.screen is here.app.mailbox, "the mailbox")
