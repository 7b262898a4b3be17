# SPDX-License-Identifier: GPL-3.0-or-later
"""Columns of text."""

import sys

from tuimail.model.text import safe_text
from tuimail.model.width import cell_len, clip, clip_address, is_narrow


def test_narrow_characters_take_one_column() -> None:
    wrong = [
        char
        for char in map(chr, range(0x20, sys.maxunicode + 1))
        if is_narrow(char) and char.isprintable() and cell_len(char) != 1
    ]
    assert wrong == []


def test_octets_that_are_no_text_are_counted_as_quickly_as_text() -> None:
    octets = bytes(set(range(256)) - set(b"\n"))
    for charset in ("windows-1252", "iso-8859-1", "utf-8"):
        assert all(map(is_narrow, safe_text(octets.decode(charset, "replace")).split("\n")))


def test_clip() -> None:
    assert clip("hello", 5) == "hello"
    assert clip("hello!", 5) == "hell…"
    assert clip("字字字", 6) == "字字字"
    assert clip("字字字", 5) == "字字…"
    assert clip("x", 0) == ""


def test_of_an_address_the_end_stays() -> None:
    """`boss@bank.example` is not what may be left of it."""
    assert clip_address("boss@bank.example.of.evil.test", 24) == "boss@bank.e…of.evil.test"
    assert clip_address("⚠ boss@bank.example.of.evil.test", 24) == "⚠ boss@bank…of.evil.test"
    assert clip_address("boss@evil.test", 24) == "boss@evil.test"
    assert clip_address("Charles Babbage of the Difference Engine", 24) == "Charles Babbage of the …"
    assert clip_address("大統領大統領@大統領.大統領.example", 20) == "大統領大…領.example"
    assert [clip_address("a@b.example", width) for width in (0, 1, 2, 3)] == ["", "…", "…e", "a…e"]
