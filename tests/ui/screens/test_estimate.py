# SPDX-License-Identifier: GPL-3.0-or-later
"""The composer tells about what it takes to send what is written."""

from pathlib import Path

from tests.ui.harness import desk
from tests.ui.screens.test_writing import attach, compose, composer
from tuimail.ui.widgets.body_text import BodyText


async def test_the_estimate_follows_text_and_attachments(tmp_path: Path) -> None:
    file = tmp_path / "harbour.png"
    file.write_bytes(b"\x89PNG" + bytes(240_000))
    async with desk(tmp_path / "home", size=(140, 40)) as here:
        await compose(here, "ada@example.org", "The harbour")
        await here.sees("about 2 kB on the wire, 8 round trips")
        await attach(here, file)
        await here.sees("about 350 kB on the wire, 8 round trips")
        await here.press("ctrl+t", "down", "enter")
        await here.sees("about 2 kB on the wire, 8 round trips")
        composer(here).query_one(BodyText).insert("All work and no play makes a dull letter.\n" * 1000)
        await here.sees("draft saved", "about 47 kB")
