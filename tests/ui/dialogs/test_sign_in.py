# SPDX-License-Identifier: GPL-3.0-or-later
"""An account whose sign-in has ended: said once, and one key leads to the provider's page and back online."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.accounts.test_oauth import visit
from tests.servers import oauth
from tests.servers.oauth import AuthorizationServer
from tests.ui.harness import Desk, account_of
from tuimail.account_setup import account_setup
from tuimail.accounts.secrets import SecretStore
from tuimail.demo.servers import DemoServers
from tuimail.model.account import AuthMethod
from tuimail.model.notice import ConnectionState
from tuimail.servers import Servers
from tuimail.start import open_engine
from tuimail.ui.app import TuimailApp
from tuimail.ui.dialogs import SignInDialog
from tuimail.ui.keymap import make_keymap
from tuimail.ui.theme import Themes
from tuimail.ui.widgets.text_input import TextInput


@pytest.fixture
def provider() -> Iterator[AuthorizationServer]:
    with oauth.running() as server:
        yield server


@contextlib.asynccontextmanager
async def signed_out(
    home: Path, provider: AuthorizationServer, *, device: bool = False, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[Desk]:
    """The program with one account that has to be signed in to at its provider's page."""
    (home / "config.toml").write_text(provider.configuration(device=device))
    with DemoServers(5) as mail:
        provider.on_issued = mail.set_password
        account = account_of(mail.addresses)
        assert account.imap is not None
        assert account.smtp is not None
        account = replace(
            account,
            imap=replace(account.imap, auth=AuthMethod.OAUTH2),
            smtp=replace(account.smtp, auth=AuthMethod.OAUTH2),
        )
        secrets = SecretStore(config_file=home / "config.toml")
        servers = Servers(secrets)
        engine = open_engine(home / "store", (account,), servers)
        setup = account_setup(home / "config.toml", secrets, servers)
        app = TuimailApp(engine, make_keymap(), Themes(), theme="tuimail-dark", setup=lambda: setup)
        try:
            async with app.run_test(size=size) as pilot:
                here = Desk(app, pilot, mail)
                await here.until(lambda: states(here) == [ConnectionState.SIGN_IN_NEEDED])
                yield here
                await engine.stop()
        finally:
            engine.close()


def states(here: Desk) -> list[ConnectionState]:
    return [account.loop.state for account in here.engine.accounts]


async def dialog(here: Desk) -> SignInDialog:
    """Press the key that the program names, and wait for the provider's answer."""
    await here.said("$ signs in again")
    await here.press("$")
    await here.sees("127.0.0.1")
    screen = here.app.screen
    assert isinstance(screen, SignInDialog)
    return screen


async def test_one_key_leads_to_the_page_and_back_online(tmp_path: Path, provider: AuthorizationServer) -> None:
    async with signed_out(tmp_path, provider) as here:
        assert not here.app.screen.is_modal
        await dialog(here)
        await asyncio.to_thread(visit, here.app.clipboard)
        await here.until(lambda: states(here) == [ConnectionState.ONLINE], "online")
        await here.until(lambda: here.listed, "a list")
        await here.said("is signed in")
        await here.until(lambda: not any("signs in again" in toast for toast in here.toasts), "the advice is taken back")


async def test_the_address_is_pasted(tmp_path: Path, provider: AuthorizationServer) -> None:
    async with signed_out(tmp_path, provider) as here:
        screen = await dialog(here)
        asked = {key: values[0] for key, values in parse_qs(urlsplit(here.app.clipboard).query).items()}
        await here.type("http://127.0.0.1/?code=x&state=forged")
        await here.press("enter")
        await here.sees("does not belong to this sign-in")
        screen.query_one(TextInput).value = provider.authorize(asked)
        await here.press("enter")
        await here.until(lambda: states(here) == [ConnectionState.ONLINE], "online")


async def test_a_code_is_shown(tmp_path: Path, provider: AuthorizationServer) -> None:
    provider.typed = ["authorization_pending"] * 100_000
    async with signed_out(tmp_path, provider, device=True) as here:
        await dialog(here)
        await here.sees("Type this code there: WDJB-MJHT", "▀")
        provider.typed.clear()
        await here.until(lambda: states(here) == [ConnectionState.ONLINE], "online")


async def test_a_refusal_is_told_and_escape_ends_it(tmp_path: Path, provider: AuthorizationServer) -> None:
    provider.denies = True
    async with signed_out(tmp_path, provider) as here:
        screen = await dialog(here)
        await asyncio.to_thread(visit, here.app.clipboard)
        await here.sees("The sign-in was refused on the provider's page.")
        await here.press("escape")
        await here.until(lambda: here.app.screen is not screen)
        assert states(here) == [ConnectionState.SIGN_IN_NEEDED]


async def test_escape_closes_the_listener(tmp_path: Path, provider: AuthorizationServer) -> None:
    async with signed_out(tmp_path, provider) as here:
        screen = await dialog(here)
        back = parse_qs(urlsplit(here.app.clipboard).query)["redirect_uri"][0]
        await here.press("escape")
        await here.until(lambda: here.app.screen is not screen)
        with pytest.raises(OSError, match="refused"):
            await asyncio.to_thread(visit, back)


async def test_without_a_client_it_is_told_what_to_register(tmp_path: Path, provider: AuthorizationServer) -> None:
    async with signed_out(tmp_path, provider) as here:
        (tmp_path / "config.toml").write_text("")
        await here.press("$")
        await here.sees("needs an OAuth client")
