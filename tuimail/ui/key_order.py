# SPDX-License-Identifier: GPL-3.0-or-later
"""One key at a time: what was typed ahead, over a slow line or in one burst, goes where the keys before it led.

Textual hands a key to the focused widget and takes the next one at once; where a key moves the focus or opens a dialog, the
letters after it would still reach the old widget: a password typed after `tab` would stand in the field before.
"""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from textual import events
from textual.app import App
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import Worker

_PATIENCE = 0.1
"""Seconds after which the next key is taken in any case: its way may have gone with a screen that was closed."""
_LONG_PATIENCE = 1.0
"""The same for a command that opens a screen, which may have to fetch something first."""
_LOOK = 0.004
"""Seconds between two looks whether a screen is ready."""
_ROUNDS = 3
"""First the key goes up, then what its binding did (`Input`'s enter), then what that posted (`Input.Submitted`)."""


@dataclass
class KeyDone(Message):
    """Follows a key on its way from the focused widget up to the app."""

    done: asyncio.Event = field(default_factory=asyncio.Event)


class KeysInOrder(App[None], inherit_bindings=False):
    """An app that waits for a key's effect before it hands out the next."""

    def __init__(self) -> None:
        super().__init__()
        self._came_back: list[events.Key] = []
        self._waits = False
        self.opening: Worker[None] | None = None
        """The command that leads to another screen, if this key began one; set by the screen that runs it."""

    async def on_event(self, event: events.Event) -> None:
        """Let a key take effect."""
        is_key = isinstance(event, events.Key) and not event.is_forwarded
        await super().on_event(event)
        if is_key and self.is_running and self.screen_stack:
            self._waits = True
            try:
                await self._key_took_effect()
            finally:
                self._waits = False

    async def _key_took_effect(self) -> None:
        before = self.screen
        for _ in range(_ROUNDS):
            await _follow(before.focused or before)
            while self._came_back:
                await super().on_event(self._came_back.pop(0))
        until = time.monotonic() + _LONG_PATIENCE
        while self.screen_stack and self._on_the_way(before) and time.monotonic() < until:  # noqa: ASYNC110 no event tells it
            await asyncio.sleep(_LOOK)
        self.opening = None

    def _on_the_way(self, before: Screen[Any]) -> bool:
        """Whether a command that leads to another screen has not got there, or that screen is not ready."""
        begun = self.screen is before and self.opening is not None and not self.opening.is_finished
        return begun or not self.screen.is_mounted or (self.screen is not before and not _has_focus(self.screen))

    def post_message(self, message: Message) -> bool:
        """Take at once what came up while a key is waited for: the key itself, which no widget wanted, and its follower."""
        if isinstance(message, KeyDone):
            message.done.set()
            return True
        if self._waits and isinstance(message, events.Key) and message.is_forwarded:
            self._came_back.append(message)
            return True
        return super().post_message(message)


def _has_focus(screen: Screen[Any]) -> bool:
    """Whether the widget that is to have the keys has the focus."""
    return screen.focused is not None or not screen.focus_chain


async def _follow(target: Widget) -> None:
    """Wait until everything that was posted to a widget, and bubbled up from it, was handled."""
    follower = KeyDone()
    target.post_message(follower)
    with suppress(TimeoutError):
        await asyncio.wait_for(follower.done.wait(), _PATIENCE)
