# SPDX-License-Identifier: GPL-3.0-or-later
"""A short list to choose from, as in menus and dropdowns."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from tuimail.model.width import cell_len
from tuimail.ui.look import Component
from tuimail.ui.widgets.line_view import RowView, pad, strip_of


@dataclass(frozen=True, slots=True)
class Choice:
    """One line. All text is safe to show."""

    label: str
    detail: str = ""
    """Muted, at the right."""
    key: str = ""
    """A key that chooses it at once; shown before the label."""
    found: tuple[int, ...] = ()
    """Characters of the label to highlight."""
    enabled: bool = True


class ChoiceList(RowView):
    """Choices under a cursor. Posts `Chosen` for a click; keys are the owner's."""

    DEFAULT_CSS = """
    ChoiceList {
        background: $surface;
        height: auto;
    }
    """

    @dataclass
    class Chosen(Message):
        """The choice with this index was chosen."""

        index: int

    def __init__(self, choices: Sequence[Choice] = (), *, on_chosen: Callable[[int], None] | None = None) -> None:
        """``on_chosen`` is called with the index of what was clicked on; without it, `Chosen` is posted."""
        super().__init__()
        self._on_chosen = on_chosen
        self._choices = tuple(choices)
        self._marked: frozenset[int] = frozenset()
        self.active = True
        """Draw the cursor as in a focused pane, though the keys come from an input field."""

    def on_mount(self) -> None:
        """Take the height of the choices."""
        self.set_choices(self._choices)

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What is shown."""
        return self._choices

    def set_choices(self, choices: Sequence[Choice], cursor: int = 0) -> None:
        """Show other choices."""
        self._choices = tuple(choices)
        self.cursor_index = max(0, min(cursor, len(self._choices) - 1))
        self.set_line_count()
        self.scroll_top_to(0)
        self.show_line(self.cursor_index)
        self.refresh(layout=True)

    def set_marked(self, marked: Collection[int]) -> None:
        """Draw a mark at these."""
        self._marked = frozenset(marked)
        self.refresh()

    @property
    def line_count(self) -> int:
        """Choices, disabled ones included."""
        return len(self._choices)

    def can_stop_at(self, index: int) -> bool:
        """The cursor skips disabled choices."""
        return self._choices[index].enabled

    @property
    def chosen(self) -> int | None:
        """The index under the cursor; None where there is nothing to choose."""
        inside = 0 <= self.cursor_index < len(self._choices) and self._choices[self.cursor_index].enabled
        return self.cursor_index if inside else None

    def index_of_key(self, key: str) -> int | None:
        """Which choice that key chooses."""
        return next((index for index, choice in enumerate(self._choices) if choice.enabled and choice.key == key), None)

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002
        """Columns that show every choice whole."""
        widths = (cell_len(one.label) + cell_len(one.detail) + 5 + (3 if one.key else 0) for one in self._choices)
        return min(container.width, max(24, *widths, 0))

    def draw_line(self, index: int, width: int) -> Strip:
        """Key, label, detail."""
        choice, look, signs = self._choices[index], self.look, self.symbols
        here = index == self.cursor_index
        keyed = any(other.key for other in self._choices)
        style = look[Component.TEXT if choice.enabled else Component.MUTED]
        detail = pad(choice.detail, min(cell_len(choice.detail), width // 2), signs.ellipsis)
        room = width - 2 - (3 if keyed else 0) - cell_len(detail) - 2
        lead = signs.mark if index in self._marked else signs.cursor if here else " "
        segments = [
            Segment(lead + " ", look[Component.MARK if index in self._marked else Component.CURSOR_BAR]),
            Segment(f"{choice.key:<3}" if keyed else "", look[Component.CURSOR_BAR]),
            *_label(
                pad(choice.label, room, signs.ellipsis), choice.found, style, style + Style(bold=True) + look[Component.STAR]
            ),
            Segment(" " + detail + " ", look[Component.MUTED]),
        ]
        over = look[Component.CURSOR if self.active else Component.CURSOR_BLURRED] if here else None
        return strip_of(segments, width, self.ground, over)

    def on_click(self, event: events.Click) -> None:
        """A click chooses."""
        index = self.top + event.y
        if 0 <= index < self.line_count and self._choices[index].enabled:
            self.move_to(index)
            if self._on_chosen is not None:
                self._on_chosen(index)
            else:
                self.post_message(self.Chosen(index))


def _label(text: str, found: Collection[int], style: Style, found_style: Style) -> list[Segment]:
    if not found:
        return [Segment(text, style)]
    segments: list[Segment] = []
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or (at in found) != (start in found):
            segments.append(Segment(text[start:at], found_style if start in found else style))
            start = at
    return segments
