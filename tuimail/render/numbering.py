# SPDX-License-Identifier: GPL-3.0-or-later
"""How the items of an ordered list are counted: digits, letters or Roman numerals, up or down."""

from collections.abc import Sequence

from tuimail.render import css
from tuimail.render.dom import Element

_STYLES = {
    "lower-alpha": "a", "lower-latin": "a", "upper-alpha": "A", "upper-latin": "A", "lower-roman": "i", "upper-roman": "I",
}  # fmt: skip
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"),
    (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_LARGEST_ROMAN = 3999


def markers(ordered: Element, items: Sequence[Element]) -> list[str]:
    """The marker of each child of an ``ol``: ``b. ``; empty for what is no item, or cannot be seen."""
    counted = [item.tag == "li" and not css.hides(item.style) for item in items]
    kind = _STYLES.get(ordered.style.get("list-style-type", ""), ordered.attributes.get("type", ""))
    step = -1 if "reversed" in ordered.attributes else 1
    number = _whole(ordered.attributes.get("start", ""), sum(counted) if step < 0 else 1)
    found = []
    for item, counts in zip(items, counted, strict=True):
        number = _whole(item.attributes.get("value", ""), number) if counts else number
        found.append(f"{ordinal(number, kind)}. " if counts else "")
        number += step if counts else 0
    return found


def _whole(text: str, default: int) -> int:
    return int(text) if text.isdecimal() and len(text) < 7 else default


def ordinal(number: int, kind: str) -> str:
    """A number as ``a``, ``A``, ``i``, ``I`` or, also where those do not reach, in digits."""
    if kind in ("a", "A") and number > 0:
        text = ""
        while number:
            number, letter = divmod(number - 1, 26)
            text = chr(ord(kind) + letter) + text
        return text
    if kind in ("i", "I") and 0 < number <= _LARGEST_ROMAN:
        text = ""
        for value, letters in _ROMAN:
            count, number = divmod(number, value)
            text += letters * count
        return text if kind == "i" else text.upper()
    return str(number)
