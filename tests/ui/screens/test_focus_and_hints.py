# SPDX-License-Identifier: GPL-3.0-or-later
"""Which pane has the focus, where keys work that do nothing here, and the last line: the keys of what is in front."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ui.harness import Desk, desk
from tuimail.demo.servers import DemoServers

_BAR, _THIN = "▌", "▏"


@pytest.fixture(scope="module")
def servers() -> Iterator[DemoServers]:
    with DemoServers(8) as running:
        yield running


def last(here: Desk) -> str:
    """The last line of the screen."""
    return here.lines[-1]


async def test_one_pane_alone_shows_the_bright_bar(tmp_path: Path, servers: DemoServers) -> None:
    async with desk(tmp_path, servers=servers) as here:
        assert here.screen.count(_BAR) == here.screen.count(_THIN) == 1
        at_list = here.lines[0].index(_BAR)
        await here.press("tab")
        await here.until(lambda: here.app.screen.focused is here.app.mailbox.folders, "the tree")
        await here.until(lambda: here.screen.count(_BAR) == here.screen.count(_THIN) == 1, "one bar")
        assert here.lines[0].index(_THIN) == at_list
        assert "rename" in last(here)


async def test_escape_at_the_top_asks_nothing(tmp_path: Path, servers: DemoServers) -> None:
    async with desk(tmp_path, servers=servers) as here:
        await here.press("escape")
        await here.said("q ends tuimail")
        before = here.app.mailbox.list.cursor_index
        await here.press("j")
        await here.until(lambda: here.app.mailbox.list.cursor_index == before + 1, "the next line")
        await here.press("q")
        await here.sees("Quit tuimail?")
        assert last(here).split() == ["y", "quit", "n", "esc", "cancel"]
        await here.press("n")
        await here.until(lambda: "archive" in last(here), "the list's keys")


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("plus", "+ (New folder) works in the folder tree: tab goes there."),
        ("R", "R (Rename folder) works in the folder tree: tab goes there."),
        ("D", "D (Delete folder) works in the folder tree: tab goes there."),
        ("H", "H (Next view) works in the open message: enter opens one."),
    ],
)
async def test_a_key_of_another_pane_says_where_it_works(tmp_path: Path, servers: DemoServers, key: str, said: str) -> None:
    async with desk(tmp_path, servers=servers) as here:
        await here.press(key)
        await here.said(said)


async def test_keys_of_the_list_say_so_in_the_tree(tmp_path: Path, servers: DemoServers) -> None:
    async with desk(tmp_path, servers=servers) as here:
        await here.press("tab", "e")
        await here.said("e (Archive) works in the message list: tab goes there.")
        await here.press("asterisk")
        await here.said("* works in the message list: tab goes there.")


async def test_the_last_line_tells_the_keys_of_the_dialog_in_front(tmp_path: Path, servers: DemoServers) -> None:
    async with desk(tmp_path, servers=servers) as here:
        await here.press("m")
        await here.until(lambda: last(here).split()[:3] == ["letters", "narrow", "down"], "the picker's keys")
        await here.press("escape", "o")
        await here.until(lambda: last(here).split()[:3] == ["j", "k", "move"], "the menu's keys")
        await here.press("escape", "question_mark")
        await here.until(lambda: last(here).split()[:2] == ["letters", "search"], "the help's keys")
        await here.press("escape", "slash")
        await here.until(lambda: last(here).split() == ["enter", "search", "esc", "cancel"], "the search line's keys")
        await here.press("escape")
        await here.until(lambda: "archive" in last(here), "the list's keys")
