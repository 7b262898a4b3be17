# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a message goes over the line."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuimail.backends.smtp.data import header_block, pieces


def _sent(message: bytes, size: int = 64 * 1024) -> bytes:
    return b"".join(piece for _, piece in pieces(message, size))


@pytest.mark.parametrize(
    ("message", "sent"),
    [
        (b"", b""),
        (b"a\r\nb\r\n", b"a\r\nb\r\n"),
        (b".\r\n", b"..\r\n"),
        (b"a\r\n.\r\n.b\r\n", b"a\r\n..\r\n..b\r\n"),
        (b"a.\r\n", b"a.\r\n"),
        (b"no end", b"no end\r\n"),
        (b"a\n.\nb\n", b"a\r\n..\r\nb\r\n"),
        (b"a\n.\r\nMAIL FROM:<x@y>\r\n", b"a\r\n..\r\nMAIL FROM:<x@y>\r\n"),
        (b"a\r.\rb\r", b"a\r\n..\r\nb\r\n"),
        (b"a\r.\r\nb\r\n", b"a\r\n..\r\nb\r\n"),
        (b"a\r\r\n.\r\n", b"a\r\n\r\n..\r\n"),
        (b"a\n\r.\n\r", b"a\r\n\r\n..\r\n\r\n"),
    ],
)
def test_dots_are_doubled_and_line_ends_are_crlf(message: bytes, sent: bytes) -> None:
    assert _sent(message) == sent


@given(st.lists(st.sampled_from([b".", b"\r", b"\n", b"\r\n", b"x"])).map(b"".join), st.integers(1, 7))
def test_where_it_is_cut_changes_nothing(message: bytes, size: int) -> None:
    assert _sent(message, size) == _sent(message, 1 << 20)


@given(st.lists(st.sampled_from([b".", b"\r", b"\n", b"\r\n", b"x"]), min_size=1).map(b"".join), st.integers(1, 7))
def test_nothing_in_it_can_end_the_message(message: bytes, size: int) -> None:
    sent = _sent(message, size)
    assert sent.endswith(b"\r\n")
    assert not re.search(rb"(^|[\r\n])\.[\r\n]", sent)
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", sent)


def test_it_tells_how_far_it_is() -> None:
    assert [done for done, _ in pieces(b"12345\r\n89", 6)] == [7, 9]


def test_the_header_block_ends_at_the_first_empty_line() -> None:
    assert header_block(b"A: b\r\nC: d\r\n\r\nbody\r\n\r\n") == b"A: b\r\nC: d"
    assert header_block(b"A: b\r\n") == b"A: b\r\n"
