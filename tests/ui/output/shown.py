# SPDX-License-Identifier: GPL-3.0-or-later
"""What a terminal emulator (pyte) shows, as a user sees it."""

import re
from typing import Any, NamedTuple

import pyte
from pyte.screens import wcwidth

_UNKNOWN = re.compile(r"\x1b\[\?(?:2026[hl]|[0-9;]*\$p)|\x1b\[[<>=][0-9;]*[A-Za-z]")


class Seen(NamedTuple):
    """One column. A blank has no colour and weight of its own, only a ground and lines."""

    text: str
    foreground: str
    background: str
    attributes: tuple[bool, ...]


class Emulator:
    """A terminal that is fed with what a program writes. As Textual has it, lines do not wrap."""

    def __init__(self, width: int, height: int, kind: type[pyte.Screen] = pyte.Screen) -> None:
        self.screen = kind(width, height)
        self._stream = pyte.Stream(self.screen)
        self.feed("\x1b[?7l")

    def feed(self, data: str) -> None:
        self._stream.feed(_UNKNOWN.sub("", data))

    @property
    def seen(self) -> list[list[Seen]]:
        """Rows of columns."""
        return [self._row(y) for y in range(self.screen.lines)]

    @property
    def lines(self) -> list[str]:
        return ["".join(column.text for column in row).rstrip() for row in self.seen]

    def _row(self, y: int) -> list[Seen]:
        columns = [self.screen.buffer[y][x] for x in range(self.screen.columns)]
        texts = [column.data for column in columns]
        return [_seen(column, _whole(texts, x)) for x, column in enumerate(columns)]


def _whole(texts: list[str], x: int) -> str:
    """A terminal blanks what is left of a wide character when half of it is overwritten; pyte does not."""
    text = texts[x]
    if not text:
        return "" if x and texts[x - 1] and wcwidth(texts[x - 1][0]) == 2 else " "
    half = wcwidth(text[0]) == 2 and (x + 1 >= len(texts) or texts[x + 1])
    return " " if half else text


def _seen(column: Any, text: str) -> Seen:
    lines = (column.underscore, column.strikethrough, column.reverse)
    if text == " ":
        return Seen(text, column.fg if column.reverse else "", column.bg, lines)
    return Seen(text, column.fg, column.bg, (*lines, column.bold, column.italics))
