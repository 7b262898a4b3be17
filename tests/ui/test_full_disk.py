# SPDX-License-Identifier: GPL-3.0-or-later
"""A disk that is full while somebody writes: it is said, and nothing that was typed is lost without a question."""

from pathlib import Path

import pytest

from tests.ui.harness import Desk, desk
from tests.ui.screens.test_writing import composing
from tuimail.store.database import OWN, Connection
from tuimail.ui.dialogs.confirm import Confirm
from tuimail.ui.screens import compose
from tuimail.ui.widgets.body_text import BodyText

LONG = "Every single word. " * 5_000


def fill_disk(here: Desk, *, full: bool = True) -> None:
    """The file of drafts has no room for another page, which SQLite tells as it does of a full disk."""
    here.engine._store._database.run(f"PRAGMA main.max_page_count = {1 if full else 1 << 20}")


def drafts_on_disk(home: Path) -> list[str]:
    (own,) = home.rglob(OWN)
    with Connection(own) as connection:
        return [row[0] for row in connection.execute("SELECT body ->> '$.body' FROM drafts")]


async def write_on_full_disk(here: Desk) -> BodyText:
    await here.press("c")
    await composing(here)
    fill_disk(here)
    body = here.app.screen.query_one(BodyText)
    body.text = LONG
    await here.said("This draft is not saved. The disk is full")
    return body


async def test_what_is_typed_stays_and_is_saved_once_there_is_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compose, "TRY_AGAIN", 0.02)
    async with desk(tmp_path) as here:
        body = await write_on_full_disk(here)
        fill_disk(here, full=False)
        await here.until(lambda: LONG in drafts_on_disk(tmp_path), "the draft on the disk")
        await here.until(lambda: not any("not saved" in said for said in here.toasts), "nothing is wrong any more")
        assert body.text == LONG


async def test_leaving_asks_before_words_are_lost(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await write_on_full_disk(here)
        for _ in range(2):  # to stay is no end of it: the next time it is asked as well
            here.app.run_worker(here.app.leaving.quit())
            await here.until(lambda: isinstance(here.app.screen, Confirm), "the question")
            await here.sees("What you wrote last could not be saved", "disk is full")
            await here.press("n")
        fill_disk(here, full=False)
        here.app.run_worker(here.app.leaving.quit())
        await here.until(lambda: here.app.leaving.begun, "the end")
    assert LONG in drafts_on_disk(tmp_path)
