# SPDX-License-Identifier: GPL-3.0-or-later
"""Each cause has a remedy, and providers' own words and pages come into it."""

import pytest

from tuimail.accounts.providers import by_domain, provider_of
from tuimail.engine.advice import REMEDIES, remedy, remedy_at_sending, remedy_at_sign_in
from tuimail.model.account import Account, Security, ServerAddress
from tuimail.model.address import Address
from tuimail.model.check import StepStatus
from tuimail.model.discovery import Provider
from tuimail.model.errors import ServerRefused, SignInNeeded, TryLater
from tuimail.model.finding import Cause, Finding

SERVER = ServerAddress("imap.example.org", 1993, Security.TLS, "ada")


@pytest.mark.parametrize("cause", Cause)
@pytest.mark.parametrize("kind", ["imap", "pop3", "smtp"])
def test_every_cause_has_a_remedy_with_all_its_places_filled(cause: Cause, kind: str) -> None:
    found = Finding("tls", StepStatus.FAIL, "something", cause, "{curious} hint")
    told = remedy(found, kind, SERVER, Provider())
    assert told.endswith((".", ").", "`"))
    assert "{" not in told.replace("{curious} hint", "")
    assert cause in REMEDIES


def test_what_is_well_needs_no_remedy() -> None:
    assert remedy(Finding("name", StepStatus.OK, "found"), "imap", SERVER, Provider()) == ""


def test_gmail_wants_an_app_password_and_says_where() -> None:
    gmail = by_domain("gmail.com")
    assert gmail is not None
    refused = SignInNeeded("535 5.7.8 Username and Password not accepted.")
    told = remedy_at_sign_in(refused, "smtp", gmail.provider)
    assert "app password" in told
    assert "https://myaccount.google.com/apppasswords" in told


@pytest.mark.parametrize(
    ("message", "code", "words"),
    [
        ("[LIMIT] Too many simultaneous connections", "LIMIT", "close other mail programs"),
        ("no way to sign in", "LOGINDISABLED", 'security = "tls"'),
    ],
)
def test_refusals_at_sign_in(message: str, code: str, words: str) -> None:
    assert words in remedy_at_sign_in(ServerRefused(message, code=code), "imap", Provider())


def test_a_server_that_asks_to_wait() -> None:
    assert "wait" in remedy_at_sign_in(TryLater("busy"), "imap", Provider())


def test_other_refusals_of_a_message_keep_their_own_advice() -> None:
    assert remedy_at_sending(ServerRefused("552 too large", "Make it smaller.")) == "Make it smaller."


def test_a_bridge_on_this_machine_is_known_by_its_port() -> None:
    def account(port: int) -> Account:
        server = ServerAddress("127.0.0.1", port, Security.STARTTLS, "ada")
        return Account("work", Address("Ada", "ada@example.org"), imap=server)

    assert provider_of(account(1143)).bridge
    assert not provider_of(account(14_300)).bridge
