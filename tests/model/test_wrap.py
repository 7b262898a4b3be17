# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines wrapped to rows: nothing too wide, nothing lost, spans on the same words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuimail.model.rendered import Line, Span, Style
from tuimail.model.text import safe_text
from tuimail.model.width import cell_len
from tuimail.model.wrap import count_rows, wrap

TEXTS = st.text(st.sampled_from("ab c-字、カ👩\u200d🔬e\u0301ä "), max_size=80).map(safe_text)
LINES = st.builds(Line, TEXTS, indent=st.integers(0, 6), preformatted=st.booleans())


def texts(line: Line, width: int) -> list[str]:
    return [row.text for row in wrap(line, width)]


@given(LINES, st.integers(4, 30))
def test_rows_fit(line: Line, width: int) -> None:
    for row in wrap(line, width):
        assert cell_len(row.text.rstrip(" ")) <= width


@given(LINES, st.integers(1, 30))
def test_nothing_but_spaces_is_lost(line: Line, width: int) -> None:
    joined = "".join(row.text[row.indent :] for row in wrap(line, width))
    assert joined.replace(" ", "") == line.text.replace(" ", "")
    if line.preformatted:
        assert joined == line.text


@given(LINES, st.integers(1, 30))
def test_rows_know_where_they_begin(line: Line, width: int) -> None:
    rows = wrap(line, width)
    assert [row.first for row in rows] == [True] + [False] * (len(rows) - 1)
    for row in rows:
        own = row.text[row.indent :]
        assert line.text[row.start : row.start + len(own)] == own


@given(LINES, st.integers(1, 30))
def test_counting_is_exact(line: Line, width: int) -> None:
    assert count_rows(line, width) == len(wrap(line, width))


@given(TEXTS, st.integers(2, 20), st.data())
def test_spans_keep_their_text(text: str, width: int, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    line = Line(text, (Span(start, end, Style.LINK, 0),), indent=2)
    styled = "".join(row.text[span.start : span.end] for row in wrap(line, width) for span in row.spans)
    assert styled.replace(" ", "") == text[start:end].replace(" ", "")


@pytest.mark.parametrize(
    ("text", "width", "rows"),
    [
        ("", 10, [""]),
        ("one two three", 7, ["one two", "three"]),
        ("one   two", 4, ["one", "two"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("a abcdefghij", 4, ["a", "abcd", "efgh", "ij"]),
        ("  indented text", 10, ["  indented", "text"]),
        ("字字字字", 5, ["字字", "字字"]),
        ("字字。", 4, ["字", "字。"]),
        ("héllo wörld", 6, ["héllo", "wörld"]),
    ],
)
def test_breaks(text: str, width: int, rows: list[str]) -> None:
    assert texts(Line(text), width) == rows


def test_preformatted_breaks_at_the_edge() -> None:
    assert texts(Line("int main (void)", preformatted=True), 6) == ["int ma", "in (vo", "id)"]


def test_later_rows_are_indented() -> None:
    assert texts(Line("• one two three", indent=2), 9) == ["• one two", "  three"]
    assert texts(Line("• one two three", indent=6), 9) == ["• one two", "three"]


def test_long_line_is_wrapped_whole() -> None:
    rows = wrap(Line("x" * 1_000_000), 80)
    assert len(rows) == 12_500
