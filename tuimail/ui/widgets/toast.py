# SPDX-License-Identifier: GPL-3.0-or-later
"""Short messages at the lower right that go by themselves, such as "Archived · z Undo"."""

from enum import StrEnum
from typing import Any

from textual.app import App
from textual.containers import Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

MOST = 3
"""Older ones go when there are more."""


class ToastKind(StrEnum):
    """What a message is about."""

    INFO = "info"
    GOOD = "good"
    WARNING = "warning"
    ERROR = "error"


class Toast(Static):
    """One message. ``text`` is safe text, shown literally."""

    DEFAULT_CSS = """
    Toast {
        visibility: visible;
        width: auto;
        max-width: 72;
        height: auto;
        padding: 0 2;
        margin-top: 1;
        background: $panel;
        color: $foreground;
        border-left: thick $primary;
        &.-good { border-left: thick $success; }
        &.-warning { border-left: thick $warning; }
        &.-error { border-left: thick $error; }
    }
    """

    def __init__(self, text: str, kind: ToastKind, undo_key: str, name: str) -> None:
        content = Content(text)
        if undo_key:
            content = Content.assemble(content, Content("   "), Content.styled(undo_key, "$primary bold"), Content(" Undo"))
        super().__init__(content, classes=f"-{kind}", name=name or None)
        self.dismissal: Timer | None = None


class Toasts(Vertical):
    """Where toasts appear. One per screen: ``yield Toasts()`` anywhere in `compose`."""

    DEFAULT_CSS = """
    Toasts {
        layer: _toastrack;
        dock: bottom;
        width: 1fr;
        height: auto;
        align-horizontal: right;
        visibility: hidden;
        margin: 0 1 2 0;
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._shown: list[Toast] = []

    @classmethod
    def of(cls, app: App[Any]) -> "Toasts":
        """The toasts of the screen in front, or of the nearest one below that is no dialog; made where there are none."""
        below = (screen for screen in reversed(app.screen_stack) if not screen.is_modal)
        screen = next(below, app.screen)
        found = screen.query(cls)
        if found:
            return found.first()
        toasts = cls()
        screen.mount(toasts)
        return toasts

    def show(
        self,
        text: str,
        *,
        kind: ToastKind = ToastKind.INFO,
        undo_key: str = "",
        seconds: float = 5,
        name: str = "",
    ) -> None:
        """Show a message for some seconds; 0: until `dismiss`. A message of the same ``name`` is replaced.

        ``undo_key``: show that this key takes back what the message tells.
        """
        replaced = [toast for toast in self._shown if name and toast.name == name]
        kept = [toast for toast in self._shown if toast not in replaced]
        for toast in (*replaced, *kept[: max(0, len(kept) - MOST + 1)]):
            self._remove(toast)
        toast = Toast(text, kind, undo_key, name)
        self._shown.append(toast)
        self.call_next(self._mount_toast, toast, seconds)

    async def _mount_toast(self, toast: Toast, seconds: float) -> None:
        if toast not in self._shown:
            return
        await self.mount(toast)
        if seconds:
            toast.dismissal = self.set_timer(seconds, lambda: self._remove(toast))

    def dismiss(self, name: str = "") -> None:
        """Take the messages of that name away; without a name all."""
        for toast in list(self._shown):
            if not name or toast.name == name:
                self._remove(toast)

    def _remove(self, toast: Toast) -> None:
        if toast in self._shown:
            self._shown.remove(toast)
        if toast.dismissal is not None:
            toast.dismissal.stop()
        if toast.is_attached:
            toast.remove()
