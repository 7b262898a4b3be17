# SPDX-License-Identifier: GPL-3.0-or-later
"""text/enriched and text/richtext read as text with styles, not as their source."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuimail.model.rendered import Style
from tuimail.render.enriched import to_html
from tuimail.render.port import render


def show(kind: str, text: str) -> list[str]:
    return [line.text for line in render(kind, text, width=80).lines]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("<bold>Now</bold> is the time\r\nfor <italic>all</italic>.\r\n\r\nSecond", ["Now is the time for all.", "Second"]),
        ("one\n\n\ntwo", ["one", "", "two"]),
        ("<color><param>red</param>Red</color>, a << b & c > d", ["Red, a < b & c > d"]),
        ("<nofill>x\n  y\n</nofill>z", ["x", "y", "z"]),
        ("<unknown>text</unknown> <b>x</b>", ["text x"]),
        ("<bold>\n\nx", ["x"]),
        ("<param>never closed", []),
        ("a <script>alert(1)</script>", ["a alert(1)"]),
    ],
)
def test_enriched(text: str, lines: list[str]) -> None:
    assert show("text/enriched", text) == lines


def test_styles_and_quotations() -> None:
    bold, quoted = render("text/enriched", "<bold>x</bold>\n\n<excerpt>y</excerpt>", width=80).lines[0::2]
    assert [span.style for span in bold.spans] == [Style.STRONG]
    assert quoted.quote == 1


def test_richtext() -> None:
    text = "<bold>Now</bold>\nis<nl>the <lt>time> <comment>not\nthis</comment><paragraph>Second</paragraph>"
    assert show("text/richtext", text) == ["Now is", "the <time>", "", "Second"]


@given(st.text(st.sampled_from("<>/abnofilparm \n"), max_size=200), st.booleans())
def test_never_raises(text: str, richtext: bool) -> None:
    assert isinstance(to_html(text, richtext=richtext), str)
