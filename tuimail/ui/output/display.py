# SPDX-License-Identifier: GPL-3.0-or-later
"""Joins the stage to Textual: an `App._display` that sends what differs, and Textual's own where anything surprises."""

import logging
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.color import ColorSystem
from rich.console import RenderableType
from textual import events
from textual._styles_cache import StylesCache
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.driver import Driver
from textual.screen import Screen

from tuimail.ui.driver import driver_class
from tuimail.ui.output.cutting import cut_between_clusters

if TYPE_CHECKING:
    from tuimail.ui.output.stage import Stage

log = logging.getLogger(__name__)
PLAIN = "plain"
"""``TUIMAIL_OUTPUT=plain`` leaves the output to Textual: to compare, and where a terminal gets something wrong."""
_NO_BCE = ("screen", "linux")
"""Beginnings of TERM where erased cells do not take the background for sure (terminfo's ``bce``)."""


class StagedApp(App[None], inherit_bindings=False):
    """An app whose output goes through a `Stage`. Overrides private parts of Textual 8.2."""

    def __init__(self) -> None:
        super().__init__()
        cut_between_clusters()
        self._stage: Stage | None = None
        self._plain = os.environ.get("TUIMAIL_OUTPUT") == PLAIN

    def get_driver_class(self) -> type[Driver]:
        """Our own driver, where the system has what it needs."""
        return driver_class(super().get_driver_class())

    def on_ready(self) -> None:
        """Whatever ran in between may have drawn on the terminal."""
        self.app_resume_signal.subscribe(self, lambda _: self.redraw_terminal())

    def pop_screen(self) -> AwaitComplete:
        """As Textual does. Its cache of backgrounds has widgets among its keys, and keeps a thousand with all their lines."""
        StylesCache.get_inner_outer.cache_clear()
        return super().pop_screen()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        if renderable is None or self._batch_count or not self._stage_is_open():
            super()._display(screen, renderable)
            return
        assert self._stage is not None
        try:
            data = self._stage.frame(renderable, self._text_cursor, marks=self._sync_available)  # type: ignore[arg-type]
        except Exception:  # Whatever is odd here, Textual's own output still works.
            self._fall_back()
            super()._display(screen, renderable)
            return
        self._send(data)
        if not self._stage.is_complete:
            screen.refresh()
        self.post_display_hook()

    @property
    def _text_cursor(self) -> tuple[int, int] | None:
        """Where text is being typed: what an input method shows follows the terminal's cursor, even a hidden one."""
        if not hasattr(self.focused, "cursor_screen_offset"):
            return None
        x, y = self.screen.outer_size.clamp_offset(self.cursor_position)
        return x, y

    def redraw_terminal(self) -> None:
        """Write everything anew, where somebody else may have written on the terminal."""
        if self._stage is not None and self._stage_is_open():
            self._stage.forget()
            self.call_after_refresh(self._repaint)

    def on_app_focus(self, event: events.AppFocus) -> None:  # noqa: ARG002
        """A terminal that was attached anew shows something else, and has forgotten its modes."""
        rearm = getattr(self._driver, "rearm", None)
        if rearm is not None:
            rearm()
        self.redraw_terminal()

    def on_resize(self, event: events.Resize) -> None:  # noqa: ARG002
        """Terminals wrap what they show, each in its own way."""
        self.redraw_terminal()

    def _repaint(self) -> None:
        if self._stage is None or self._stage.is_whole or not self._stage_is_open():
            return
        try:
            data = self._stage.repaint(marks=self._sync_available)
        except Exception:  # As in _display.
            self._fall_back()
            self.screen.refresh()
            return
        self._send(data)

    def _send(self, data: str) -> None:
        if data and self._driver is not None:
            self._driver.write(data)
            self._driver.flush()

    def _stage_is_open(self) -> bool:
        """Whether this is a terminal that the stage is for. The stage is made with the first frame."""
        driver = self._driver
        if self._plain or driver is None or driver.is_headless or driver.is_inline or driver.is_web:
            return False
        if not self._running or self._closed:
            return False
        if self._stage is None:
            self._stage = self._make_stage(os.environ)
        return self._stage is not None

    def _make_stage(self, environment: Mapping[str, str]) -> "Stage | None":
        try:
            from tuimail.ui.output.stage import Stage

            system = self.console._color_system or ColorSystem.TRUECOLOR
        except (ImportError, AttributeError):
            self._fall_back()
            return None
        return Stage(system, colors=not self.no_color, bce=not environment.get("TERM", "").startswith(_NO_BCE))

    def _fall_back(self) -> None:
        log.warning("output: the stage met something unknown; Textual's own output is used from here on", exc_info=True)
        self._plain = True
        self._stage = None
