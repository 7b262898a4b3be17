# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts around the cursor are here before they are opened."""

from pathlib import Path

from tests.ui.harness import Desk, desk


def fetched(here: Desk) -> int:
    """How many parts were asked for."""
    return sum("BODY.PEEK[" in line and "HEADER.FIELDS" not in line for line in here.servers.log)


def is_here(here: Desk, *lines: int) -> bool:
    store = here.engine.reader._store
    return not store.bodies.lacking([here.listed[line] for line in lines])


async def test_texts_around_the_cursor_come_by_themselves(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.until(lambda: is_here(here, 0, 1, 2, 3), "the first texts")
        await here.press("G")
        last = len(here.listed) - 1
        await here.until(lambda: is_here(here, last, last - 1, last - 2), "the last texts")


async def test_the_next_messages_are_opened_without_asking_the_server(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.until(lambda: is_here(here, *range(8)), "the first texts")
        asked = fetched(here)
        await here.press("enter")
        for line in range(1, 4):
            await here.press("J")
            key = here.listed[line]
            await here.until(lambda key=key: here.app.mailbox.shown is not None and here.app.mailbox.shown.row.id == key)  # type: ignore[misc]
        assert fetched(here) == asked
