# SPDX-License-Identifier: GPL-3.0-or-later
"""Quoted lines of plain text, and the paragraphs of ``format=flowed`` (RFC 3676)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_QUOTE = 20
"""Deeper quotations are shown at this depth."""

_MARKS = re.compile(r">(?: ?>)* ?")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A line as written, or several joined: its depth of quotation and its text."""

    quote: int
    text: str


def fixed(text: str) -> Iterator[Paragraph]:
    """Every line for itself, ``>`` marks counted and taken off, with or without spaces between them."""
    for line in text.split("\n"):
        marks = _MARKS.match(line) if line.startswith(">") else None
        if marks:
            yield Paragraph(min(marks[0].count(">"), MAX_QUOTE), line[marks.end() :])
        else:
            yield Paragraph(0, line)


def flowed(text: str, *, delsp: bool = False) -> Iterator[Paragraph]:
    """The paragraphs of ``format=flowed``; with ``delsp`` the space before a soft break goes too (RFC 3676 §4)."""
    pieces: list[str] = []
    depth = 0
    for line in text.split("\n"):
        content = line.lstrip(">")
        quote = min(len(line) - len(content), MAX_QUOTE)
        content = content.removeprefix(" ")
        if pieces and (quote != depth or content in ("", "-- ")):
            yield Paragraph(depth, "".join(pieces).rstrip(" "))
            pieces = []
        depth = quote
        if content.endswith(" ") and content != "-- ":
            pieces.append(content[:-1] if delsp else content)
        else:
            yield Paragraph(depth, "".join((*pieces, content)))
            pieces = []
    if pieces:
        yield Paragraph(depth, "".join(pieces).rstrip(" "))
