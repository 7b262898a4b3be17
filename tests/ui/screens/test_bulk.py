# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done to hundreds of messages at once: on the screen at once, one gesture to undo, nothing lost."""

import threading
from pathlib import Path

import pytest

from tests.ui.harness import Desk, desk
from tuimail.model.ids import UndoId
from tuimail.model.message import MessageRow
from tuimail.store import actions
from tuimail.store.actions import Performed
from tuimail.ui import undo
from tuimail.ui.verbs import organise


def rows(here: Desk) -> list[MessageRow]:
    return [row for key in here.listed if (row := here.engine.pages.row(key)) is not None]


async def test_all_messages_are_marked_read_and_archived_and_brought_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(organise, "MANY", 20)
    async with desk(tmp_path) as here:
        before = here.listed
        assert len(before) > 20
        await here.press("asterisk", "a", "s")
        await here.until(lambda: all(row.starred for row in rows(here)), "starred")
        await here.press("e")
        await here.until(lambda: not here.listed, "off the screen")
        await here.press("z")
        await here.until(lambda: here.listed == before, "back")
        assert all(row.starred for row in rows(here))
        await here.press("z")
        await here.until(lambda: not all(row.starred for row in rows(here)), "as they were")
        await here.settled()


async def test_what_was_done_to_many_is_taken_back_beside_the_event_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undo, "MANY", 20)
    threads: list[threading.Thread] = []
    take_back = actions.Actions.undo

    def noting(self: actions.Actions, gesture: UndoId | None = None) -> Performed:
        threads.append(threading.current_thread())
        return take_back(self, gesture)

    monkeypatch.setattr(actions.Actions, "undo", noting)
    async with desk(tmp_path) as here:
        before = [row.starred for row in rows(here)]
        await here.press("asterisk", "a", "s")
        await here.until(lambda: all(row.starred for row in rows(here)), "starred")
        await here.press("z")
        await here.until(lambda: [row.starred for row in rows(here)] == before, "as they were")
        await here.said("Undone")
    assert len(threads) == 1
    assert threads[0] is not threading.main_thread()
