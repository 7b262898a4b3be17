# SPDX-License-Identifier: GPL-3.0-or-later
"""Bodies of messages, one below the other: no more of them than anybody reads, and that is told."""

from collections.abc import Iterator

import pytest

from tuimail.engine.rendering import View, joined, octets_to_show, opened_part, rendered_part, rendered_source
from tuimail.engine.viewing import view_message
from tuimail.model.part import Part
from tuimail.model.rendered import MAX_LINES, MAX_TEXT, TOO_LONG, Line, Rendered, Span, Style

PLAIN = Part("1", "text/plain", {"charset": "utf-8"})


def test_of_many_bodies_no_more_are_made_than_are_shown() -> None:
    made: list[int] = []

    def bodies() -> Iterator[Rendered]:
        for number in range(1000):
            made.append(number)
            yield Rendered((Line("x" * (MAX_TEXT // 4)),))

    whole = joined(bodies())
    assert len(made) == 4
    assert whole.cut
    assert sum(len(line.text) for line in whole.lines) <= MAX_TEXT


def test_lines_of_several_bodies_are_counted_together() -> None:
    body = Rendered((Line("x"),) * (MAX_LINES // 2))
    whole = joined([body, body, body])
    assert len(whole.lines) == MAX_LINES
    assert whole.cut


def test_that_something_is_missing_is_told_once_and_last() -> None:
    bodies = [Rendered((Line(text),), warnings=(TOO_LONG, text), cut=True) for text in "ab"]
    assert joined(bodies).warnings == ("a", "b", TOO_LONG)


def test_styles_end_where_a_line_is_cut() -> None:
    spans = (Span(0, 9, Style.STRONG), Span(MAX_TEXT - 5, MAX_TEXT + 5, Style.CODE), Span(MAX_TEXT, MAX_TEXT + 5, Style.CODE))
    (line,) = joined([Rendered((Line("x" * (MAX_TEXT + 10), spans),))]).lines
    assert len(line.text) == MAX_TEXT
    assert [span.end for span in line.spans] == [9, MAX_TEXT]


@pytest.mark.parametrize("extra", range(4))
def test_a_beginning_keeps_its_charset(extra: int) -> None:
    text = "x" * extra + "\N{EURO SIGN}" * octets_to_show(PLAIN)
    part = Part("1", "text/plain")
    rendered = rendered_part(opened_part(text.encode(), part), part, "text/plain", 80)
    assert rendered.cut
    assert set(rendered.lines[0].text[extra:-1]) == {"\N{EURO SIGN}"}


def test_a_part_that_goes_on_is_cut_although_what_is_here_is_short() -> None:
    assert rendered_part(opened_part(b"text", PLAIN, cut=True), PLAIN, "text/plain", 80).cut
    assert not rendered_part(opened_part(b"text", PLAIN), PLAIN, "text/plain", 80).cut


@pytest.mark.parametrize("raw", ["\N{EURO SIGN}".encode() * MAX_TEXT, b"x\r\n" * (MAX_LINES + 1)])
def test_a_long_source_is_cut_and_told(raw: bytes) -> None:
    rendered = rendered_source(raw)
    assert rendered.cut
    assert rendered.warnings == (TOO_LONG,)
    assert len(rendered.lines) <= MAX_LINES
    assert rendered.lines[0].text[0] == raw.decode()[0]


def test_a_source_is_whole_where_it_is_short() -> None:
    assert rendered_source(b"a\r\nb\xe9") == Rendered((Line("a", preformatted=True), Line("b\xe9", preformatted=True)))


def test_a_file_of_many_long_texts_is_shown_in_part() -> None:
    part = b"--b\n\n" + b"x" * 300_000 + b"\n"
    raw = b"From: a@example.org\nContent-Type: multipart/mixed; boundary=b\n\n" + part * 20 + b"--b--\n"
    viewed = view_message(raw, width=80, view=View.READER)
    assert viewed.warnings == (TOO_LONG,)
    assert MAX_TEXT - 100 < sum(len(line.text) for line in viewed.body.lines) <= MAX_TEXT


_IMAGES = '<a href="https://example.com/"><img src="https://example.com/1.png"></a><img src="cid:x">'


@pytest.mark.parametrize(
    ("plain", "html", "shown", "images"),
    [
        ("the words", "<html><title>x</title><body> &nbsp; </body></html>", "the words", 0),
        ("the words", _IMAGES, "the words", 1),
        ("- -", _IMAGES, "[image][image]", 1),
        ("the words", '<img alt="Sale!" src="https://example.com/1.png">', "[Sale!]", 1),
        ("the words", "<p>rich", "rich", 0),
    ],
)
def test_html_without_words_gives_way_to_plain_text(plain: str, html: str, shown: str, images: int) -> None:
    head = "From: ada@example.org\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"
    parts = [f"--b\r\nContent-Type: text/{kind}\r\n\r\n{text}\r\n" for kind, text in (("plain", plain), ("html", html))]
    body = view_message("".join((head, *parts, "--b--\r\n")).encode(), width=80, view=View.READER).body
    assert [line.text for line in body.lines] == [shown]
    assert body.blocked_images == images
