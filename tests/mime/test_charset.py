# SPDX-License-Identifier: GPL-3.0-or-later
"""Octets to text, whatever the label says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuimail.mime.charset import beginning, decode


@pytest.mark.parametrize(
    ("octets", "charset", "text"),
    [
        (b"abc", "", "abc"),
        ("é".encode(), "", "é"),
        ("é".encode(), "us-ascii", "é"),
        ("é".encode(), "iso-8859-1", "é"),
        (b"\xe9\x80", "iso-8859-1", "é€"),
        (b"\xe9 \x93x\x94", "us-ascii", "é “x”"),
        ("你好".encode("gb18030"), "gb2312", "你好"),
        ("안녕똠".encode("cp949"), "ks_c_5601-1987", "안녕똠"),
        ("①".encode("cp932"), "shift_jis", "①"),
        ("ก".encode("cp874"), "windows-874", "ก"),
        ("é".encode("utf-16"), "utf-16", "é"),
        ("ab".encode("utf-16-be"), "utf-16", "ab"),
        ("ab".encode("utf-16-le"), "utf-16", "ab"),
        (b"\xef\xbb\xbfx", "utf-8", "x"),
        (b"\xff", "utf-8", "\ufffd"),
        ("Привет, как дела? Хорошо.".encode("koi8-r"), "unknown-8bit", "Привет, как дела? Хорошо."),
        ("こんにちは".encode("iso2022_jp"), "", "こんにちは"),
        (b"abc", "base64", "abc"),
        (b"abc", "rot13", "abc"),
        (b"\\u0041", "unicode_escape", "\\u0041"),
        (b"abc", "../../etc/passwd", "abc"),
        (b"abc", "x" * 5000, "abc"),
        (b"abc", "utf-8\0", "abc"),
        (b"abc", '"utf-8"', "abc"),
    ],
)
def test_decoding(octets: bytes, charset: str, text: str) -> None:
    assert decode(octets, charset) == text


@given(
    st.binary(max_size=200),
    st.text(max_size=20) | st.sampled_from(["utf-7", "hz", "iso-2022-jp", "utf-32", "cp037", "idna", "zlib"]),
)
def test_never_raises(octets: bytes, charset: str) -> None:
    assert isinstance(decode(octets, charset), str)


@pytest.mark.parametrize(
    ("octets", "limit", "kept"),
    [
        (b"abc", 3, b"abc"),
        (b"abcd", 3, b"abc"),
        ("a€b".encode(), 2, b"a"),
        ("a€b".encode(), 3, b"a"),
        ("a😀b".encode(), 4, b"a"),
        ("aéb".encode(), 2, b"a"),
        (b"\xe9\xe9\xe9\xe9", 2, b"\xe9"),
        (b"\x80" * 9, 5, b"\x80" * 5),
        (b"\x80" * 9, 0, b""),
    ],
)
def test_a_beginning_holds_no_begun_character(octets: bytes, limit: int, kept: bytes) -> None:
    assert beginning(octets, limit) == kept
