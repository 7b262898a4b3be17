# SPDX-License-Identifier: GPL-3.0-or-later
"""What the log gets of a response."""

import pytest

from tuimail.backends.imap.wire.shown import shown, without_echo


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ((b'* 5 FETCH (ENVELOPE ("d" "confidential"))',), b"* 5 FETCH {41 octets}"),
        ((b'*  5   fetch (ENVELOPE ("d" "confidential"))',), b"*  5   fetch {44 octets}"),
        ((b"* 5 FETCH (BODY[1] ", b"confidential", b")"), b"* 5 FETCH {32 octets}"),
        ((b"A1 OK Fetch completed",), b"A1 OK Fetch completed"),
        ((b"* LIST () NIL ", b"raw name", b""), b"* LIST () NIL {8 octets}"),
        ((b"+ c29tZXRoaW5n",), b"+ ***"),
        ((b"+",), b"+"),
        ((b"+ ",), b"+"),
    ],
)
def test_no_mail_and_no_challenge(unit: tuple[bytes, ...], expected: bytes) -> None:
    assert shown(unit) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"A1 BAD What is LOGIN ada hunter2", b"A1 BAD ***"),
        (b"A1 NO [ALERT] hunter2 is wrong", b"A1 NO [ALERT] ***"),
        (b"* BAD hunter2", b"* BAD ***"),
        (b"A1 NO wrong password", b"A1 NO wrong password"),
        (b"A1 OK [CAPABILITY hunter2] welcome", b"A1 OK [CAPABILITY hunter2] welcome"),
        (b"* CAPABILITY hunter2", b"* CAPABILITY hunter2"),
    ],
)
def test_a_repeated_secret(line: bytes, expected: bytes) -> None:
    assert without_echo((line,), {b"hunter2"}) == (expected,)
