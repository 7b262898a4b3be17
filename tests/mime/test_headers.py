# SPDX-License-Identifier: GPL-3.0-or-later
"""Header blocks, envelopes and message ids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuimail.mime.envelope import envelope_of
from tuimail.mime.headers import MAX_FIELDS, Headers, message_ids
from tuimail.model.address import Address


def test_fields_keep_their_order_and_unfold() -> None:
    headers = Headers.parse(b"A: 1\r\nb: two\r\n\t words\r\nnot a field\r\nA: =?utf-8?q?3?=\r\n\r\nC: body\r\n")
    assert headers.get("a") == "1"
    assert headers.all("A") == ("1", "=?utf-8?q?3?=")
    assert headers.get("B") == "two words"
    assert list(headers) == [("A", "1"), ("b", "two words"), ("A", "3")]
    assert "c" not in headers


def test_a_missing_field_is_empty() -> None:
    assert Headers.parse(b"").get("Subject") == ""
    assert Headers.parse(b"\r\nSubject: body\r\n").get("Subject") == ""


@pytest.mark.parametrize(
    ("block", "subject"),
    [
        (b"Subject: gr\xc3\xbc\xc3\x9fe\n", "grüße"),
        (b"Subject: gr\xfc\xdfe\n", "grüße"),
        (b"Subject: \xf0\xd2\xc9\xd7\xc5\xd4\nContent-Type: text/plain;\n charset=koi8-r\n", "Привет"),
    ],
)
def test_raw_octets_follow_utf_8_or_the_charset_of_the_body(block: bytes, subject: str) -> None:
    assert Headers.parse(block).get("Subject") == subject


def test_only_so_many_fields_are_kept() -> None:
    assert len(Headers.parse(b"X: y\r\n" * (MAX_FIELDS * 3))) == MAX_FIELDS


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ("<a@b>", ("<a@b>",)),
        ("<a@b> (comment) <c@d>\r\n <a@b>", ("<a@b>", "<c@d>")),
        ("a@b", ("<a@b>",)),
        ("<a b@c>", ("<ab@c>",)),
        ("=?utf-8?q?=3Ca=40b=3E?=", ("<a@b>",)),
        ("nothing", ()),
        ("<[a[a[a..>", ("<[a[a[a..>",)),
        ("Your message of Monday <a@b>", ("<a@b>",)),
        ("", ()),
    ],
)
def test_message_ids(value: str, ids: tuple[str, ...]) -> None:
    assert message_ids(value) == ids


def test_an_envelope() -> None:
    envelope = envelope_of(
        Headers.parse(
            b"From: =?utf-8?q?J=C3=B6rg?= <j@x.org>\r\nTo: a@b\r\nTo: c@d\r\nSubject: =?utf-8?q?h=C3=A9?=\r\n"
            b"Date: Thu, 1 Jan 1970 00:00:09 +0000\r\n"
            b"Message-ID: <m@x>\r\nIn-Reply-To: <r@x> <s@x>\r\nReferences: <q@x>\r\n <r@x>\r\n\r\n"
        )
    )
    assert envelope.from_ == (Address("Jörg", "j@x.org"),)
    assert [address.email for address in envelope.to] == ["a@b", "c@d"]
    assert (envelope.subject, envelope.date, envelope.message_id, envelope.in_reply_to) == ("hé", 9, "<m@x>", "<r@x>")
    assert envelope.references == ("<q@x>", "<r@x>")


def test_the_sender_stands_in_for_a_missing_from() -> None:
    assert envelope_of(Headers.parse(b"Sender: a@b\r\n")).from_ == (Address("", "a@b"),)


@given(st.binary(max_size=600))
def test_never_raises(raw: bytes) -> None:
    headers = Headers.parse(raw)
    envelope_of(headers)
    assert all("\n" not in value for _, value in headers)
