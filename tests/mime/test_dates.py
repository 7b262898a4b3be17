# SPDX-License-Identifier: GPL-3.0-or-later
"""Dates as they are found."""

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime, parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuimail.mime.headers import parse_date


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Fri, 21 Nov 2026 09:14:00 +0100", "2026-11-21T08:14:00"),
        ("21 Nov 26 9:14 EST", "2026-11-21T14:14:00"),
        ("1 Jan 99 00:00:00 GMT", "1999-01-01T00:00:00"),
        ("Mon Jan  1 12:00:00 2001", "2001-01-01T12:00:00"),
        ("Tue Jul 4 01:02:03 PDT 2006", "2006-07-04T08:02:03"),
        ("2001-02-03T04:05:06Z", "2001-02-03T04:05:06"),
        ("2001-02-03 04:05:06 +02:00", "2001-02-03T02:05:06"),
        ("Thu, 13 Feb 2020 23.32 -0330", "2020-02-14T03:02:00"),
        ("Sat, 01 January 2022 3:04:05 PM +0000 (UTC)", "2022-01-01T15:04:05"),
        ("Wed, 1 Sep 2021 10:00:00 GMT+0200", "2021-09-01T08:00:00"),
        ("1-Sep-2021 10:00:00 -0000", "2021-09-01T10:00:00"),
        ("Wed, 31 Dec 1969 23:59:59 +0000", "1969-12-31T23:59:59"),
    ],
)
def test_dates_are_understood(written: str, expected: str) -> None:
    assert parse_date(written) == int(datetime.fromisoformat(expected).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    "written", ["", "yesterday", "31 Feb 2020 01:01:01 +0000", "1 Foo 2020 00:00:00", "1 Jan 2020 99:00:00", "0 Jan 0000 0:0"]
)
def test_nonsense_is_no_date(written: str) -> None:
    assert parse_date(written) is None


@given(st.datetimes(datetime(1900, 1, 1), datetime(9990, 1, 1)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_agrees_with_the_standard_library(moment: datetime, minutes: int) -> None:
    written = format_datetime(moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes))))
    assert parse_date(written) == int(parsedate_to_datetime(written).timestamp())


@given(st.text(max_size=250))
def test_never_raises(value: str) -> None:
    assert isinstance(parse_date(value), int | None)
