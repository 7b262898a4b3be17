# SPDX-License-Identifier: GPL-3.0-or-later
"""The last filter: whatever is in the text, only sequences of the stage's own reach the terminal, and columns stay right."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.color import ColorSystem
from rich.style import Style

from tests.ui.output.shown import Emulator
from tests.ui.output.updates import Words, chops, layout
from tuimail.ui.output.stage import Stage

OWN = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|\x1b\[\?2026[hl]|\x1b\]8;[\x20-\x7e]*\x1b\\|\x1b[DM]|\r\n?")
NEVER = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
LINK = Style(link="https://example.org/\x1b]0;x\x07\u202e \x9b5m")


def sent(*frames: list[Words], width: int = 24) -> str:
    stage = Stage(ColorSystem.TRUECOLOR)
    return "".join(stage.frame(layout(rows, width), None) for rows in frames)


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_control_passes(one: str, other: str) -> None:
    data = sent([[(one, None)], [(other, LINK)]], [[(other, None)], [(one, None)]])
    assert not NEVER.search(OWN.sub("", data))
    data.encode()


def test_a_link_that_steers_the_terminal_is_made_harmless() -> None:
    assert "\x1b]8;" in sent([[("here", LINK)]])
    assert "%1B]0;x%07%E2%80%AE%20%C2%9B5m" in sent([[("here", LINK)]])


@pytest.mark.parametrize("cluster", ["👨‍👩‍👧", "❤️", "🇩🇪", "e\u0301", "नि", "👍🏽", "🏕"])
def test_after_a_doubtful_cluster_the_column_is_set_anew(cluster: str) -> None:
    data = sent([[(f"{cluster}|", None)]])
    assert f"{cluster}\x1b[{cell_len(cluster) + 1}G|" in data


@pytest.mark.parametrize("text", ["plain", "Grüße", "Ελλάδα", "日本語", "한국어", "●★▸…"])
def test_after_others_it_is_not(text: str) -> None:
    assert f"{text}|" in sent([[(f"{text}|", None)]])


def test_a_doubtful_cluster_is_written_anew_where_something_beside_it_changed() -> None:
    stage = Stage(ColorSystem.TRUECOLOR)
    stage.frame(layout([[("a👍🏽🇩🇪b", None)]], 10), None)
    data = stage.frame(layout([[("a🇩🇪🇩🇪b", None)]], 10), None)
    assert data.count("🇩🇪") == 2


def test_a_screen_of_another_size_begins_anew() -> None:
    stage = Stage(ColorSystem.TRUECOLOR)
    stage.frame(layout([[("one", None)]], 10), None)
    stage.frame(chops([[("two", None)], [("three", None)]], 12, [(0, 0, 12)]), None)
    assert not stage.is_complete
    emulator = Emulator(12, 2)
    emulator.feed(stage.frame(layout([[("two", None)], [("three", None)]], 12), None))
    emulator.feed(stage.repaint())
    assert stage.is_complete
    assert emulator.lines == ["two", "three"]


def test_what_is_shown_already_is_not_sent() -> None:
    stage = Stage(ColorSystem.TRUECOLOR)
    rows: list[Words] = [[("one", None)], [("two", None)]]
    stage.frame(layout(rows, 10), (3, 1))
    assert stage.frame(layout(rows, 10), (3, 1)) == ""
    assert stage.frame(layout(rows, 10), (2, 1)) == "\x1b[D"


def test_marks_frame_what_is_large_only() -> None:
    stage = Stage(ColorSystem.TRUECOLOR)
    small = stage.frame(layout([[("x", None)]] * 2, 10), None, marks=True)
    assert "2026" not in small
    large = Stage(ColorSystem.TRUECOLOR).frame(layout([[("x" * 90, None)]] * 20, 90), None, marks=True)
    assert large.startswith("\x1b[?2026h")
    assert large.endswith("\x1b[?2026l")


def test_without_colours_attributes_stay() -> None:
    stage = Stage(ColorSystem.TRUECOLOR, colors=False)
    data = stage.frame(layout([[("x", Style.parse("bold red on blue"))]], 1), None)
    assert data == "\x1b[m\x1b[H\x1b[1mx"
