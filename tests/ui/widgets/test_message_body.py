# SPDX-License-Identifier: GPL-3.0-or-later
from collections.abc import Awaitable, Callable
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import ComposeResult
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.selection import Selection

from tests.ui.widgets.support import PROBES, ThemedApp, screen_lines, screen_text
from tuimail.model.address import Address
from tuimail.model.message import Envelope
from tuimail.model.part import Part
from tuimail.model.rendered import Line, Link, Rendered, Span, Style
from tuimail.model.wrap import wrap
from tuimail.ui.widgets.body_layout import PIECE, BodyLayout, fold_quotes, in_pieces
from tuimail.ui.widgets.body_row import openable
from tuimail.ui.widgets.message_body import MessageBody
from tuimail.ui.widgets.message_head import head_lines, size_text


class BodyApp(ThemedApp):
    def __init__(self) -> None:
        super().__init__()
        self.body = MessageBody()
        self.chosen: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.body

    def on_message_body_link_chosen(self, event: MessageBody.LinkChosen) -> None:
        self.chosen.append(event.link.target)


async def with_body(
    lines: tuple[Line, ...],
    act: Callable[[BodyApp, Pilot[None]], Awaitable[None]],
    links: tuple[Link, ...] = (),
    size: tuple[int, int] = (60, 12),
) -> None:
    app = BodyApp()
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        app.body.show((), Rendered(lines, links))
        app.body.focus()
        await pilot.pause()
        await act(app, pilot)


def numbered(count: int) -> tuple[Line, ...]:
    return tuple(Line(f"line {number}") for number in range(count))


async def test_scrolls_by_pages_and_says_when_nothing_is_left() -> None:
    async def act(app: BodyApp, pilot: Pilot[None]) -> None:
        assert app.body.perform("page_down")
        assert app.body.top == 10
        assert app.body.perform("page_down")
        assert app.body.perform("page_down") is True
        assert app.body.at_end
        assert app.body.perform("page_down") is False
        assert app.body.perform("first")
        assert app.body.top == 0
        assert app.body.perform("cursor_up")

    await with_body(numbered(40), act)


async def test_a_short_message_is_at_its_end_at_once() -> None:
    async def act(app: BodyApp, pilot: Pilot[None]) -> None:
        assert app.body.perform("page_down") is False

    await with_body(numbered(3), act)


async def test_every_line_can_be_reached_in_a_long_body() -> None:
    lines = tuple(Line(f"{number} " + "word " * (number % 40)) for number in range(6000))

    async def act(app: BodyApp, pilot: Pilot[None]) -> None:
        app.body.perform("last")
        await pilot.pause()
        assert any("5999 word" in line for line in screen_lines(app))
        app.body.find("4321 ")
        await pilot.pause()
        assert any("4321 word" in line for line in screen_lines(app))

    await with_body(lines, act)


@given(
    texts=st.lists(st.text(alphabet="ab 字", max_size=60), min_size=1, max_size=40),
    width=st.integers(10, 40),
    exact=st.integers(0, 10),
)
def test_estimates_become_the_exact_layout(texts: list[str], width: int, exact: int) -> None:
    lines = [Line(text) for text in texts]
    whole = BodyLayout(lines, width, exact=len(lines))
    guessed = BodyLayout(lines, width, exact=exact)
    while guessed.correct(3):
        pass
    assert guessed.row_count == whole.row_count
    assert [guessed.row(at) for at in range(whole.row_count)] == [whole.row(at) for at in range(whole.row_count)]


@given(texts=st.lists(st.text(alphabet="ab 字", max_size=60), min_size=1, max_size=40), at=st.integers(0, 100))
def test_what_is_settled_is_drawn_whole(texts: list[str], at: int) -> None:
    layout = BodyLayout([Line(text) for text in texts], 10, exact=0)
    at = min(at, layout.row_count - 1)
    layout.settle(at, 5)
    assert all(layout.row(row) is not None for row in range(at, min(at + 5, layout.row_count)))


async def test_finds_in_order_and_around_the_end() -> None:
    lines = (*numbered(30), Line("a needle"), *numbered(30), Line("NEEDLE again"))

    async def act(app: BodyApp, pilot: Pilot[None]) -> None:
        assert app.body.find("needle") == 2
        assert app.body.match_position == (1, 2)
        await pilot.pause()
        assert "a needle" in screen_text(app)
        assert app.body.perform("next_match")
        await pilot.pause()
        assert "NEEDLE again" in screen_text(app)
        assert app.body.perform("next_match")
        assert app.body.match_position == (1, 2)
        assert app.body.perform("previous_match")
        assert app.body.match_position == (2, 2)
        assert app.body.find("absent") == 0
        assert not app.body.perform("next_match")

    await with_body(lines, act)


def quoted_message() -> tuple[Line, ...]:
    return (Line("top"), *(Line(f"said {number}", quote=1) for number in range(5)), Line("reply"), Line("deep", quote=3))


