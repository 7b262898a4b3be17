# SPDX-License-Identifier: GPL-3.0-or-later
"""Input made to take quadratic time or endless recursion. Where the time is not linear, these tests do not end."""

import pytest

from tuimail.mime.addresses import MAX_ADDRESSES, parse_addresses
from tuimail.mime.flowed import encode
from tuimail.mime.headers import decode_words, message_ids, parameters, parse_date
from tuimail.mime.reply import quote_reply, reply_subject
from tuimail.mime.words import MAX_VALUE

PATTERNS = [
    '"',
    '\\"',
    "(",
    "()",
    '(")',
    "a:",
    "<",
    '<"',
    '<x"<""<"',
    "@",
    "a.",
    "a@b ",
    "x@y.z, ",
    ",",
    "[",
    " ",
    "\\",
    ";<",
    "=?",
    "=?u?q?",
    "=?u?q?a?= ",
    "=?x-y?b?/w==?= ",
    "<[a",
    "\r\n ",
    "=",
    ";x=",
    ';x="',
    "; n*1",
    "re: ",
    "1",
    "jan 1 ",
    "é",
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_long_repetition(pattern: str) -> None:
    for value in (pattern * 50_000, f"a/b; x{pattern * 50_000}", f"{pattern * 50_000}@x <a@b>"):
        assert len(parse_addresses(value)) <= MAX_ADDRESSES
        assert len(decode_words(value)) <= 998
        main, values = parameters(value)
        assert len(main) + len(values) <= MAX_VALUE
        assert len(message_ids(value)) <= MAX_VALUE
        assert isinstance(parse_date(value), int | None)
        assert reply_subject(value).startswith("Re:")


@pytest.mark.parametrize("pattern", [" ", "x ", "x=", "* ", "x= "])
def test_parameters_of_which_none_begins(pattern: str) -> None:
    assert isinstance(parameters(f"a/b{pattern * 30_000}y"), tuple)


def test_many_segments() -> None:
    _, values = parameters("a/b" + "".join(f"; n*{number}=x" for number in range(20_000)))
    assert values["n"].startswith("x" * 900)


def test_deep_nesting_closed_again() -> None:
    assert [address.email for address in parse_addresses("(" * 30_000 + ")" * 30_000 + " a@b")] == ["a@b"]


def test_punycode_and_its_like_are_no_charsets() -> None:
    assert len(decode_words("=?punycode?q?" + "a" * 30_000 + "-" + "b" * 30_000 + "?=")) == 998


@pytest.mark.parametrize("pattern", ["a ", " ", ">", "> ", "-- \n", "\n"])
def test_long_bodies(pattern: str) -> None:
    text = pattern * 200_000
    assert encode(text) is not None
    assert quote_reply(text, "x", None).startswith("x wrote:")
