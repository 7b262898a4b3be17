# SPDX-License-Identifier: GPL-3.0-or-later
"""Encoded words, as standards and as mailers write them."""

from email.header import decode_header, make_header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuimail.mime.words import decode_words, encode_words


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("plain", "plain"),
        ("=?utf-8?q?h=C3=A9?=", "hé"),
        ("=?UTF-8?B?w6k=?= =?UTF-8?B?w6k=?=", "éé"),
        ("=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c"),
        ("=?utf-8?b?w?= =?utf-8?b?6k=?=", "�"),
        ("=?utf-8?q?=C3?=\r\n =?utf-8?q?=A9?=", "é"),
        ("=?iso-8859-1?q?=E9_=80?=", "é €"),
        ("=?utf-8*en?q?hi?=", "hi"),
        ("=?utf-8?q?two words?=", "two words"),
        ("Re:=?utf-8?q?x?=y", "Re:xy"),
        ('"=?utf-8?q?in_quotes?="', '"in quotes"'),
        ("=?utf-8?q??=", ""),
        ("=?utf-8?q?never closed", "=?utf-8?q?never closed"),
        ("=?utf-8?q?open =?utf-8?q?closed?=", "=?utf-8?q?open closed"),
        ("=?x-unheard-of?q?abc?=", "abc"),
        ("=?utf-8?x?abc?=", "=?utf-8?x?abc?="),
        ("=?utf-8?b?YWJj", "=?utf-8?b?YWJj"),
        ("=?utf-8?b?YWJjZA?=", "abcd"),
        ("=?gb2312?b?xOO6w4FA?=", "你好丂"),
        ("=?iso-2022-jp?b?GyRCJDMkcyRLJEEkTxsoQg==?=", "こんにちは"),
        ("=?", "=?"),
    ],
)
def test_words_are_read_tolerantly(written: str, read: str) -> None:
    assert decode_words(written) == read


@pytest.mark.parametrize(
    ("octets", "read"),
    [(b"caf\xc3\xa9", "café"), (b"caf\xe9 \x96", "café –"), (b"\x1b$B$3$s\x1b(B", "こん"), (b"a\r\n b", "a b")],
)
def test_raw_octets_are_guessed(octets: bytes, read: str) -> None:
    assert decode_words(octets) == read


@pytest.mark.parametrize("hidden", ["=0D=0ABcc:_x@y", "=1B]0;x=07", "=00", "=E2=80=AE"])
def test_nothing_that_steers_a_terminal_comes_out(hidden: str) -> None:
    text = decode_words(f"=?utf-8?q?a{hidden}b?=")
    assert not any(character < " " or character in "\x7f\u202e" for character in text)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=300), st.integers(20, 75))
def test_every_text_survives_and_every_word_is_short(text: str, first: int) -> None:
    words = encode_words(text, first)
    assert all(len(word) <= 75 and word.isascii() for word in words)
    assert str(make_header(decode_header("\r\n ".join(words)))) == text


@given(st.text(max_size=400) | st.binary(max_size=400))
def test_never_raises(value: str | bytes) -> None:
    assert "\n" not in decode_words(value)
