# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTML alternative of a message written as Markdown."""

import re

import pytest

from tuimail.mime.markdown import to_html


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("**bold** and *soft*", "<strong>bold</strong> and <em>soft</em>"),
        ("one\ntwo", "one<br />\ntwo"),
        ("~~gone~~", "<s>gone</s>"),
        ("[text](https://example.org)", '<a href="https://example.org">text</a>'),
        ("<script>alert(1)</script>", "&lt;script&gt;"),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ("![a cat](https://example.org/cat.png)", '<a href="https://example.org/cat.png">a cat</a>'),
        ("> quoted", '<blockquote style="'),
    ],
)
def test_markdown(markdown: str, expected: str) -> None:
    assert expected in to_html(markdown)


def test_nothing_is_fetched_when_it_is_read() -> None:
    html = to_html("![x](https://example.org/x.png)\n\n| a | b |\n|--:|---|\n| 1 | 2 |\n\n```\ncode\n```\n")
    assert not re.search(r"<(img|link|script|iframe)|src=|url\(", html)
    assert "text-align:right" in html
    assert html.startswith("<!DOCTYPE html>")
