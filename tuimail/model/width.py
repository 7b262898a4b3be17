# SPDX-License-Identifier: GPL-3.0-or-later
"""How many terminal columns text takes: Rich's measure, because Textual draws by it."""

import re

from rich.cells import CellSpan, cell_len, chop_cells, set_cell_size, split_graphemes

__all__ = ["CellSpan", "cell_len", "chop_cells", "clip", "clip_address", "is_narrow", "set_cell_size", "split_graphemes"]

# Control pictures and the replacement character are what `safe_text` makes of octets that are no text: of those, much may come.
_NOT_NARROW = re.compile(
    "[^\\x20-\\x7e\\xa0-\\xac\\xae-\\u02ff\\u0370-\\u0482\\u2010-\\u2027\\u2030-\\u205e\\u20a0-\\u20bf\\u2100-\\u2145\\u2400-\\u2426\\u2500-\\u25fc\\ufffd]"
)


def is_narrow(text: str) -> bool:
    """Whether every character surely takes one column, so that columns can be counted as characters."""
    return text.isascii() or not _NOT_NARROW.search(text)


def clip(text: str, width: int) -> str:
    """``text`` cut to at most ``width`` columns, with an ellipsis where something was cut off."""
    if text.isascii():
        return text if len(text) <= width else text[: max(width - 1, 0)] + "…" * (width > 0)
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, max(width - 1, 0)).rstrip() + "…" * (width > 0)


def clip_address(text: str, width: int) -> str:
    """The same for a name or an address. Of an address the middle is cut out: its end tells whose domain it is."""
    if cell_len(text) <= width or "@" not in text.rpartition(" ")[2]:
        return clip(text, width)
    before = max(width - 1, 0) // 2
    end, room = len(text), width - before - 1
    while end > 0 and (room := room - cell_len(text[end - 1])) >= 0:
        end -= 1
    return set_cell_size(text, before).rstrip() + "…" * (width > 0) + text[end:]
