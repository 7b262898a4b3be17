# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said when an account does not work: the next step, and nothing typed is lost."""

from dataclasses import replace
from pathlib import Path

from tests.ui.harness import desk
from tests.ui.screens.test_writing import compose, text
from tuimail.model.account import Account, ServerAddress
from tuimail.model.errors import CertificateRefused
from tuimail.model.notice import ConnectionState


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
