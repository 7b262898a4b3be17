# SPDX-License-Identifier: GPL-3.0-or-later
"""Every field of an account: named by hand, changed, repaired."""

from pathlib import Path

from tests.ui.harness import Desk, account_of, desk
from tests.ui.screens.test_account_wizard import accounts, field, first_start
from tuimail.account_setup import account_setup
from tuimail.accounts import config
from tuimail.accounts.secrets import SecretStore
from tuimail.demo.servers import DemoServers
from tuimail.servers import Servers
from tuimail.ui.screens.account_form import AccountFormScreen


async def fill(here: Desk, **fields: str) -> None:
    for name, typed in fields.items():
        await here.focus(field(here, f"account-{name}"))
        await here.press("end", "ctrl+u")
        await here.type(typed)


async def save(here: Desk) -> None:
    """Go to the buttons and press the first."""
    await here.focus(here.app.screen.query_one("Buttons"))
    await here.press("enter")


async def by_hand(here: Desk) -> None:
    await here.press("ctrl+e")
    await here.until(lambda: isinstance(here.app.screen, AccountFormScreen))


async def test_empty_required_fields_are_named_where_they_are(tmp_path: Path) -> None:
    with DemoServers(0) as servers:
        async with first_start(tmp_path, servers) as here:
            await by_hand(here)
            await save(here)
            await here.sees("An e-mail address is needed")
            assert field(here, "account-email").has_focus
            await fill(here, email="ada@example.org", imap="not a server")
            await save(here)
            await here.sees("“not a server” is no server")
            await fill(here, imap="localhost:1/none")
            await save(here)
            await here.sees("A password is needed")
            assert field(here, "account-email").value == "ada@example.org"
            assert not accounts(tmp_path)


async def test_reset_brings_back_what_was_there(tmp_path: Path) -> None:
    with DemoServers(0) as servers:
        async with first_start(tmp_path, servers) as here:
            await here.type("ada@example.org")
            await by_hand(here)
            await fill(here, email="eve@example.org", password="sesame", name="Ada")
            assert "sesame" not in here.screen
            await here.focus(here.app.screen.query_one("Buttons"))
            await here.press("right", "enter")
            await here.until(lambda: field(here, "account-email").value == "ada@example.org")
            assert not field(here, "account-password").value


async def test_a_wrong_password_says_so_and_keeps_the_form(tmp_path: Path) -> None:
    with DemoServers(0) as servers:
        at = servers.addresses
        async with first_start(tmp_path, servers) as here:
            await by_hand(here)
            await fill(
                here,
                email=at.email,
                password="wrong",
                imap=f"{at.host}:{at.imap_port}/none",
                smtp=f"{at.host}:{at.smtp_port}/none",
                username=at.user,
            )
            await save(here)
            await here.sees("Save the account anyway?")
            await here.press("n")
            await here.sees("✗ reading mail", "✗ sending mail")
            assert field(here, "account-email").value == at.email
            await fill(here, password=at.password)
            await save(here)
            await here.until(lambda: here.app.accounts.start_again is not None)
        assert at.password not in (tmp_path / "config.toml").read_text()


async def test_an_account_is_changed_in_place(tmp_path: Path) -> None:
    with DemoServers(5) as servers:
        at = servers.addresses
        file = tmp_path / "config.toml"
        file.write_text("# mine\n", "utf-8")
        config.add_account(file, account_of(at))
        secrets = SecretStore()
        setup = account_setup(file, secrets, Servers(secrets))
        async with desk(tmp_path, servers=servers, setup=lambda: setup) as here:
            here.app.perform("edit_account")
            await here.until(lambda: isinstance(here.app.screen, AccountFormScreen))
            await here.sees("Edit the account demo", "unchanged")
            await fill(here, name="Robin Hood", aliases="hood@example.org", signature="R.")
            await save(here)
            await here.sees("No password is kept: type it here.")
            await fill(here, password=at.password)
            await save(here)
            await here.until(lambda: here.app.accounts.start_again is not None)
        (account,) = accounts(tmp_path)
        assert (account.identity.name, account.aliases, account.signature) == ("Robin Hood", ("hood@example.org",), "R.")
        assert file.read_text().startswith("# mine\n")
        assert here.app.accounts.start_again is not None


async def test_an_account_is_removed_after_its_name_was_typed(tmp_path: Path) -> None:
    with DemoServers(5) as servers:
        file = tmp_path / "config.toml"
        file.write_text("# mine\n", "utf-8")
        config.add_account(file, account_of(servers.addresses))
        secrets = SecretStore()
        setup = account_setup(file, secrets, Servers(secrets))
        async with desk(tmp_path, servers=servers, setup=lambda: setup) as here:
            here.app.perform("remove_account")
            await here.sees("Remove demo", "Type demo to confirm")
            await here.type("dem")
            await here.press("enter")
            await here.sees("That is not the same.")
            assert len(accounts(tmp_path)) == 1
            await here.type("o")
            await here.press("enter")
            await here.until(lambda: here.app.accounts.start_again is not None)
        assert accounts(tmp_path) == ()
        assert file.read_text().startswith("# mine\n")
        assert len(servers.snapshot()["INBOX"]) > 0
