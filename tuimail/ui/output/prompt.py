# SPDX-License-Identifier: GPL-3.0-or-later
"""A screen that is painted once per key, as soon as the key took effect.

Textual's own looks sixty times a second what changed: a key's first change is painted at once, what follows from it up to 17 ms
later, in a second frame. Overrides private parts of Textual 8.2.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from textual import events
from textual.screen import Screen

from tuimail.ui.output.compositor import RowCompositor

_SELDOM = 0.03
"""Seconds between two frames while further keys wait."""


class PromptScreen(Screen[None], inherit_bindings=False):
    """Paints at the end of `one_frame`; in between, and for whatever comes from elsewhere, as Textual does."""

    def __init__(self) -> None:
        super().__init__()
        self._compositor = RowCompositor()
        self._held = 0
        self._painted = 0.0
        """When it was painted for a key. Seconds of a clock that only tells differences."""

    @property
    def has_all_keys(self) -> bool:
        """Whether the focused widget has no use for the next key, whatever it is; then `take` is called with it."""
        return False

    def take(self, key: events.Key) -> None:
        """Do what a key means."""
        raise NotImplementedError

    @contextmanager
    def one_frame(self, more: Callable[[], bool]) -> Iterator[None]:
        """Paint nothing inside, and what changed at the end; where there is ``more`` to come at once, seldom."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
            seldom = time.monotonic() - self._painted < _SELDOM
            if not self._held and self.is_attached and not (seldom and more()):
                self._paint()

    def _paint(self) -> None:
        if not self.is_current:
            return
        self._painted = time.monotonic()
        widgets = list(self._compositor.visible_widgets)
        if any(widget._layout_required or widget._scroll_required or widget._refresh_styles_required for widget in widgets):
            # What is to be laid out says so in messages; painted now, half of the change would be seen.
            self.check_idle()
            return
        self._dirty_widgets.update(widget for widget in widgets if widget._repaint_regions)
        self._on_timer_update()

    def _on_timer_update(self) -> None:
        if not self._held:
            super()._on_timer_update()

    async def _on_idle(self, event: events.Idle) -> None:
        if self._held:
            event.prevent_default()
        # What says that it is to be painted may have been painted since.
        self._dirty_widgets.intersection_update([widget for widget in self._dirty_widgets if widget._repaint_regions])
