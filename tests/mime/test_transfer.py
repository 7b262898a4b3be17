# SPDX-License-Identifier: GPL-3.0-or-later
"""Transfer encodings, whole and damaged."""

import base64
import binascii
import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuimail.mime.transfer import decode_transfer


@pytest.mark.parametrize(
    ("octets", "encoding", "expected"),
    [
        (b"YWJj\r\nZGVm\r\n", "base64", b"abcdef"),
        (b"YWJj", "BASE64 ", b"abc"),
        (b"YW Jj!*Z", "base64", b"abc"),
        (b"YWJjZA", "base64", b"abcd"),
        (b"YQ==\r\nYg==\r\n", "base64", b"ab"),
        (b"YQ==\r\n--\r\nYou are on a mailing list.\r\n", "base64", b"a"),
        (b"Hello Ada,\r\n\r\nno, never encoded.\r\n", "base64", b"Hello Ada,\r\n\r\nno, never encoded.\r\n"),
        (b"YWJj ZGVm\r\nYWJj", "base64", b"abcdefabc"),
        (b"YWJj\r\n" * 3, "base64", b"abc" * 3),
        (b"YWJj", "Base_64", b"abc"),
        (b"=41=", "Quoted_Printable", b"A"),
        (b"", "base64", b""),
        (b"====", "base64", b""),
        (b"a=3Db=\r\nc", "quoted-printable", b"a=bc"),
        (b"a=  \r\nb", "quoted-printable", b"ab"),
        (b"flowed \r\ntext", "quoted-printable", b"flowed \r\ntext"),
        (b"a=ZZ=", "quoted-printable", b"a=ZZ"),
        (b"raw \xff", "8bit", b"raw \xff"),
        (b"raw", "x-never-heard-of", b"raw"),
    ],
)
def test_decoding(octets: bytes, encoding: str, expected: bytes) -> None:
    assert decode_transfer(octets, encoding) == expected


@given(st.binary(max_size=300))
def test_round_trips(octets: bytes) -> None:
    uuencoded = b"".join(binascii.b2a_uu(octets[start : start + 45]) for start in range(0, len(octets), 45))
    assert decode_transfer(base64.encodebytes(octets), "base64") == octets
    without_cr = octets.replace(b"\r", b"")  # the encoder makes all line ends alike
    assert decode_transfer(quopri.encodestring(without_cr, quotetabs=True), "quoted-printable") == without_cr
    assert decode_transfer(b"begin 644 file\n" + uuencoded + b"`\nend\n", "x-uuencode") == octets


@given(st.binary(max_size=300), st.sampled_from(["base64", "quoted-printable", "uuencode", "7bit"]))
def test_never_raises(octets: bytes, encoding: str) -> None:
    assert isinstance(decode_transfer(octets, encoding), bytes)
