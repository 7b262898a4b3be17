# SPDX-License-Identifier: GPL-3.0-or-later
"""HTML made to hang, crash or flood a renderer: it ends, and the output stays in proportion."""

import pytest

from tuimail.model.rendered import MAX_LINES, MAX_TEXT, TOO_LONG
from tuimail.render.dom import MAX_DEPTH, MAX_NODES, Element, parse
from tuimail.render.html import render_html

NESTED = [
    "<div>",
    "<b>",
    "<table>",
    "<table><tr><td>",
    "<table><tr><td>a<td>",
    "<ul><li>",
    "<blockquote>",
    "<a href=http://x.example/>",
    "<div><div style='float:left'>a</div><div style='float:left'>",
    "<div style='font-size:2em'>",
    "<div style='display:none'>",
]
LARGE = {
    "attributes": "<p " + " ".join(f"a{number}=1" for number in range(100_000)) + ">x",
    "classes": "<p class='" + "a " * 100_000 + "'>x",
    "declarations": "<p style='" + "display:block;" * 100_000 + "'>x",
    "digits in a style": "<p style='width:" + "1" * 100_000 + "x'>x",
    "functions in a style": "<p style='background:" + "rgba(" * 20_000 + "'>x",
    "colspan": "<table><tr><td colspan=99999999999999999999>a<td>b" * 2000,
    "list start": "<ol start=99999999999999999999><li>x",
    "less-than signs": "<" * 1_000_000,
    "one word": "x" * 1_000_000,
    "alt": "<img src=http://x.example/ alt='" + "a" * 500_000 + "'>",
    "href": "<a href='http://x.example/" + "a" * 500_000 + "'>x</a>",
    "links": "<a href=http://x.example/>x</a> " * 20_000,
    "padding": "<p>" + "\u200c\u00a0" * 500_000 + "x",
    "line breaks": "<pre>" + "\n" * 500_000 + "</pre>x",
    "long number": "<table><tr><td>" + "1" * 200_000 + "<td>" + "1" * 200_000 + "</table>",
}


@pytest.mark.parametrize("opening", NESTED)
def test_deep_nesting_ends(opening: str) -> None:
    rendered = render_html(opening * 15_000 + "end", width=80)
    assert len(rendered.lines) <= 30_001
    assert max((line.quote for line in rendered.lines), default=0) <= 20
    assert max((len(line.text) for line in rendered.lines), default=0) <= 30_100


@pytest.mark.parametrize("html", LARGE.values(), ids=LARGE)
def test_output_stays_in_proportion(html: str) -> None:
    rendered = render_html(html, width=80)
    assert sum(len(line.text) for line in rendered.lines) <= len(html) + 100
    assert len(rendered.links) <= 5000


@pytest.mark.parametrize("opening", ["<div>", "<b>", "<table><tr><td>", "<ul><li>"])
def test_what_is_nested_too_deep_is_text(opening: str) -> None:
    html = f"{opening * 5000}first{opening}second"
    levels, deepest = [parse(html).root], -1
    while levels:
        levels = [child for element in levels for child in element.children if isinstance(child, Element)]
        deepest += 1
    assert deepest == MAX_DEPTH
    assert " ".join(line.text.strip(" •") for line in render_html(html, width=80).lines).split() == ["first", "second"]


def test_too_many_nodes_are_cut_and_told() -> None:
    rendered = render_html("<p>x" * MAX_NODES, width=80)
    assert rendered.warnings == (TOO_LONG,)
    assert len(rendered.lines) <= MAX_NODES


def test_huge_table_is_unrolled() -> None:
    rendered = render_html("<table>" + "<tr><td>a<td>b" * 6000 + "</table>", width=80)
    assert len(rendered.lines) == 12_000
    assert rendered.width is None


def test_many_rules_for_many_elements_end() -> None:
    rules = "".join(f".a{number} * {{display:none}}" for number in range(5000))
    rendered = render_html(f"<style>{rules}</style>" + "<div class=b><p>x</p></div>" * 20_000, width=80)
    assert rendered.lines[0].text == "x"


@pytest.mark.parametrize(
    "html", ["", "\x00", "<", "<!doctype", "</p></table>", "<table><td><tr></table>", "<![CDATA[x", "<a href", "&#x110000;"]
)
def test_nonsense_does_not_raise(html: str) -> None:
    assert len(render_html(html, width=1).lines) <= 1


@pytest.mark.parametrize(
    "html",
    ["<pre>" + "x\n" * (MAX_LINES + 1), "<p>" + "x" * (MAX_TEXT + 1), "<p>" + ("x" * (MAX_TEXT // 10) + "<p>") * 11],
    ids=["lines", "long", "long in all"],
)
def test_too_much_text_is_cut_and_told(html: str) -> None:
    rendered = render_html(html, width=80)
    assert rendered.cut
    assert rendered.warnings == (TOO_LONG,)
    assert len(rendered.lines) <= MAX_LINES
    assert sum(len(line.text) for line in rendered.lines) <= MAX_TEXT


def test_blanks_between_elements_are_no_text() -> None:
    rendered = render_html(("<p>x</p>" + "\n" * 100) * 1000, width=80)
    assert not rendered.cut


def test_rules_for_what_nobody_writes_are_left_out() -> None:
    shown = render_html(f"<style>{'.a' * 600}{{display:none}}</style><p class=a>x", width=80)
    assert [line.text for line in shown.lines] == ["x"]


def test_of_very_many_selectors_the_first_are_applied() -> None:
    rules = ",".join(f".a{number}" for number in range(100_000))
    shown = render_html(f"<style>{rules}{{display:none}}</style><p class=a9>x<p class=a99999>y", width=80)
    assert [line.text for line in shown.lines] == ["y"]
