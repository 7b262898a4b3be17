# SPDX-License-Identifier: GPL-3.0-or-later
"""The copy in Sent names those in Bcc."""

from tuimail.mime.headers import Headers
from tuimail.mime.sent_copy import with_bcc

MESSAGE = (
    b"From: robin@example.org\r\nTo: Ada <ada@example.org>\r\nCc: Bo@Example.org\r\nSubject: Hi\r\n\r\nText\r\n\r\nmore\r\n"
)


def test_names_those_that_no_field_names() -> None:
    copy = with_bcc(MESSAGE, ("ada@example.org", "bo@example.org", "cy@example.org", "dee@example.org"))
    assert Headers.parse(copy).get("bcc") == "cy@example.org, dee@example.org"
    assert copy.endswith(b"\r\n\r\nText\r\n\r\nmore\r\n")
    assert copy.replace(b"\r\nBcc: cy@example.org, dee@example.org", b"") == MESSAGE


def test_without_bcc_it_is_the_message_itself() -> None:
    assert with_bcc(MESSAGE, ("ADA@example.org", "bo@example.org")) == MESSAGE


def test_a_domain_counts_as_named_however_it_is_written() -> None:
    written = MESSAGE.replace(b"Bo@Example.org", b"bo@xn--kln-sna.example")
    assert with_bcc(written, ("ada@example.org", "bo@k\u00f6ln.example")) == written
    assert Headers.parse(with_bcc(MESSAGE, ("bo@k\u00f6ln.example",))).get("bcc") == "bo@xn--kln-sna.example"


def test_a_redirected_message_stays_as_it_is() -> None:
    redirected = b"Resent-From: robin@example.org\r\nResent-To: cy@example.org\r\n" + MESSAGE
    assert with_bcc(redirected, ("cy@example.org",)) == redirected


def test_many_are_folded() -> None:
    many = tuple(f"somebody.{number}@example.org" for number in range(50))
    head = with_bcc(MESSAGE, many).partition(b"\r\n\r\n")[0]
    assert max(map(len, head.split(b"\r\n"))) <= 78
    assert Headers.parse(head + b"\r\n\r\n").get("bcc") == ", ".join(many)
