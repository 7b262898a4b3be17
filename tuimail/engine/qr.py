# SPDX-License-Identifier: GPL-3.0-or-later
"""An address as a QR code in text, for a telephone's camera; the only file that imports segno."""

_HALVES = {(False, False): "█", (True, False): "▄", (False, True): "▀", (True, True): " "}
_QUIET = 2
"""Modules of margin on each side; the standard wants four, cameras do with two."""


def qr_lines(text: str, columns: int, rows: int) -> tuple[str, ...]:
    """The code in half blocks, light on dark as a terminal is; no line when it has no room or the text is too long."""
    import segno

    try:
        code = segno.make_qr(text, error="l")
    except segno.DataOverflowError:
        return ()
    matrix = [[bool(module) for module in row] for row in code.matrix_iter(border=_QUIET)]
    if len(matrix[0]) > columns or (len(matrix) + 1) // 2 > rows:
        return ()
    matrix.append([True] * len(matrix[0]))
    pairs = zip(matrix[::2], matrix[1::2], strict=False)
    return tuple("".join(_HALVES[pair] for pair in zip(above, below, strict=True)) for above, below in pairs)
