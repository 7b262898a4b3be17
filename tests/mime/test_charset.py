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
        ("Grüße – 5 €".encode(), "windows-1252", "Grüße – 5 €"),
        ("Grüße – 5 €".encode("cp1252"), "windows-1252", "Grüße – 5 €"),
        ("Příliš žluťoučký".encode(), "iso-8859-2", "Příliš žluťoučký"),
        ("Ні, не так".encode("cp1251"), "windows-1251", "Ні, не так"),
        ("联通".encode("gbk"), "gbk", "联通"),
        ("Grüße aus Köln".encode("latin-1"), "utf-8", "Grüße aus Köln"),
        ("Здравствуйте! Собрание завтра.".encode("cp1251"), "utf-8", "Здравствуйте! Собрание завтра."),
        ("Привет, как дела? Хорошо.".encode() + b" \xff \xfe", "utf-8", "Привет, как дела? Хорошо. \ufffd \ufffd"),
        ("Köln".encode()[:2], "utf-8", "K\ufffd"),
        ("Здравствуйте! Собрание завтра.".encode("cp1251"), "us-ascii", "Здравствуйте! Собрание завтра."),
        (b"it costs \xa35", "us-ascii", "it costs £5"),
        (b"<meta charset=shift_jis>" + "テスト".encode("cp932"), "us-ascii", "<meta charset=shift_jis>テスト"),
        (b"\x1b$B-!-j\x1b(B and \x1b(I1\x1b(B, \x1b$B|b\x1b(B", "iso-2022-jp", "①㈱ and ｱ, 髙"),
        (b"\x1b$B-!\x1b(B", "", "①"),
        (b"\x1b$B-!!", "iso-2022-jp", "①!"),
        (b"\xad\xa1 \x8e\xb1 \xa4\xaa \x8f\xb0\xa1 \xfc\xe2 \xff", "euc-jp", "① ｱ お 丂 髙 \ufffd"),
        ("Příliš žluťoučký".encode("mac_latin2"), "x-mac-ce", "Příliš žluťoučký"),
        ("Καλημέρα".encode("mac_greek"), "x-mac-greek", "Καλημέρα"),
        ("會議".encode("big5"), "x-big5", "會議"),
        ("Müsli".encode("utf-16-be"), "ucs-2", "Müsli"),
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
