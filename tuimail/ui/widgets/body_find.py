# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding words in the lines of a message. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tuimail.model.rendered import Line
from tuimail.model.wrap import Row
from tuimail.ui.look import Component
from tuimail.ui.widgets.body_row import Over


@dataclass(frozen=True, slots=True)
class Match:
    """Where something was found: a line and characters of it."""

    line: int
    start: int
    end: int


class BodyFind:
    """What is looked for, where it was found, and which match is the current one."""

    def __init__(self, words: str = "") -> None:
        self._pattern = re.compile(re.escape(words), re.IGNORECASE) if words else None
        self._matches: list[Match] = []
        self._at = -1

    def __len__(self) -> int:
        return len(self._matches)

    @property
    def position(self) -> tuple[int, int]:
        """Which match is the current one, from 1, and how many there are; (0, 0) for none."""
        return (self._at + 1, len(self._matches))

    @property
    def current(self) -> Match | None:
        """The current match."""
        return self._matches[self._at] if self._at >= 0 else None

    def search(self, lines: Sequence[Line]) -> None:
        """Look through all lines. No match is the current one after it."""
        self._at = -1
        self._matches = [
            Match(number, hit.start(), hit.end())
            for number, line in enumerate(lines)
            for hit in (self._pattern.finditer(line.text) if self._pattern else ())
        ]

    def first_from(self, line: int) -> Match | None:
        """Go to the first match in or after a line, else to the very first."""
        if not self._matches:
            return None
        self._at = next((at for at, match in enumerate(self._matches) if match.line >= line), 0)
        return self._matches[self._at]

    def step(self, by: int) -> Match | None:
        """Go on by so many matches, around the end."""
        if not self._matches:
            return None
        self._at = (self._at + by) % len(self._matches) if self._at >= 0 else (0 if by > 0 else len(self._matches) - 1)
        return self._matches[self._at]

    def overs(self, number: int, line: Line, row: Row) -> list[Over]:
        """What to highlight in a row of line ``number``."""
        if self._pattern is None or not self._matches:
            return []
        shift = row.indent - row.start
        overs = []
        for hit in self._pattern.finditer(line.text):
            start, end = max(hit.start() + shift, row.indent), min(hit.end() + shift, len(row.text))
            if start < end:
                here = self.current == Match(number, hit.start(), hit.end())
                overs.append(Over(start, end, Component.MATCH_CURRENT if here else Component.MATCH))
        return overs
