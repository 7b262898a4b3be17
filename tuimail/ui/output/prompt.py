# SPDX-License-Identifier: GPL-3.0-or-later
"""A screen that is painted once per key, as soon as the key took effect.

Textual's own looks sixty times a second what changed: a key's first change is painted at once, what follows from it up to 17 ms
later, in a second frame; and each widget that changed, and the screen, take a turn of the event loop to say so. Overrides
private parts of Textual 8.2.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from textual import events
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget

from tuimail.ui.output.compositor import RowCompositor

_SELDOM = 0.03
"""Seconds between two frames while further keys wait."""


class AtOnce(Message, bubble=False):
    """A message to the screen that is handled before the key that led to it counts as done; its handlers do not wait."""


class PromptWidget(Widget, inherit_bindings=False):
    """A widget that leaves it to its screen to paint what a key changed, rather than to say that it changed."""

    _painter: "PromptScreen | None" = None

    def on_mount(self) -> None:
        """Find the screen."""
        self._painter = self.screen if isinstance(self.screen, PromptScreen) else None

    def check_idle(self) -> None:
        """See to what is required, once nothing else is to be done."""
        if self._painter is None or not self._painter.puts_off(self):
            super().check_idle()

    @property
    def is_settled(self) -> bool:
        """Whether nothing is required."""
        return not (
            self._repaint_required
            or self._layout_required
            or self._scroll_required
            or self._refresh_styles_required
            or self._next_callbacks
        )


class PromptScreen(Screen[None], inherit_bindings=False):
    """Paints at the end of `one_frame`; in between, and for whatever comes from elsewhere, as Textual does."""

    def __init__(self) -> None:
        super().__init__()
        self._compositor = RowCompositor()
        self._held = 0
        self._painted = 0.0
        """When it was painted for a key. Seconds of a clock that only tells differences."""
        self._put_off: set[PromptWidget] = set()
        self._rests = False
        """Nothing is being handled."""
        self._told: list[AtOnce] | None = None
        """What the screen was told since a key is taken; None: it gets everything by its queue."""

    @property
    def has_all_keys(self) -> bool:
        """Whether the focused widget has no use for the next key, whatever it is; then `take` is called with it."""
        return False

    def take(self, key: events.Key) -> bool:
        """Do what a key means. True: nothing of it is still under way, but for what was posted."""
        raise NotImplementedError

    async def take_at_once(self, key: events.Key) -> bool:
        """Do what a key means, and handle what that told the screen. True: nothing of it is still under way."""
        is_free = self._rests and not self._message_queue.qsize()
        self._told = [] if is_free else None
        try:
            is_done = self.take(key)
        finally:
            told = self._told_so_far()
        with self._context():
            for message in told:
                await self._dispatch_message(message)
        return is_done and is_free and not self._message_queue.qsize()

    def _told_so_far(self) -> list[AtOnce]:
        """What was told; from here on everything goes into the queue."""
        told, self._told = self._told, None
        return told or []

    def post_message(self, message: Message) -> bool:
        """Keep what is to be handled at once; in the queue, all messages keep their order."""
        if self._told is not None:
            if isinstance(message, AtOnce):
                self._told.append(message)
                return True
            for before in self._told_so_far():
                super().post_message(before)
        return super().post_message(message)

    async def _get_message(self) -> Message:
        self._rests = True
        try:
            return await super()._get_message()
        finally:
            self._rests = False

    def puts_off(self, widget: PromptWidget) -> bool:
        """Whether this screen paints a widget before long, so that it need not say that it changed."""
        if self._held:
            self._put_off.add(widget)
        return bool(self._held)

    @contextmanager
    def one_frame(self, more: Callable[[], bool]) -> Iterator[None]:
        """Paint nothing inside, and what changed at the end; where there is ``more`` to come at once, seldom."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
            seldom = time.monotonic() - self._painted < _SELDOM
            if not self._held:
                if self.is_attached and not (seldom and more()):
                    self._paint()
                self._let_go()

    def _paint(self) -> None:
        if not self.is_current or self.app._batch_count:
            return
        self._painted = time.monotonic()
        widgets = list(self._compositor.visible_widgets)
        if any(widget._layout_required or widget._scroll_required or widget._refresh_styles_required for widget in widgets):
            # What is to be laid out says so in messages; painted now, half of the change would be seen.
            self.check_idle()
            return
        for widget in widgets:
            if widget._repaint_regions:
                self._dirty_widgets.add(widget)
                widget._repaint_required = False
        self._on_timer_update()

    def _let_go(self) -> None:
        """Let those widgets say so after all that were not painted, or have something else to do."""
        put_off, self._put_off = self._put_off, set()
        for widget in put_off:
            if not widget.is_settled:
                widget.check_idle()

    def _on_timer_update(self) -> None:
        if not self._held:
            super()._on_timer_update()

    def _compositor_refresh(self) -> None:
        # Nothing is shown within a batch; Textual would draw the screen and throw it away.
        if not self.app._batch_count:
            super()._compositor_refresh()

    async def _on_idle(self, event: events.Idle) -> None:
        if self._held:
            event.prevent_default()
        # What says that it is to be painted may have been painted since.
        self._dirty_widgets.intersection_update([widget for widget in self._dirty_widgets if widget._repaint_regions])
