# SPDX-License-Identifier: GPL-3.0-or-later
"""The account form, and what is said when an account does not work: the next step, and nothing typed is lost."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

from tests.ui.harness import Desk, desk
from tests.ui.screens.test_writing import compose, text
from tuimail.accounts.book import AccountBook
from tuimail.accounts.secrets import SecretStore
from tuimail.demo.servers import DemoServers
from tuimail.engine.setup import Setup
from tuimail.model.account import Account, ServerAddress
from tuimail.model.errors import CertificateRefused
from tuimail.model.notice import ConnectionState
from tuimail.servers import Servers
from tuimail.start import open_engine
from tuimail.ui.app import TuimailApp
from tuimail.ui.keymap import make_keymap
from tuimail.ui.screens.account_form import AccountFormScreen
from tuimail.ui.theme import Themes
from tuimail.ui.widgets.text_input import TextInput


@contextlib.asynccontextmanager
async def first_start(home: Path, servers: DemoServers) -> AsyncIterator[Desk]:
    """The program with no account yet."""
    secrets = SecretStore()
    setup = Setup(AccountBook(home / "config.toml", secrets), Servers(secrets).check)
    engine = open_engine(home / "store", (), Servers(secrets))
    app = TuimailApp(engine, make_keymap(), Themes(), theme="tuimail-dark", setup=setup)
    try:
        async with app.run_test(size=(100, 30)) as pilot:
            here = Desk(app, pilot, servers)
            await here.until(lambda: isinstance(app.screen, AccountFormScreen))
            yield here
            await engine.stop()
    finally:
        engine.close()


def value(here: Desk, field: str) -> str:
    return here.app.screen.query_one(f"#account-{field}", TextInput).value


async def fill(here: Desk, **fields: str) -> None:
    for field, typed in fields.items():
        await here.focus(here.app.screen.query_one(f"#account-{field}"))
        await here.press("end", "ctrl+u")
        await here.type(typed)


async def check(here: Desk) -> None:
    """Go to the buttons and press the first."""
    await here.focus(here.app.screen.query_one("Buttons"))
    await here.press("enter")


async def test_empty_required_fields_are_named_where_they_are(tmp_path: Path) -> None:
    with DemoServers(5) as servers:
        async with first_start(tmp_path, servers) as here:
            await check(here)
            await here.sees("An e-mail address is needed", "A password is needed")
            assert here.app.screen.query_one("#account-email").has_focus
            await fill(here, email="ada@example.org", imap="not a server", password="x")
            await check(here)
            await here.sees("“not a server” is no server")
            assert value(here, "email") == "ada@example.org"
            assert not (tmp_path / "config.toml").exists()


async def test_the_password_is_never_shown_and_reset_empties_all(tmp_path: Path) -> None:
    with DemoServers(5) as servers:
        async with first_start(tmp_path, servers) as here:
            await fill(here, email="ada@example.org", password="sesame", name="Ada")
            assert "sesame" not in here.screen
            assert "sesame" not in here.app.export_screenshot()
            await here.focus(here.app.screen.query_one("Buttons"))
            await here.press("right", "enter")
            await here.until(lambda: not value(here, "email"))
            assert not value(here, "password")
            assert not value(here, "name")


async def test_a_wrong_password_says_so_and_keeps_the_form(tmp_path: Path) -> None:
    with DemoServers(5) as servers:
        at = servers.addresses
        async with first_start(tmp_path, servers) as here:
            await fill(
                here,
                email=at.email,
                password="wrong",
                imap=f"{at.host}:{at.imap_port}/none",
                smtp=f"{at.host}:{at.smtp_port}/none",
                username=at.user,
            )
            await check(here)
            await here.sees("Save the account anyway?")
            await here.press("n")
            await here.sees("✗ imap sign-in", "✗ smtp sign-in")
            assert value(here, "email") == at.email
            await fill(here, password=at.password)
            await check(here)
            await here.until(lambda: here.app.start_again)
        assert at.email in (tmp_path / "config.toml").read_text()
        assert at.password not in (tmp_path / "config.toml").read_text()


async def test_an_unreachable_server_is_named(tmp_path: Path) -> None:
    with DemoServers(5) as servers:
        at = servers.addresses
        servers.go_offline()
        async with first_start(tmp_path, servers) as here:
            await fill(
                here,
                email=at.email,
                password="x",
                imap=f"{at.host}:{at.imap_port}/none",
                smtp=f"{at.host}:{at.smtp_port}/none",
            )
            await check(here)
            await here.sees("Save the account anyway?")
            await here.press("n")
            await here.sees(f"{at.host}:{at.imap_port}")
            assert value(here, "email") == at.email


async def test_a_password_that_the_server_refuses_is_told_once_and_asked_for_again(tmp_path: Path) -> None:
    asked = []

    async def wrong(account: Account, server: ServerAddress) -> str:
        asked.append(server.host)
        return "wrong"

    async with desk(tmp_path, password=wrong, wait=False) as here:
        await here.until(lambda: next(iter(here.engine.accounts)).loop.state is ConnectionState.SIGN_IN_NEEDED)
        await here.said("Sign-in needed")
        await here.sees("sign-in needed")
        assert len([toast for toast in here.toasts if "Sign-in" in toast]) == 1
        before = len(asked)
        here.app.unsay("account-1")
        await here.until(lambda: not [toast for toast in here.toasts if "Sign-in" in toast])
        await here.press("dollar_sign")
        await here.until(lambda: len(asked) > before)
        await here.said("Sign-in needed")


async def test_losing_the_connection_keeps_what_is_typed_and_catches_up(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        row = await here.to_message(lambda row: "Your statement" in row.envelope.subject)
        here.servers.go_offline()
        await here.until(lambda: next(iter(here.engine.accounts)).loop.state is not ConnectionState.ONLINE)
        await here.press("e")
        await here.sees("waiting")
        await compose(here, "ada@example.org", "From the train", "No network here.")
        assert text(here) == "No network here."
        await here.press("ctrl+x", "y")
        await here.sees("1 in outbox")
        here.servers.go_online()
        await here.press("dollar_sign")
        await here.until(lambda: here.servers.sent)
        await here.has("Archive", row.envelope.message_id)
        assert len(here.servers.sent) == 1


async def test_a_certificate_that_is_refused_says_what_to_do(tmp_path: Path) -> None:
    error = CertificateRefused("The certificate of mail.example.org is not trusted.", "Name its CA with ca_file.")
    async with desk(tmp_path) as here:
        here.app.show_error(error)
        await here.sees("Certificate refused", "is not trusted", "Name its CA with ca_file.")
        await here.press("enter")
        assert here.app.screen is here.app.mailbox


async def test_without_a_server_to_send_by_the_field_says_so(tmp_path: Path) -> None:
    async with desk(tmp_path, change=lambda account: replace(account, smtp=None)) as here:
        await compose(here, "ada@example.org", "Stuck", "x")
        await here.press("ctrl+x", "y")
        await here.sees("no server to send by")
        assert text(here) == "x"
