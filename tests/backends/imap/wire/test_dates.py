# SPDX-License-Identifier: GPL-3.0-or-later
"""The fast reading of dates gives what the tolerant one gives."""

import pytest

from tuimail.backends.imap.wire.dates import seconds
from tuimail.mime.dates import parse_date


@pytest.mark.parametrize(
    "text",
    [
        "Mon, 7 Feb 1994 21:52:25 -0800",
        "7 Feb 1994 21:52:25 +0530",
        " 7-Feb-1994 21:52:25 -0800",
        "17-Jul-1996 02:44:25 -0700",
        "31 Feb 1994 21:52:25 -0800",
        "13-Sep-2020 12:26:40 +0000",
        "Mon, 7 Feb 94 21:52:25 EST",
        "7 Feb 1994 25:52:25 -0800",
        "29 Feb 2000 23:59:60 +0000",
        "29 Feb 2000 23:59:59 +0000",
        "29 Feb 2000 24:00:00 +0000",
        "29 Feb 2000 9:05:07 +0000",
        "29 Feb 2000 09:05:7 +0000",
        "7 Xyz 1994 21:52:25 -0800",
        "7 Feb 1994 21:52:25 +9900",
        "7 Feb 0000 21:52:25 +0000",
        "",
        "yesterday",
    ],
)
def test_both_agree(text: str) -> None:
    assert seconds(text) == parse_date(text)
