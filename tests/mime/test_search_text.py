# SPDX-License-Identifier: GPL-3.0-or-later
"""Words of parts, for the index."""

import pytest

from tuimail.mime.search_text import LONGEST, search_text


@pytest.mark.parametrize(
    ("kind", "content", "words"),
    [
        ("text/plain", "Grüße <b>all</b>", ["Grüße", "<b>all</b>"]),
        ("text/html", "<p>Grüße&nbsp;all</p>end", ["Grüße", "all", "end"]),
        ("text/html", "a<style>b{c}</style>d<script>e<f></script>g<title>h</title>i", ["a", "d", "g", "i"]),
        ("text/html", "a<!-- <b>c</b> -->d<!---->e", ["a", "d", "e"]),
        ("text/html", "one<br>two<td>three", ["one", "two", "three"]),
        ("text/html", "a<style>open", ["a"]),
        ("text/html", "<a href='x", []),
        ("", "<html>old</html>", ["old"]),
        ("", "old", ["old"]),
        ("text/plain", "a\0b", ["a", "b"]),
    ],
)
def test_what_is_read(kind: str, content: str, words: list[str]) -> None:
    assert search_text(kind, "utf-8", content.encode()).split() == words


def test_a_whole_message_gives_its_text_alone() -> None:
    raw = (
        b"Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n"
        b"--b\r\nContent-Type: application/pdf\r\n\r\nPDF\r\n--b--\r\n"
    )
    assert search_text("message/rfc822", "", raw).split() == ["hello"]


@pytest.mark.parametrize("piece", ["<", "<script", "<!--", "<style><", "&", "<a>", "</script>", "日"])
def test_hostile_text_is_bounded(piece: str) -> None:
    text = search_text("text/html", "", (piece * (2_000_000 // len(piece))).encode())
    assert len(text) <= 2 * LONGEST


def test_a_long_text_that_says_no_charset_keeps_it() -> None:
    for extra in range(3):
        assert search_text("text/plain", "", b"x" * extra + "\N{EURO SIGN}".encode() * 2 * LONGEST)[extra] == "\N{EURO SIGN}"
