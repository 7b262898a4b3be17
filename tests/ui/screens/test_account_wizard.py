# SPDX-License-Identifier: GPL-3.0-or-later
"""From address and password to the inbox, on a local provider; and each way in which that can fail."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from textual import events

from tests.accounts.test_oauth import visit
from tests.servers import oauth, provider
from tests.servers.provider import LocalProvider
from tests.ui.harness import Desk
from tuimail.account_setup import account_setup
from tuimail.accounts import config
from tuimail.accounts.secrets import SecretStore
from tuimail.demo.servers import DemoServers
from tuimail.engine.setup import Setup
from tuimail.model.account import Account
from tuimail.servers import Servers
from tuimail.start import open_engine
from tuimail.ui.app import TuimailApp
from tuimail.ui.keymap import make_keymap
from tuimail.ui.screens.account_form import AccountFormScreen
from tuimail.ui.screens.account_wizard import BY_PAGE, NO_KEYRING, AccountWizard
from tuimail.ui.theme import Themes
from tuimail.ui.widgets.text_input import TextInput


@contextlib.asynccontextmanager
async def first_start(home: Path, servers: DemoServers, size: tuple[int, int] = (100, 30)) -> AsyncIterator[Desk]:
    """The program with no account yet; what it is configured with is in ``home``."""
    secrets = SecretStore(config_file=home / "config.toml")
    servers_of = Servers(secrets)
    setup: Setup = account_setup(home / "config.toml", secrets, servers_of)
    engine = open_engine(home / "store", (), servers_of)
    app = TuimailApp(engine, make_keymap(), Themes(), theme="tuimail-dark", setup=lambda: setup)
    try:
        async with app.run_test(size=size) as pilot:
            here = Desk(app, pilot, servers)
            await here.until(lambda: isinstance(app.screen, AccountWizard))
            yield here
            await engine.stop()
    finally:
        engine.close()


@pytest.fixture
def example(tmp_path: Path) -> Iterator[LocalProvider]:
    with provider.running(tmp_path, 0) as running:
        yield running


@contextlib.asynccontextmanager
async def wizard(home: Path, example: LocalProvider, *, trusted: bool = True) -> AsyncIterator[Desk]:
    (home / "config.toml").write_text(example.configuration(trusted=trusted), "utf-8")
    async with first_start(home, example.mail) as here:
        yield here


async def enter(here: Desk, *lines: str) -> None:
    """Type lines as they come over a fast line: all keys at once."""
    for key in "".join(f"{line}\r" for line in lines):
        here.app.post_message(events.Key({"\r": "enter"}.get(key, key), key if key != "\r" else None))
    await here.pilot.pause()


def accounts(home: Path) -> tuple[Account, ...]:
    return config.load(home / "config.toml").accounts


def field(here: Desk, name: str) -> TextInput:
    return here.app.screen.query_one(f"#{name}", TextInput)


async def test_two_answers_lead_to_the_inbox(tmp_path: Path, example: LocalProvider) -> None:
    async with wizard(tmp_path, example) as here:
        await enter(here, example.at.email, example.at.password)
        await here.until(lambda: here.app.accounts.start_again is not None)
    (account,) = accounts(tmp_path)
    assert account.identity.email == example.at.email
    assert here.app.accounts.start_again is not None
    assert "until tuimail ends" in here.app.accounts.start_again
    assert example.at.password not in (tmp_path / "config.toml").read_text()


async def test_what_is_found_is_shown_while_the_password_is_typed(tmp_path: Path, example: LocalProvider) -> None:
    async with wizard(tmp_path, example) as here:
        await enter(here, example.at.email)
        await here.sees(f"✓ 127.0.0.1:{example.web.port}  Example Mail", f"localhost:{example.at.imaps_port}")
        assert field(here, "wizard-password").has_focus
        await here.type("sesame")
        assert "sesame" not in here.screen
        assert "sesame" not in here.app.export_screenshot()
        assert not example.signed_in


async def test_what_is_no_address_is_said_at_once(tmp_path: Path, example: LocalProvider) -> None:
    async with wizard(tmp_path, example) as here:
        await enter(here, "robin")
        await here.sees("An e-mail address is needed")
        assert field(here, "wizard-email").has_focus


async def test_a_wrong_password_is_typed_again(tmp_path: Path, example: LocalProvider) -> None:
    async with wizard(tmp_path, example) as here:
        await enter(here, example.at.email, "wrong")
        await here.sees("✗ reading mail", "✗ sending mail", "Many providers want an app password", "Type the password again")
        assert not accounts(tmp_path)
        assert field(here, "wizard-password").has_focus
        await enter(here, example.at.password)
        await here.until(lambda: here.app.accounts.start_again is not None)
    assert len(accounts(tmp_path)) == 1


async def test_a_certificate_that_does_not_hold_gets_no_password(tmp_path: Path, example: LocalProvider) -> None:
    async with wizard(tmp_path, example, trusted=False) as here:
        await enter(here, example.at.email, example.at.password)
        await here.sees("it is signed by itself", "no password was sent", "Save anyway (s)")
        assert not example.signed_in
        assert not accounts(tmp_path)


async def test_imap_that_is_switched_off_names_the_providers_page(tmp_path: Path, example: LocalProvider) -> None:
    refusal = "NO [ALERT] IMAP access is disabled for your account"
    example.mail.faults.refuse.update({"LOGIN": refusal, "AUTHENTICATE": refusal})
    example.publish(more='<enable visiturl="https://example.org/imap"><instruction>Switch IMAP on.</instruction></enable>')
    async with wizard(tmp_path, example) as here:
        await enter(here, example.at.email, example.at.password)
        await here.sees("IMAP is switched off for this mailbox", "https://example.org/imap", "✓ sending mail", "Try again (t)")
        example.mail.faults.refuse.clear()
        await here.until(lambda: type(here.app.focused).__name__ == "Buttons")
        await here.press("t")
        await here.until(lambda: here.app.accounts.start_again is not None)


async def test_without_autoconfig_the_form_is_filled_in_with_the_best_guess(tmp_path: Path, example: LocalProvider) -> None:
    example.withdraw()
    async with wizard(tmp_path, example) as here:
        await enter(here, example.at.email, example.at.password)
        await here.sees("Nobody knows the servers of this address", "· SRV records of example.org")
        await here.until(lambda: type(here.app.focused).__name__ == "Buttons")
        await here.press("n")
        await here.until(lambda: isinstance(here.app.screen, AccountFormScreen))
        assert field(here, "account-imap").value == "imap.example.org:993"
        assert field(here, "account-password").value == example.at.password
        field(here, "account-imap").value = f"localhost:{example.at.imaps_port}"
        field(here, "account-smtp").value = f"localhost:{example.at.smtps_port}"
        field(here, "account-username").value = example.at.user
        field(here, "account-ca_file").value = str(example.ca_file)
        await here.focus(here.app.screen.query_one("Buttons"))
        await here.press("enter")
        await here.until(lambda: here.app.accounts.start_again is not None)
    assert len(accounts(tmp_path)) == 1


async def test_servers_from_the_dns_are_seen_before_the_password_goes_there(tmp_path: Path, example: LocalProvider) -> None:
    example.withdraw()
    example.dns.records["_imaps._tcp.example.org", "SRV"] = [f"0 0 {example.at.imaps_port} localhost."]
    example.dns.records["_submissions._tcp.example.org", "SRV"] = [f"0 0 {example.at.smtps_port} localhost."]
    async with wizard(tmp_path, example) as here:
        await enter(here, example.at.email, example.at.password)
        await here.sees(f"Mail for {example.at.email} is at localhost", "Send the password there?")
        assert not example.signed_in
        await here.until(lambda: type(here.app.focused).__name__ == "Buttons")
        await here.press("y")
        await here.until(lambda: here.app.accounts.start_again is not None)
    (account,) = accounts(tmp_path)
    assert account.imap is not None
    assert (account.imap.host, account.imap.port) == ("localhost", example.at.imaps_port)


async def test_enter_typed_ahead_agrees_to_nothing(tmp_path: Path, example: LocalProvider) -> None:
    example.withdraw()
    example.dns.records["_imaps._tcp.example.org", "SRV"] = [f"0 0 {example.at.imaps_port} localhost."]
    async with wizard(tmp_path, example) as here:
        await enter(here, example.at.email, example.at.password, "", "")
        await here.until(
            lambda: isinstance(here.app.screen, AccountFormScreen) or "Send the password there?" in here.screen, "a question"
        )
        assert not example.signed_in


@pytest.mark.parametrize(
    ("email", "said"),
    [("ada@tuta.com", "Tuta has no IMAP"), ("ada@hey.com", "HEY has no IMAP"), ("ada@outlook.com", "sign-in in the browser")],
)
async def test_who_takes_no_password_is_not_asked_for_one(
    tmp_path: Path, example: LocalProvider, email: str, said: str
) -> None:
    async with first_start(tmp_path, example.mail) as here:
        await enter(here, email)
        await here.sees(said, "Another address")
        assert not field(here, "wizard-password").is_on_screen
        await here.until(lambda: type(here.app.focused).__name__ == "Buttons")
        await here.press(*"passnaton", "enter")  # a password typed before anybody could look, in which l and h choose
        await here.until(lambda: field(here, "wizard-email").has_focus)
        assert field(here, "wizard-email").value == email


async def test_nothing_takes_the_keys_while_a_password_is_typed(tmp_path: Path, example: LocalProvider) -> None:
    example.withdraw()
    async with wizard(tmp_path, example) as here:
        await enter(here, example.at.email)
        await here.press(*"na")
        await here.sees("Nobody knows the servers of this address")
        await here.press(*"nana")
        assert field(here, "wizard-password").value == "nanana"
        await here.press("enter")
        await here.until(lambda: type(here.app.focused).__name__ == "Buttons")


async def test_an_app_password_is_asked_for_with_its_link(tmp_path: Path, example: LocalProvider) -> None:
    async with first_start(tmp_path, example.mail) as here:
        await enter(here, "ada@gmail.com")
        await here.sees("App password", "2-step verification", "https://myaccount.google.com/apppasswords")


async def test_without_a_network_the_account_can_be_saved_anyway(tmp_path: Path, example: LocalProvider) -> None:
    (tmp_path / "config.toml").write_text(example.configuration(), "utf-8")
    async with first_start(tmp_path, example.mail) as here:
        await enter(here, example.at.email)
        await here.sees("✓ 127.0.0.1")
        example.mail.go_offline()
        example.withdraw()
        await enter(here, "sesame")
        await here.sees("refused the connection", "Save anyway (s)")
        await here.until(lambda: type(here.app.focused).__name__ == "Buttons")
        await here.press("s")
        await here.until(lambda: here.app.accounts.start_again is not None)
    assert len(accounts(tmp_path)) == 1


async def test_leaving_keeps_nothing(tmp_path: Path, example: LocalProvider) -> None:
    async with wizard(tmp_path, example) as here:
        await enter(here, example.at.email)
        await here.press("escape")
        await here.until(lambda: not isinstance(here.app.screen, AccountWizard))
        assert here.app.accounts.start_again is None
    assert not accounts(tmp_path)


async def test_a_provider_without_passwords_is_signed_in_to_at_its_page(tmp_path: Path, example: LocalProvider) -> None:
    with oauth.running() as page:
        page.on_issued = example.mail.set_password
        example.publish(authentication="OAuth2")
        (tmp_path / "config.toml").write_text(example.configuration() + page.configuration(), "utf-8")
        async with first_start(tmp_path, example.mail) as here:
            await enter(here, example.at.email)
            await here.sees("Sign in in the browser")
            await here.until(lambda: type(here.app.focused).__name__ == "Buttons")
            await here.press("enter")
            await here.sees("Paste the address")
            await asyncio.to_thread(visit, here.app.clipboard)
            await here.until(lambda: here.app.accounts.start_again is not None)
            assert here.app.accounts.start_again == NO_KEYRING
    (account,) = accounts(tmp_path)
    assert account.signs_in_by_page


async def test_leaving_the_page_goes_back_to_the_question(tmp_path: Path, example: LocalProvider) -> None:
    with oauth.running() as page:
        example.publish(authentication="OAuth2")
        (tmp_path / "config.toml").write_text(example.configuration() + page.configuration(), "utf-8")
        async with first_start(tmp_path, example.mail) as here:
            await enter(here, example.at.email)
            await here.until(lambda: type(here.app.focused).__name__ == "Buttons")
            await here.press("enter")
            await here.sees("Paste the address")
            await here.press("escape")
            await here.until(lambda: isinstance(here.app.screen, AccountWizard))
            await here.until(lambda: type(here.app.focused).__name__ == "Buttons")
    assert not accounts(tmp_path)


def either_way(page: oauth.AuthorizationServer) -> dict[str, str]:
    """What a provider publishes that takes a password, or a sign-in at its page."""
    return {
        "authentication": "password-cleartext</authentication><authentication>OAuth2",
        "more": f"<oAuth2><issuer>{page.publish()}</issuer><scope>mail</scope></oAuth2>",
    }


async def to_the_page(here: Desk, example: LocalProvider) -> None:
    """The address, then Enter in the empty password field."""
    await enter(here, example.at.email)
    await here.sees(BY_PAGE)
    await here.press("enter")
    await here.sees("Paste the address")


async def test_where_a_password_is_taken_too_enter_alone_leads_to_the_page(tmp_path: Path, example: LocalProvider) -> None:
    with oauth.running() as page:
        page.on_issued, page.user = example.mail.set_password, example.at.user
        example.publish(**either_way(page))
        async with wizard(tmp_path, example) as here:
            await to_the_page(here, example)
            await asyncio.to_thread(visit, here.app.clipboard)
            await here.until(lambda: here.app.accounts.start_again is not None)
    (account,) = accounts(tmp_path)
    assert account.signs_in_by_page


async def test_leaving_the_page_leaves_the_password(tmp_path: Path, example: LocalProvider) -> None:
    with oauth.running() as page:
        example.publish(**either_way(page))
        async with wizard(tmp_path, example) as here:
            await to_the_page(here, example)
            await here.press("escape")
            await here.until(lambda: isinstance(here.app.screen, AccountWizard))
            await enter(here, example.at.password)
            await here.until(lambda: here.app.accounts.start_again is not None)
    (account,) = accounts(tmp_path)
    assert not account.signs_in_by_page
