# SPDX-License-Identifier: GPL-3.0-or-later
"""Two accounts at once, by keys."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

from tests.ui.harness import Desk, desk
from tests.ui.screens.test_writing import composing, value
from tuimail.demo.servers import DemoServers
from tuimail.engine.accounts import OpenAccount
from tuimail.model.account import Account
from tuimail.model.address import Address
from tuimail.model.folder import FolderRole
from tuimail.model.notice import ConnectionState


def at_home(account: Account) -> Account:
    """The second account has an address of its own, and takes mail for the first one's as well."""
    if account.key != "home":
        return account
    return replace(account, identity=Address("Robin", "robin@home.example"), aliases=(account.identity.email,))


@contextlib.asynccontextmanager
async def two(home: Path) -> AsyncIterator[tuple[Desk, DemoServers]]:
    with DemoServers(20) as other:
        async with desk(home, messages=20, change=at_home, others={"home": other}) as here:
            yield here, other


def account(here: Desk, key: str) -> OpenAccount:
    found = here.engine.accounts.named(key)
    assert found is not None
    return found


async def go_home(here: Desk) -> None:
    """List the inbox of the second account."""
    inbox = here.engine.pages.with_role(account(here, "home").id, FolderRole.INBOX)
    assert inbox is not None
    here.app.mailbox.show_folder(inbox.id)
    await here.until(lambda: here.app.mailbox.folder == inbox.id and here.listed)


async def test_an_answer_goes_out_by_the_account_that_has_the_mail(tmp_path: Path) -> None:
    async with two(tmp_path) as (here, other):
        await go_home(here)
        await here.open("Harbour sheet")
        await here.press("r")
        await composing(here)
        assert value(here, "from_") == "Robin <robin@example.org>"
        await here.press(*"Yes", "ctrl+x", "y")
        await here.until(lambda: other.sent, "a mail at the second account's server")
        assert not here.servers.sent


async def test_everything_unread_says_where_it_lies_and_is_moved_within_its_account(tmp_path: Path) -> None:
    async with two(tmp_path) as (here, other):
        await here.press("g", "u")
        await here.until(lambda: here.app.mailbox.all_unread)
        (everything,) = [entry for entry in here.app.mailbox.folders.entries if entry.label == "All unread"]
        assert everything.unread == len(here.listed)
        row = await here.to_message(lambda row: row.account == account(here, "home").id)
        await here.sees("home: INBOX")
        await here.press("m")
        await here.sees("Move to folder of home")
        await here.press(*"archive", "enter")
        await here.until(lambda: row.envelope.message_id in [shot.message_id for shot in other.snapshot()["Archive"]])
        assert row.envelope.message_id not in here.ids_on_server("Archive")


async def test_a_folder_is_made_in_the_account_under_the_cursor(tmp_path: Path) -> None:
    async with two(tmp_path) as (here, other):
        tree = here.app.mailbox.folders
        await here.focus(tree)
        tree.move_to(next(index for index, entry in enumerate(tree.entries) if entry.label == "home"))
        await here.press("plus", *"Garden", "enter")
        await here.until(lambda: "Garden" in other.snapshot())
        assert "Garden" not in here.servers.snapshot()


async def test_folders_to_go_to_tell_their_accounts(tmp_path: Path) -> None:
    async with two(tmp_path) as (here, _):
        here.app.mailbox.perform("go_folder")
        await here.sees("Go to")
        await here.press(*"sent home", "enter")
        sent = here.engine.pages.with_role(account(here, "home").id, FolderRole.SENT)
        assert sent is not None
        await here.until(lambda: here.app.mailbox.folder == sent.id)


async def test_one_works_while_the_other_is_offline(tmp_path: Path) -> None:
    async with two(tmp_path) as (here, other):
        other.go_offline()
        await here.until(lambda: account(here, "home").loop.state is ConnectionState.OFFLINE)
        await here.sees("home offline")
        row = here.row
        await here.press("e")
        await here.has("Archive", row.envelope.message_id)
