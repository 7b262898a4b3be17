# SPDX-License-Identifier: GPL-3.0-or-later
"""One long step at a time on a screen."""

from collections.abc import Iterator
from contextlib import contextmanager

from textual.screen import Screen

from tuimail.model.errors import InputWrong


class Busy:
    """What a screen is at; nothing else is begun meanwhile."""

    def __init__(self, screen: Screen[None]) -> None:
        self._screen = screen
        self._step = ""

    @property
    def is_busy(self) -> bool:
        """Whether a step is going on."""
        return bool(self._step)

    def check(self) -> None:
        """Raises InputWrong while a step is going on."""
        if self._step:
            raise InputWrong(f"{self._step} Wait a moment.")

    @contextmanager
    def step(self, text: str, frozen: str = "") -> Iterator[None]:
        """Do something that takes time. ``text`` says what; in the widget ``frozen`` (a selector) nothing can be typed.

        Raises InputWrong where another step is going on.
        """
        self.check()
        self._step = text
        focused = self._screen.focused
        widgets = list(self._screen.query(frozen)) if frozen else []
        for widget in widgets:
            widget.disabled = True
        try:
            yield
        finally:
            self._step = ""
            for widget in widgets:
                widget.disabled = False
            if widgets and self._screen.is_attached:
                self._screen.set_focus(focused)