async def test_quotes_have_bars_and_fold() -> None:
    async def act(app: BodyApp, pilot: Pilot[None]) -> None:
        text = screen_text(app)
        assert "▎ said 0" in text
        assert "▎ ▎ ▎ deep" in text
        app.body.perform("fold_quotes")
        await pilot.pause()
        text = screen_text(app)
        assert "5 quoted lines" in text
        assert "said 0" not in text
        assert "deep" in text
        assert app.body.find("said 3") == 1
        await pilot.pause()
        assert "said 3" in screen_text(app)

    await with_body(quoted_message(), act)


def test_folding_keeps_everything_else() -> None:
    assert [line.text for line in fold_quotes(quoted_message(), ">")] == ["top", "> 5 quoted lines", "reply", "deep"]


LINKS = (Link("here", "https://example.org/a"), Link("there", "https://example.org/b"))
LINK_LINE = Line("look here or there", (Span(5, 9, Style.LINK, 0), Span(13, 18, Style.LINK, 1)))


async def test_links_are_chosen_by_number() -> None:
    async def act(app: BodyApp, pilot: Pilot[None]) -> None:
        assert app.body.perform("links")
        assert app.body.uses_keys
        await pilot.pause()
        assert " 1 " in screen_lines(app)[0]
        await pilot.press("2")
        await pilot.pause()
        assert app.chosen == ["https://example.org/b"]
        assert not app.body.uses_keys
        app.body.perform("links")
        await pilot.press("escape")
        assert not app.body.uses_keys
        assert app.chosen == ["https://example.org/b"]

    await with_body((LINK_LINE,), act, LINKS)


async def test_the_tenth_link_can_be_chosen() -> None:
    links = tuple(Link(f"l{number}", f"https://example.org/{number}") for number in range(1, 12))
    lines = tuple(Line(f"l{number}", (Span(0, 2, Style.LINK, number - 1),)) for number in range(1, 12))

    async def act(app: BodyApp, pilot: Pilot[None]) -> None:
        app.body.perform("links")
        await pilot.press("1", "0")
        app.body.perform("links")
        await pilot.press("1", "enter")
        await pilot.pause()
        assert app.chosen == ["https://example.org/10", "https://example.org/1"]

    await with_body(lines, act, links)


async def test_links_are_chosen_by_click_and_carry_one_id_over_rows() -> None:
    long = Line("x " * 25 + "linked words here", (Span(50, 67, Style.LINK, 0),))

    async def act(app: BodyApp, pilot: Pilot[None]) -> None:
        drawn = app.screen._compositor.render_strips()[:2]
        styles = [[segment.style for segment in strip if segment.style and segment.style.link] for strip in drawn]
        assert all(styles)
        ids = {style.link_id for strip in styles for style in strip}
        assert len(ids) == 1
        await pilot.click(MessageBody, offset=(3, 1))
        await pilot.pause()
        assert app.chosen == ["https://example.org/a"]

    await with_body((long,), act, LINKS)


@pytest.mark.parametrize(
    ("target", "good"),
    [
        ("https://example.org/x", True),
        ("mailto:a@example.org", True),
        ("javascript:alert(1)", False),
        ("file:///etc/passwd", False),
        ("https://example.org/\x1b]0;x", False),
        ("https://exa mple.org", False),
        ("HTTP://example.org/", True),
        ("https://example.org/x\n", False),
        ("https://exämple.org/", False),
        ("https://", False),
        ("x https://example.org/", False),
        ("data:text/html,https://example.org/", False),
        ("tel:112", False),
        ("", False),
        ("https://example.org/" + "x" * 2000, False),
    ],
)
async def test_only_harmless_links_reach_the_terminal(target: str, good: bool) -> None:
    assert openable(Link("x", target)) is good

    async def act(app: BodyApp, pilot: Pilot[None]) -> None:
        links = {segment.style.link for segment in app.body.render_line(0) if segment.style}
        assert (target in links) is good

    await with_body((Line("x", (Span(0, 1, Style.LINK, 0),)),), act, (Link("x", target),))


async def test_resizing_keeps_the_line_at_the_top() -> None:
    lines = tuple(Line(f"{number} " + "word " * 30) for number in range(100))

    async def act(app: BodyApp, pilot: Pilot[None]) -> None:
        app.body.find("50 word")
        app.body.scroll_top_to(app.body._layout.start_of(50))
        await pilot.pause()
        assert screen_lines(app)[0].strip().startswith("50 word")
        await pilot.resize_terminal(40, 12)
        await pilot.pause()
        assert screen_lines(app)[0].strip().startswith("50 word")

    await with_body(lines, act)


async def test_selection_leaves_margin_and_bars_out() -> None:
    async def act(app: BodyApp, pilot: Pilot[None]) -> None:
        selection = Selection(Offset(2, 0), Offset(9, 1))
        assert app.body.get_selection(selection) == ("top\nsaid ", "\n")

    await with_body(quoted_message(), act)


