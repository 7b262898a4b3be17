# SPDX-License-Identifier: GPL-3.0-or-later
"""The screen shows what another program did on the same store: a command, or a second tuimail."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.ui.harness import Desk, account_of, desk
from tuimail.accounts.secrets import SecretStore
from tuimail.engine.engine import Engine
from tuimail.servers import Servers
from tuimail.start import open_engine
from tuimail.ui.screens.compose import ComposeScreen


@contextmanager
def another(here: Desk, home: Path) -> Iterator[Engine]:
    """Another program on that store, which does not sync."""
    account = account_of(here.servers.addresses, "demo")
    engine = open_engine(home / "store", (account,), Servers(SecretStore()))
    try:
        yield engine
    finally:
        engine.close()


async def test_flags_and_moves_show_at_once_and_are_carried(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        with another(here, tmp_path) as other:
            first, second = here.listed[:2]
            before = here.row.starred
            assert here.row.id == first
            other.actions.toggle_star([first])
            await here.until(lambda: here.row.starred is not before, "the star")
            other.actions.archive([second])
            await here.until(lambda: second not in here.listed, "the row is gone")
            row = other.pages.row(second)
            assert row is not None
            await here.has("Archive", row.envelope.message_id)


async def test_a_file_is_attached_to_the_draft_that_is_open(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("notes")
    async with desk(tmp_path) as here:
        await here.press("c")
        await here.until(lambda: isinstance(here.app.screen, ComposeScreen))
        await here.type("bob@example.net")
        with another(here, tmp_path) as other:
            await other.composer.attach(other.pages.drafts()[0], file)
            await here.sees("notes.txt")
            await here.type(", eve@example.net")
            here.app.keep_drafts()
            (draft,) = other.pages.drafts()
            assert (draft.to, [kept.filename for kept in draft.attachments]) == (
                "bob@example.net, eve@example.net",
                ["notes.txt"],
            )
