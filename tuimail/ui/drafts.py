# SPDX-License-Identifier: GPL-3.0-or-later
"""The composers that are open. Each draft has one screen, which stays as it was left; the first one imports the composer."""

from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from tuimail.model.draft import Draft
from tuimail.model.errors import InputWrong
from tuimail.model.ids import DraftId
from tuimail.ui import dialogs

if TYPE_CHECKING:
    from tuimail.ui.app import TuimailApp
    from tuimail.ui.screens.compose import ComposeScreen


class OpenDrafts:
    """Opens, closes and switches composers."""

    def __init__(self, app: "TuimailApp") -> None:
        self._app = app
        self._open: list[DraftId] = []
        self._latest = DraftId(0)
        self._looked_at: Draft | None = None

    def edit(self, draft: Draft, *, fresh: bool = False) -> None:
        """Open a draft in the composer, or return to it where it is open. ``fresh``: it was made just now."""
        from tuimail.ui.screens.compose import ComposeScreen

        app, name = self._app, _screen_name(draft.id)
        if not app.is_screen_installed(name):
            app.install_screen(ComposeScreen(app.engine, draft, fresh=fresh), name)
            self._open.append(draft.id)
        self._latest = draft.id
        screen = app.get_screen(name)
        if app.screen is screen:
            return
        if (composer := self._in_front) is not None:
            composer.keep()
            app.switch_screen(name)
        else:
            app.push_screen(name)

    @property
    def _in_front(self) -> "ComposeScreen | None":
        return _as_composer(self._app.screen)

    def close(self, draft: DraftId) -> None:
        """The draft was sent, kept or discarded: its composer goes."""
        name = _screen_name(draft)
        if self._app.is_screen_installed(name):
            screen = self._app.get_screen(name)
            if self._app.screen is screen:
                self._app.pop_screen()
            self._app.uninstall_screen(screen)
            self._open.remove(draft)

    def keep(self) -> None:
        """Save what is typed in every composer."""
        for draft in self._open:
            if (composer := _as_composer(self._app.get_screen(_screen_name(draft)))) is not None:
                composer.keep()

    def look_for_files(self) -> None:
        """Show what another program attached to a draft that is open."""
        for draft in self._open:
            if (composer := _as_composer(self._app.get_screen(_screen_name(draft)))) is not None:
                composer.look_for_files()

    def next(self) -> None:
        """Return to the draft that was left last; where that was looked at just now and not changed, go on to the next one."""
        drafts = sorted(self._app.engine.pages.drafts(), key=lambda draft: draft.id)
        if not drafts:
            raise InputWrong("No draft is open.", "c begins one.")
        latest = next((draft for draft in drafts if draft.id == self._latest), None)
        if latest is None or latest == self._looked_at or self._in_front is not None:
            latest = next((draft for draft in drafts if draft.id > self._latest), drafts[0])
        self.edit(latest)
        self._looked_at = latest

    async def choose(self) -> None:
        """Choose among the open drafts, the latest first."""
        drafts = self._app.engine.pages.drafts()
        if not drafts:
            raise InputWrong("No draft is open.", "c begins one.")
        choices = [(dialogs.Choice(draft.subject or "(no subject)", draft.to or "to nobody yet"), draft) for draft in drafts]
        chosen = drafts[0] if len(drafts) == 1 else await self._app.push_screen_wait(dialogs.Choose("Open drafts", choices))
        if chosen is not None:
            self.edit(chosen)


def _as_composer(screen: Screen[Any]) -> "ComposeScreen | None":
    """The screen, if it is a composer."""
    from tuimail.ui.screens.compose import ComposeScreen

    return screen if isinstance(screen, ComposeScreen) else None


def _screen_name(draft: DraftId) -> str:
    return f"draft-{draft}"
