# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes out of safe_text and safe_line cannot steer a terminal."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuimail.model.text import safe_line, safe_text

DANGEROUS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)
NASTY = st.text(
    st.sampled_from("a \x1b\x9b\r\n\t\u202e\u200b\u200d\u200c\u0301\u0323\u00ad\udc80\ud83d\u2028👩é字"), max_size=60
)


@given(ANY_TEXT | NASTY)
def test_line_holds_nothing_dangerous(text: str) -> None:
    safe = safe_line(text)
    assert not DANGEROUS.search(safe)
    assert "\n" not in safe
    assert len(safe) <= 998


@given(ANY_TEXT | NASTY)
def test_text_holds_nothing_dangerous(text: str) -> None:
    assert not DANGEROUS.search(safe_text(text))


@given(ANY_TEXT | NASTY)
def test_safe_text_stays_as_it_is(text: str) -> None:
    assert safe_line(safe_line(text)) == safe_line(text)
    assert safe_text(safe_text(text)) == safe_text(text)


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("plain", "plain"),
        ("a\r\n b\n\tc\rd", "a b c d"),
        ("\x1b]0;owned\x07", "␛]0;owned␇"),
        ("\x9b31m\x7f", "\\x9b31m␡"),
        ("annexe\u202egpj.exe", "annexe<RLO>gpj.exe"),
        ("pay\u200bpal\ufeff\u00ad", "paypal"),
        ("tag\U000e0041\U000e007f", "tag"),
        ("raw \udce9 \ud800", "raw \\xe9 \ufffd"),
        ("e\u0301", "é"),
        ("x\u2028y", "x y"),
    ],
)
def test_line(hostile: str, shown: str) -> None:
    assert safe_line(hostile) == shown


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("a\tb\n\tc", "a       b\n        c"),
        ("\x1b[2J", "␛[2J"),
        ("right\u202eleft\u200f", "rightleft"),
        ("👩\u200d🔬", "👩\u200d🔬"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("pay\u200dpal \u200d\u200d\u200d x", "paypal  x"),
        ("one\u2029two", "one\ntwo"),
    ],
)
def test_body(hostile: str, shown: str) -> None:
    assert safe_text(hostile) == shown


def test_tower_of_marks_is_cut() -> None:
    safe = safe_text("x" + "\u0301\u0323" * 400_000 + "y")
    assert safe[-1] == "y"
    assert sum(unicodedata.combining(char) > 0 for char in safe) <= 4


def test_limit_shows_that_something_is_missing() -> None:
    assert safe_line("x" * 50, limit=10) == "x" * 9 + "…"
    assert safe_line("x" * 10, limit=10) == "x" * 10
    assert len(safe_text("\t" * 100, limit=100)) == 100
