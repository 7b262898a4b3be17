# SPDX-License-Identifier: GPL-3.0-or-later
"""format=flowed, written here and unwrapped by the rules of RFC 3676 §4."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuimail.mime.flowed import encode


def _unwrap(flowed: str) -> str:
    """Stuffing off, soft breaks joined; without quotes."""
    joined: list[str] = []
    soft = False
    for line in flowed.split("\n"):
        text = line[1:] if line.startswith(" ") else line
        if soft:
            joined[-1] += text
        else:
            joined.append(text)
        soft = text.endswith(" ") and text != "-- "
    return "\n".join(joined)


def test_long_lines_break_softly() -> None:
    flowed = encode("word " * 40 + "end")
    assert max(map(len, flowed.split("\n"))) <= 73
    assert _unwrap(flowed) == "word " * 40 + "end"


def test_quotes_keep_their_marks() -> None:
    lines = encode("> > " + "word " * 30).split("\n")
    assert len(lines) > 1
    assert all(line.startswith(">> word") for line in lines)


def test_what_must_not_change() -> None:
    assert encode("-- ") == "-- "
    assert encode("text  ") == "text"
    assert encode("  code that is long " + "x" * 100) == "   code that is long " + "x" * 100
    assert encode("From here") == " From here"
    assert encode("x" * 200) == "x" * 200


def test_quoted_code_keeps_its_indentation() -> None:
    assert encode(">     return 1\n> >\tx\n>>  y") == ">     return 1\n>> \tx\n>>  y"
    assert encode(">   " + "word " * 30 + "end") == ">   " + "word " * 30 + "end"


def test_no_piece_is_the_mark_of_a_signature() -> None:
    text = "x" * 71 + " -- https://example.org/" + "y" * 60
    for quote in ("", "> "):
        lines = encode(quote + text).split("\n")
        assert len(lines) > 1
        assert f"{quote}-- " not in lines


@pytest.mark.parametrize("blank", ["\xa0", "\u3000", "\u2003", "\x0c", "\x0b", "\x1c", "\x85", "\u2028"])
def test_only_a_space_is_where_a_line_is_broken(blank: str) -> None:
    text = f"{blank}{blank}" + f"word{blank} " * 30 + "end"
    assert _unwrap(encode(text)) == text


@given(st.lists(st.text("ab >F-", max_size=120).filter(lambda line: not line.startswith(">")), max_size=5))
def test_unwrapping_gives_the_text_back(lines: list[str]) -> None:
    text = "\n".join(line if line == "-- " else line.rstrip() for line in lines)
    assert _unwrap(encode(text)) == text
