# SPDX-License-Identifier: GPL-3.0-or-later
"""What each drawn thing looks like: component names, their default styles, and the small language of style words.

A style is written as ``"primary bold"``, ``"on selection"`` or ``"#000000 on #ffe066"``: colour names of the theme (or
``#rrggbb``, ``ansi_red`` …), ``on`` before a background, and attributes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from rich.style import Style
from textual.color import Color, ColorParseError


class Component(StrEnum):
    """Everything that a theme can style in the widgets that draw their own lines."""

    TEXT = "text"
    MUTED = "muted"
    FAINT = "faint"
    CURSOR = "cursor"
    """Laid over the row under the cursor of the focused pane."""
    CURSOR_BLURRED = "cursor.blurred"
    CURSOR_BAR = "cursor.bar"
    MATCH = "match"
    """Laid over what a search found."""
    MATCH_CURRENT = "match.current"
    SELECTION = "selection"
    SENDER = "list.sender"
    SENDER_UNREAD = "list.sender.unread"
    SUBJECT = "list.subject"
    SUBJECT_UNREAD = "list.subject.unread"
    SNIPPET = "list.snippet"
    DATE = "list.date"
    DATE_UNREAD = "list.date.unread"
    UNREAD = "list.unread"
    STAR = "list.star"
    STATE = "list.state"
    ATTACHMENT = "list.attachment"
    WAITING = "list.waiting"
    MARK = "list.mark"
    MARKED_ROW = "list.marked"
    THREAD = "list.thread"
    HEAD = "head"
    """Laid under the header block of a message."""
    STRONG = "strong"
    EMPHASIS = "emphasis"
    UNDERLINE = "underline"
    STRIKE = "strike"
    CODE = "code"
    HEADING = "heading"
    LINK = "link"
    WARNING = "warning"
    IMAGE = "image"
    SIGNATURE = "signature"
    BUTTON = "button"
    HINT = "hint"
    """The label of a link in hint mode."""
    QUOTE_1 = "quote.1"
    QUOTE_2 = "quote.2"
    QUOTE_3 = "quote.3"
    QUOTE_4 = "quote.4"
    QUOTE_5 = "quote.5"
    ACCOUNT = "tree.account"
    FOLDER = "tree.folder"
    FOLDER_UNREAD = "tree.folder.unread"
    FOLDER_OPEN = "tree.folder.open"
    COUNT = "tree.count"
    BAR = "bar"
    """The status line and the key hints."""
    BAR_MUTED = "bar.muted"
    KEY = "bar.key"
    GOOD = "good"
    BUSY = "busy"
    BAD = "bad"


QUOTES = (Component.QUOTE_1, Component.QUOTE_2, Component.QUOTE_3, Component.QUOTE_4, Component.QUOTE_5)

DEFAULT_STYLES: Mapping[Component, str] = {
    Component.TEXT: "foreground",
    Component.MUTED: "muted",
    Component.FAINT: "faint",
    Component.CURSOR: "on selection",
    Component.CURSOR_BLURRED: "on selection_blurred",
    Component.CURSOR_BAR: "primary bold",
    Component.MATCH: "on match",
    Component.MATCH_CURRENT: "background on accent",
    Component.SELECTION: "on match",
    Component.SENDER: "foreground",
    Component.SENDER_UNREAD: "foreground bold",
    Component.SUBJECT: "foreground",
    Component.SUBJECT_UNREAD: "foreground bold",
    Component.SNIPPET: "muted",
    Component.DATE: "muted",
    Component.DATE_UNREAD: "primary",
    Component.UNREAD: "primary",
    Component.STAR: "accent",
    Component.STATE: "muted",
    Component.ATTACHMENT: "muted",
    Component.WAITING: "warning",
    Component.MARK: "success bold",
    Component.MARKED_ROW: "on marked",
    Component.THREAD: "muted",
    Component.HEAD: "on surface",
    Component.STRONG: "bold",
    Component.EMPHASIS: "italic",
    Component.UNDERLINE: "underline",
    Component.STRIKE: "strike",
    Component.CODE: "success",
    Component.HEADING: "primary bold",
    Component.LINK: "primary underline",
    Component.WARNING: "warning",
    Component.IMAGE: "muted italic",
    Component.SIGNATURE: "muted",
    Component.BUTTON: "primary on panel",
    Component.HINT: "background on accent bold",
    Component.QUOTE_1: "quote_1",
    Component.QUOTE_2: "quote_2",
    Component.QUOTE_3: "quote_3",
    Component.QUOTE_4: "quote_4",
    Component.QUOTE_5: "quote_5",
    Component.ACCOUNT: "muted bold",
    Component.FOLDER: "foreground",
    Component.FOLDER_UNREAD: "foreground bold",
    Component.FOLDER_OPEN: "primary bold",
    Component.COUNT: "primary",
    Component.BAR: "foreground on panel",
    Component.BAR_MUTED: "muted on panel",
    Component.KEY: "primary bold on panel",
    Component.GOOD: "success on panel",
    Component.BUSY: "warning on panel",
    Component.BAD: "error on panel",
}

ATTRIBUTES = ("bold", "dim", "italic", "underline", "strike", "reverse")


@dataclass(frozen=True, slots=True)
class Look:
    """The Rich style of every component under one theme."""

    styles: Mapping[Component, Style]
    colors: Mapping[str, str]
    """The theme's named colours."""

    def __getitem__(self, component: Component) -> Style:
        return self.styles[component]

    def quote(self, depth: int) -> Style:
        """The style of quoted text; depths beyond the last colour start over."""
        return self.styles[QUOTES[(depth - 1) % len(QUOTES)]]


def parse_style(words: str, colors: Mapping[str, str]) -> Style:
    """Read style words. Raises ValueError that names the word that means nothing."""
    foreground: Color | None = None
    background: Color | None = None
    attributes: dict[str, bool] = {}
    behind = False
    for word in words.split():
        if word in ATTRIBUTES:
            attributes[word] = True
        elif word == "on":
            behind = True
        else:
            color = parse_color(word, colors)
            if behind:
                background = color
            else:
                foreground = color
    style = Style(
        color=foreground.rich_color if foreground else None,
        bgcolor=background.rich_color if background else None,
    )
    return style + Style(**attributes) if attributes else style  # type: ignore[arg-type]  # the names are Style's own


def parse_color(word: str, colors: Mapping[str, str]) -> Color:
    """A colour by the theme's name for it, or as Textual writes it. Raises ValueError."""
    try:
        return Color.parse(colors.get(word, word))
    except ColorParseError:
        raise ValueError(f"{word!r} is neither a colour nor an attribute") from None


def make_look(colors: Mapping[str, str], styles: Mapping[str, str]) -> Look:
    """Complete a theme's own styles with the default ones. Raises ValueError on an unknown component or word."""
    unknown = set(styles) - {str(component) for component in Component}
    if unknown:
        raise ValueError(f"no such component: {sorted(unknown)[0]!r}")
    return Look({part: parse_style(styles.get(part, DEFAULT_STYLES[part]), colors) for part in Component}, dict(colors))
