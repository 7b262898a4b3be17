# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers laid over the links on the screen, by which one is chosen from the keyboard."""

from collections.abc import Iterable

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tuimail.model.rendered import Line
from tuimail.model.width import cell_len
from tuimail.model.wrap import Row
from tuimail.ui.widgets.body_row import lead_columns


class LinkHints:
    """Labels ``1``, ``2``, … of links, and the digits typed so far."""

    def __init__(self, links: Iterable[int]) -> None:
        self._labels = {link: str(number) for number, link in enumerate(dict.fromkeys(links), 1)}
        self._by_label = {label: link for link, label in self._labels.items()}
        self._typed = ""
        self.done = False
        """Chosen or given up: the labels go."""

    def __len__(self) -> int:
        return len(self._labels)

    def feed(self, key: str) -> int | None:
        """Take a key; the index of the link when it is clear which one is meant."""
        if key.isdigit():
            self._typed += key
            going_on = [label for label in self._by_label if label.startswith(self._typed)]
            if not going_on:
                self.done = True
            if going_on == [self._typed]:
                return self._choose()
            return None
        if key == "enter" and self._typed in self._by_label:
            return self._choose()
        if key == "backspace" and self._typed:
            self._typed = self._typed[:-1]
            return None
        self.done = True
        return None

    def _choose(self) -> int:
        self.done = True
        return self._by_label[self._typed]

    def draw_over(self, strip: Strip, line: Line, row: Row, style: Style) -> Strip:
        """The row's strip with the labels of the links that begin on it, as far as they fit what was typed."""
        labelled: set[int] = set()
        for span in row.spans:
            label = self._labels.get(span.link) if span.link is not None else None
            if label is None or span.link in labelled or not label.startswith(self._typed):
                continue
            if span.link is not None:
                labelled.add(span.link)
            at = lead_columns(line) + cell_len(row.text[: span.start])
            text = f" {label} "
            end = min(at + len(text), strip.cell_length)
            badge = Strip([Segment(text[: end - at], style)], end - at)
            strip = Strip.join([strip.crop(0, at), badge, strip.crop(end, strip.cell_length)])
        return strip
