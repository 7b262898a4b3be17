# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes the terminal over from the launcher, which painted the cached frame.

The driver must neither clear the frame nor keep the launcher's settings as those to go back to, and the first thing that the
app paints over it is a whole screen.
"""

from typing import Any, Protocol

from rich.console import RenderableType
from textual._compositor import LayoutUpdate
from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.screen import Screen

from tuimail.ui.kept_rules import KeptRules

_ALTERNATE_SCREEN = "\x1b[?1049h"
"""Sent a second time, xterm and others clear the screen."""


class Painted(Protocol):
    """What the launcher did, as `tuimail.launch.Launch`."""

    attributes: list[Any] | None
    """How the terminal was set before, as `termios.tcgetattr` tells."""
    is_shown: bool
    """The frame stands on the alternate screen."""
    notes: dict[str, bytes]
    """What earlier starts noted, for later ones."""

    def typed(self) -> bytes:
        """What was typed before; to be asked before keys are read."""
        ...

    def taken_over(self) -> None:
        """Textual has the terminal now."""
        ...


class TakeoverDriver(LinuxDriver):
    """Laid over a driver class by `taking_over`."""

    painted: Painted
    typed = b""
    """What the launcher read from the terminal."""
    mute = False
    """Nothing is written any more: the program is about to leave, and works on the frame for the next start."""

    def start_application_mode(self) -> None:
        """Take the terminal; what `painted` found is what to go back to, also for an editor or a shell in between."""
        self.typed = self.painted.typed()
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self.attrs_before = self.painted.attributes or self.attrs_before

    def stop_application_mode(self) -> None:
        """Give the terminal back."""
        self.mute = False
        super().stop_application_mode()

    def write(self, data: str) -> None:
        """Write, but do not change to the alternate screen where the launcher did that."""
        if self.mute:
            return
        if self.painted.is_shown and data == _ALTERNATE_SCREEN:
            self.painted.taken_over()
            return
        super().write(data)


def taking_over(driver: type[Driver], painted: Painted) -> type[Driver]:
    """The driver class, taking the terminal over from the launcher."""
    return type(f"Takeover{driver.__name__}", (TakeoverDriver, driver), {"painted": painted})


class WholeScreenFirst(App[None]):
    """An app that shows nothing in part before it showed a whole screen: panes that are still empty would hide the frame."""

    _was_whole = False
    _rules: KeptRules | None = None

    def take_over(self, painted: Painted) -> None:
        """Take the terminal over from the launcher, and what it has from earlier starts."""
        self.driver_class = taking_over(self.driver_class, painted)
        self._rules = KeptRules(self.stylesheet, painted.notes)

    def stands(self) -> None:
        """A whole screen was shown for the first time."""

    def get_css_variables(self) -> dict[str, str]:
        """None for the style sheet with which Textual begins: it gets those of the theme that is wanted before it is read."""
        return super().get_css_variables() if hasattr(self, "stylesheet") else {}

    def refresh_css(self, animate: bool = True) -> None:
        """Before anything stands that could look differently, the style sheet need not be read to be read again."""
        if self.screen_stack:
            super().refresh_css(animate)
        else:
            self.stylesheet.set_variables(self.get_css_variables())
            if self._rules is not None:
                self._rules.recall()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        whole = isinstance(renderable, LayoutUpdate) and renderable.region.size == self.size
        if self._was_whole or whole or renderable is None:
            is_first = whole and not self._was_whole and not self._batch_count
            super()._display(screen, renderable)
            if is_first:
                self._was_whole = True
                if self._rules is not None:
                    self._rules.note()
                self.call_next(self.stands)
