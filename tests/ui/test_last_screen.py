# SPDX-License-Identifier: GPL-3.0-or-later
"""When the screen is kept for the next start."""

from pathlib import Path
from typing import TYPE_CHECKING

from tests.ui.harness import desk
from tuimail.ui.commands import Place
from tuimail.ui.last_screen import LastScreen

if TYPE_CHECKING:
    from tuimail.frame import Picture


class Pictures:
    """Keeps nothing but in memory."""

    def __init__(self) -> None:
        self.kept: list[Picture] = []

    def keep(self, picture: "Picture", size: tuple[int, int]) -> None:
        self.kept.append(picture)

    def forget(self) -> None:
        self.kept.clear()


async def test_hints_for_another_pane_are_not_kept(tmp_path: Path) -> None:
    pictures = Pictures()
    async with desk(tmp_path, messages=5) as here:
        await here.settled()
        await here.until(lambda: not here.toasts)
        screen = LastScreen(here.app, pictures)
        here.app.mailbox.hints.place = Place.READER
        await screen.keep_on_leaving()
        assert not pictures.kept
        here.app.mailbox.hints.place = Place.LIST
        await screen.keep_on_leaving()
        assert len(pictures.kept) == 1
