# SPDX-License-Identifier: GPL-3.0-or-later
"""What is typed into the search line."""

from datetime import datetime

import pytest

from tuimail.model.errors import InputWrong
from tuimail.model.flags import FLAGGED, SEEN
from tuimail.model.query import Field, Query, Term, parse_query, segmented

NOW = datetime(2026, 11, 21, 12, 0).astimezone().timestamp()


def day(*numbers: int) -> int:
    return int(datetime(*numbers).astimezone().timestamp())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        ("", Query()),
        ("  ", Query()),
        ("ada", Query((Term("ada", begun=True),))),
        ("ada ", Query((Term("ada"),))),
        ('ada "summer party"', Query((Term("ada"), Term("summer party")))),
        ('an "open quote', Query((Term("an"), Term("open quote")))),
        ("from:ada subject:map", Query((Term("ada", Field.FROM), Term("map", Field.SUBJECT, True)))),
        ("to:bob ", Query((Term("bob", Field.TO),))),
        ('From:"Ada Lovelace"', Query((Term("Ada Lovelace", Field.FROM),))),
        ("map -draft", Query((Term("map"),), (Term("draft"),))),
        ('-subject:"old map"', Query((), (Term("old map", Field.SUBJECT),))),
        ("is:unread ada IS:starred", Query((Term("ada"),), flags=((SEEN, False), (FLAGGED, True)))),
        ("-is:unread -is:flagged", Query(flags=((SEEN, True), (FLAGGED, False)))),
        ("has:attachment", Query(attachment=True)),
        ("-has:attachment", Query(attachment=False)),
        ("in:Archive", Query(folder="Archive")),
        ('in:"My Lists"', Query(folder="My Lists")),
        ("after:2026-03-31", Query(after=day(2026, 3, 31))),
        ("before:2026-03", Query(before=day(2026, 3, 1))),
        ("after:2025 before:today", Query(after=day(2025, 1, 1), before=day(2026, 11, 21))),
        ("-after:2025", Query(before=day(2025, 1, 1))),
        ("newer:2w older:1d", Query(after=int(NOW) - 14 * 86400, before=int(NOW) - 86400)),
        ("after:2025 newer:1d", Query(after=int(NOW) - 86400)),
        ("from: is:", Query()),
        ("- !!! ", Query()),
        ("http://example.org 12:30 re:start ", Query((Term("http://example.org"), Term("12:30"), Term("re:start")))),
    ],
)  # fmt: skip
def test_the_language(typed: str, query: Query) -> None:
    assert parse_query(typed, NOW) == query


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("is:nothing", "unread, read, starred"),
        ("has:teeth", "attachment"),
        ("after:soon", "2026-03-31"),
        ("before:2026-13", "such as"),
        ("after:2026-1-1-1", "such as"),
        ("newer:often", "7d"),
        ("newer:-1d", "7d"),
        ("form:ada", "from:"),
        ("-in:INBOX", "in:NAME"),
    ],
)
def test_what_means_nothing_is_told_with_what_would(typed: str, told: str) -> None:
    with pytest.raises(InputWrong) as wrong:
        parse_query(typed, NOW)
    assert told in str(wrong.value)


def test_characters_of_scripts_without_word_breaks_stand_alone() -> None:
    assert segmented("plain").split() == ["plain"]
    assert segmented("Köln再见abc").split() == ["Köln", "再", "见", "abc"]
    assert segmented("회의록 ไทย").split() == ["회", "의", "록", "ไ", "ท", "ย"]
