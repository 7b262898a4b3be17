# SPDX-License-Identifier: GPL-3.0-or-later
"""HTML mail: what can be seen is shown, what is hidden is not, and nothing is fetched."""

import pytest

from tuimail.model.rendered import Rendered, Style
from tuimail.render.html import render_html


def show(html: str, width: int = 80) -> list[str]:
    return [line.text for line in render_html(html, width=width).lines]


def styled(rendered: Rendered, style: Style) -> list[str]:
    return [line.text[span.start : span.end] for line in rendered.lines for span in line.spans if span.style is style]


@pytest.mark.parametrize(
    "hidden",
    [
        "<div style='display:none'>secret</div>",
        "<div style='DISPLAY : NONE !important'>secret</div>",
        "<p hidden>secret</p>",
        "<span style='visibility:hidden'>secret</span>",
        "<span style='font-size:0'>secret</span>",
        "<span style='font-size:1px'>secret</span>",
        "<div style='opacity:0'>secret</div>",
        "<div style='max-height:0'>secret</div>",
        "<div style='height:1px;overflow:hidden'>secret</div>",
        "<div style='position:absolute;left:-9999px'>secret</div>",
        "<div style='text-indent:-5000px'>secret</div>",
        "<style>.pre {display:none}</style><div class=pre>secret</div>",
        "<style>div.pre, h6 {display:none!important}</style><div class=pre style='display:block'>secret</div>",
        "<style>#a {display:none} div {display:block}</style><div id=a>secret</div>",
        "<!-- secret --><!--[if mso]>secret<![endif]-->",
        "<head><title>secret</title></head>",
        "<script>secret</script><style>secret</style><template>secret</template><noframes>secret</noframes>",
        "<svg><text>secret</text></svg><iframe>secret</iframe><object>secret</object>",
        "<select><option>secret</select><textarea hidden>secret</textarea>",
        "<table><tr style='display:none'><td>secret<td>secret</table>",
        "<table><tr><td>seen<td style='display:none'>secret</table>",
    ],
)
def test_hidden_text_is_left_out(hidden: str) -> None:
    shown = "\n".join(show(f"<p>before</p>{hidden}<p>after</p>"))
    assert "secret" not in shown
    assert "before" in shown
    assert "after" in shown


@pytest.mark.parametrize(
    "visible",
    [
        "<div style='mso-hide:all'>seen</div>",
        "<div aria-hidden=true>seen</div>",
        "<div style='font-size:0'><span style='font-size:14px'>seen</span></div>",
        "<div style='visibility:hidden'><b style='visibility:visible'>seen</b></div>",
        "<style>@media print {.x {display:none}}</style><p class=x>seen</p>",
        "<style>.x {display:none}</style><p class=x style='display:block'>seen</p>",
        "<style>p {display:none} .x {display:block}</style><p class=x>seen</p>",
        "<!--[if !mso]><!--><p>seen</p><!--<![endif]-->",
        "<o:p>seen</o:p>",
        "<div style='overflow:hidden;height:200px'>seen</div>",
    ],
)
def test_visible_text_is_kept(visible: str) -> None:
    assert show(visible) == ["seen"]


def test_white_space_collapses_and_blank_lines_do_not_double() -> None:
    html = "<p>one\n  two</p>\n\n<p>&nbsp;</p><br><br><div><br></div><p>  three <b> four</b></p><div>five</div><div>six</div>"
    assert show(html) == ["one two", "", "three four", "", "five", "six"]


def test_preheader_padding_is_removed() -> None:
    assert show("<p>Sale" + "&#847; &zwnj;&nbsp;&#8199;&shy; " * 40 + "now</p><p>👩\u200d🔬</p>") == [
        "Sale now",
        "",
        "👩\u200d🔬",
    ]


@pytest.mark.parametrize("invisible", ["&#8203;", "&#x202e;&zwnj;", "&#65279;", "&zwj;", "&#xad;", "\u061c"])
def test_text_of_which_nothing_is_visible_leaves_nothing(invisible: str) -> None:
    assert show(f"<p>{invisible}</p><b>{invisible}</b>seen<i>{invisible}</i><pre>{invisible}</pre>") == ["seen"]


def test_styles() -> None:
    rendered = render_html(
        "<b>bold</b> <i>em</i> <u>under</u> <s>gone</s> <code>x()</code> "
        "<span style='font-weight:700'>css</span><h1>Title</h1>",
        width=80,
    )
    assert styled(rendered, Style.STRONG) == ["bold", "css"]
    assert styled(rendered, Style.EMPHASIS) == ["em"]
    assert styled(rendered, Style.UNDERLINE) == ["under"]
    assert styled(rendered, Style.STRIKE) == ["gone"]
    assert styled(rendered, Style.CODE) == ["x()"]
    assert styled(rendered, Style.HEADING) == ["Title"]


@pytest.mark.parametrize(
    "empty", ["<ul></ul>", "<ol></ol>", "<ul><!-- --> x</ul>", "<ul><ul></ul></ul>", "<ol start=9>\n</ol>"]
)
def test_a_list_without_items_takes_nothing_away(empty: str) -> None:
    assert [line.strip() for line in show(f"<p>before</p>{empty}<p>after</p>") if line.strip() not in ("", "x")] == [
        "before",
        "after",
    ]


def test_lists() -> None:
    html = "<ul><li>one<li>two<ul><li><p>nested</p></ul></ul><ol start=9><li>nine<li>ten</ol>"
    rendered = render_html(html, width=80)
    assert [line.text for line in rendered.lines] == ["• one", "• two", "  • nested", "", " 9. nine", "10. ten"]
    assert [line.indent for line in rendered.lines] == [2, 2, 4, 0, 4, 4]


