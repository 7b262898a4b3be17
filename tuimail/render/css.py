# SPDX-License-Identifier: GPL-3.0-or-later
"""The little of CSS that decides what a reader of the mail can see, and where it pauses."""

import re
from collections.abc import Mapping

Declarations = dict[str, str]
"""Property → value, both in lower case."""

_PROPERTIES = (
    "display visibility opacity font-size max-height height width overflow position left top text-indent clip float "
    "white-space font-weight font-style text-decoration text-decoration-line margin margin-top margin-bottom "
    "padding padding-top padding-bottom background background-color border border-radius text-align list-style-type max-width"
)
RELEVANT = frozenset(_PROPERTIES.split())
PAUSE = 9.0
"""Pixels of margin or padding that make an empty line."""
BODY_FONT = 16.0
"""Pixels of text without a size of its own."""

_LENGTH = re.compile(r"(-?\d*\.?\d+)\s*(px|pt|em|rem|%|cm|in)?$")
_PIXELS = {"px": 1.0, "pt": 4 / 3, "em": BODY_FONT, "rem": BODY_FONT, "cm": 37.8, "in": 96.0, None: 1.0}
_FAR = -500.0
_PAPER = re.compile(r"\b(none|transparent|inherit|initial|white|#fff|#ffffff)\b|rgba\(.*,\s*0\)")
_FONT_WORDS = {
    "xx-small": 9.0,
    "x-small": 10.0,
    "small": 13.0,
    "medium": 16.0,
    "large": 18.0,
    "x-large": 24.0,
    "xx-large": 32.0,
}
_MAX_STYLE = 50_000
_MAX_VALUE = 200


def inline_declarations(style: str) -> Declarations:
    """The relevant declarations of a ``style`` attribute."""
    found: Declarations = {}
    for declaration in style[:_MAX_STYLE].split(";") if style else ():
        name, _, value = declaration.partition(":")
        name = name.strip().lower()
        if name in RELEVANT:
            found[name] = normal(value.replace("!important", ""))
    return found


def normal(value: str) -> str:
    """A property's value to be looked at; none that matters is long."""
    return value.strip()[:_MAX_VALUE].lower()


def pixels(value: str) -> float | None:
    """A length in pixels; None for percentages, words and nonsense."""
    match = _LENGTH.match(value[:_MAX_VALUE].strip())
    if not match or match[2] == "%":
        return None
    return float(match[1]) * _PIXELS[match[2]]


def font_size(value: str, inherited: float) -> float:
    """A font size in pixels, where the parent's is ``inherited``."""
    match = _LENGTH.match(value)
    if not match:
        return _FONT_WORDS.get(value, inherited)
    number = float(match[1])
    if match[2] == "%":
        return inherited * number / 100
    return inherited * number if match[2] == "em" else number * _PIXELS[match[2]]


def hides(style: Mapping[str, str]) -> bool:
    """Whether nothing of the element can be seen, whatever its children say."""
    if not style:
        return False
    if style.get("display") == "none" or _at_most(style, "opacity", 0.05) or _at_most(style, "max-height", 0.0):
        return True
    if style.get("overflow") == "hidden" and any(
        _at_most(style, name, 1.0) for name in ("height", "width", "max-height", "max-width")
    ):
        return True
    if _at_most(style, "text-indent", _FAR):
        return True
    return style.get("position") in ("absolute", "fixed") and (
        _at_most(style, "left", _FAR)
        or _at_most(style, "top", _FAR)
        or style.get("clip", "").replace(" ", "").startswith("rect(0")
    )


def _at_most(style: Mapping[str, str], name: str, limit: float) -> bool:
    value = style.get(name)
    size = pixels(value) if value else None
    return size is not None and size <= limit


def pauses(style: Mapping[str, str], side: str) -> bool | None:
    """Whether margin or padding on ``"top"`` or ``"bottom"`` makes an empty line; None where neither is given."""
    if not style:
        return None
    sizes = [size for name in ("margin", "padding") if (size := _side(style, name, side)) is not None]
    return max(sizes) >= PAUSE if sizes else None


def _side(style: Mapping[str, str], name: str, side: str) -> float | None:
    own = style.get(f"{name}-{side}")
    if own is not None:
        return pixels(own)
    values = style.get(name, "").split()
    if not values:
        return None
    return pixels(values[2] if side == "bottom" and len(values) > 2 else values[0])


def painted(style: Mapping[str, str], bgcolor: str = "") -> bool:
    """Whether the element has a background of its own."""
    background = style.get("background-color") or style.get("background") or normal(bgcolor)
    return bool(background) and not _PAPER.search(background)
