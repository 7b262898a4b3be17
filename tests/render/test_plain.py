# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain text: quotations, signatures, attributions, links and format=flowed."""

import pytest

from tuimail.model.rendered import MAX_LINES, MAX_TEXT, TOO_LONG, Rendered, Style
from tuimail.render.plain import render_plain


def texts(rendered: Rendered) -> list[tuple[int, str]]:
    return [(line.quote, line.text) for line in rendered.lines]


def styled(rendered: Rendered, style: Style) -> list[str]:
    return [line.text[span.start : span.end] for line in rendered.lines for span in line.spans if span.style is style]


@pytest.mark.parametrize(
    ("line", "quote", "text"),
    [
        ("plain", 0, "plain"),
        ("> one", 1, "one"),
        (">one", 1, "one"),
        ("> > two", 2, "two"),
        (">>two", 2, "two"),
        (">> > three", 3, "three"),
        (">   indented", 1, "  indented"),
        (" > no quotation", 0, " > no quotation"),
        (">" * 5000 + " deep", 20, "deep"),
    ],
)
def test_quotation(line: str, quote: int, text: str) -> None:
    assert texts(render_plain(line)) == [(quote, text)]


def test_line_breaks_and_blank_end() -> None:
    assert texts(render_plain("a\r\n\r\nb\r\n\r\n\r\n")) == [(0, "a"), (0, ""), (0, "b")]
    assert render_plain("").lines == ()


def test_signature_ends_at_a_quotation() -> None:
    rendered = render_plain("Hi\n-- \nAda\n> -- \n> Bob\nmore")
    assert [line.signature for line in rendered.lines] == [False, True, True, True, True, False]


def test_attribution_is_muted() -> None:
    rendered = render_plain("Yes.\n\nOn Monday Ada wrote:\n\n> Tea?\n\nNot this: it is text.\nNor this:\nplain")
    assert styled(rendered, Style.MUTED) == ["On Monday Ada wrote:"]


def test_attribution_over_two_lines_is_muted() -> None:
    upper = "On Mon, 2 Feb 2026 at 10:11, Ada Lovelace of London <ada@example.org>"
    assert styled(render_plain(f"{upper}\nwrote:\n> x"), Style.MUTED) == [upper, "wrote:"]


def test_links() -> None:
    rendered = render_plain("See <https://example.org/a>, (http://x.example/y). mailto:ada@example.org javascript:alert(1)")
    assert styled(rendered, Style.LINK) == ["https://example.org/a", "http://x.example/y", "mailto:ada@example.org"]
    assert [link.target for link in rendered.links] == styled(rendered, Style.LINK)
    assert [span.link for span in rendered.lines[0].spans] == [0, 1, 2]


def test_number_of_links_is_limited() -> None:
    assert len(render_plain("http://x.example/ " * 20_000).links) == 5000


def test_list_items_are_indented_when_wrapped() -> None:
    rendered = render_plain("  * item\n12. item\n-no item\n- ")
    assert [line.indent for line in rendered.lines] == [4, 4, 0, 0]


def test_flowed_paragraphs_are_joined() -> None:
    rendered = render_plain("One \ntwo \nthree\nfour\n stuffed\n >no quotation", flowed=True)
    assert texts(rendered) == [(0, "One two three"), (0, "four"), (0, "stuffed"), (0, ">no quotation")]


def test_flowed_quotations_are_joined_by_depth() -> None:
    rendered = render_plain("> a \n> b\n>> c \n>> d \n> e\nf \n\ng", flowed=True)
    assert texts(rendered) == [(1, "a b"), (2, "c d"), (1, "e"), (0, "f"), (0, ""), (0, "g")]


def test_flowed_signature_separator_does_not_flow() -> None:
    rendered = render_plain("text \n-- \nAda", flowed=True)
    assert [(line.text, line.signature) for line in rendered.lines] == [("text", False), ("--", True), ("Ada", True)]


def test_delsp_joins_without_space() -> None:
    assert texts(render_plain("日本 \n語", flowed=True, delsp=True)) == [(0, "日本語")]


def test_controls_are_made_visible() -> None:
    assert texts(render_plain("\x1b]0;x\x07\u202e")) == [(0, "␛]0;x␇")]


@pytest.mark.parametrize(
    ("text", "lines", "characters"),
    [
        ("x" * (MAX_TEXT + 1), 1, MAX_TEXT),
        ("x\n" * (MAX_LINES + 1), MAX_LINES, MAX_LINES),
        ("\t" * MAX_TEXT + "x", 1, MAX_TEXT),
    ],
    ids=["long", "many lines", "tabs"],
)
def test_cut_text_is_told(text: str, lines: int, characters: int) -> None:
    rendered = render_plain(text)
    assert rendered.cut
    assert rendered.warnings == (TOO_LONG,)
    assert len(rendered.lines) == lines
    assert sum(len(line.text) for line in rendered.lines) <= characters


def test_text_of_the_greatest_length_is_whole() -> None:
    rendered = render_plain("x\n" * (MAX_LINES - 1) + "x" * (MAX_TEXT - 2 * MAX_LINES + 2))
    assert not rendered.cut
    assert not rendered.warnings
