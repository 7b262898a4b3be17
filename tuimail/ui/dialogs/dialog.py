# SPDX-License-Identifier: GPL-3.0-or-later
"""The base of all dialogs: a quiet panel over the screen, escape cancels."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from tuimail.ui.look import Component
from tuimail.ui.theme import look_of
from tuimail.ui.widgets.hints import Hints, Told
from tuimail.ui.widgets.line_view import strip_of

Answer = TypeVar("Answer")


class Dialog(ModalScreen[Answer]):
    """A titled panel. Subclasses give `content`; `cancel` dismisses with None."""

    DEFAULT_CSS = """
    Dialog {
        background: transparent;
        align: center middle;
        & > .dialog {
            width: 64;
            max-width: 92%;
            height: auto;
            max-height: 85%;
            background: $surface;
            border: round $border-blurred;
            padding: 0 1;
        }
        .title { color: $primary; text-style: bold; height: 1; width: 1fr; margin-bottom: 1; }
        .message { width: 1fr; height: auto; margin-bottom: 1; }
        .muted { color: $text-muted; width: 1fr; height: auto; }
        .wrong { color: $error; width: 1fr; height: auto; display: none; }
        & > Hints { dock: bottom; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("escape", "cancel", "Cancel")]

    def __init__(self, title: str) -> None:
        super().__init__()
        self._dialog_title = title

    def compose(self) -> ComposeResult:
        """Title above content."""
        with Vertical(classes="dialog"):
            if self._dialog_title:
                yield words(self._dialog_title, "title")
            yield from self.content()
        hints = Hints()
        hints.instead = self.told
        yield hints

    @property
    def told(self) -> Told:
        """The keys that work here, for the last line of the screen: what stands below is not in front."""
        return (("enter", "go on"), ("escape", "cancel"))

    def content(self) -> Iterator[Widget]:
        """What stands below the title."""
        raise NotImplementedError

    def action_cancel(self) -> None:
        """Escape was pressed."""
        self.dismiss(None)

    def say_wrong(self, text: str) -> None:
        """Tell in place what is wrong with what was typed; empty: nothing is. Needs a ``words("", "wrong")`` in `content`."""
        complaint = self.query_one(".wrong", Static)
        complaint.update(Content(text))
        complaint.display = bool(text)


def words(text: str, *classes: str) -> Static:
    """A text that is shown as it is, never as markup."""
    return Static(Content(text), classes=" ".join(classes))


class Buttons(Widget, can_focus=True):
    """A line of buttons: arrows or tab choose, enter or a button's key presses."""

    DEFAULT_CSS = """
    Buttons { height: 1; width: 1fr; background: $surface; color: $foreground; }
    """

    @dataclass
    class Pressed(Message):
        """The button with this index was pressed."""

        index: int

    def __init__(self, labels: Sequence[str], keys: Sequence[str] = (), chosen: int = 0) -> None:
        super().__init__()
        self._labels = tuple(labels)
        self._keys = tuple(keys)
        self._chosen = chosen

    def on_key(self, event: events.Key) -> None:
        """Choose or press."""
        if event.key in ("left", "right", "tab", "shift+tab", "h", "l"):
            step = -1 if event.key in ("left", "shift+tab", "h") else 1
            self._chosen = (self._chosen + step) % len(self._labels)
            self.refresh()
        elif event.key in ("enter", "space"):
            self.post_message(self.Pressed(self._chosen))
        elif event.key in self._keys:
            self.post_message(self.Pressed(self._keys.index(event.key)))
        else:
            return
        event.stop()
        event.prevent_default()

    def on_click(self, event: events.Click) -> None:
        """Press what was clicked on."""
        at = 0
        for index, label in enumerate(self._labels):
            end = at + len(self._text(index, label))
            if at <= event.x < end:
                self.post_message(self.Pressed(index))
            at = end + 2

    def _text(self, index: int, label: str) -> str:
        key = self._keys[index] if index < len(self._keys) else ""
        return f" {label} ({key}) " if len(key) == 1 else f" {label} "

    def render_line(self, y: int) -> Strip:  # noqa: ARG002
        """The buttons."""
        look = look_of(self.app)
        segments: list[Segment] = []
        for index, label in enumerate(self._labels):
            chosen = index == self._chosen and self.has_focus
            style = look[Component.TEXT] + look[Component.CURSOR] if chosen else look[Component.BAR]
            segments += [Segment(self._text(index, label), style), Segment("  ", Style.null())]
        return strip_of(segments, self.size.width, self.rich_style)
