# SPDX-License-Identifier: GPL-3.0-or-later
"""A QR code in half blocks."""

import segno

from tuimail.engine.qr import qr_lines

_LIGHT = {"█": (1, 1), "▀": (1, 0), "▄": (0, 1), " ": (0, 0)}


def test_the_blocks_are_the_code() -> None:
    url = "https://login.example.org/device"
    lines = qr_lines(url, 80, 40)
    rows = [[_LIGHT[char][half] for char in line] for line in lines for half in (0, 1)]
    wanted = [[int(not dark) for dark in row] for row in segno.make_qr(url, error="l").matrix_iter(border=2)]
    assert rows[: len(wanted)] == wanted


def test_what_has_no_room_is_not_shown() -> None:
    assert qr_lines("https://login.example.org/device", 20, 40) == ()
    assert qr_lines("https://login.example.org/device", 80, 10) == ()
    assert qr_lines("x" * 5000, 1000, 1000) == ()
