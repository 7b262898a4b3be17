# SPDX-License-Identifier: GPL-3.0-or-later
"""Resent messages (RFC 5322 §3.6.6)."""

import pytest

from tuimail.mime.redirect import redirected
from tuimail.model.address import Address
from tuimail.model.errors import InputWrong

ADA = Address("Ada Lovelace", "ada@example.org")
RAW = b"From: x@example.org\r\nSubject: Hi\r\n\r\nBody \xff\r\n"


def test_a_block_of_resent_fields_stands_before_the_message_as_it_was() -> None:
    made = redirected(RAW, ADA, (Address("Grüße", "bob@example.org"),), "<id@example.org>", 0)
    assert made.endswith(RAW)
    block = made[: -len(RAW)].decode("ascii")
    assert block.splitlines() == [
        "Resent-Date: Thu, 01 Jan 1970 00:00:00 +0000",
        "Resent-From: Ada Lovelace <ada@example.org>",
        "Resent-To: =?utf-8?b?R3LDvMOfZQ==?= <bob@example.org>",
        "Resent-Message-ID: <id@example.org>",
    ]


def test_bare_line_ends_become_crlf() -> None:
    made = redirected(b"A: 1\nB: 2\r\rx\r\n", ADA, (ADA,), "<id@example.org>", 0)
    assert made.endswith(b"A: 1\r\nB: 2\r\n\r\nx\r\n")


def test_no_header_can_be_injected() -> None:
    with pytest.raises(InputWrong):
        redirected(RAW, ADA, (Address("", "bob@example.org\r\nBcc: eve@example.org"),), "<id@example.org>", 0)


def test_those_in_bcc_of_ones_own_copy_stay_secret() -> None:
    raw = b"From: x@example.org\r\nBCC: eve@example.org,\r\n mal@example.org\r\nSubject: Hi\r\n\r\nBcc: text\r\n"
    made = redirected(raw, ADA, (ADA,), "<id@example.org>", 0)
    assert made.endswith(b"\r\nFrom: x@example.org\r\nSubject: Hi\r\n\r\nBcc: text\r\n")
    without_header = b"\r\nBcc: text\r\n\r\nmore\r\n"
    assert redirected(without_header, ADA, (ADA,), "<id@example.org>", 0).endswith(without_header)
