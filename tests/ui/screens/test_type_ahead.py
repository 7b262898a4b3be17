# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys that arrive in one burst go where the keys before them led."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual import events

from tests.ui.harness import PATIENCE, Desk, desk
from tests.ui.output.watched import watch
from tests.ui.screens.test_writing import composer, composing, text, value
from tuimail.ui import key_order


async def burst(here: Desk, keys: list[str]) -> None:
    """All keys at once, as they come over a slow line."""
    for key in keys:
        named = {"\t": "tab", "\r": "enter", " ": "space"}.get(key, key)
        here.app.post_message(events.Key(named, key if len(key) == 1 else None))
    await here.pilot.pause()


async def holds(condition: Callable[[], bool]) -> None:
    """Wait for something while the app itself waits, which the pilot cannot."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 no event tells it
            await asyncio.sleep(0.01)


async def test_a_whole_mail_in_one_burst(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await burst(here, ["c", *"ada@example.org\t\t\tHello\rDear Ada"])
        await composing(here)
        await here.until(lambda: text(here) == "Dear Ada")
        assert value(here, "to") == "ada@example.org"
        assert value(here, "subject") == "Hello"
        await burst(here, ["ctrl+x", "y"])
        await here.until(lambda: here.servers.sent)


async def test_a_command_with_its_answer_in_one_burst(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        row = await here.to_message(lambda row: "Your statement" in row.envelope.subject)
        await burst(here, ["m", *"köln\r", "x"])
        await here.has("Projekte/Köln", row.envelope.message_id)
        assert len(here.app.mailbox.list.marks) == 1
        assert here.app.screen is here.app.mailbox


async def test_an_answer_is_typed_without_waiting_for_the_command_that_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_order, "_LONG_PATIENCE", 3600.0)
    async with desk(tmp_path, messages=20) as here:
        await burst(here, ["m"])
        await holds(lambda: here.app.screen is not here.app.mailbox)
        here.app.post_message(events.Key("k", "k"))
        here.app.post_message(events.Key("escape", None))
        await holds(lambda: here.app.screen is here.app.mailbox)


async def test_changes_show_while_a_command_is_on_its_way_to_a_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_order, "_LONG_PATIENCE", 3600.0)
    there = asyncio.Event()

    async def slow() -> None:
        await there.wait()

    async with desk(tmp_path, messages=20) as here:
        before = len(here.listed)
        here.app.opening = here.app.mailbox.run_command(slow)
        here.app.post_message(events.Key("x", "x"))
        try:
            await holds(lambda: bool(here.app.mailbox.list.marks))
            here.servers.deliver(b"From: ada@example.org\r\nSubject: Now\r\n\r\nHello\r\n")
            await holds(lambda: len(here.listed) > before)
        finally:
            there.set()


async def test_reply_and_its_text_in_one_burst(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await burst(here, ["r", *"Yes, dear"])
        await composing(here)
        await here.until(lambda: text(here).startswith("Yes, dear"))
        assert composer(here).query_one("#text").has_focus


async def test_a_burst_of_letters_is_one_search_and_few_frames(tmp_path: Path) -> None:
    with watch(emulate=False) as watched:
        async with desk(tmp_path) as here:
            searched: list[str] = []
            search = here.engine.finder.search

            async def noting(text: str, *others: Any) -> Any:
                searched.append(text)
                return await search(text, *others)

            here.engine.finder.search = noting  # type: ignore[method-assign, assignment]
            await here.settled()
            await here.press("slash")
            watched.sent.clear()
            await burst(here, [*"statement"])
            await here.until(lambda: "Your statement" in here.screen and len(here.listed) < 5, "found")
            assert searched == ["statement"]
            assert len(watched.sent) < 9


async def test_enter_opens_what_was_looked_for_just_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_order, "_LONG_PATIENCE", 3600.0)
    async with desk(tmp_path) as here:
        await here.settled()
        search, was_found = here.engine.finder.search, asyncio.Event()

        async def late(text: str, *others: Any) -> Any:
            found = await search(text, *others)
            await was_found.wait()
            return found

        here.engine.finder.search = late  # type: ignore[method-assign, assignment]
        await burst(here, ["\\", *"statement"])
        here.app.post_message(events.Key("enter", None))
        await holds(lambda: not here.app.mailbox.line.has_class("-open"))
        here.app.post_message(events.Key("enter", None))
        for _ in range(100):
            await asyncio.sleep(0)
        was_found.set()
        await here.until(lambda: here.app.mailbox.shown is not None, "it is open")
        assert here.app.mailbox.shown is not None
        assert "Your statement" in here.app.mailbox.shown.row.envelope.subject


async def test_letters_of_a_search_end_at_the_next_other_key(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.settled()
        await burst(here, ["/", *"your statemen", "backspace", *"n", "\r", "x"])
        await here.until(lambda: here.app.mailbox.listing.filtered == "your statemen", "found")
        await here.until(lambda: here.app.mailbox.list.marks, "a mark")
        assert here.app.screen.focused is here.app.mailbox.list
