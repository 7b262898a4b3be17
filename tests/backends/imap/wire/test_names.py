# SPDX-License-Identifier: GPL-3.0-or-later
"""Mailbox names and command arguments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuimail.backends.imap.wire.arguments import Literal, Secret, command, date_time, flag_list, string
from tuimail.backends.imap.wire.names import decode_name, encode_name
from tuimail.model.errors import InputWrong


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"~peter/mail/&U,BTFw-/&ZeVnLIqe-", "~peter/mail/台北/日本語"),
        (b"Entw&APw-rfe", "Entwürfe"),
        (b"a &- b", "a & b"),
        (b"&2D3eAA-", "😀"),
    ],
)
def test_modified_utf7(raw: bytes, name: str) -> None:
    assert decode_name(raw) == name
    assert encode_name(name) == raw


@pytest.mark.parametrize("raw", [b"R&D", b"&", b"&*-", b"&AGE-", b"&2D0-", b"a&APw-&APw-", b"&A-"])
def test_illegal_modified_utf7_stays_as_it_is(raw: bytes) -> None:
    assert decode_name(raw) == raw.decode()


def test_inbox_and_utf8() -> None:
    assert decode_name(b"inBox") == "INBOX"
    assert decode_name("Köln &-".encode(), utf8=True) == "Köln &-"
    assert decode_name("Köln".encode()) == "Köln"
    assert decode_name(b"K\xf6ln") == "K\ufffdln"
    assert encode_name("Köln", utf8=True) == "Köln".encode()


@given(st.text(max_size=40))
def test_every_name_comes_back(name: str) -> None:
    raw = encode_name(name)
    assert raw.isascii()
    assert decode_name(raw) in (name, "INBOX")


@given(st.binary(max_size=40))
def test_every_raw_name_can_be_shown(raw: bytes) -> None:
    assert isinstance(decode_name(raw), str)


def test_strings() -> None:
    assert string(b'a"b\\c') == b'"a\\"b\\\\c"'
    assert string("ä".encode()) == Literal("ä".encode())
    assert string("ä".encode(), utf8=True) == '"ä"'.encode()
    for octet in (b"\r", b"\n", b"\0", b"\x1b"):
        assert string(octet) == Literal(octet)
        assert string(octet, utf8=True) == Literal(octet)


def test_commands() -> None:
    assert command(b"A", b"b") == (b"A b",)
    assert command(b"A", Literal(b"x"), b"c", Secret(b"s")) == (b"A ", Literal(b"x"), b" c ", Secret(b"s"))


def test_flags() -> None:
    assert flag_list({"\\Seen", "$Junk"}) == b"($Junk \\Seen)"
    for wrong in ("a b", "a\r\nA1 LOGOUT", "ä", "", "a)", "\\", '"'):
        with pytest.raises(InputWrong):
            flag_list({wrong})


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, b'" 1-Jan-1970 00:00:00 +0000"'),
        (1_700_000_000, b'"14-Nov-2023 22:13:20 +0000"'),
        (-5, b'" 1-Jan-1970 00:00:00 +0000"'),
    ],
)
def test_dates(seconds: int, text: bytes) -> None:
    assert date_time(seconds) == text