def test_marker_of_an_empty_item_does_not_stray() -> None:
    assert show("<ul><li>a<li></ul><p>b</p>") == ["• a", "", "b"]


def test_quotations() -> None:
    rendered = render_html(
        "yes<blockquote>one<blockquote>two</blockquote></blockquote><div class=gmail_attr>Ada wrote:</div>", width=80
    )
    assert [(line.quote, line.text) for line in rendered.lines if line.text] == [
        (0, "yes"),
        (1, "one"),
        (2, "two"),
        (0, "Ada wrote:"),
    ]
    assert styled(rendered, Style.MUTED) == ["Ada wrote:"]


def test_signature() -> None:
    rendered = render_html("<p>Hi</p><div class='gmail_signature'>Ada<br>London</div>", width=80)
    assert [line.text for line in rendered.lines if line.signature] == ["Ada", "London"]


def test_preformatted() -> None:
    rendered = render_html("<pre>a\n  b\n\nc</pre>", width=80)
    assert [line.text for line in rendered.lines] == ["a", "  b", "", "c"]


def test_links() -> None:
    html = (
        "<a href='https://example.org/a'>one <b>two</b></a> <a href='javascript:x'>three</a> <a href='https://x.example/'></a>"
        "<a href='https://evil.example/'>https://bank.example/</a> <a href='#top'>top</a>"
    )
    rendered = render_html(html, width=80)
    assert [(link.text, link.target) for link in rendered.links] == [
        ("one two", "https://example.org/a"),
        ("https://bank.example/", "https://evil.example/"),
    ]
    assert styled(rendered, Style.LINK) == ["one two", "https://bank.example/"]
    assert "evil.example" in rendered.links[1].warning


def test_links_without_markup() -> None:
    rendered = render_html("<p>See <i>https://example.org/a</i>. <b>x</b></p><pre>http://x.example/</pre>", width=80)
    assert styled(rendered, Style.LINK) == ["https://example.org/a", "http://x.example/"]
    assert [link.target for link in rendered.links] == styled(rendered, Style.LINK)


def test_buttons() -> None:
    css = "background:#00f;color:#fff;padding:10px 20px;border-radius:3px"
    rendered = render_html(
        f"<td><a href='https://example.org/pay' style='{css}'> Pay <b>now</b> </a></td><button>Vote</button>", width=80
    )
    assert [line.text for line in rendered.lines] == ["[ Pay now ] [ Vote ]"]
    assert "Pay " in styled(rendered, Style.BUTTON)[0]
    assert rendered.links[0].target == "https://example.org/pay"


def test_images_are_counted_and_not_fetched() -> None:
    rendered = render_html(
        "<img src='https://x.example/logo.png' alt='Logo'> <img src='cid:a'> "
        "<img src='http://x.example/t.gif' width=1 height=1>"
        "<img src='//x.example/h.gif' style='display:none'> <img src='https://x.example/spacer.gif'>"
        "<div style='display:none'><p><img src='https://x.example/z.gif'></p></div>"
        "<a href='https://x.example/'><img src='https://x.example/i.png'></a>",
        width=80,
    )
    assert [line.text for line in rendered.lines] == ["[Logo] [image] [image]"]
    assert (rendered.blocked_images, rendered.trackers) == (6, 3)
    assert styled(rendered, Style.IMAGE) == ["[Logo]", "[image]", "[image]"]


def test_rule_and_headings_stand_apart() -> None:
    assert show("a<hr>b<h2>T</h2>c") == ["a", "", "─" * 24, "", "b", "", "T", "", "c"]


def test_spacing_follows_margins() -> None:
    assert show("<div style='padding:20px 0'>a</div><div>b</div><p style='margin:0'>c</p><p style='margin:0'>d</p>") == [
        "a",
        "",
        "b",
        "c",
        "d",
    ]


def test_controls_and_bidi_do_not_pass() -> None:
    assert show("&#27;[31m&#x202e;x&#x9b;\u2028y") == ["␛[31mx› y"]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("10<sup>-3</sup> m<sup>2</sup>, H<sub>2</sub>O, 2<sup>n</sup>", "10⁻³ m², H₂O, 2ⁿ"),
        ("words<sup><a href='https://example.com/#1'>1</a>, 2)</sup>", "words¹, ²⁾"),
        ("$19<sup>99</sup>", "$19⁹⁹"),
        ("1<sup>st</sup>, Name<sup>TM</sup>, note<sup>[1]</sup>", "1st, NameTM, note[1]"),
        ("<sup>2024 2025 2026</sup>", "2024 2025 2026"),
    ],
)
def test_small_digits_stay_small(html: str, text: str) -> None:
    assert show(html) == [text]


@pytest.mark.parametrize(
    ("start", "items", "lines"),
    [
        ("<ol type=a>", 2, ["a. x", "b. x"]),
        ("<ol type=A start=26>", 2, [" Z. x", "AA. x"]),
        ("<ol type=i start=3>", 2, ["iii. x", " iv. x"]),
        ("<ol style='list-style-type: upper-roman'>", 1, ["I. x"]),
        ("<ol style='list-style-type: lower-latin'>", 1, ["a. x"]),
        ("<ol type=i start=5000>", 1, ["5000. x"]),
        ("<ol type=a start=0>", 1, ["0. x"]),
        ("<ol reversed>", 3, ["3. x", "2. x", "1. x"]),
        ("<ol reversed start=10>", 2, ["10. x", " 9. x"]),
        ("<ol type=1><li value=7>x", 1, ["7. x", "8. x"]),
    ],
)
def test_items_are_counted_as_the_list_says(start: str, items: int, lines: list[str]) -> None:
    assert show(start + "<li>x" * items + "</ol>") == lines
