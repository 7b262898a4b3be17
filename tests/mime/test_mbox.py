# SPDX-License-Identifier: GPL-3.0-or-later
"""mbox files: what goes in comes out, whatever its lines look like."""

import email
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuimail.mime.mbox import mbox_entry, mbox_messages
from tuimail.model.flags import ANSWERED, DRAFT, FLAGGED, SEEN, Flags

LINES = st.sampled_from(
    [b"", b"text", b"From here", b">From there", b">>From 12", b"From a@b Mon 1 2026", b"\xff\x00", b"a\rb", b" "]
)
FLAGS = st.frozensets(st.sampled_from([SEEN, ANSWERED, FLAGGED, DRAFT]))


def read(mbox: bytes) -> list[tuple[bytes, Flags, int | None]]:
    return list(mbox_messages(BytesIO(mbox)))


@given(st.lists(st.tuples(st.lists(LINES), FLAGS, st.integers(0, 4_000_000_000)), max_size=4))
def test_messages_come_out_as_they_went_in(given_: list[tuple[list[bytes], Flags, int]]) -> None:
    messages = [
        (b"Subject: x\r\nFrom: a@b.example\r\n\r\n" + b"".join(line + b"\r\n" for line in lines), flags, date)
        for lines, flags, date in given_
    ]
    mbox = b"".join(mbox_entry(raw, flags, "a@b.example", date) for raw, flags, date in messages)
    assert [(raw.replace(b"\n", b"\r\n"), flags, date) for raw, flags, date in read(mbox)] == messages


@pytest.mark.parametrize(
    "raw",
    [b"Subject: x\r\n", b"Subject: x\r\n\r\n", b"\r\ntext\r\n", b"\r\n", b"no field\r\n", b"\r\n\r\nSubject: x\r\n\r\n"],
)
def test_header_or_body_may_be_missing(raw: bytes) -> None:
    mbox = mbox_entry(raw, frozenset({SEEN}), "a@b.example", 0) * 2
    assert [(one.replace(b"\n", b"\r\n"), flags) for one, flags, _ in read(mbox)] == [(raw, frozenset({SEEN}))] * 2
    head = email.message_from_bytes(mbox.partition(b"\n\nFrom ")[0].partition(b"\n")[2] + b"\n")
    assert head["Status"] == "RO" or raw == b"no field\r\n"


def test_status_fields_are_flags_and_not_part_of_the_message() -> None:
    mbox = b"From x Thu Jan  1 00:00:00 1970\nSubject: s\nStatus: RO\nX-Status: AF\n\nStatus: text\n\n"
    assert read(mbox) == [(b"Subject: s\n\nStatus: text\n", frozenset({SEEN, ANSWERED, FLAGGED}), 0)]
    again = mbox_entry(b"Status: RO\r\nSubject: s\r\nX-STATUS: A\r\n folded\r\n\r\nx\r\n", frozenset(), "", 0)
    assert again == b"From MAILER-DAEMON Thu Jan  1 00:00:00 1970\nSubject: s\nStatus: O\n\nx\n\n"


def test_files_of_other_programs() -> None:
    mbox = b"rubbish\nFrom not a separator 1\n\nFrom a@b Mon Nov  2 10:00:00 2026 +0100\r\nSubject: s\r\n\r\nFrom text\r\n"
    ((raw, flags, date),) = read(mbox)
    assert (raw, flags, date is not None) == (b"Subject: s\n\nFrom text\n", frozenset(), True)
    assert read(b"") == []
