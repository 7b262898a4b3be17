# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys that arrive in one burst go where the keys before them led."""

from pathlib import Path

from textual import events

from tests.ui.harness import Desk, desk
from tests.ui.screens.test_writing import composer, composing, text, value


async def burst(here: Desk, keys: list[str]) -> None:
    """All keys at once, as they come over a slow line."""
    for key in keys:
        named = {"\t": "tab", "\r": "enter", " ": "space"}.get(key, key)
        here.app.post_message(events.Key(named, key if len(key) == 1 else None))
    await here.pilot.pause()


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


async def test_reply_and_its_text_in_one_burst(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await burst(here, ["r", *"Yes, dear"])
        await composing(here)
        await here.until(lambda: text(here).startswith("Yes, dear"))
        assert composer(here).query_one("#text").has_focus