async def test_markup_in_mail_is_only_text() -> None:
    async def act(app: BodyApp, pilot: Pilot[None]) -> None:
        app.body.show(
            head_lines(Envelope(subject=PROBES[0], from_=(Address(PROBES[1], "a@example.org"),)), 0),
            Rendered(tuple(map(Line, PROBES))),
        )
        await pilot.pause()
        text = screen_text(app)
        for probe in PROBES:
            assert probe in text

    await with_body((), act, size=(100, 30))


def test_head_shows_real_addresses_and_warns_of_names_that_deceive() -> None:
    envelope = Envelope(
        subject="Hi", from_=(Address("boss@bank.example", "thief@evil.example"),), to=(Address("", "me@example.org"),)
    )
    parts = (Part("2", "application/pdf", size=1000, filename="a.pdf"),)
    text = "\n".join(line.text for line in head_lines(envelope, 0, parts, Rendered((), blocked_images=2, trackers=1)))
    assert "<thief@evil.example>" in text
    assert "looks like an address, but the mail comes from thief@evil.example" in text
    assert " a.pdf  1.0 kB" in text.replace("\xa0", " ")
    assert "2 remote images were not loaded, 1 of them hidden." in text


@pytest.mark.parametrize(
    ("images", "hidden", "told"),
    [
        (1, 0, "1 remote image was not loaded."),
        (1, 1, "1 hidden remote image was not loaded."),
        (3, 3, "3 hidden remote images were not loaded."),
    ],
)
def test_head_counts_what_was_not_loaded(images: int, hidden: int, told: str) -> None:
    lines = head_lines(Envelope(), 0, (), Rendered((), blocked_images=images, trackers=hidden))
    assert told in [line.text.strip() for line in lines]


@pytest.mark.parametrize("width", range(32, 80, 3))
def test_a_files_size_stands_beside_its_name(width: int) -> None:
    parts = [Part(str(number), "image/png", size=933, filename=f"picture{number}.png") for number in range(4)]
    line = next(line for line in head_lines(Envelope(), 0, parts) if "picture" in line.text)
    for row in wrap(line, width):
        text = row.text.replace("\xa0", " ")
        assert text.count(".png  933 B") == text.count("picture") == text.count("933 B")


def test_head_with_all_fields_and_with_many_recipients() -> None:
    many = tuple(Address("", f"p{number}@example.org") for number in range(12))
    assert any("and 4 more" in line.text for line in head_lines(Envelope(to=many), 0))
    lines = head_lines(Envelope(subject="S"), 0, headers=(("X-One", "1"), ("X-One", "2")))
    assert [line.text for line in lines] == ["S", "X-One: 1", "X-One: 2"]


@pytest.mark.parametrize(
    ("octets", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (34_400, "34 kB"), (999_900, "1.0 MB"), (5_300_000_000, "5.3 GB")],
)
def test_sizes(octets: int, text: str) -> None:
    assert size_text(octets) == text


@pytest.mark.parametrize(
    "text",
    ["x" * 9_999, "wörter und 語 " * 900, "e\u0301\u0301" * 3_333, "x👩\u200d👩\u200d👩\u200d👩" * 2_000],
    ids=["ascii", "words", "marks", "joined"],
)
def test_a_very_long_line_stands_in_pieces(text: str) -> None:
    spans = (Span(0, 5, Style.CODE), Span(PIECE - 5, PIECE + 5, Style.LINK, 3), Span(len(text) - 1, len(text), Style.STRONG))
    pieces = list(in_pieces(Line(text, spans, quote=2)))
    assert "".join(piece.text for piece in pieces) == text
    assert all(piece.quote == 2 for piece in pieces)
    shown = [(span.style, span.link, piece.text[span.start : span.end]) for piece in pieces for span in piece.spans]
    assert "".join(words for style, _, words in shown if style is Style.LINK) == text[PIECE - 5 : PIECE + 5]
    assert {link for style, link, _ in shown if style is Style.LINK} == {3}
    assert shown[-1] == (Style.STRONG, None, text[-1])
    for piece in pieces[1:]:
        assert category(piece.text[0])[0] != "M"
        assert piece.text[0] not in "\u200d "


def test_what_joins_without_end_stands_in_pieces_as_well() -> None:
    pieces = list(in_pieces(Line("👩\u200d" * 10_000)))
    assert max(len(piece.text) for piece in pieces) < 2 * PIECE
    assert "".join(piece.text for piece in pieces) == "👩\u200d" * 10_000


def test_of_long_lines_only_those_on_the_screen_are_counted_at_once() -> None:
    layout = BodyLayout((Line("é" * 1_000_000),), 50)
    layout.settle(0, 20)
    assert not layout.is_exact
    assert 20_000 <= layout.row_count <= 21_000
    while layout.correct(50):
        pass
    assert layout.row_count == 20_000
    assert layout.row(19_999) is not None
