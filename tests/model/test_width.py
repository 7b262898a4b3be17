# SPDX-License-Identifier: GPL-3.0-or-later
"""Columns of text."""

import sys

from tuimail.model.width import cell_len, clip, is_narrow


def test_narrow_characters_take_one_column() -> None:
    wrong = [
        char
        for char in map(chr, range(0x20, sys.maxunicode + 1))
        if is_narrow(char) and char.isprintable() and cell_len(char) != 1
    ]
    assert wrong == []


def test_clip() -> None:
    assert clip("hello", 5) == "hello"
    assert clip("hello!", 5) == "hell…"
    assert clip("字字字", 6) == "字字字"
    assert clip("字字字", 5) == "字字…"
    assert clip("x", 0) == ""
