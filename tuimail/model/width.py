# SPDX-License-Identifier: GPL-3.0-or-later
"""How many terminal columns text takes: Rich's measure, because Textual draws by it."""

from rich.cells import cell_len, chop_cells, set_cell_size

__all__ = ["cell_len", "chop_cells", "clip", "set_cell_size"]


def clip(text: str, width: int) -> str:
    """``text`` cut to at most ``width`` columns, with an ellipsis where something was cut off."""
    if text.isascii():
        return text if len(text) <= width else text[: max(width - 1, 0)] + "…" * (width > 0)
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, max(width - 1, 0)).rstrip() + "…" * (width > 0)
