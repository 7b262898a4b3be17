# SPDX-License-Identifier: GPL-3.0-or-later
"""Which messages are known, from lists and fingerprints alone."""

import pytest

from tuimail.backends.maildrop import Waiting
from tuimail.store.pop3 import KnownMessage
from tuimail.sync.pop3_plan import FORGET, Recognition, fingerprint, match, may_be_of, missing

_NOW = 1_700_000_000


def known(
    number: int, identity: str, *, print_: str = "", stored: bool = True, asked: bool = False, gone: int = 0
) -> KnownMessage:
    """A message of 100 octets."""
    return KnownMessage(number, identity, print_ or f"print {number}", f"file{number}", 100, stored, asked, gone)


def test_unique_ids_tell_where_one_message_has_them() -> None:
    rows = [known(1, "a"), known(2, "b"), known(3, "c")]
    waiting = [Waiting(1, 100, "a"), Waiting(2, 100, "b"), Waiting(3, 100, "b"), Waiting(4, 99, "c"), Waiting(5, 100, "new")]
    found = match(waiting, rows, careful=False)
    assert found.known == {1: rows[0]}
    assert [one.number for one in found.strange] == [5, 4, 3, 2]


def test_before_deleting_headers_are_compared() -> None:
    rows = [known(1, "a"), known(2, "b", stored=False)]
    waiting = [Waiting(1, 100, "a"), Waiting(2, 100, "b")]
    assert match(waiting, rows, careful=True).known == {2: rows[1]}


def test_a_header_is_the_same_whatever_the_server_adds() -> None:
    plain = b"From: a@example.org\r\nSubject: folded\r\n\tline\r\nMessage-ID: <1@example.org>\r\n\r\n"
    added = b"Status: RO\r\n" + plain.replace(b"Message-ID", b"X-UID: 7\r\nMessage-ID") + b"Body: no header\r\n"
    assert fingerprint(plain) == fingerprint(added)
    assert fingerprint(plain) != fingerprint(plain.replace(b"folded", b"bolded"))
    assert fingerprint(plain) != fingerprint(plain.replace(b"line", b"other"))


def test_the_same_message_under_another_identity() -> None:
    rows = [known(1, "old", print_="same"), known(2, "here", print_="same")]
    waiting = [Waiting(1, 100, "here"), Waiting(2, 100, "new"), Waiting(3, 100, "newer")]
    recognition = Recognition(waiting, rows, {1: rows[1]})
    assert recognition.identity(waiting[1], "same") == "new"
    assert recognition.known_as("new", "same") == rows[0]
    assert recognition.known_as("newer", "same") is None, "as many as there were, and no more"
    assert recognition.known_as("other", "print 9") is None


def test_messages_without_identity_are_told_apart_by_number() -> None:
    waiting = [Waiting(1, 100), Waiting(2, 100)]
    recognition = Recognition(waiting, [], {})
    assert recognition.identity(waiting[0], "same") != recognition.identity(waiting[1], "same")


def test_what_is_missing_is_remembered_for_a_while() -> None:
    rows = [
        known(1, "there"),
        known(2, "missed"),
        known(3, "missed long ago", gone=_NOW - FORGET - 1),
        known(4, "deleted by us", asked=True),
        known(5, "header, missed", stored=False),
        known(6, "header, missed again", stored=False, gone=_NOW - 1),
    ]
    found = missing(rows, [rows[0]], _NOW)
    assert found.noted == [rows[1], rows[4]]
    assert found.forgotten == [rows[2], rows[3], rows[5]]
    assert found.headers == [rows[5]]


@pytest.mark.parametrize(
    ("header", "message", "may"),
    [
        (b"Message-ID: <1@x>\r\nSubject: a\r\n\r\n", b"X-Added: 1\r\nMessage-Id:  <1@x>\r\nSubject: b\r\n\r\ntext", True),
        (b"Message-ID: <1@x>\r\nSubject: a\r\n\r\n", b"Message-ID: <2@x>\r\nSubject: a\r\n\r\ntext", False),
        (b"Message-ID: <1@x>\r\n\r\n", b"", False),
        (b"Subject: a\r\nFrom: b@x\r\n\r\n", b"Subject: a\r\nFrom: c@x\r\n\r\n", True),
        (b"Subject: a\r\nFrom: b@x\r\n\r\n", b"Subject: c\r\nFrom: d@x\r\n\r\n", False),
        (b"X-Odd: a\r\n\r\n", b"Subject: c\r\n\r\n", True),
    ],
)
def test_what_came_may_be_what_was_listed(header: bytes, message: bytes, may: bool) -> None:
    assert may_be_of(header, message) is may
