# SPDX-License-Identifier: GPL-3.0-or-later
"""One key at a time: what was typed ahead, over a slow line or in one burst, goes where the keys before it led.

Textual hands a key to the focused widget and takes the next one at once; where a key moves the focus or opens a dialog, the
letters after it would still reach the old widget: a password typed after `tab` would stand in the field before.
"""

import asyncio
import time
from collections.abc import Iterable
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from textual import events
from textual.app import App
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import Worker

from tuimail.ui.driver import TerminalDriver
from tuimail.ui.output.prompt import PromptScreen

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
        self.key_came = 0.0
        """When the last key was handed out. Seconds of a clock that only tells differences."""
        self.opening: Worker[None] | None = None
        """The command that leads to another screen or list, if this key began one; set by the screen that runs it."""

    async def on_event(self, event: events.Event) -> None:
        """Let a key take effect."""
        if not isinstance(event, events.Key) or event.is_forwarded or not (self.is_running and self.screen_stack):
            await super().on_event(event)
            return
        self.key_came = time.monotonic()
        before, event = self.screen, self._together(event)
        with before.one_frame(lambda: self.has_keys) if isinstance(before, PromptScreen) else nullcontext():
            self._waits = True
            try:
                if isinstance(event, events.Key) and _has_all_keys(before):
                    await self._give_key(before, event)
                else:
                    await self._send_key(before, event)
            finally:
                self._waits = False
        await self._screen_follows(before)

    @property
    def has_keys(self) -> bool:
        """Whether further keys were typed already."""
        waiting: Iterable[Message | None] = self._message_queue.values
        unread = isinstance(self._driver, TerminalDriver) and self._driver.has_input
        return unread or any(isinstance(message, events.Key) for message in waiting)

    def _together(self, key: events.Key) -> events.Key | events.Paste:
        """A letter with all that were typed together with it, where the focused widget takes them as one text."""
        if not (key.is_printable and getattr(self.focused, "takes_letters_together", False)):
            return key
        letters = [key.character or ""]
        while isinstance(letter := self._following, events.Key) and letter.is_printable and not letter.is_forwarded:
            letters.append(letter.character or "")
            self._pending_message = None
        return key if len(letters) == 1 else events.Paste("".join(letters))

    @property
    def _following(self) -> Message | None:
        """The next message, which stays to be handled."""
        if self._pending_message is None and None in self._message_queue.values:  # the queue is being closed
            return None
        return self._peek_message()

    async def _give_key(self, screen: PromptScreen, key: events.Key) -> None:
        """Let the screen have a key at once: on its way up from the focused widget it would take a turn of the event loop for
        each widget.
        """
        self.app_focus = True
        if not await self._check_bindings(key.key, priority=True) and not await screen.take_at_once(key):
            await _follow(screen)

    async def _send_key(self, screen: Screen[Any], key: events.Key | events.Paste) -> None:
        await super().on_event(key)
        for _ in range(_ROUNDS):
            await _follow(screen.focused or screen)
            while self._came_back:
                await super().on_event(self._came_back.pop(0))

    async def _screen_follows(self, before: Screen[Any]) -> None:
        """Wait for a screen that the key leads to."""
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


def _has_all_keys(screen: Screen[Any]) -> TypeGuard[PromptScreen]:
    return isinstance(screen, PromptScreen) and screen.has_all_keys


def _has_focus(screen: Screen[Any]) -> bool:
    """Whether the widget that is to have the keys has the focus."""
    return screen.focused is not None or not screen.focus_chain


async def _follow(target: Widget) -> None:
    """Wait until everything that was posted to a widget, and bubbled up from it, was handled."""
    follower = KeyDone()
    target.post_message(follower)
    with suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE):
            await follower.done.wait()
