# SPDX-License-Identifier: GPL-3.0-or-later
"""A body ready to be drawn: logical lines with sparse styles. Wrapping is `tuimail.model.wrap`'s."""

from dataclasses import dataclass
from enum import StrEnum


class Style(StrEnum):
    """What a span of text is; a theme says how it looks."""

    STRONG = "strong"
    EMPHASIS = "emphasis"
    UNDERLINE = "underline"
    STRIKE = "strike"
    CODE = "code"
    HEADING = "heading"
    LINK = "link"
    MUTED = "muted"
    WARNING = "warning"
    IMAGE = "image"
    SIGNATURE = "signature"
    BUTTON = "button"


@dataclass(frozen=True, slots=True)
class Span:
    """A styled stretch of a line: characters ``start`` up to ``end``."""

    start: int
    end: int
    style: Style
    link: int | None = None
    """Index into `Rendered.links`."""


@dataclass(frozen=True, slots=True)
class Line:
    """One logical line: safe text without line breaks, to be wrapped at any width."""

    text: str
    spans: tuple[Span, ...] = ()
    quote: int = 0
    """Depth of quotation; the marks are not part of ``text``."""
    indent: int = 0
    """Columns by which wrapped rows after the first are indented (list items)."""
    preformatted: bool = False
    """Broken at the width's edge instead of between words."""
    signature: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A hyperlink: what the text says, and where it leads. Both are safe to show."""

    text: str
    target: str
    warning: str = ""
    """Why it may deceive; empty where it does not seem to."""


MAX_TEXT = 1_000_000
"""Characters of a message's text that are shown: a book has that many."""
MAX_LINES = 50_000
"""Lines of it that are."""
TOO_LONG = "The text is too long to be shown whole; the message can be saved whole."
PLACEHOLDER = "[image]"
"""An image that has no words."""
_SNIPPET = 160
"""Characters."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A body, ready to be drawn."""

    lines: tuple[Line, ...]
    links: tuple[Link, ...] = ()
    blocked_images: int = 0
    """Remote images that were not fetched."""
    trackers: int = 0
    """Of those, the invisible ones."""
    warnings: tuple[str, ...] = ()
    width: int | None = None
    """Columns it was laid out for; None where it fits any width."""
    cut: bool = False
    """Not all of the text is here, as the warnings tell."""

    @property
    def snippet(self) -> str:
        """The first words of what is not quoted."""
        return " ".join(line.text.strip() for line in self.lines[:12] if not line.quote and line.text.strip())[:_SNIPPET]
