# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a draft in its composer: attached by choosing or pasting, shown in a line, taken off again."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from textual.content import Content
from textual.widgets import Static

from tuimail.engine.composer import Composer
from tuimail.model.draft import Draft
from tuimail.model.text import safe_line
from tuimail.ui.dialogs.choose import Choose
from tuimail.ui.dialogs.choose_file import ChooseFile
from tuimail.ui.dialogs.confirm import Confirm
from tuimail.ui.screens.busy import Busy
from tuimail.ui.screens.keyed import KeyedScreen
from tuimail.ui.widgets.choice_list import Choice
from tuimail.ui.widgets.message_head import size_text


class DraftFiles:
    """Attaches and detaches; the line below the fields is `line`."""

    def __init__(
        self, screen: KeyedScreen, composer: Composer, busy: Busy, keep: Callable[[], Draft], now: Callable[[Draft], None]
    ) -> None:
        """``keep`` saves what is on the screen; ``now`` is told of the draft as it is afterwards."""
        self._screen = screen
        self._composer = composer
        self._busy = busy
        self._keep, self._now = keep, now
        self._one_by_one = asyncio.Lock()
        self.line = Static("", id="attachments")

    def show(self, draft: Draft) -> None:
        """Name the files of a draft in the line."""
        words = "   ".join(f"▪ {file.filename} {size_text(file.size)}" for file in draft.attachments)
        self.line.update(Content(words))
        self.line.display = bool(draft.attachments)

    async def choose(self, draft: Draft) -> None:
        """Let files be chosen, or one of the draft's be taken off."""
        if draft.attachments:
            choices = [(Choice("Attach more files", key="a"), "")]
            choices += [(Choice(f"Remove {file.filename}", size_text(file.size)), file.blob) for file in draft.attachments]
            chosen = await self._screen.ask(Choose("Attachments", choices))
            if chosen is None:
                return
            for file in draft.attachments:
                if file.blob == chosen:
                    self._now(self._composer.detach(self._keep(), file))
                    return
        for path in await self._screen.ask(ChooseFile()) or ():
            await self.attach(path)

    async def attach(self, path: Path) -> None:
        """Attach one file. Raises FileProblem."""
        async with self._one_by_one:
            with self._busy.step(f"{safe_line(path.name)} is being attached."):
                self._now(await self._composer.attach(self._keep(), path))

    async def attach_pasted(self, files: tuple[Path, ...]) -> bool:
        """Attach files whose names were pasted, if that is what was meant. Raises FileProblem."""
        names = ", ".join(safe_line(file.name) for file in files)
        if not await self._screen.ask(Confirm(f"Attach {names}?", yes="Attach", no="Paste as text")):
            return False
        for path in files:
            await self.attach(path)
        return True
