# SPDX-License-Identifier: GPL-3.0-or-later
"""The composers that are open: a draft has one, and the latest ones stay as they were left. The first imports the composer."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from tuimail.model.draft import Draft
from tuimail.model.errors import InputWrong, TuimailError
from tuimail.model.ids import DraftId
from tuimail.ui import dialogs

if TYPE_CHECKING:
    from tuimail.ui.app import TuimailApp
    from tuimail.ui.screens.compose import ComposeScreen


_KEPT = 2
"""Composers that stay as they were left: some 20,000 objects each. Of another open draft there is what was saved."""


class OpenDrafts:
    """Opens, closes and switches composers."""

    def __init__(self, app: "TuimailApp") -> None:
        self._app = app
        self._open: list[DraftId] = []
        """Those that have a screen, the latest last."""
        self._latest = DraftId(0)
        self._looked_at: Draft | None = None

    def edit(self, draft: Draft, *, fresh: bool = False) -> None:
        """Open a draft in the composer, or return to it where it is open. ``fresh``: it was made just now."""
        from tuimail.ui.screens.compose import ComposeScreen

        app, name = self._app, _screen_name(draft.id)
        if not app.is_screen_installed(name):
            app.install_screen(ComposeScreen(app.engine, draft, fresh=fresh), name)
        else:
            self._open.remove(draft.id)
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
        self._close_old_ones()

    def _close_old_ones(self) -> None:
        for draft, composer in list(self._composers())[:-_KEPT]:
            if composer not in self._app.screen_stack and not composer.is_busy:
                composer.keep()
                self._forget(draft, composer)
                composer.remove()

    @property
    def _in_front(self) -> "ComposeScreen | None":
        return _as_composer(self._app.screen)

    def _composers(self) -> "Iterator[tuple[DraftId, ComposeScreen]]":
        for draft in self._open:
            if (composer := _as_composer(self._app.get_screen(_screen_name(draft)))) is not None:
                yield draft, composer

    def _forget(self, draft: DraftId, composer: "ComposeScreen") -> None:
        self._app.uninstall_screen(composer)
        self._open.remove(draft)

    def close(self, draft: DraftId) -> None:
        """The draft was sent, kept or discarded: its composer goes, at once or when what stands before it does."""
        composer = dict(self._composers()).get(draft)
        if composer is None:
            return
        if self._app.screen is composer:
            self._app.pop_screen()
            self._forget(draft, composer)
        elif composer in self._app.screen_stack:
            composer.is_over = True
        else:
            self._forget(draft, composer)
            composer.remove()

    def keep(self) -> None:
        """Save what is typed in every composer. Raises the first error once all were tried."""
        errors = []
        for _, composer in self._composers():
            try:
                composer.keep()
            except TuimailError as error:
                errors.append(error)
        if errors:
            raise errors[0]

    def look_for_files(self) -> None:
        """Show what another program attached to a draft that is open."""
        for _, composer in self._composers():
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
